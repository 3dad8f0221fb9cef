"""Contacts, as rows."""

from __future__ import annotations

import pytest

from drumbeat.errors import AlreadyExists, NotFound
from drumbeat.store import contacts
from drumbeat.store.database import Database
from tests.office import Office


def test_a_contact_is_found_by_its_address_in_any_case(office: Office) -> None:
    ada = office.contact("ada@example.org")

    with office.database.reading() as tx:
        assert contacts.by_email(tx, office.account_id, " ADA@Example.ORG ") == ada


def test_two_contacts_cannot_have_one_address(office: Office) -> None:
    ada = office.contact("ada@example.org")

    with (
        pytest.raises(AlreadyExists, match=f"Existing ID: {ada.id}"),
        office.database.transaction() as tx,
    ):
        contacts.add(tx, office.account_id, {"email": "ada@example.org"}, office.clock.now())


def test_an_insert_that_failed_leaves_the_transaction_usable(office: Office) -> None:
    office.contact("ada@example.org")

    with office.database.transaction() as tx:
        with pytest.raises(AlreadyExists):
            contacts.add(tx, office.account_id, {"email": "ada@example.org"}, office.clock.now())
        contacts.add(tx, office.account_id, {"email": "bea@example.org"}, office.clock.now())

    assert office.contact_with("bea@example.org") is not None


def test_contacts_without_an_address_do_not_collide(office: Office) -> None:
    with office.database.transaction() as tx:
        one = contacts.add(tx, office.account_id, {"firstname": "Ada"}, office.clock.now())
        other = contacts.add(tx, office.account_id, {"firstname": "Bea"}, office.clock.now())

    assert one.id != other.id


def test_another_account_sees_nothing_of_a_contact(office: Office, database: Database) -> None:
    ada = office.contact("ada@example.org")
    elsewhere = Office.on(database, "other@example.com")

    with database.reading() as tx:
        assert contacts.find(tx, elsewhere.account_id, ada.id) is None
        assert contacts.by_email(tx, elsewhere.account_id, "ada@example.org") is None
        assert contacts.many(tx, elsewhere.account_id, [ada.id]) == {}


def test_an_archived_contact_is_found_only_where_archived_ones_are_asked_for(
    office: Office,
) -> None:
    ada = office.contact()
    office.contacts.archive(office.account_id, ada.id)

    with office.database.reading() as tx:
        archived = contacts.get(tx, office.account_id, ada.id, archived=True)
        with pytest.raises(NotFound):
            contacts.get(tx, office.account_id, ada.id)
    assert archived.archived_at == office.clock.now()


def test_pages_follow_one_another_without_a_gap(office: Office) -> None:
    ids = [office.contact(f"{number}@example.org").id for number in range(5)]

    with office.database.reading() as tx:
        first = contacts.page(tx, office.account_id, after=0, limit=3)
        second = contacts.page(tx, office.account_id, after=first[-1].id, limit=3)

    assert [contact.id for contact in first + second] == ids
