"""What can go wrong, in the domain's own words.

Each error carries the facts of its case as attributes, and says nothing of HTTP: every door
has one table that decides what its caller is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class DrumbeatError(Exception):
    """The root of every error this package raises on purpose."""


class NotFound(DrumbeatError):
    def __init__(self, what: str, id: int | str) -> None:
        super().__init__(f"there is no {what} {id}")
        self.what = what
        self.id = id


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with what was given: where it stands, what is wrong, and what to do."""

    message: str
    field: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFault(Fault):
    """One thing wrong in a file: which one, and its line where that is known."""

    file: str
    line: int | None = None


class Invalid(DrumbeatError):
    """What was given cannot be accepted; every fault found is named at once."""

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class Conflict(DrumbeatError):
    """The request is well formed, and the current state refuses it."""


class AlreadyExists(Conflict):
    """Something with this key is there already; *existing_id* is its id."""

    def __init__(self, what: str, existing_id: int) -> None:
        super().__init__(f"{what} already exists. Existing ID: {existing_id}")
        self.what = what
        self.existing_id = existing_id


class Refused(DrumbeatError):
    """A rule of sending refuses this enrollment. *code* names the rule, *context* its facts."""

    def __init__(self, code: str, message: str, context: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.context = context or {}


class AlreadyEnrolled(Refused):
    def __init__(self, contact_id: int) -> None:
        super().__init__("CONTACT_ALREADY_ENROLLED", "Contact already enrolled in a sequence")
        self.contact_id = contact_id


class SequenceInUse(Conflict):
    def __init__(self, sequence_id: int, active: int) -> None:
        super().__init__(
            f"sequence {sequence_id} has {active} active enrollments; "
            "delete it with overrideActiveEnrollment=true to unenroll them"
        )
        self.sequence_id = sequence_id
        self.active = active


class Forbidden(DrumbeatError):
    """The caller is known and may not do this; *scopes* is what a token would need."""

    def __init__(self, message: str, scopes: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.scopes = tuple(scopes)


class Unauthenticated(DrumbeatError):
    """No token was given, or it is not one of ours."""


class Unavailable(DrumbeatError):
    """The database or a file cannot be reached right now; trying again later is right."""
