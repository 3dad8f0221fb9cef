"""`POST /drumbeat/v1/captured`: mail that comes in."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.world import World

LETTER = {
    "from": "Grace@Example.org",
    "to": "Rep@example.com",
    "subject": "Grüße an alle",
    "text": "Thursday would suit me.\nGrace",
}
RAW = (
    "From: =?utf-8?q?Gr=C3=A5ce?= <grace@example.org>\nTo: Sales <someone@example.net>\n"
    "Delivered-To: rep@example.com\nSubject: Hello\nMessage-ID: <7@example.org>\n\nGrüße\n"
)


@pytest.fixture
def world(captured_world: World) -> World:
    return captured_world


def test_a_letter_comes_in_with_every_field(world: World, api: TestClient) -> None:
    asked = {
        **LETTER,
        "html": "<p>Thursday would suit me.</p>",
        "inReplyTo": "<1@example.com>",
        "references": ["<0@example.com>", "<1@example.com>"],
        "autoSubmitted": "auto-replied",
        "headers": {"X-Mailer": "Ångström 1.0", "Precedence": "bulk"},
    }
    world.advance(hours=1)

    answer = api.post("captured", json=asked)

    message = answer.json()
    headers, raw = message.pop("headers"), message.pop("raw")
    assert answer.status_code == 201
    assert message.pop("messageId").endswith("@example.org>")
    assert message == {
        "id": "1",
        "direction": "in",
        "at": "2026-03-02T16:00:00.000Z",
        "from": "Grace@Example.org",
        "to": ["rep@example.com"],
        "subject": "Grüße an alle",
        "inReplyTo": "<1@example.com>",
        "references": ["<0@example.com>", "<1@example.com>"],
        "text": "Thursday would suit me.\nGrace",
        "html": "<p>Thursday would suit me.</p>",
    }
    assert (headers["Auto-Submitted"], headers["Precedence"]) == ("auto-replied", "bulk")
    assert (headers["X-Mailer"], headers["Date"]) == (
        "Ångström 1.0",
        "Mon, 02 Mar 2026 16:00:00 +0000",
    )
    assert raw.isascii()


def test_what_came_in_is_in_the_list(api: TestClient) -> None:
    delivered = api.post("captured", json=LETTER).json()

    found = api.get("captured?direction=in&to=REP@example.com").json()["results"]

    assert found == [delivered]


@pytest.mark.parametrize("body", ["text", "html"])
def test_a_letter_may_have_one_body_only(api: TestClient, body: str) -> None:
    letter = {key: value for key, value in LETTER.items() if key != "text"}

    message = api.post("captured", json={**letter, body: "<p>Yes</p>"}).json()

    other = "html" if body == "text" else "text"
    assert (message[body], message[other]) == ("<p>Yes</p>", None)


def test_without_references_there_is_the_one_that_is_answered(api: TestClient) -> None:
    message = api.post("captured", json={**LETTER, "inReplyTo": "<1@example.com>"}).json()

    assert message["references"] == ["<1@example.com>"]


def test_two_letters_that_say_the_same_are_two(api: TestClient) -> None:
    one, other = (api.post("captured", json=LETTER).json() for _ in range(2))

    assert (one["id"], other["id"]) == ("1", "2")
    assert one["messageId"] != other["messageId"]


def test_a_whole_message_comes_in_as_it_is(api: TestClient) -> None:
    answer = api.post("captured", json={"raw": RAW})

    message = answer.json()
    assert answer.status_code == 201
    assert message["raw"] == RAW.replace("\n", "\r\n")
    assert (message["from"], message["to"]) == ("grace@example.org", ["someone@example.net"])
    assert (message["text"], message["messageId"]) == ("Grüße", "<7@example.org>")
    assert len(api.get("captured?to=rep@example.com").json()["results"]) == 1


def test_a_reply_is_in_the_thread_of_what_it_answers(world: World, api: TestClient) -> None:
    world.enroll(world.sequence(world.email(), world.email(1), world.email(1)))
    world.advance(days=2)
    sent = api.get("captured").json()["results"]

    reply = api.post("captured", json={"replyTo": sent[2]["id"], "text": "Gladly."}).json()

    assert (reply["from"], reply["to"]) == ("ada@example.org", ["rep@example.com"])
    assert reply["subject"] == "Re: Hello"
    assert reply["inReplyTo"] == sent[2]["messageId"]
    assert reply["references"] == [each["messageId"] for each in sent]
    assert (reply["text"], reply["html"], reply["direction"]) == ("Gladly.", None, "in")


def test_somebody_else_may_reply_and_a_machine_too(world: World, api: TestClient) -> None:
    world.enroll(world.sequence(world.email()))
    asked = {
        "replyTo": 1,
        "from": "bea@example.org",
        "subject": "Out of office",
        "html": "<p>Back on Monday.</p>",
        "autoSubmitted": "auto-replied",
        "headers": {"X-Auto-Response-Suppress": "All"},
    }

    reply = api.post("captured", json=asked).json()

    assert (reply["from"], reply["subject"]) == ("bea@example.org", "Out of office")
    assert (reply["text"], reply["html"]) == (None, "<p>Back on Monday.</p>")
    assert reply["headers"]["Auto-Submitted"] == "auto-replied"
    assert reply["headers"]["X-Auto-Response-Suppress"] == "All"


def test_what_came_in_is_not_answered_from_outside(api: TestClient) -> None:
    api.post("captured", json=LETTER)

    answer = api.post("captured", json={"replyTo": "1", "text": "And?"})

    assert answer.status_code == 400
    assert "answer one that went out" in answer.json()["message"]


def test_what_is_not_there_cannot_be_answered(api: TestClient) -> None:
    assert api.post("captured", json={"replyTo": "77", "text": "Yes"}).status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        {**LETTER, "to": "nobody@example.com"},
        {"raw": RAW.replace("rep@example.com", "nobody@example.com")},
    ],
)
def test_mail_for_nobody_here_is_refused_with_who_is(
    world: World, api: TestClient, asked: dict[str, str]
) -> None:
    world.engine.access.add_user(
        world.account_id, email="otto@example.com", name="Otto", timezone="UTC"
    )
    sender = world.connect()
    world.engine.connecting.change(world.account_id, sender.id, aliases=["team@example.com"])

    answer = api.post("captured", json=asked)

    assert answer.status_code == 400
    assert "there are rep@example.com, otto@example.com, team@example.com" in answer.text
    assert api.get("captured").json()["results"] == []


def test_an_alias_gets_mail_too(world: World, api: TestClient) -> None:
    sender = world.connect()
    world.engine.connecting.change(world.account_id, sender.id, aliases=["team@example.com"])

    message = api.post("captured", json={**LETTER, "to": "team@example.com"}).json()

    assert message["to"] == ["team@example.com"]


def test_another_accounts_addresses_get_none_of_ours(world: World, api: TestClient) -> None:
    world.engine.access.create_account(email="eve@example.com", name="Eve", timezone="UTC")

    assert api.post("captured", json={**LETTER, "to": "eve@example.com"}).status_code == 400


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({}, "from, to, subject must be given; or give replyTo and text, or raw"),
        ({"from": "a@example.org", "subject": "Hi", "text": "Hi"}, "to must be given"),
        ({**LETTER, "text": None}, "a message has a text, or html, or both"),
        ({"replyTo": "1"}, "a message has a text, or html, or both"),
        ({"raw": RAW, "text": "Hi"}, "leave out text"),
        ({"replyTo": "1", "text": "Hi", "to": "a@example.com"}, "leave out to"),
        ({"replyTo": "first", "text": "Hi"}, "replyTo"),
        ({**LETTER, "bcc": "a@example.com"}, "bcc"),
        ({**LETTER, "from": "nobody"}, "is not an e-mail address"),
        ({**LETTER, "from": "a@example.org\r\nBcc: b@example.org"}, "is not an e-mail address"),
        ({**LETTER, "subject": "Hi\r\nBcc: b@example.org"}, "subject is one line"),
        ({**LETTER, "subject": "Hi\u2028there"}, "subject is one line"),
        ({**LETTER, "subject": "x" * 2001}, "longer than 2,000 characters"),
        ({**LETTER, "headers": {"X-A": "1\nX-B: 2"}}, "headers.X-A is one line"),
        ({**LETTER, "headers": {"X-A: 1\r\nX-B": "2"}}, "is not the name of a header"),
        ({**LETTER, "headers": {"X A": "2"}}, "is not the name of a header"),
        ({**LETTER, "headers": {"": "2"}}, "is not the name of a header"),
        ({**LETTER, "headers": {"Message-Id": "<a@b>"}}, "or the whole message as raw"),
        ({**LETTER, "headers": {"Content-Type": "text/html"}}, "or the whole message as raw"),
        ({**LETTER, "headers": {"X-A": 1}}, "headers"),
        ({**LETTER, "headers": {f"X-{n}": "1" for n in range(51)}}, "at most 50 headers"),
        ({**LETTER, "inReplyTo": "1@example.com"}, "is not a Message-ID"),
        ({**LETTER, "inReplyTo": "<1@example.com>\r\nBcc: b@c"}, "is not a Message-ID"),
        ({**LETTER, "references": ["<a@b>", "a b"]}, "is not a Message-ID"),
        ({**LETTER, "references": ["<a@b>"] * 101}, "at most 100 others"),
        ({**LETTER, "autoSubmitted": "yes"}, "auto-replied"),
        ({**LETTER, "text": "x" * 65_537}, "text"),
        ({"raw": ""}, "no From with an address"),
        ({"raw": "Hello there"}, "no From with an address"),
        ({"raw": "From: nobody\n\nHello"}, "no From with an address"),
        ({"raw": "From: a@example.org\nSubject: Hi\n\nHello"}, "for no address of this account"),
    ],
)
def test_what_cannot_come_in_says_why_and_is_not_kept(
    world: World, api: TestClient, asked: dict[str, Any], complaint: str
) -> None:
    world.enroll(world.sequence(world.email()))

    answer = api.post("captured", json=asked)

    assert answer.status_code == 400, answer.text
    assert complaint in answer.text
    assert api.get("captured?direction=in").json()["results"] == []


def test_a_large_message_comes_in_whole(api: TestClient) -> None:
    raw = "From: a@example.org\r\nTo: rep@example.com\r\n\r\n" + "word " * 100_000

    assert api.post("captured", json={"raw": raw}).json()["raw"] == raw


def test_what_comes_in_ends_nothing_yet(world: World, api: TestClient) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))

    api.post("captured", json={"replyTo": "1", "text": "Please stop."})

    assert not world.standing(enrollment_id).state.is_final
