"""What would go wrong if people were enrolled now, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    """Somebody would be refused, or an e-mail held."""
    WARNING = "warning"
    """It would run, and perhaps not as it was meant."""


class Code(StrEnum):
    """What was found, one line of meaning each (docs/reference/http-api.md)."""

    CANNOT_RUN = "CANNOT_RUN"
    NOTHING_TO_DO = "NOTHING_TO_DO"
    LONG_DELAY = "LONG_DELAY"
    BRANCH_IGNORED = "BRANCH_IGNORED"
    VARIANTS_INACTIVE = "VARIANTS_INACTIVE"
    VARIANT_EMPTY = "VARIANT_EMPTY"
    DYNAMIC_WITHOUT_TRIGGERS = "DYNAMIC_WITHOUT_TRIGGERS"
    DYNAMIC_RUNS_ALWAYS = "DYNAMIC_RUNS_ALWAYS"
    THREAD_TARGET_BY_HAND = "THREAD_TARGET_BY_HAND"
    THREAD_TARGET_DYNAMIC = "THREAD_TARGET_DYNAMIC"
    DEPENDENCY_IGNORED = "DEPENDENCY_IGNORED"
    PAUSE_COMES_EARLIER = "PAUSE_COMES_EARLIER"
    WINDOW_NEVER_OPENS = "WINDOW_NEVER_OPENS"
    WINDOW_SKIPPED = "WINDOW_SKIPPED"
    WINDOW_SHORTER_THAN_GAP = "WINDOW_SHORTER_THAN_GAP"
    WINDOW_TOO_SMALL = "WINDOW_TOO_SMALL"
    SENDER_MISSING = "SENDER_MISSING"
    SENDER_NOT_CONNECTED = "SENDER_NOT_CONNECTED"
    SENDER_OF_ANOTHER = "SENDER_OF_ANOTHER"
    SENDER_RESTING = "SENDER_RESTING"
    CAP_REACHED = "CAP_REACHED"
    TEMPLATE_MISSING = "TEMPLATE_MISSING"
    TEMPLATE_INVALID = "TEMPLATE_INVALID"
    TOKEN_UNKNOWN = "TOKEN_UNKNOWN"
    TOKEN_WITHOUT_VALUE = "TOKEN_WITHOUT_VALUE"
    CONTACT_MISSING = "CONTACT_MISSING"
    CONTACT_WITHOUT_ADDRESS = "CONTACT_WITHOUT_ADDRESS"
    CONTACT_SUPPRESSED = "CONTACT_SUPPRESSED"
    CONTACT_ENROLLED = "CONTACT_ENROLLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchFinding:
    """One thing that would go wrong: where it stands, what is wrong, and what to do."""

    severity: Severity
    code: Code
    message: str
    step_order: int | None = None
    field: str | None = None
    contact_ids: tuple[int, ...] | None = None
    """Whom it is about; None where it is not about some of the contacts."""


def error(
    code: Code,
    message: str,
    *,
    step_order: int | None = None,
    field: str | None = None,
    contact_ids: tuple[int, ...] | None = None,
) -> LaunchFinding:
    return LaunchFinding(
        severity=Severity.ERROR,
        code=code,
        message=message,
        step_order=step_order,
        field=field,
        contact_ids=contact_ids,
    )


def warning(
    code: Code, message: str, *, step_order: int | None = None, field: str | None = None
) -> LaunchFinding:
    return LaunchFinding(
        severity=Severity.WARNING, code=code, message=message, step_order=step_order, field=field
    )
