"""Contacts, as rows. An address belongs to one contact of the account that is not archived."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from drumbeat.domain.contact import Contact, normalised_email
from drumbeat.errors import AlreadyExists, NotFound
from drumbeat.store.database import Tx, is_one_of
from drumbeat.store.tables import contacts

NAMES = tuple(contacts.c.keys())

# What every enrollment asks is put together once: that takes longer than running it.
BY_ID = sa.select(contacts).where(
    contacts.c.account_id == sa.bindparam("account_id"), contacts.c.id == sa.bindparam("contact_id")
)
HELD = BY_ID.with_for_update(read=True)


def add(tx: Tx, account_id: int, properties: Mapping[str, str], now: datetime) -> Contact:
    """Keep a new contact, or raise AlreadyExists where another has its address."""
    statement = contacts.insert().values(new_row(account_id, properties, now)).returning(contacts)
    try:
        with tx.begin_nested():
            return from_row(tx.execute(statement).one())
    except IntegrityError as error:
        raise taken(tx, account_id, properties) from error


def add_all(
    tx: Tx, account_id: int, each_properties: Sequence[Mapping[str, str]], now: datetime
) -> None:
    """Keep new contacts, all or none; raises AlreadyExists where one of the addresses is taken."""
    if not each_properties:
        return
    rows = [new_row(account_id, properties, now) for properties in each_properties]
    try:
        with tx.begin_nested():
            tx.execute(contacts.insert(), rows)
    except IntegrityError as error:
        standing = by_emails(tx, account_id, [row["email"] for row in rows])
        raise AlreadyExists("Contact", next(iter(standing.values())).id) from error


def update(tx: Tx, contact: Contact) -> None:
    """Keep what the contact has become, or raise AlreadyExists where its address is taken."""
    statement = (
        contacts.update()
        .where(contacts.c.account_id == contact.account_id, contacts.c.id == contact.id)
        .values(
            email=contact.email,
            properties=dict(contact.properties),
            updated_at=contact.updated_at,
            archived_at=contact.archived_at,
        )
    )
    try:
        with tx.begin_nested():
            tx.execute(statement)
    except IntegrityError as error:
        raise taken(tx, contact.account_id, contact.properties) from error


def update_all(tx: Tx, account_id: int, changed: Sequence[Contact]) -> None:
    """Keep what many contacts have become; their addresses stay what they were."""
    if not changed:
        return
    statement = (
        contacts.update()
        .where(
            contacts.c.account_id == account_id,
            contacts.c.id == sa.bindparam("contact_id", type_=sa.BigInteger),
        )
        .values(properties=sa.bindparam("known"), updated_at=sa.bindparam("at"))
    )
    rows = [
        {
            "contact_id": contact.id,
            "known": dict(contact.properties),
            "at": contact.updated_at,
        }
        for contact in changed
    ]
    tx.execute(statement, rows)


def get(tx: Tx, account_id: int, contact_id: int, *, archived: bool = False) -> Contact:
    contact = find(tx, account_id, contact_id, archived=archived)
    if contact is None:
        raise NotFound("contact", contact_id)
    return contact


def get_held(tx: Tx, account_id: int, contact_id: int) -> Contact:
    """The contact, kept from being changed until the transaction ends; others may hold it too."""
    asked = {"account_id": account_id, "contact_id": contact_id}
    row = tx.execute(HELD, asked).one_or_none()
    if row is None or row.archived_at is not None:
        raise NotFound("contact", contact_id)
    return from_row(row)


def get_for_update(tx: Tx, account_id: int, contact_id: int) -> Contact:
    """The contact, and the right to change it until the transaction ends."""
    chosen = in_account(account_id, archived=False).where(contacts.c.id == contact_id)
    row = tx.execute(chosen.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("contact", contact_id)
    return from_row(row)


def many_for_update(tx: Tx, account_id: int, ids: Collection[int]) -> dict[int, Contact]:
    """Those of the ids that are not archived, and the right to change them."""
    # In one order for all, so that no two wait for each other.
    chosen = in_account(account_id, archived=False).where(is_one_of(tx, contacts.c.id, ids))
    rows = tx.execute(chosen.order_by(contacts.c.id).with_for_update())
    return by_id(rows)


def find(tx: Tx, account_id: int, contact_id: int, *, archived: bool = False) -> Contact | None:
    row = tx.execute(BY_ID, {"account_id": account_id, "contact_id": contact_id}).one_or_none()
    if row is None or (row.archived_at is not None) is not archived:
        return None
    return from_row(row)


def by_email(tx: Tx, account_id: int, email: str) -> Contact | None:
    return by_emails(tx, account_id, [email]).get(normalised_email(email))


def by_emails(tx: Tx, account_id: int, emails: Collection[str]) -> dict[str, Contact]:
    """Those of the addresses that a contact has, each with that contact."""
    return {row.email: from_row(row) for row in tx.execute(having(account_id, emails))}


def by_emails_for_update(tx: Tx, account_id: int, emails: Collection[str]) -> dict[str, Contact]:
    """The same, and the right to change them until the transaction ends."""
    # In one order for all, so that no two wait for each other.
    chosen = having(account_id, emails).order_by(contacts.c.id).with_for_update()
    return {row.email: from_row(row) for row in tx.execute(chosen)}


def many(tx: Tx, account_id: int, ids: Collection[int]) -> dict[int, Contact]:
    """Those of the ids that there are, archived ones too."""
    chosen = sa.select(contacts).where(
        contacts.c.account_id == account_id, is_one_of(tx, contacts.c.id, set(ids))
    )
    return by_id(tx.execute(chosen))


def page(
    tx: Tx, account_id: int, *, after: int, limit: int, archived: bool = False
) -> list[Contact]:
    """Contacts in the order of their ids, from the first one above *after*."""
    chosen = in_account(account_id, archived=archived).where(contacts.c.id > after)
    return [from_row(row) for row in tx.execute(chosen.order_by(contacts.c.id).limit(limit))]


def newest(tx: Tx, account_id: int, limit: int) -> list[Contact]:
    """Up to *limit* contacts that have an address, the one added last first."""
    chosen = in_account(account_id, archived=False).where(contacts.c.email.is_not(None))
    return [from_row(row) for row in tx.execute(chosen.order_by(contacts.c.id.desc()).limit(limit))]


def in_account(account_id: int, *, archived: bool) -> sa.Select[Any]:
    at = contacts.c.archived_at
    return sa.select(contacts).where(
        contacts.c.account_id == account_id, at.is_not(None) if archived else at.is_(None)
    )


def having(account_id: int, emails: Collection[str]) -> sa.Select[Any]:
    wanted = {normalised_email(email) for email in emails}
    return in_account(account_id, archived=False).where(contacts.c.email.in_(wanted))


def new_row(account_id: int, properties: Mapping[str, str], now: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "email": properties.get("email"),
        "properties": dict(properties),
        "created_at": now,
        "updated_at": now,
    }


def taken(tx: Tx, account_id: int, properties: Mapping[str, str]) -> AlreadyExists:
    standing = by_email(tx, account_id, properties["email"])
    # Only one rule can be broken, and by none but the contact that has the address.
    assert standing is not None
    return AlreadyExists("Contact", standing.id)


def by_id(rows: sa.CursorResult[Any]) -> dict[int, Contact]:
    return {contact.id: contact for contact in map(from_row, rows.all())}


def from_row(row: sa.Row[Any]) -> Contact:
    return Contact(**dict(zip(NAMES, row, strict=True)))
