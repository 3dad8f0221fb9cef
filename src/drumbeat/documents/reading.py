"""Reading a document: every fault in it at once, each with its place."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from drumbeat.documents.building import templates_in, to_definition
from drumbeat.documents.places import Places, written
from drumbeat.documents.shapes import (
    DependencyDocument,
    Part,
    RuleDocument,
    SequenceDocument,
    SettingsDocument,
    StepDocument,
    TriggersDocument,
    VariantDocument,
)
from drumbeat.errors import Fault, Invalid

# Which fields a mapping may have, by the name of what it stands in.
PARTS: dict[str, type[Part]] = {
    "": SequenceDocument,
    "steps": StepDocument,
    "variants": VariantDocument,
    "dependencies": DependencyDocument,
    "settings": SettingsDocument,
    "onReply": RuleDocument,
    "onMeeting": RuleDocument,
    "triggers": TriggersDocument,
}
ANY_TEMPLATE = 1


def read(data: object, *, at: str = "") -> SequenceDocument:
    """The document that *data* is, as JSON and YAML give it.

    Raises Invalid with everything that is wrong with it; places begin with *at*. Whether there
    are the templates that it names is for `to_definition` to find out.
    """
    faults: list[Fault] = []
    document: SequenceDocument | None
    try:
        document = SequenceDocument.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        faults = [fault_of(each) for each in found]
        document = readable_part(data, found)
    if document is not None:
        told = {fault.field for fault in faults}
        faults += [fault for fault in meaning_faults(document) if fault.field not in told]
    if document is None or faults:
        raise Invalid("the sequence cannot be read", Places(at).under(faults))
    return document


def meaning_faults(document: SequenceDocument) -> Sequence[Fault]:
    try:
        to_definition(document, dict.fromkeys(templates_in(document), ANY_TEMPLATE))
    except Invalid as error:
        return error.faults
    return ()


def readable_part(data: object, found: Iterable[ErrorDetails]) -> SequenceDocument | None:
    """What is left without the values that cannot be read, so that the rest is judged too."""
    rest = copy.deepcopy(data)
    for each in found:
        leave_out(rest, each["loc"])
    try:
        return SequenceDocument.model_validate(rest)
    except ValidationError:
        return None


def leave_out(data: Any, path: Sequence[str | int]) -> None:
    """Take the innermost named value on *path* away; no place in a list is to change."""
    names = [position for position, part in enumerate(path) if isinstance(part, str)]
    holder = data
    for part in path[: names[-1]] if names else ():
        if not has(holder, part):
            return
        holder = holder[part]
    if names and isinstance(holder, dict):
        holder.pop(path[names[-1]], None)


def has(holder: Any, part: str | int) -> bool:
    if isinstance(holder, list):
        return isinstance(part, int) and part < len(holder)
    return isinstance(holder, dict) and part in holder


def fault_of(found: ErrorDetails) -> Fault:
    """One of pydantic's findings in our words."""
    path = found["loc"]
    return Fault(field=written(path) or None, message=message_of(found, path))


def message_of(found: ErrorDetails, path: Sequence[str | int]) -> str:
    match found["type"]:
        case "missing":
            return "is needed"
        case "extra_forbidden":
            return f"is not known here{hint(path)}"
        case "string_type":
            return 'is text; write it in quotes: "…"'
        case "model_type" | "dict_type":
            return "is not a mapping of names to values"
        case "list_type":
            return "is not a list"
        case "bool_type":
            return "is true or false"
        case "int_type":
            return "is a whole number"
    said = found["msg"].replace("Input should be", "must be")
    return said[:1].lower() + said[1:]


def hint(path: Sequence[str | int]) -> str:
    """The field that was probably meant."""
    *above, name = [part for part in path if isinstance(part, str)]
    names = known_fields().get(above[-1] if above else "", [])
    alike = get_close_matches(name, names, n=1)
    return f"; did you mean {alike[0]}?" if alike else ""


@cache
def known_fields() -> Mapping[str, list[str]]:
    """Every field there is, by what it stands in, for the docs to be held to."""
    return {
        name: [field.alias or each for each, field in part.model_fields.items()]
        for name, part in PARTS.items()
    }
