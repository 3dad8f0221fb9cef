from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.world import World

DRAFT: dict[str, Any] = {
    "name": "Draft",
    "steps": [
        {"kind": "email", "template": "1"},
        {"kind": "task", "type": "CALL", "delay": "P1D"},
    ],
}


def body(world: World, **more: Any) -> dict[str, Any]:
    contact = world.contact("cal@example.org")
    return {"contactIds": [str(contact)], "senderEmail": "rep@example.com", **more}


def test_a_calendar_has_every_planned_send_and_task(world: World, api: TestClient) -> None:
    sequence = world.sequence(world.email(), world.task(1))

    answer = api.post("calendar", json=body(world, sequenceId=str(sequence)))

    assert answer.status_code == 200
    assert answer.json() == {
        "results": [
            {
                "contactId": "1",
                "stepOrder": 0,
                "actionType": "EMAIL",
                "at": "2026-03-02T15:00:00.000Z",
                "because": "AT_ONCE",
                "waitsFor": [],
            },
            {
                "contactId": "1",
                "stepOrder": 1,
                "actionType": "TASK",
                "at": "2026-03-03T13:00:00.000Z",
                "because": "TASK_MINUTE",
                "waitsFor": [],
            },
        ],
        "lastFirstEmailAt": "2026-03-02T15:00:00.000Z",
        "numErrors": 0,
        "errors": [],
    }


def test_a_sequence_that_is_not_kept_has_a_calendar_too(world: World, api: TestClient) -> None:
    answer = api.post("calendar", json=body(world, sequence=DRAFT, timezone="Asia/Tokyo"))

    assert [each["stepOrder"] for each in answer.json()["results"]] == [0, 1]
    assert answer.json()["results"][1]["at"] == "2026-03-03T23:00:00.000Z"


def test_a_draft_that_cannot_run_is_refused_with_the_place(world: World, api: TestClient) -> None:
    draft = {**DRAFT, "steps": [{"kind": "email", "template": "77"}, {"kind": "dance"}]}

    answer = api.post("calendar", json=body(world, sequence=draft))

    assert answer.status_code == 400
    assert "sequence.steps[1].kind" in answer.json()["message"]


def test_a_draft_with_a_template_that_is_not_there_is_refused(
    world: World, api: TestClient
) -> None:
    draft = {**DRAFT, "steps": [{"kind": "email", "template": "77"}]}

    answer = api.post("calendar", json=body(world, sequence=draft))

    assert answer.status_code == 400
    assert "there is no template 77" in answer.json()["message"]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({}, "give either sequenceId or sequence"),
        ({"sequenceId": "1", "sequence": DRAFT}, "give either sequenceId or sequence"),
        ({"sequenceId": "1", "contactIds": []}, "contactIds"),
        ({"sequenceId": "1", "contactIds": ["ada"]}, "contactIds[0]"),
        ({"sequenceId": "1", "startAt": "tomorrow"}, "startAt"),
        ({"sequenceId": "1", "startAt": "2026-03-01T00:00:00Z"}, "it lies in the past"),
        ({"sequenceId": "1", "startAtStep": 9}, "the sequence has the steps 0 to 1"),
        ({"sequenceId": "1", "timezone": "Mars"}, "is not a time zone"),
        ({"sequenceId": "1", "senderEmail": "x@y.example"}, "no connected inboxes"),
        ({"sequenceId": "1", "contactIds": [str(n) for n in range(10_000)]}, "as `ahead`"),
        ({"sequenceId": "1", "people": []}, "people"),
    ],
)
def test_what_makes_no_calendar_is_refused_and_says_why(
    world: World, api: TestClient, more: dict[str, Any], complaint: str
) -> None:
    world.sequence(world.email())

    answer = api.post("calendar", json=body(world, **more))

    assert answer.status_code == 400
    assert complaint in answer.json()["message"]


def test_an_unknown_sequence_is_not_found(world: World, api: TestClient) -> None:
    assert api.post("calendar", json=body(world, sequenceId="77")).status_code == 404


def test_who_cannot_be_enrolled_is_named_by_position(world: World, api: TestClient) -> None:
    sequence = world.sequence(world.email())

    answer = api.post(
        "calendar", json=body(world, sequenceId=str(sequence), contactIds=["99", "1"])
    )

    [error] = answer.json()["errors"]
    assert (error["context"]["index"], error["category"]) == (["0"], "OBJECT_NOT_FOUND")
    assert len(answer.json()["results"]) == 1
