from __future__ import annotations

from drumbeat.domain.timeline import Kind, TimelineEvent
from drumbeat.http.native.shapes import TimelineShape
from tests.wall_clock import NEW_YORK, at


def test_the_facts_of_an_event_stand_beside_the_rest_and_never_in_its_place() -> None:
    event = TimelineEvent(
        account_id=1,
        enrollment_id=2,
        contact_id=3,
        at=at("Mon 2026-03-02 10:00", NEW_YORK),
        kind=Kind.EMAIL_FAILED,
        facts={"template_id": 7, "message_id": "<m@x>", "attempts": 2, "kind": "other"},
    )

    assert TimelineShape.of(event).model_dump(mode="json", by_alias=True) == {
        "at": "2026-03-02T15:00:00.000Z",
        "kind": "email_failed",
        "stepOrder": None,
        "reason": None,
        "templateId": "7",
        "messageId": "<m@x>",
        "attempts": 2,
    }
