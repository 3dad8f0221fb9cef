from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.memory_outbox import GREYLISTED
from tests.world import World

EDIT = {"subject": "Thursday", "body": "<p>Hello {{ contact.email }}</p>"}


def test_the_emails_of_an_enrollment_are_those_that_went_and_those_to_come(
    world: World, api: TestClient
) -> None:
    world.enroll(world.sequence(world.email(), world.task(1), world.email(1)))

    sent, to_come = api.get("enrollments/1/emails").json()["results"]

    assert sent == {
        "stepOrder": 0,
        "templateId": "1",
        "subject": "Hello there",
        "body": None,
        "edited": False,
        "threaded": False,
        "state": "sent",
    }
    assert to_come == {
        "stepOrder": 2,
        "templateId": "1",
        "subject": "Hello {{ contact.firstname|default('there') }}",
        "body": "<p>Good day</p>",
        "edited": False,
        "threaded": True,
        "state": None,
    }


def test_an_edit_is_answered_and_listed_until_it_is_taken_back(
    world: World, api: TestClient
) -> None:
    world.enroll(world.sequence(world.task(), world.email(1)))

    edited = api.put("enrollments/1/emails/1", json=EDIT).json()
    [listed] = api.get("enrollments/1/emails").json()["results"]
    restored = api.delete("enrollments/1/emails/1").json()

    assert edited == {**listed, **EDIT, "edited": True}
    assert (restored["edited"], restored["body"]) == (False, "<p>Good day</p>")
    assert api.get("enrollments/1/emails").json()["results"] == [restored]


def test_the_answer_says_that_a_threaded_email_keeps_its_subject(
    world: World, api: TestClient
) -> None:
    world.enroll(world.sequence(world.email(), world.email(1)))

    edited = api.put("enrollments/1/emails/1", json=EDIT).json()

    assert "keeps its subject" in edited["warning"]


def test_who_edited_it_is_in_the_timeline(world: World, api: TestClient) -> None:
    world.enroll(world.sequence(world.task(), world.email(1)))

    api.put("enrollments/1/emails/1", json=EDIT)

    told = api.get("enrollments/1").json()["timeline"][-1]
    assert (told["kind"], told["stepOrder"], told["reason"]) == ("email_edited", 1, "EDITED")
    assert told["userId"] == str(world.user_id)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"subject": "Only"}, "[body]"),
        ({"body": "Only"}, "[subject]"),
        ({**EDIT, "name": "x"}, "name"),
        ({**EDIT, "subject": "x" * 1001}, "subject"),
        ({**EDIT, "body": "x" * (256 * 1024 + 1)}, "body"),
        ({**EDIT, "body": "{{ contact.shoesize }}"}, "there is no token contact.shoesize"),
        ({**EDIT, "body": "{% for x in y %}"}, "body"),
        ({**EDIT, "subject": "{{"}, "subject"),
        ({**EDIT, "subject": 1}, "subject"),
        ("words", "body"),
    ],
)
def test_what_no_template_may_say_is_refused_and_changes_nothing(
    world: World, api: TestClient, body: Any, complaint: str
) -> None:
    world.enroll(world.sequence(world.task(), world.email(1)))

    answer = api.put("enrollments/1/emails/1", json=body)

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert complaint in answer.json()["message"]
    assert api.get("enrollments/1/emails").json()["results"][0]["edited"] is False


@pytest.mark.parametrize("order", ["0", "2", "3", "9223372036854775807"])
def test_a_step_that_is_no_email_is_not_found(world: World, api: TestClient, order: str) -> None:
    world.enroll(world.sequence(world.task(), world.email(1)))

    edited = api.put(f"enrollments/1/emails/{order}", json=EDIT)
    restored = api.delete(f"enrollments/1/emails/{order}")

    assert (edited.status_code, restored.status_code) == (404, 404)


def test_an_email_that_was_sent_can_no_longer_be_edited(world: World, api: TestClient) -> None:
    world.enroll(world.sequence(world.email(), world.task(1)))

    edited = api.put("enrollments/1/emails/0", json=EDIT)
    restored = api.delete("enrollments/1/emails/0")

    assert (edited.status_code, restored.status_code) == (409, 409)
    assert edited.json()["message"] == "the e-mail of step 0 was sent"


def test_an_enrollment_that_has_ended_has_only_what_went(world: World, api: TestClient) -> None:
    world.unenroll(world.enroll(world.sequence(world.email(), world.email(1))))

    answer = api.put("enrollments/1/emails/1", json=EDIT)

    assert answer.status_code == 409
    assert "has ended (UNENROLLED)" in answer.json()["message"]
    assert [row["stepOrder"] for row in api.get("enrollments/1/emails").json()["results"]] == [0]


def test_an_email_on_its_way_shows_its_state(world: World, api: TestClient) -> None:
    world.outbox.answers.append(GREYLISTED)
    world.enroll(world.sequence(world.email()))

    [email] = api.get("enrollments/1/emails").json()["results"]

    assert (email["state"], email["body"]) == ("scheduled", "<p>Good day</p>")


def test_another_accounts_emails_are_not_there(world: World, api: TestClient) -> None:
    world.enroll(world.sequence(world.task(), world.email(1)))
    stranger = world.engine.access.create_account(email="s@x.example", name="S", timezone="UTC")
    api.headers["Authorization"] = f"Bearer {stranger.token}"

    assert api.get("enrollments/1/emails").status_code == 404
    assert api.put("enrollments/1/emails/1", json=EDIT).status_code == 404
    assert api.delete("enrollments/1/emails/1").status_code == 404
