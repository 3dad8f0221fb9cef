from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.wall_clock import at
from tests.world import World


def row(sequence_id: int, contact_id: int, **more: Any) -> dict[str, Any]:
    return {
        "sequenceId": str(sequence_id),
        "contactId": str(contact_id),
        "senderEmail": "rep@example.com",
        **more,
    }


def people(world: World, count: int) -> list[int]:
    return [world.contact(f"person{number}@example.org") for number in range(count)]


def test_everybody_in_a_batch_is_enrolled_in_the_order_of_the_rows(
    world: World, api: TestClient
) -> None:
    sequence = world.sequence(world.task(), world.email(3))
    first, second, third = people(world, 3)

    rows = [row(sequence, each) for each in (third, first, second)]
    answer = api.post("enrollments/batch", json={"inputs": rows})

    assert answer.status_code == 200
    batch = answer.json()
    assert (batch["status"], batch["numErrors"], batch["errors"]) == ("COMPLETE", 0, [])
    assert [each["contactId"] for each in batch["results"]] == [str(third), str(first), str(second)]
    assert [each["id"] for each in batch["results"]] == ["1", "2", "3"]
    assert batch["startedAt"] == "2026-03-02T15:00:00.000Z"


def test_good_rows_are_kept_and_bad_ones_named(world: World, api: TestClient) -> None:
    sequence = world.sequence(world.task(), world.email(3))
    good, busy, gone = people(world, 3)
    world.enroll(sequence, busy)
    world.engine.contacts.archive(world.account_id, gone)
    world.suppress("no@example.org")
    rows = [
        row(sequence, good),
        row(sequence, busy),
        row(sequence, gone),
        row(77, world.contact("a@example.org")),
        row(sequence, world.contact("no@example.org")),
        row(sequence, world.contact("b@example.org"), senderEmail="nobody@example.com"),
        row(sequence, world.contact("c@example.org"), senderAliasAddress="x@example.com"),
        row(sequence, good),
    ]

    answer = api.post("enrollments/batch", json={"inputs": rows})

    batch = answer.json()
    assert answer.status_code == 207
    assert [each["contactId"] for each in batch["results"]] == [str(good)]
    assert batch["numErrors"] == 7
    named = [
        (each["context"]["index"], each["category"], each.get("subCategory"))
        for each in batch["errors"]
    ]
    assert named == [
        (["1"], "VALIDATION_ERROR", "SequenceError.CONTACT_ALREADY_ENROLLED"),
        (["2"], "OBJECT_NOT_FOUND", None),
        (["3"], "OBJECT_NOT_FOUND", None),
        (["4"], "VALIDATION_ERROR", "SequenceError.UNSUBSCRIBED"),
        (
            ["5"],
            "VALIDATION_ERROR",
            "SequenceStandardFriendlyError.PUBLIC_ENROLL_NO_CONNECTED_EMAILS",
        ),
        (["6"], "VALIDATION_ERROR", "SequenceError.ALIAS_NOT_CONNECTED"),
        (["7"], "VALIDATION_ERROR", "SequenceError.CONTACT_ALREADY_ENROLLED"),
    ]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"contactId": "ada"}, "contactId"),
        ({"senderEmail": None}, "Some required fields were not set: [senderEmail]"),
        ({"startAtStep": 3}, "the sequence has the steps 0 to 2"),
        ({"startAtStep": -1}, "the sequence has the steps 0 to 2"),
        ({"startAtStep": "1"}, "startAtStep"),
        ({"timezone": "Mars/Olympus"}, "is not a time zone"),
        ({"timezone": "../../etc"}, "is not a time zone"),
        ({"startAt": "2026-03-02T14:59:00Z"}, "it lies in the past, it is 2026-03-02T15:00:00Z"),
        ({"startAt": "2036-03-02T14:59:00Z"}, "more than 3650 days ahead"),
        ({"startAt": "0001-01-01T00:00:00+14:00"}, "it lies in the past"),
        ({"startAt": "2026-03-05"}, "must be a time such as"),
        ({"userId": "1"}, "userId"),
    ],
)
def test_a_row_that_cannot_begin_so_is_refused_by_itself(
    world: World, api: TestClient, more: dict[str, Any], complaint: str
) -> None:
    sequence = world.sequence(world.task(), world.email(3))
    good, bad = people(world, 2)

    rows = [row(sequence, bad, **more), row(sequence, good)]
    batch = api.post("enrollments/batch", json={"inputs": rows}).json()

    [error] = batch["errors"]
    assert error["context"]["index"] == ["0"]
    assert complaint in error["message"]
    assert [each["contactId"] for each in batch["results"]] == [str(good)]


@pytest.mark.parametrize("inputs", [[], None, "all", [{}] * 1001])
def test_what_is_no_batch_is_refused_as_a_whole(api: TestClient, inputs: Any) -> None:
    answer = api.post("enrollments/batch", json={"inputs": inputs})

    assert answer.status_code == 400
    assert "inputs" in answer.json()["message"]


@pytest.mark.parametrize("given", [7, "1", None, []])
def test_a_row_that_is_none_is_named_too(world: World, api: TestClient, given: Any) -> None:
    [contact] = people(world, 1)
    rows = [given, row(world.sequence(world.task()), contact)]

    batch = api.post("enrollments/batch", json={"inputs": rows}).json()

    assert [error["context"]["index"] for error in batch["errors"]] == [["0"]]
    assert len(batch["results"]) == 1


def test_a_row_says_where_when_and_by_whose_clock_it_begins(world: World, api: TestClient) -> None:
    sequence = world.sequence(world.task(), world.email(3), world.task(1))
    [contact] = people(world, 1)
    begins = {"startAtStep": 1, "startAt": "2026-03-04T08:00:00+01:00", "timezone": "Europe/Berlin"}

    batch = api.post("enrollments/batch", json={"inputs": [row(sequence, contact, **begins)]})

    [enrollment] = batch.json()["results"]
    assert enrollment["timezone"] == "Europe/Berlin"
    assert (enrollment["startStepOrder"], enrollment["stepOrder"]) == (1, 1)
    assert enrollment["dueAt"] == "2026-03-04T07:00:00.000Z"
    assert enrollment["because"] == "START_TIME"
    told = api.get(f"enrollments/{enrollment['id']}").json()["timeline"][0]
    assert (told["kind"], told["startAtStep"]) == ("enrolled", 1)
    assert told["startAt"] == "2026-03-04T07:00:00.000+00:00"


def test_nobody_is_refused_for_a_cap_but_planned_into_a_later_day(
    world: World, api: TestClient
) -> None:
    world.connect(daily_cap=2)
    sequence = world.sequence(world.email())
    rows = [row(sequence, each) for each in people(world, 5)]

    batch = api.post("enrollments/batch", json={"inputs": rows}).json()
    world.until("Thu 2026-03-05 10:00")

    assert batch["numErrors"] == 0
    assert [wall[:14] for wall in world.sent()] == [
        *["Mon 2026-03-02"] * 2,
        *["Tue 2026-03-03"] * 2,
        "Wed 2026-03-04",
    ]


def test_another_accounts_contacts_are_not_there(world: World, api: TestClient) -> None:
    sequence = world.sequence(world.task())
    stranger = world.engine.access.create_account(email="s@x.example", name="S", timezone="UTC")
    theirs = world.engine.contacts.create(stranger.account_id, {"email": "t@example.org"})

    batch = api.post("enrollments/batch", json={"inputs": [row(sequence, theirs.id)]}).json()

    assert batch["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert at("Mon 2026-03-02 10:00") == world.clock.now()
