"""A task: something a person does for a step, and that later steps may wait for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from drumbeat.domain.sequence import TaskContent, TaskPriority, TaskType

VERBS = {
    TaskType.CALL: "Call",
    TaskType.EMAIL: "E-mail",
    TaskType.LINKED_IN_CONNECT: "Connect on LinkedIn with",
    TaskType.LINKED_IN_MESSAGE: "Send a LinkedIn message to",
    TaskType.MEETING: "Meet",
    TaskType.TODO: "Follow up with",
}


class TaskStatus(StrEnum):
    NOT_STARTED = "NOT_STARTED"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    id: int
    account_id: int
    enrollment_id: int
    contact_id: int
    user_id: int
    step_order: int
    type: TaskType
    priority: TaskPriority
    subject: str
    notes: str | None
    queue_id: int | None
    template_id: int | None
    status: TaskStatus
    due_at: datetime
    reminder_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    """The version of the sequence that *step_order* counts in."""


class NewTask(NamedTuple):
    """A task as it begins: it is for a person to do."""

    account_id: int
    enrollment_id: int
    contact_id: int
    user_id: int
    version: int
    step_order: int
    type: TaskType
    priority: TaskPriority
    subject: str
    notes: str | None
    queue_id: int | None
    template_id: int | None
    due_at: datetime
    reminder_at: datetime | None
    created_at: datetime
    updated_at: datetime
    status: TaskStatus = TaskStatus.NOT_STARTED


def title(content: TaskContent, contact_name: str) -> str:
    """The task's subject: what the sequence says, or the type and whom it is about."""
    return content.subject or f"{VERBS[content.type]} {contact_name}"
