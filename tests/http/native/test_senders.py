from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.world import World

SMTP = "smtps://ada%40example.com:s3cret@smtp.example.com:465"


def test_a_sender_has_every_field_and_no_password(api: TestClient) -> None:
    answer = api.post("senders", json={"smtp": SMTP, "email": "ada@example.com"})

    assert answer.status_code == 201
    assert "s3cret" not in answer.text
    assert answer.json() == {
        "id": "2",
        "userId": "1",
        "email": "ada@example.com",
        "name": None,
        "aliases": [],
        "signature": None,
        "dailyCap": 1000,
        "gapSeconds": 30.0,
        "smtp": {
            "host": "smtp.example.com",
            "port": 465,
            "security": "tls",
            "username": "ada@example.com",
        },
        "connected": True,
        "trouble": None,
        "troubleAt": None,
        "nextSlotAt": "2026-03-02T15:00:00.000Z",
        "createdAt": "2026-03-02T15:00:00.000Z",
        "updatedAt": "2026-03-02T15:00:00.000Z",
    }
    assert api.get("senders/2").json() == answer.json()


def test_connecting_again_changes_the_sender_that_is_there(api: TestClient) -> None:
    again = api.post("senders", json={"smtp": "smtp://localhost:2525", "dailyCap": 20}).json()

    [only] = api.get("senders").json()["results"]

    assert again == only
    assert (only["id"], only["dailyCap"], only["smtp"]["port"]) == ("1", 20, 2525)


def test_only_what_is_given_of_a_sender_changes(api: TestClient) -> None:
    before = api.get("senders/1").json()
    given = {"dailyCap": 50, "gapSeconds": 0.5, "aliases": ["team@example.com"], "name": "Team"}

    after = api.patch("senders/1", json={**given, "signature": None}).json()

    assert after == {**before, **given}


def test_an_empty_name_takes_it_away(api: TestClient) -> None:
    api.patch("senders/1", json={"name": "Team"})

    assert api.patch("senders/1", json={"name": ""}).json()["name"] is None


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"dailyCap": 0}, "dailyCap"),
        ({"dailyCap": "20"}, "dailyCap"),
        ({"dailyCap": True}, "dailyCap"),
        ({"gapSeconds": -1}, "gapSeconds"),
        ({"gapSeconds": 86401}, "gapSeconds"),
        ({"aliases": ["not an address"]}, "aliases[0]"),
        ({"aliases": "team@example.com"}, "aliases"),
        ({"name": "x" * 256}, "name"),
        ({"email": "new@example.com"}, "email"),
        ({"daily_cap": 3}, "daily_cap"),
    ],
)
def test_a_change_that_cannot_be_made_names_its_field(
    api: TestClient, asked: dict[str, Any], field: str
) -> None:
    before = api.get("senders/1").json()

    answer = api.patch("senders/1", json=asked)

    assert answer.status_code == 400
    assert field in answer.json()["message"]
    assert api.get("senders/1").json() == before


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"smtp": "smtp.example.com"},
        {"smtp": "http://u:s3cret@example.com"},
        {"smtp": "smtp://u:s3cret@example.com:70000"},
        {"smtp": SMTP, "email": "nobody"},
        {"smtp": SMTP, "gapSecond": 3},
    ],
)
def test_an_inbox_that_cannot_be_connected_says_why_without_the_password(
    api: TestClient, asked: dict[str, Any]
) -> None:
    answer = api.post("senders", json=asked)

    assert answer.status_code == 400
    assert "s3cret" not in answer.text
    assert len(api.get("senders").json()["results"]) == 1


def test_an_inbox_of_a_user_who_is_not_there_is_not_connected(api: TestClient) -> None:
    assert api.post("senders", json={"smtp": SMTP, "userId": "77"}).status_code == 404


def test_disconnecting_twice_is_as_good_as_once(api: TestClient) -> None:
    answers = [api.delete("senders/1") for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert api.get("senders/1").json()["connected"] is False


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_sender_that_is_not_there_is_not_found(api: TestClient, method: str) -> None:
    body = {"dailyCap": 3} if method == "PATCH" else None

    assert api.request(method, "senders/77", json=body).status_code == 404


def test_an_inbox_of_another_user_is_not_taken(world: World, api: TestClient) -> None:
    other = world.engine.access.add_user(
        world.account_id, email="o@example.com", name="Otto", timezone="UTC"
    )
    asked = {"smtp": SMTP, "email": "rep@example.com", "userId": str(other.id)}

    assert api.post("senders", json=asked).status_code == 409
