"""Timeline events: past-tense facts about an enrollment, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What happened, one line of meaning each (docs/reference/timeline-events.md)."""

    ENROLLED = "enrolled"
    EMAIL_SCHEDULED = "email_scheduled"
    EMAIL_POSTPONED = "email_postponed"
    EMAIL_SENT = "email_sent"
    EMAIL_HELD = "email_held"
    EMAIL_IN_DOUBT = "email_in_doubt"
    EMAIL_FAILED = "email_failed"
    EMAIL_CANCELLED = "email_cancelled"
    EMAIL_SETTLED = "email_settled"
    EMAIL_EDITED = "email_edited"
    TASK_CREATED = "task_created"
    TASK_COMPLETED = "task_completed"
    WAITED_FOR_TASK = "waited_for_task"
    STEP_PASSED = "step_passed"
    STEP_SET_ASIDE = "step_set_aside"
    PAUSED = "paused"
    RESUMED = "resumed"
    MOVED_TO_VERSION = "moved_to_version"
    FINISHED = "finished"
    UNENROLLED = "unenrolled"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    account_id: int
    enrollment_id: int
    contact_id: int
    at: datetime
    kind: Kind
    step_order: int | None = None
    reason: str | None = None
    facts: Mapping[str, str | int | None] = field(default_factory=dict)
