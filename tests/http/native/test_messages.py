from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.memory_outbox import SILENT
from tests.world import World


def test_a_message_has_every_field_and_keeps_its_angle_brackets(
    world: World, api: TestClient
) -> None:
    world.enroll(world.sequence(world.email()))

    [message] = api.get("messages").json()["results"]

    assert message == {
        "id": "1",
        "enrollmentId": "1",
        "contactId": "1",
        "stepOrder": 0,
        "to": "ada@example.org",
        "subject": "Hello there",
        "messageId": world.outbox.sent[0].message_id,
        "state": "sent",
        "reason": None,
        "sendAt": "2026-03-02T15:00:00.000Z",
        "sentAt": "2026-03-02T15:00:00.000Z",
        "attempts": 1,
    }
    assert message["messageId"].startswith("<")
    assert api.get("messages/1").json() == message


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["1", "2"]),
        ("?state=sent", ["1"]),
        ("?state=scheduled", ["2"]),
        ("?state=in_doubt", []),
        ("?enrollmentId=2", ["2"]),
        ("?limit=1&after=1", ["2"]),
    ],
)
def test_messages_are_found_by_what_they_have_oldest_first(
    world: World, api: TestClient, query: str, ids: list[str]
) -> None:
    sequence = world.sequence(world.email())
    world.enroll(sequence, world.contact("a@example.org"))
    world.enroll(sequence, world.contact("b@example.org"))

    assert [row["id"] for row in api.get(f"messages{query}").json()["results"]] == ids


def test_a_state_that_no_message_has_is_refused_with_those_there_are(api: TestClient) -> None:
    answer = api.get("messages?state=SENT")

    assert answer.status_code == 400
    assert "'scheduled', 'sending', 'sent', 'held', 'in_doubt'" in answer.json()["message"]


def test_a_message_in_doubt_is_settled_as_sent(world: World, api: TestClient) -> None:
    doubt(world)

    settled = api.post("messages/1/settlement", json={"as": "sent"}).json()

    assert (settled["state"], settled["sentAt"]) == ("sent", "2026-03-02T15:00:00.000Z")
    assert world.outbox.sent == []


def test_a_message_in_doubt_is_sent_again_under_another_message_id(
    world: World, api: TestClient
) -> None:
    doubt(world)
    doubtful = api.get("messages/1").json()["messageId"]

    settled = api.post("messages/1/settlement", json={"as": "sendAgain"}).json()
    world.advance(minutes=1)

    [sent] = world.outbox.sent
    assert (settled["state"], settled["sentAt"]) == ("scheduled", None)
    assert sent.message_id == settled["messageId"] != doubtful


@pytest.mark.parametrize(
    "body", [{}, {"as": "SENT"}, {"as": "sent", "at": "now"}, {"as": None}, {"as_": "sent"}, "sent"]
)
def test_a_settlement_says_one_of_two_things(world: World, api: TestClient, body: Any) -> None:
    doubt(world)

    answer = api.post("messages/1/settlement", json=body)

    assert answer.status_code == 400
    assert api.get("messages/1").json()["state"] == "in_doubt"


def test_a_message_that_was_sent_is_neither_settled_nor_retried(
    world: World, api: TestClient
) -> None:
    world.enroll(world.sequence(world.email()))

    settlement = api.post("messages/1/settlement", json={"as": "sendAgain"})
    retry = api.post("messages/1/retry")

    assert (settlement.status_code, retry.status_code) == (409, 409)
    assert "is sent; only one that is in_doubt" in settlement.json()["message"]
    assert len(world.outbox.sent) == 1


def test_a_held_message_goes_out_once_its_cause_is_mended(world: World, api: TestClient) -> None:
    template = world.template("Hello {{ contact.firstname }}")
    world.enroll(world.sequence(world.email(template=template)))
    held = api.get("messages/1").json()
    world.engine.contacts.update(world.account_id, 1, {"firstname": "Ada"})

    retried = api.post("messages/1/retry").json()
    world.advance(minutes=1)

    assert (held["state"], "firstname" in held["reason"]) == ("held", True)
    assert (retried["state"], retried["reason"]) == ("scheduled", None)
    assert [email.subject for email in world.outbox.sent] == ["Hello Ada"]


@pytest.mark.parametrize("path", ["messages/77/settlement", "messages/77/retry"])
def test_a_message_that_is_not_there_is_not_found(api: TestClient, path: str) -> None:
    body = {"as": "sent"} if path.endswith("settlement") else None

    assert api.post(path, json=body).status_code == 404


def doubt(world: World) -> None:
    world.outbox.answers.append(SILENT)
    world.enroll(world.sequence(world.email()))
