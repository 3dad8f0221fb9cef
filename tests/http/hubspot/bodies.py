"""Request bodies as HubSpot's management API wants them, complete, for tests to change."""

from __future__ import annotations

from typing import Any, TypeAlias

Body: TypeAlias = dict[str, Any]

SEQUENCES = "/automation/v4/sequences"
ENROLLMENTS = f"{SEQUENCES}/enrollments"
MANAGED = "/automation/sequences/2026-09-beta/serviceaccounts/sequences"
TEMPLATES = "/automation/email-templates/2026-09-beta"
CONTACTS = "/crm/v3/objects/contacts"
OWNERS = "/crm/v3/owners"

ONE_DAY = 86_400_000
SETTINGS: Body = {
    "eligibleFollowUpDays": "BUSINESS_DAYS",
    "sellingStrategy": "LEAD_BASED",
    "sendWindowStartMinute": 480,
    "sendWindowEndMinute": 1080,
    "taskCreationMinute": 480,
    "taskReminderMinute": 540,
    "individualTaskRemindersEnabled": True,
    "useThreadedFollowUps": True,
    "unenrollmentSettings": {
        "emailSettings": {"criteria": "ALL", "sellingStrategy": "LEAD_BASED"},
        "meetingSettings": {"criteria": "NONE", "sellingStrategy": "LEAD_BASED"},
    },
}


def step(order: int, action: str, *, delay: int = 0, **more: Any) -> Body:
    return {
        "stepOrder": order,
        "actionType": action,
        "delayMillis": delay,
        "dynamic": False,
        "branchNumber": 0,
        "variants": [],
        **more,
    }


def task(order: int, kind: str = "CALL", *, delay: int = 0, **pattern: Any) -> Body:
    wanted = {"taskType": kind, "taskPriority": "HIGH", **pattern}
    return step(order, "TASK", delay=delay, taskPattern=wanted)


def email(order: int, template_id: int | str, *, delay: int = 0, **pattern: Any) -> Body:
    wanted = {"templateId": str(template_id), **pattern}
    return step(order, "EMAIL", delay=delay, emailPattern=wanted)


def finish(order: int) -> Body:
    return step(order, "FINISH_ENROLLMENT")


def variant(ordinal: int, *, active: bool = True, **patterns: Any) -> Body:
    return {"variantOrdinal": ordinal, "activated": active, **patterns}


def waits(required_by: int, relies_on: int, kind: str = "TASK_COMPLETION") -> Body:
    return {
        "dependencyType": kind,
        "reliesOnStepOrder": relies_on,
        "requiredByStepOrder": required_by,
        "branchNumber": 0,
    }


def sequence(*steps: Body, name: str = "Outreach", **more: Any) -> Body:
    """A sequence of these steps, or of one call that it waits for; the finish is added."""
    planned = list(steps or [task(0)])
    return {
        "name": name,
        "dynamic": False,
        "steps": [*planned, finish(len(planned))],
        "dependencies": [] if steps else [waits(1, 0)],
        "settings": SETTINGS,
        **more,
    }
