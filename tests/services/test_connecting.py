"""Connecting inboxes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drumbeat.domain.sender import FREE_GMAIL_DAILY_CAP, Sender
from drumbeat.domain.user import User
from drumbeat.errors import Conflict, Invalid, NotFound
from drumbeat.store import senders
from tests.office import SERVER, Office


def connect(office: Office, email: str | None = None, user: User | None = None) -> Sender:
    user_id = (user or office.user).id
    return office.connecting.connect(office.account_id, user_id=user_id, email=email, server=SERVER)


def usable(office: Office, email: str, user_id: int | None = None) -> Sender | None:
    with office.database.reading() as tx:
        return office.connecting.usable(tx, office.account_id, email, user_id)


def colleague(office: Office) -> User:
    return office.access.add_user(
        office.account_id, email="colleague@example.com", name="Col", timezone="UTC"
    )


def test_an_inbox_is_connected_under_the_address_of_its_user(office: Office) -> None:
    sender = connect(office)

    assert (sender.email, sender.daily_cap, sender.gap.seconds) == ("rep@example.com", 1000, 30)
    assert sender.connected_at == office.clock.now()
    assert usable(office, "REP@example.com", office.user.id) == sender


def test_free_gmail_is_held_to_what_it_allows(office: Office) -> None:
    assert connect(office, "Rita@Gmail.com").daily_cap == FREE_GMAIL_DAILY_CAP


def test_the_password_is_sealed_in_the_database_and_opened_for_sending(office: Office) -> None:
    sender = connect(office)

    with office.database.reading() as tx:
        sealed = senders.sealed_password(tx, office.account_id, sender.id)
    assert SERVER.password is not None
    assert sealed is not None
    assert SERVER.password not in sealed
    assert sender.server == replace(SERVER, password=None)
    assert office.connecting.server_of(sender) == SERVER


def test_a_password_moved_to_another_sender_is_not_opened(office: Office) -> None:
    rita, other = connect(office), connect(office, "other@example.com")
    with office.database.transaction() as tx:
        sealed = senders.sealed_password(tx, office.account_id, rita.id)
        values = {"sealed_password": sealed}
        senders.change(tx, office.account_id, other.id, values, office.clock.now())

    with pytest.raises(Invalid, match="belongs to another record"):
        office.connecting.server_of(other)


def test_a_server_without_a_password_is_used_without_one(office: Office) -> None:
    open_server = replace(SERVER, username=None, password=None)

    sender = office.connecting.connect(
        office.account_id, user_id=office.user.id, email=None, server=open_server
    )

    assert office.connecting.server_of(sender) == open_server


def test_everything_wrong_with_an_inbox_is_named_at_once(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.connecting.connect(
            office.account_id,
            user_id=office.user.id,
            email=None,
            server=replace(SERVER, host=" ", port=0),
            aliases=["rita@example.com", "nobody"],
            daily_cap=-1,
            gap=timedelta(days=2),
        )

    fields = [fault.field for fault in refused.value.faults]
    assert fields == ["host", "port", "aliases[1]", "dailyCap", "gap"]


def test_connecting_again_keeps_what_is_not_given_anew(office: Office) -> None:
    first = connect(office)
    office.connecting.change(office.account_id, first.id, name="Rita", gap=timedelta(0))
    office.clock.advance(days=1)

    again = connect(office)

    assert (again.id, again.name, again.gap) == (first.id, "Rita", timedelta(0))
    assert again.connected_at == office.clock.now()


def test_an_inbox_that_is_in_use_cannot_be_taken_by_another_user(office: Office) -> None:
    connect(office, "shared@example.com")

    with pytest.raises(Conflict):
        connect(office, "shared@example.com", colleague(office))


def test_an_inbox_that_was_given_up_can_be_taken(office: Office) -> None:
    sender = connect(office, "shared@example.com")
    office.connecting.disconnect(office.account_id, sender.id)
    other = colleague(office)

    assert connect(office, "shared@example.com", other).user_id == other.id


def test_only_its_own_user_may_use_an_inbox(office: Office) -> None:
    sender = connect(office)

    assert usable(office, sender.email, colleague(office).id) is None
    assert usable(office, sender.email, None) == sender


def test_a_disconnected_inbox_is_of_no_use_and_its_password_is_gone(office: Office) -> None:
    sender = connect(office)
    opened = office.clock.now()

    office.connecting.disconnect(office.account_id, sender.id)
    office.clock.advance(days=1)
    gone = office.connecting.disconnect(office.account_id, sender.id)

    assert gone.disconnected_at == opened
    assert usable(office, sender.email) is None
    with pytest.raises(Conflict, match="not connected"):
        office.connecting.server_of(gone)
    with office.database.reading() as tx:
        assert senders.sealed_password(tx, office.account_id, sender.id) is None


def test_a_change_leaves_what_it_does_not_name(office: Office) -> None:
    sender = connect(office)

    changed = office.connecting.change(
        office.account_id, sender.id, aliases=["R@example.com", "r@EXAMPLE.com"], daily_cap=5
    )

    assert (changed.aliases, changed.daily_cap) == (("r@example.com",), 5)
    assert changed.server == sender.server


def test_a_name_and_a_signature_can_be_taken_away(office: Office) -> None:
    sender = connect(office)
    office.connecting.change(office.account_id, sender.id, name="Rita", signature="R.")

    changed = office.connecting.change(office.account_id, sender.id, name=None, signature=None)

    assert (changed.name, changed.signature) == (None, None)


def test_a_sender_that_is_not_there_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        office.connecting.change(office.account_id, 4711, daily_cap=5)
    with pytest.raises(NotFound):
        office.connecting.disconnect(office.account_id, 4711)
