from __future__ import annotations

from starlette.testclient import TestClient

from tests.wall_clock import at
from tests.world import World


def test_an_enrollment_comes_with_its_explanation(world: World, api: TestClient) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.task(1)))

    explanation = api.get(f"enrollments/{enrollment_id}").json()["explanation"]

    assert explanation["past"] == [
        {
            "stepOrder": 0,
            "version": 1,
            "actionType": "EMAIL",
            "dueAt": "2026-03-02T15:00:00.000Z",
            "executedAt": "2026-03-02T15:00:00.000Z",
            "because": "AT_ONCE",
            "text": "nothing held it back, and it was to run at once, on Monday 2 March 2026 "
            "at 10:00",
        }
    ]
    due = explanation["next"]["gates"].pop(2)
    assert due == {
        "gate": "DUE",
        "verdict": "waits",
        "reason": "TASK_MINUTE",
        "at": "2026-03-03T13:00:00.000Z",
        "text": "it is due on Tuesday 3 March 2026 at 08:00: tasks are made at 08:00",
    }
    assert explanation["next"] == {
        "stepOrder": 1,
        "version": 1,
        "actionType": "TASK",
        "at": "2026-03-03T13:00:00.000Z",
        "gates": [
            {"gate": gate, "verdict": "open", "reason": None, "at": None, "text": text}
            for gate, text in (
                ("STATE", "it is on its way"),
                ("TASKS", "it waits for no task"),
                (
                    "WINDOW",
                    "it may happen on Tuesday 3 March 2026 at 08:00: Monday to Friday, "
                    "America/New_York",
                ),
            )
        ],
    }


def test_an_email_has_ten_gates_in_their_order(world: World, api: TestClient) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))

    gates = api.get(f"enrollments/{enrollment_id}").json()["explanation"]["next"]["gates"]

    assert [gate["gate"] for gate in gates] == [
        "STATE",
        "TASKS",
        "DUE",
        "WINDOW",
        "MESSAGE",
        "ADDRESS",
        "SENDER",
        "CAP",
        "GAP",
        "CONTENT",
    ]


def test_after_its_end_there_is_no_next_step(world: World, api: TestClient) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))
    world.unenroll(enrollment_id)

    explanation = api.get(f"enrollments/{enrollment_id}").json()["explanation"]

    assert explanation["next"] is None
    assert len(explanation["past"]) == 1


def test_a_damaged_enrollment_can_be_read_all_the_same(world: World, api: TestClient) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))
    world.damage(enrollment_id=enrollment_id)

    answer = api.get(f"enrollments/{enrollment_id}")

    assert answer.status_code == 200
    upcoming = answer.json()["explanation"]["next"]
    assert (upcoming["actionType"], upcoming["at"]) == (None, None)
    assert [gate["reason"] for gate in upcoming["gates"]] == ["DAMAGED"]


def test_the_time_that_is_said_is_the_time_it_goes(world: World, api: TestClient) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(4)))
    said = api.get(f"enrollments/{enrollment_id}").json()["explanation"]["next"]["at"]

    api.post("clock", json={"to": said})

    assert world.outbox.sent[1].date == at("Fri 2026-03-06 10:00")
