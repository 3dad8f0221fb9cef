"""What the tokens of a template stand for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from drumbeat.domain.contact import Contact
from drumbeat.domain.personalization import TOKENS, domain_of, values_for
from drumbeat.domain.sender import Sender
from drumbeat.domain.user import User

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ADA = Contact(
    id=7,
    account_id=1,
    email="ada@example.org",
    properties={
        "email": "ada@example.org",
        "firstname": "Ada",
        "company": "Lovelace & Sons",
        "website": "https://www.lovelace.example/about",
        "city": "London",
    },
    created_at=NOON,
    updated_at=NOON,
    archived_at=None,
)
RITA = User(
    id=1,
    account_id=1,
    owner_id=100,
    email="rita@example.com",
    first_name="Rita",
    last_name="Rep",
    timezone="UTC",
    created_at=NOON,
    updated_at=NOON,
)
SENDER = Sender(
    id=1,
    account_id=1,
    user_id=1,
    email="sales@example.com",
    name=None,
    aliases=(),
    signature="<p>R.</p>",
    daily_cap=1000,
    gap=timedelta(seconds=30),
    next_slot_at=NOON,
    server=None,
    connected_at=NOON,
    disconnected_at=None,
    trouble=None,
    trouble_at=None,
    created_at=NOON,
    updated_at=NOON,
)


def test_every_token_there_is_has_an_entry_and_nothing_else_has() -> None:
    values = values_for(ADA, RITA, SENDER)

    assert {name: frozenset(of) for name, of in values.items()} == dict(TOKENS)


def test_a_contact_tells_what_is_known_of_it() -> None:
    contact = values_for(ADA, RITA, SENDER)["contact"]

    assert (contact["firstname"], contact["lastname"]) == ("Ada", None)
    assert (contact["hs_object_id"], contact["createdate"]) == ("7", "2026-03-02T12:00:00.000Z")


def test_a_company_is_what_its_people_say_of_it() -> None:
    company = values_for(ADA, RITA, SENDER)["company"]

    assert company["name"] == "Lovelace & Sons"
    assert company["domain"] == "lovelace.example"
    assert (company["city"], company["country"]) == ("London", None)


def test_a_sender_without_a_name_has_that_of_the_user_and_its_own_address() -> None:
    sender = values_for(ADA, RITA, SENDER)["sender"]

    assert (sender["fullname"], sender["email"]) == ("Rita Rep", "sales@example.com")
    assert sender["signature"] == "<p>R.</p>"


def test_a_sender_with_a_name_goes_by_it() -> None:
    values = values_for(ADA, RITA, replace(SENDER, name="Sales Team"))

    assert (values["sender"]["firstname"], values["sender"]["lastname"]) == ("Sales", "Team")
    assert values["owner"]["fullname"] == "Rita Rep"


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("lovelace.example", "lovelace.example"),
        ("WWW.Lovelace.example/about", "lovelace.example"),
        ("http://lovelace.example:8080", "lovelace.example"),
        ("http://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_a_domain_is_taken_from_a_website_however_it_is_written(
    website: str | None, domain: str | None
) -> None:
    assert domain_of(website) == domain
