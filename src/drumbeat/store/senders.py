"""Senders, as rows. What is read here never has a password: that stays sealed in its row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from drumbeat.domain.sender import Sender, SmtpSecurity, SmtpServer
from drumbeat.errors import AlreadyExists, NotFound
from drumbeat.store.database import Tx
from drumbeat.store.tables import EPOCH, senders

SERVER_COLUMNS = ("host", "port", "security", "username")
KEPT_BACK = (*SERVER_COLUMNS, "sealed_password", "trouble_count")

# What every enrollment asks is put together once: that takes longer than running it.
BY_EMAIL = sa.select(senders).where(
    senders.c.account_id == sa.bindparam("account_id"), senders.c.email == sa.bindparam("email")
)


def add(tx: Tx, account_id: int, values: dict[str, Any], now: datetime) -> Sender:
    """Keep a new sender, or raise AlreadyExists where the account has one with this address."""
    # Free since ever: a movable clock may stand long before the day this was connected on.
    row = {
        "next_slot_at": EPOCH,
        "trouble_count": 0,
        "created_at": now,
        "updated_at": now,
        **values,
    }
    statement = senders.insert().values(account_id=account_id, **row).returning(senders)
    try:
        with tx.begin_nested():
            return from_row(tx.execute(statement).one())
    except IntegrityError as error:
        standing = by_email(tx, account_id, values["email"])
        if standing is None:
            raise
        raise AlreadyExists("Sender", standing.id) from error


def change(
    tx: Tx, account_id: int, sender_id: int, values: dict[str, Any], now: datetime
) -> Sender:
    """Set these columns and no others: the worker writes slots and trouble to the same row."""
    statement = one(account_id, sender_id).values(**values, updated_at=now).returning(senders)
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise NotFound("sender", sender_id)
    return from_row(row)


def get(tx: Tx, account_id: int, sender_id: int) -> Sender:
    row = tx.execute(in_account(account_id).where(senders.c.id == sender_id)).one_or_none()
    if row is None:
        raise NotFound("sender", sender_id)
    return from_row(row)


def get_for_update(tx: Tx, account_id: int, sender_id: int) -> Sender:
    """The sender, and the right to give away its slots until the transaction ends."""
    statement = in_account(account_id).where(senders.c.id == sender_id).with_for_update()
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise NotFound("sender", sender_id)
    return from_row(row)


def set_next_slot(tx: Tx, account_id: int, sender_id: int, at: datetime) -> None:
    tx.execute(one(account_id, sender_id).values(next_slot_at=at))


def note_trouble(
    tx: Tx, account_id: int, sender_id: int, trouble: str, *, next_slot_at: datetime, now: datetime
) -> None:
    """Keep why this sender's server could not be used, and let it rest."""
    count = senders.c.trouble_count + 1
    values = {"trouble": trouble, "trouble_at": now, "next_slot_at": next_slot_at}
    tx.execute(one(account_id, sender_id).values(**values, trouble_count=count))


def clear_trouble(tx: Tx, account_id: int, sender_id: int) -> None:
    """Forget the trouble, if there was any: the server has taken a message."""
    troubled = one(account_id, sender_id).where(senders.c.trouble_count > 0)
    tx.execute(troubled.values(trouble=None, trouble_at=None, trouble_count=0))


def trouble_count(tx: Tx, account_id: int, sender_id: int) -> int:
    statement = sa.select(senders.c.trouble_count).where(
        senders.c.account_id == account_id, senders.c.id == sender_id
    )
    return int(tx.execute(statement).scalar_one())


def count_troubled(tx: Tx) -> int:
    """How many connected inboxes, of whichever account, could not be used when last tried."""
    statement = sa.select(sa.func.count()).where(
        senders.c.trouble_count > 0, senders.c.disconnected_at.is_(None)
    )
    return tx.execute(statement).scalar_one()


def connected_hosts(tx: Tx) -> set[str]:
    """The servers that mail could leave through, of whichever account."""
    statement = sa.select(senders.c.host).where(
        senders.c.host.is_not(None), senders.c.disconnected_at.is_(None)
    )
    return set(tx.execute(statement).scalars())


def one(account_id: int, sender_id: int) -> sa.Update:
    return senders.update().where(senders.c.account_id == account_id, senders.c.id == sender_id)


def by_email(tx: Tx, account_id: int, email: str) -> Sender | None:
    asked = {"account_id": account_id, "email": email.strip().lower()}
    row = tx.execute(BY_EMAIL, asked).one_or_none()
    return None if row is None else from_row(row)


def many(tx: Tx, account_id: int, ids: Collection[int]) -> dict[int, Sender]:
    chosen = in_account(account_id).where(senders.c.id.in_(set(ids)))
    return {row.id: from_row(row) for row in tx.execute(chosen)}


def listed(tx: Tx, account_id: int) -> list[Sender]:
    """Every sender of the account, also those disconnected, in the order of their ids."""
    return [from_row(row) for row in tx.execute(in_account(account_id).order_by(senders.c.id))]


def sealed_password(tx: Tx, account_id: int, sender_id: int) -> str | None:
    chosen = sa.select(senders.c.sealed_password).where(
        senders.c.account_id == account_id, senders.c.id == sender_id
    )
    return tx.execute(chosen).scalar_one_or_none()


def in_account(account_id: int) -> sa.Select[Any]:
    return sa.select(senders).where(senders.c.account_id == account_id)


def from_row(row: sa.Row[Any]) -> Sender:
    values = {name: value for name, value in row._mapping.items() if name not in KEPT_BACK}
    values["aliases"] = tuple(row.aliases)
    return Sender(**values, server=server_of(row))


def server_of(row: sa.Row[Any]) -> SmtpServer | None:
    if row.host is None:
        return None
    return SmtpServer(
        host=row.host,
        port=row.port,
        security=SmtpSecurity(row.security),
        username=row.username,
    )
