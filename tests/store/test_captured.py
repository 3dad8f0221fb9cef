"""Captured messages, as rows."""

from __future__ import annotations

import pytest

from drumbeat.domain.message import Direction
from drumbeat.errors import NotFound
from drumbeat.store import captured
from tests.office import Office

RAW = b"Subject: Hello\r\n\r\n\x00\xff"


def capture(office: Office, *recipients: str, direction: Direction = Direction.OUT) -> None:
    with office.database.transaction() as tx:
        for to in recipients:
            captured.add(
                tx,
                office.account_id,
                direction=direction,
                at=office.clock.now(),
                from_email="rep@example.com",
                to_email=to,
                raw=RAW,
            )


def test_every_byte_of_a_message_is_kept(office: Office) -> None:
    capture(office, "ada@example.org")

    with office.database.reading() as tx:
        [message] = captured.page(tx, office.account_id, limit=10)

    assert message.raw == RAW


def test_messages_to_one_address_are_found_whatever_its_case(office: Office) -> None:
    capture(office, "ada@example.org", "Bea@Example.org", "bea@example.org")

    with office.database.reading() as tx:
        found = captured.page(tx, office.account_id, to="BEA@example.org", limit=10)

    assert [message.to_email for message in found] == ["bea@example.org", "bea@example.org"]


def test_pages_go_from_the_oldest_on(office: Office) -> None:
    capture(office, "1@example.org", "2@example.org", "3@example.org")

    with office.database.reading() as tx:
        [first] = captured.page(tx, office.account_id, limit=1)
        rest = captured.page(tx, office.account_id, after=first.id, limit=10)

    assert [message.to_email for message in rest] == ["2@example.org", "3@example.org"]


def test_what_went_out_and_what_came_in_can_be_told_apart(office: Office) -> None:
    capture(office, "ada@example.org")
    capture(office, "rep@example.com", direction=Direction.IN)

    with office.database.reading() as tx:
        [came] = captured.page(tx, office.account_id, direction=Direction.IN, limit=10)
        [went] = captured.page(tx, office.account_id, direction=Direction.OUT, limit=10)

    assert (went.to_email, came.to_email) == ("ada@example.org", "rep@example.com")


def test_one_message_is_found_by_its_number_in_its_own_account_only(office: Office) -> None:
    other = Office.on(office.database, "otto@example.com")
    capture(office, "ada@example.org")

    with office.database.reading() as tx:
        [row] = captured.page(tx, office.account_id, limit=10)
        assert captured.get(tx, office.account_id, row.id) == row
        with pytest.raises(NotFound):
            captured.get(tx, other.account_id, row.id)
