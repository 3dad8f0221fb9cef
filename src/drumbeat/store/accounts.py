"""Accounts, as rows: each a world of its own that sees nothing of the others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from drumbeat.errors import NotFound
from drumbeat.store.database import Tx
from drumbeat.store.tables import accounts

# Above any id that a row is ever likely to get, so that the two cannot be mistaken for one
# another: an owner's id is never that of a user.
FIRST_WIRE_ID = 100_000_001
MARK_LENGTH = 10
HEX_TO_LETTERS = str.maketrans("0123456789abcdef", "zyxwvutsrqponmlk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: int
    timezone: str
    salt: str
    """What makes this account's Message-IDs its own."""
    created_at: datetime

    @property
    def mark(self) -> str:
        """What files know this account by: its own in every installation, and no secret."""
        digest = hashlib.sha256(f"files/{self.salt}".encode()).hexdigest()
        # In letters only, so that no program that reads YAML takes it for a number.
        return digest[:MARK_LENGTH].translate(HEX_TO_LETTERS)


def add(tx: Tx, *, timezone: str, salt: str, now: datetime) -> int:
    statement = accounts.insert().values(
        timezone=timezone, salt=salt, next_wire_id=FIRST_WIRE_ID, created_at=now
    )
    return int(tx.execute(statement.returning(accounts.c.id)).scalar_one())


def get(tx: Tx, account_id: int) -> Account:
    columns = (accounts.c.id, accounts.c.timezone, accounts.c.salt, accounts.c.created_at)
    row = tx.execute(sa.select(*columns).where(accounts.c.id == account_id)).one_or_none()
    if row is None:
        raise NotFound("account", account_id)
    return Account(**row._mapping)


def all_ids(tx: Tx) -> list[int]:
    return list(tx.execute(sa.select(accounts.c.id).order_by(accounts.c.id)).scalars())


def hold(tx: Tx, account_id: int) -> Account:
    """The account, and the right to be the only one to number things in it until the transaction
    ends."""
    tx.execute(sa.select(accounts.c.id).where(accounts.c.id == account_id).with_for_update())
    return get(tx, account_id)


def take_wire_ids(tx: Tx, account_id: int, count: int) -> Iterator[int]:
    """The next *count* numbers that nothing else in this account is known by on the wire."""
    statement = (
        accounts.update()
        .where(accounts.c.id == account_id)
        .values(next_wire_id=accounts.c.next_wire_id + count)
        .returning(accounts.c.next_wire_id)
    )
    end = tx.execute(statement).scalar_one_or_none()
    if end is None:
        raise NotFound("account", account_id)
    return iter(range(end - count, end))
