from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.memory_outbox import SILENT
from tests.world import World

WHERE = "sequences/1/migration"


def two_versions(world: World, people: int = 1) -> None:
    """Some people who wait for a second e-mail, before which a later version has a task."""
    sequence_id = world.sequence(world.email(), world.email(3))
    for number in range(people):
        world.enroll(sequence_id, world.contact(f"c{number}@example.org"))
    world.advance(hours=1)
    other = world.template("Another")
    world.edit(sequence_id, world.email(), world.task(1), world.email(2, template=other))


def test_a_dry_run_tells_what_changes_for_whom(world: World, api: TestClient) -> None:
    two_versions(world)

    told = api.post(WHERE, json={"dryRun": True}).json()

    assert told == {
        "dryRun": True,
        "toVersion": 2,
        "moved": 1,
        "left": 0,
        "remaining": 0,
        "results": [
            {
                "enrollmentId": "1",
                "contactId": "1",
                "fromVersion": 1,
                "toVersion": 2,
                "stepOrder": 1,
                "toStepOrder": 1,
                "dueAt": "2026-03-05T15:00:00.000Z",
                "toDueAt": "2026-03-03T13:00:00.000Z",
                "outcome": "moves",
                "reason": "its next step is not in version 2; step 0 is the last it has had",
                "changes": [
                    "is due on Tue 2026-03-03 08:00 instead of Thu 2026-03-05 10:00, "
                    "America/New_York",
                    "does not come to step 1 of version 1 any more",
                ],
            }
        ],
    }


def test_the_run_does_what_the_dry_run_told_and_the_dry_run_nothing(
    world: World, api: TestClient
) -> None:
    two_versions(world, people=3)

    dry = api.post(WHERE, json={"dryRun": True}).json()
    before = world.standing(1)
    run = api.post(WHERE, json={}).json()

    assert run == {**dry, "dryRun": False}
    assert (before.version, world.standing(1).version) == (1, 2)
    assert api.post(WHERE, json={}).json()["results"] == []


def test_the_timeline_tells_of_the_move(world: World, api: TestClient) -> None:
    two_versions(world)

    api.post(WHERE, json={})

    told = api.get("enrollments/1").json()["timeline"][-1]
    assert told == {
        "at": "2026-03-02T16:00:00.000Z",
        "kind": "moved_to_version",
        "stepOrder": 1,
        "reason": None,
        "fromVersion": 1,
        "toVersion": 2,
        "fromStepOrder": 1,
    }


def test_it_says_which_version_it_is_in_and_what_it_began_with_there(
    world: World, api: TestClient
) -> None:
    sequence_id = world.sequence(world.email(), world.email(3))
    world.enroll(sequence_id)
    world.edit(sequence_id, world.task(), world.task(5))

    api.post(WHERE, json={})

    enrollment = api.get("enrollments/1").json()
    assert (enrollment["version"], enrollment["startStepOrder"]) == (2, None)


def test_one_that_stays_says_why(world: World, api: TestClient) -> None:
    world.outbox.answers.append(SILENT)
    sequence_id = world.sequence(world.email())
    world.enroll(sequence_id)
    world.edit(sequence_id, world.email(), world.task(1))

    told = api.post(WHERE, json={}).json()

    [stays] = told["results"]
    assert (told["moved"], told["left"]) == (0, 1)
    assert (stays["outcome"], stays["toStepOrder"], stays["changes"]) == ("stays", None, [])
    assert stays["reason"] == "an e-mail of it is in doubt; settle it and run this again"


def test_many_are_moved_a_page_at_a_time(world: World, api: TestClient) -> None:
    two_versions(world, people=3)

    first = api.post(f"{WHERE}?limit=2", json={}).json()
    second = api.post(first["paging"]["next"]["link"], json={}).json()

    assert [row["enrollmentId"] for row in first["results"]] == ["1", "2"]
    assert [row["enrollmentId"] for row in second["results"]] == ["3"]
    assert (first["remaining"], second["remaining"]) == (1, 0)
    assert "paging" not in second


def test_only_those_who_are_named_are_moved(world: World, api: TestClient) -> None:
    two_versions(world, people=3)

    told = api.post(WHERE, json={"enrollmentIds": ["3", 1], "toVersion": 2}).json()

    assert [row["enrollmentId"] for row in told["results"]] == ["1", "3"]
    assert [world.standing(each).version for each in (1, 2, 3)] == [2, 1, 2]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"toVersion": 3}, "toVersion: there is no version 3; they are numbered up to 2"),
        ({"toVersion": 0}, "toVersion"),
        ({"toVersion": "2"}, "toVersion"),
        ({"toVersion": 2**31}, "toVersion"),
        ({"fromVersion": 9}, "fromVersion: there is no version 9"),
        ({"fromVersion": 2}, "fromVersion: version 2 is the one to move to"),
        ({"enrollmentIds": ["1", "7"]}, "enrollmentIds[1]: sequence 1 has no enrollment 7"),
        ({"enrollmentIds": []}, "enrollmentIds"),
        ({"enrollmentIds": ["1"] * 1001}, "enrollmentIds"),
        ({"enrollmentIds": "1"}, "enrollmentIds"),
        ({"enrollmentIds": [9223372036854775807]}, "has no enrollment 9223372036854775807"),
        ({"dryRun": "yes"}, "dryRun"),
        ({"dryrun": True}, "dryrun"),
        ([], "body"),
    ],
)
def test_what_cannot_be_done_is_refused_and_moves_nobody(
    world: World, api: TestClient, body: Any, complaint: str
) -> None:
    two_versions(world)

    answer = api.post(WHERE, json=body)

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert complaint in answer.json()["message"]
    assert world.standing(1).version == 1


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "after=x"])
def test_a_page_that_makes_no_sense_is_refused(world: World, api: TestClient, query: str) -> None:
    two_versions(world)

    assert api.post(f"{WHERE}?{query}", json={}).status_code == 400


def test_a_sequence_that_is_not_there_is_not_found(world: World, api: TestClient) -> None:
    two_versions(world)
    world.engine.authoring.delete_sequence(world.account_id, 1, override=True)

    assert api.post("sequences/77/migration", json={}).status_code == 404
    assert api.post(WHERE, json={}).status_code == 404


def test_another_accounts_sequence_is_not_there(world: World, api: TestClient) -> None:
    two_versions(world)
    stranger = world.engine.access.create_account(email="s@x.example", name="S", timezone="UTC")
    api.headers["Authorization"] = f"Bearer {stranger.token}"

    assert api.post(WHERE, json={}).status_code == 404
