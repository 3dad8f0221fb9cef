"""The gates that the next step of an enrollment goes through before it happens.

The first three are asked of every step, the window also of a task, the others of an e-mail.
They are in the order in which the engine comes to them; judging.py says of each what it would
find there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from drumbeat.domain import wording
from drumbeat.domain.contact import Contact
from drumbeat.domain.enrollment import Enrollment
from drumbeat.domain.message import (
    ADDRESS_CHANGED,
    CONTACT_DELETED,
    SENDER_NOT_CONNECTED,
    Message,
)
from drumbeat.domain.pacing import Pace
from drumbeat.domain.planner import Because, TasksDone, Way
from drumbeat.domain.sender import Sender
from drumbeat.domain.sequence import Definition, Step


class Gate(StrEnum):
    STATE = "STATE"
    """The enrollment is on its way, and nobody has paused it."""
    TASKS = "TASKS"
    """The tasks that the step waits for are done."""
    DUE = "DUE"
    """Its time has come."""
    WINDOW = "WINDOW"
    """The send window is open, on a day that is eligible and no holiday."""
    MESSAGE = "MESSAGE"
    """Its message is not held, in doubt, or in a worker's hands already."""
    ADDRESS = "ADDRESS"
    """The contact is there, has the address that was enrolled, and may be mailed."""
    SENDER = "SENDER"
    """The sender is connected, and does not rest after a fault of its server."""
    CAP = "CAP"
    """The sender's cap has a free place."""
    GAP = "GAP"
    """The sender's e-mail before this one left long enough ago."""
    CONTENT = "CONTENT"
    """The template is there, and every token in it has a value."""


class Verdict(StrEnum):
    OPEN = "open"
    """It keeps nothing back."""
    WAITS = "waits"
    """It opens in the course of things: at a time, or when something that is to come has
    happened."""
    CLOSED = "closed"
    """It stays so until a person has put something right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """Why a gate is closed, and the facts of the case."""

    reason: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.reason}: {', '.join(self.facts.values())}" if self.facts else self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One gate, and what was found there."""

    gate: Gate
    verdict: Verdict
    text: str
    reason: str | None = None
    at: datetime | None = None
    """When it will be looked at again; None where that is not a matter of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What the gates of an e-mail step look at."""

    message: Message | None
    """None while the step is not due: its message is made then."""
    contact: Contact | None
    suppression: str | None
    """Why the address is not to be mailed, if it is not."""
    sender: Sender
    pace: Pace
    """The sender's, with all that goes before this e-mail taken and its own slot given back."""
    is_next: bool
    """Whether no other e-mail of the sender goes before it."""
    server: Shut | None
    content: Shut | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An enrollment that has not ended, with all that its next step depends on."""

    now: datetime
    enrollment: Enrollment
    definition: Definition
    way: Way
    done: TasksDone
    due_at: datetime | None
    """The time that is written for the step; None where it has none just now."""
    because: Because | None
    earliest: datetime
    """That time, or the one it would have if what keeps it from having one ended now."""
    mail: Mail | None

    @property
    def step(self) -> Step:
        return self.definition.steps[self.enrollment.step_order]

    @property
    def moment(self) -> datetime:
        """When the gates behind the first three are asked."""
        return max(self.now, self.earliest)

    def shown(self, moment: datetime) -> str:
        return wording.on_the_wall(moment, self.way.zone)


def address_shut(enrollment: Enrollment, contact: Contact | None) -> Shut | None:
    """Whether the address that was enrolled is no longer the contact's: it may be another
    person's."""
    if contact is None:
        facts = {"contactId": str(enrollment.contact_id)}
        return Shut(reason=CONTACT_DELETED, facts=facts)
    if contact.email != enrollment.to_email:
        facts = {"enrolledAs": enrollment.to_email, "isNow": contact.email or ""}
        return Shut(reason=ADDRESS_CHANGED, facts=facts)
    return None


def server_shut(sender: Sender) -> Shut | None:
    """Whether the sender was disconnected; that its server can be used is for others to say."""
    if sender.disconnected_at is None:
        return None
    return Shut(reason=SENDER_NOT_CONNECTED, facts={"sender": sender.email})
