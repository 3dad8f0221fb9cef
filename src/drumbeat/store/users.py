"""Users, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from drumbeat.domain.user import User
from drumbeat.errors import AlreadyExists, NotFound
from drumbeat.store import accounts
from drumbeat.store.database import Tx
from drumbeat.store.tables import users

# What every request asks is put together once: that takes longer than running it.
BY_ID = sa.select(users).where(
    users.c.account_id == sa.bindparam("account_id"), users.c.id == sa.bindparam("user_id")
)


def add(
    tx: Tx,
    account_id: int,
    *,
    owner_id: int,
    email: str,
    first_name: str,
    last_name: str,
    timezone: str,
    now: datetime,
) -> User:
    """Keep a new user, or raise AlreadyExists where the account has one with this address."""
    statement = users.insert().values(
        account_id=account_id,
        owner_id=owner_id,
        email=email,
        first_name=first_name,
        last_name=last_name,
        timezone=timezone,
        created_at=now,
        updated_at=now,
    )
    try:
        with tx.begin_nested():
            return from_row(tx.execute(statement.returning(users)).one())
    except IntegrityError as error:
        standing = by_email(tx, account_id, email)
        if standing is None:
            raise
        raise AlreadyExists("User", standing.id) from error


def get(tx: Tx, account_id: int, user_id: int) -> User:
    user = find(tx, account_id, user_id)
    if user is None:
        raise NotFound("user", user_id)
    return user


def find(tx: Tx, account_id: int, user_id: int) -> User | None:
    row = tx.execute(BY_ID, {"account_id": account_id, "user_id": user_id}).one_or_none()
    return None if row is None else from_row(row)


def by_email(tx: Tx, account_id: int, email: str) -> User | None:
    return first(tx, in_account(account_id).where(users.c.email == email.strip().lower()))


def by_owner(tx: Tx, account_id: int, owner_id: int) -> User | None:
    return first(tx, in_account(account_id).where(users.c.owner_id == owner_id))


def page(
    tx: Tx, account_id: int, *, email: str | None = None, after: int = 0, limit: int
) -> list[User]:
    """Users in the order of their ids, from the first one above *after*."""
    chosen = in_account(account_id).where(users.c.id > after)
    if email is not None:
        chosen = chosen.where(users.c.email == email.strip().lower())
    return [from_row(row) for row in tx.execute(chosen.order_by(users.c.id).limit(limit))]


def with_email(tx: Tx, email: str) -> list[User]:
    """Whoever has this address, in any account: for the operator, who has no account."""
    chosen = sa.select(users).where(users.c.email == email.strip().lower())
    return [from_row(row) for row in tx.execute(chosen.order_by(users.c.account_id))]


def all_accounts(tx: Tx) -> list[int]:
    return accounts.all_ids(tx)


def in_account(account_id: int) -> sa.Select[Any]:
    return sa.select(users).where(users.c.account_id == account_id)


def first(tx: Tx, chosen: sa.Select[Any]) -> User | None:
    row = tx.execute(chosen).one_or_none()
    return None if row is None else from_row(row)


def from_row(row: sa.Row[Any]) -> User:
    return User(**row._mapping)
