from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from drumbeat.http.native.enrollments import stopped_answer
from drumbeat.services.enrolling import Stopped
from tests.world import World


def test_an_enrollment_has_every_field_even_without_a_value(world: World, api: TestClient) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))

    [enrollment] = api.get("enrollments").json()["results"]

    due_at = enrollment.pop("dueAt")
    assert due_at.startswith("2026-03-03T15:0")
    assert enrollment == {
        "id": str(enrollment_id),
        "sequenceId": "1",
        "version": 1,
        "contactId": "1",
        "toEmail": "ada@example.org",
        "senderEmail": "rep@example.com",
        "timezone": "America/New_York",
        "state": "EXECUTING",
        "reason": None,
        "startStepOrder": 0,
        "stepOrder": 1,
        "because": "DELAY",
        "waitingFor": None,
        "enrolledAt": "2026-03-02T15:00:00.000Z",
        "updatedAt": "2026-03-02T15:00:00.000Z",
    }


def test_enrollments_come_newest_first_a_page_at_a_time(world: World, api: TestClient) -> None:
    sequence = world.sequence(world.task(), world.email(3))
    ids = [world.enroll(sequence, world.contact(f"c{n}@example.org")) for n in range(3)]

    first = api.get("enrollments?limit=2&state=EXECUTING").json()
    second = api.get(first["paging"]["next"]["link"]).json()

    assert [row["id"] for row in first["results"]] == [str(ids[2]), str(ids[1])]
    assert [row["id"] for row in second["results"]] == [str(ids[0])]
    assert "paging" not in second


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("?state=UNENROLLED", 1),
        ("?state=PAUSED", 0),
        ("?contactId=2", 1),
        ("?contactId=9223372036854775807", 0),
        ("?sequenceId=1", 2),
        ("?sequenceId=77", 0),
        ("?senderEmail=REP@example.com", 2),
        ("?senderEmail=rep", 0),
        ("?senderEmail=", 0),
    ],
)
def test_enrollments_are_found_by_what_they_have(
    world: World, api: TestClient, query: str, count: int
) -> None:
    sequence = world.sequence(world.task(), world.email(3))
    world.unenroll(world.enroll(sequence, world.contact("a@example.org")))
    world.enroll(sequence, world.contact("b@example.org"))

    assert len(api.get(f"enrollments{query}").json()["results"]) == count


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("state=RUNNING", "'EXECUTING', 'PAUSED', 'FINISHED' or 'UNENROLLED'"),
        ("state=", "'EXECUTING'"),
        ("contactId=ada", "contactId"),
        ("contactId=", "contactId"),
        ("sequenceId=-1", "sequenceId"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("after=x", "after"),
        ("after=99999999999999999999", "after"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_and_names_its_part(
    api: TestClient, query: str, complaint: str
) -> None:
    answer = api.get(f"enrollments?{query}")

    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"
    assert complaint in answer.json()["message"]


def test_one_enrollment_tells_what_happened_to_it_and_why(world: World, api: TestClient) -> None:
    enrollment_id = world.enroll(world.sequence(world.task(), world.email(), waits=((0, 1),)))

    enrollment = api.get(f"enrollments/{enrollment_id}").json()

    assert enrollment["waitingFor"] == "TASK"
    kinds = [event["kind"] for event in enrollment["timeline"]]
    assert kinds == ["enrolled", "task_created", "waited_for_task"]
    assert enrollment["timeline"][-1] == {
        "at": "2026-03-02T15:00:00.000Z",
        "kind": "waited_for_task",
        "stepOrder": 1,
        "reason": "TASK_COMPLETION",
        "taskStepOrder": 0,
    }


@pytest.mark.parametrize("action", ["", "/unenrollment", "/pause"])
def test_an_enrollment_that_is_not_there_is_not_found(api: TestClient, action: str) -> None:
    answer = api.post(f"enrollments/77{action}") if action else api.get("enrollments/77")

    assert answer.status_code == 404
    assert answer.json()["category"] == "OBJECT_NOT_FOUND"


def test_an_id_that_is_no_number_is_refused(api: TestClient) -> None:
    assert api.get("enrollments/first").status_code == 400


def test_unenrolling_twice_is_as_good_as_once(world: World, api: TestClient) -> None:
    enrollment_id = world.enroll(world.sequence(world.task(), world.email(3)))

    first = api.post(f"enrollments/{enrollment_id}/unenrollment")
    second = api.post(f"enrollments/{enrollment_id}/unenrollment")

    assert first.json()["state"] == "UNENROLLED"
    assert (first.json()["reason"], first.json()["inFlight"]) == ("API", False)
    assert "warning" not in first.json()
    assert second.json() == first.json()


def test_a_message_that_cannot_be_recalled_is_warned_of(world: World) -> None:
    world.enroll(world.sequence(world.task(), world.email(3)))

    answer = stopped_answer(Stopped(enrollment=world.standing(1), in_flight=True))

    told = json.loads(bytes(answer.body))
    assert told["inFlight"] is True
    assert "cannot be recalled" in told["warning"]


def test_a_pause_stops_it_and_its_end_lets_it_go_on(world: World, api: TestClient) -> None:
    enrollment_id = world.enroll(world.sequence(world.task(), world.email(3)))

    paused = api.post(f"enrollments/{enrollment_id}/pause").json()
    resumed = api.delete(f"enrollments/{enrollment_id}/pause").json()

    assert (paused["state"], paused["reason"], paused["dueAt"]) == ("PAUSED", "BY_HAND", None)
    assert (resumed["state"], resumed["dueAt"]) == ("EXECUTING", "2026-03-05T15:00:00.000Z")


def test_what_has_ended_cannot_be_paused_and_the_answer_says_so(
    world: World, api: TestClient
) -> None:
    enrollment_id = world.enroll(world.sequence(world.task(), world.email(3)))
    world.unenroll(enrollment_id)

    answer = api.post(f"enrollments/{enrollment_id}/pause")

    assert answer.status_code == 409
    assert "has ended (UNENROLLED)" in answer.json()["message"]


def test_a_body_where_none_is_asked_for_is_refused(world: World, api: TestClient) -> None:
    enrollment_id = world.enroll(world.sequence(world.task(), world.email(3)))

    answer = api.post(f"enrollments/{enrollment_id}/unenrollment", json={"reason": "BOUNCED"})

    assert answer.status_code == 400
    assert "reason" in answer.json()["message"]


def test_another_accounts_enrollments_are_not_there(world: World, api: TestClient) -> None:
    enrollment_id = world.enroll(world.sequence(world.task(), world.email(3)))
    stranger = world.engine.access.create_account(email="s@x.example", name="S", timezone="UTC")
    api.headers["Authorization"] = f"Bearer {stranger.token}"

    assert api.get("enrollments").json() == {"results": []}
    assert api.get(f"enrollments/{enrollment_id}").status_code == 404
    assert api.post(f"enrollments/{enrollment_id}/unenrollment").status_code == 404
