from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from drumbeat.domain.message import Direction
from drumbeat.store import captured
from tests.http.native.conftest import our_client_of
from tests.world import World

RAW = (
    b"From: Rita <rep@example.com>\r\nTo: ada@example.org\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Message-ID: <2@example.com>\r\nIn-Reply-To: <1@example.com>\r\n"
    b"References: <0@example.com>\r\n <1@example.com>\r\n"
    b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe\r\n"
)


def test_a_captured_message_is_taken_apart_and_kept_whole(world: World, api: TestClient) -> None:
    capture(world, "ada@example.org")

    [message] = api.get("captured").json()["results"]

    headers, raw = message.pop("headers"), message.pop("raw")
    assert message == {
        "id": "1",
        "direction": "out",
        "at": "2026-03-02T15:00:00.000Z",
        "from": "rep@example.com",
        "to": ["ada@example.org"],
        "subject": "Grüße",
        "messageId": "<2@example.com>",
        "inReplyTo": "<1@example.com>",
        "references": ["<0@example.com>", "<1@example.com>"],
        "text": "Grüße",
        "html": None,
    }
    assert headers["Subject"] == "Grüße"
    assert raw.startswith("From: Rita <rep@example.com>\r\nTo:")


@pytest.mark.parametrize(
    ("to", "count"),
    [("ada@example.org", 1), ("ADA@Example.org", 1), ("ada", 0), ("da@example.org", 0)],
)
def test_captured_mail_is_found_by_the_whole_address_in_any_case(
    world: World, api: TestClient, to: str, count: int
) -> None:
    capture(world, "ada@example.org", "bob@example.org")

    assert len(api.get("captured", params={"to": to}).json()["results"]) == count


def test_captured_mail_comes_oldest_first_a_page_at_a_time(world: World, api: TestClient) -> None:
    capture(world, "ada@example.org", "bob@example.org", "ada@example.org")

    first = api.get("captured?to=ada@example.org&limit=1").json()
    second = api.get(first["paging"]["next"]["link"]).json()

    assert [row["id"] for row in first["results"] + second["results"]] == ["1", "3"]
    assert first["paging"]["next"]["after"] == "1"
    assert "paging" not in second


@pytest.mark.parametrize(
    ("query", "ids"), [("", ["1", "2"]), ("?direction=out", ["1"]), ("?direction=in", ["2"])]
)
def test_captured_mail_is_found_by_which_way_it_went(
    world: World, api: TestClient, query: str, ids: list[str]
) -> None:
    capture(world, "ada@example.org")
    capture(world, "rep@example.com", direction=Direction.IN)

    assert [row["id"] for row in api.get(f"captured{query}").json()["results"]] == ids


@pytest.mark.parametrize("raw", [b"", b"\xff\x00\xfe", b"To: ,;<>\r\n\r\n"])
def test_even_what_is_no_mail_is_answered(world: World, api: TestClient, raw: bytes) -> None:
    capture(world, "ada@example.org", raw=raw)

    [message] = api.get("captured").json()["results"]

    assert (message["from"], message["to"]) == ("rep@example.com", ["ada@example.org"])


@pytest.mark.parametrize("query", ["limit=101", "limit=0", "after=first", "direction=up"])
def test_a_page_that_cannot_be_is_refused(api: TestClient, query: str) -> None:
    assert api.get(f"captured?{query}").status_code == 400


def test_with_capture_what_is_sent_can_be_read_and_nothing_has_to_be_connected(
    captured_world: World,
) -> None:
    api = our_client_of(captured_world, "drumbeat")

    captured_world.enroll(captured_world.sequence(captured_world.email()))

    [message] = api.get("captured").json()["results"]
    [sent] = api.get("messages").json()["results"]
    [sender] = api.get("senders").json()["results"]
    assert (message["subject"], message["at"]) == ("Hello", sent["sentAt"])
    assert message["messageId"] == sent["messageId"]
    assert (sender["connected"], sender["smtp"]) == (True, None)


def test_into_real_inboxes_nothing_is_delivered(api: TestClient) -> None:
    letter = {"from": "a@example.org", "to": "rep@example.com", "subject": "Hi", "text": "Hi"}

    answer = api.post("captured", json=letter)

    assert answer.status_code == 400
    assert "serve --mail capture" in answer.json()["message"]
    assert api.get("captured").json()["results"] == []


def capture(
    world: World, *recipients: str, raw: bytes = RAW, direction: Direction = Direction.OUT
) -> None:
    with world.engine.database.transaction() as tx:
        for recipient in recipients:
            captured.add(
                tx,
                world.account_id,
                direction=direction,
                at=world.clock.now(),
                from_email="rep@example.com",
                to_email=recipient,
                raw=raw,
            )
