from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from drumbeat.store import users
from tests.world import World


def test_a_task_has_every_field_and_its_owner_is_the_crms(world: World, api: TestClient) -> None:
    world.enroll(world.sequence(world.task()))

    [task] = api.get("tasks").json()["results"]

    assert task == {
        "id": "1",
        "contactId": "1",
        "enrollmentId": "1",
        "stepOrder": 0,
        "type": "CALL",
        "priority": "HIGH",
        "subject": "Call ada@example.org",
        "notes": None,
        "status": "NOT_STARTED",
        "dueAt": "2026-03-02T15:00:00.000Z",
        "reminderAt": task["reminderAt"],
        "completedAt": None,
        "ownerId": owner_of(world),
    }


def test_completing_a_task_twice_keeps_the_first_time(world: World, api: TestClient) -> None:
    world.enroll(world.sequence(world.task()))

    first = api.post("tasks/1/completion").json()
    world.advance(hours=1)
    second = api.post("tasks/1/completion").json()

    assert (first["status"], first["completedAt"]) == ("COMPLETED", "2026-03-02T15:00:00.000Z")
    assert second == first


def test_completing_a_task_sets_off_what_waited_for_it_before_it_answers(
    world: World, api: TestClient
) -> None:
    world.enroll(world.sequence(world.task(), world.email(), waits=((0, 1),)))

    api.post("tasks/1/completion")

    assert len(world.outbox.sent) == 1


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["1", "2"]),
        ("?status=COMPLETED", ["1"]),
        ("?status=NOT_STARTED", ["2"]),
        ("?contactId=2", ["2"]),
        ("?enrollmentId=1", ["1"]),
        ("?enrollmentId=77", []),
        ("?after=1", ["2"]),
    ],
)
def test_tasks_are_found_by_what_they_have_oldest_first(
    world: World, api: TestClient, query: str, ids: list[str]
) -> None:
    sequence = world.sequence(world.task())
    world.enroll(sequence, world.contact("a@example.org"))
    world.enroll(sequence, world.contact("b@example.org"))
    world.complete(world.tasks()[0])

    assert [task["id"] for task in api.get(f"tasks{query}").json()["results"]] == ids


def test_a_status_that_no_task_has_is_refused_with_those_there_are(api: TestClient) -> None:
    answer = api.get("tasks?status=DONE")

    assert answer.status_code == 400
    assert "'NOT_STARTED' or 'COMPLETED'" in answer.json()["message"]


def test_a_task_that_is_not_there_is_not_found(api: TestClient) -> None:
    assert api.post("tasks/77/completion").status_code == 404


def owner_of(world: World) -> str:
    with world.engine.database.reading() as tx:
        return str(users.get(tx, world.account_id, world.user_id).owner_id)
