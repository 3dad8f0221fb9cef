"""Where in a document a fault is.

The rules of the domain and of the services name places as HubSpot's bodies have them; here
they become those of the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from drumbeat.errors import Fault

IN_DOCUMENTS = {
    "actionType": "kind",
    "delayMillis": "delay",
    "delayMillisMin": "minDelay",
    "delayMillisMax": "maxDelay",
    "threadEmailToStepOrder": "threadTo",
    "templateId": "template",
    "queueId": "queue",
    "folderId": "folder",
    "sendWindowStartMinute": "sendWindow",
    "sendWindowEndMinute": "sendWindow",
    "taskCreationMinute": "tasksAt",
    "taskReminderMinute": "remindersAt",
    "reliesOnStepOrder": "reliesOn",
}
# A step is flat in a document: what it says stands in it.
NO_PLACE = {"emailPattern", "taskPattern"}
DEPENDENCY = re.compile(r"dependencies\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Places:
    prefix: str
    dependencies: Sequence[str] = ()
    """Where each dependency of the definition is written, if not in the list of that name."""

    def translated(self, faults: Iterable[Fault]) -> list[Fault]:
        """The faults of a definition, placed in the document that it was made from."""
        return [self.translate(fault) for fault in faults]

    def translate(self, fault: Fault) -> Fault:
        # Some say in their words where they are, as HubSpot's bodies have it.
        message = fault.message.removeprefix(f"{fault.field} ")
        return replace(fault, field=self.place(fault.field), message=message)

    def under(self, faults: Iterable[Fault]) -> list[Fault]:
        """Faults of a document that is itself a part of something."""
        return [replace(fault, field=joined(self.prefix, fault.field)) for fault in faults]

    def place(self, field: str | None) -> str | None:
        if field is None:
            return None
        found = DEPENDENCY.match(field)
        if found and self.dependencies:
            written = self.dependencies[int(found[1])]
            # What steps say of dependencies is one number, and has no parts.
            rest = "" if written.startswith("steps") else field[found.end() :]
            field = written + rest
        parts = [IN_DOCUMENTS.get(part, part) for part in field.split(".") if part not in NO_PLACE]
        return joined(self.prefix, ".".join(parts))


def joined(prefix: str, field: str | None) -> str | None:
    """*field* under *prefix*; ``sequence`` and ``steps[0]`` make ``sequence.steps[0]``."""
    return f"{prefix}.{field}" if prefix and field else field or prefix or None


def written(path: Sequence[str | int]) -> str:
    """``("steps", 0, "delay")`` as ``steps[0].delay``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
