"""Mail that crossed no network, as rows: what would have been sent, and what was delivered here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from drumbeat.domain.message import Direction
from drumbeat.errors import NotFound
from drumbeat.store.database import Tx
from drumbeat.store.tables import captured_messages


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedRow:
    id: int
    direction: Direction
    at: datetime
    from_email: str
    to_email: str
    raw: bytes
    """The whole message, as a server would have been given it."""


COLUMNS = (
    captured_messages.c.id,
    captured_messages.c.direction,
    captured_messages.c.at,
    captured_messages.c.from_email,
    captured_messages.c.to_email,
    captured_messages.c.raw,
)


def add(
    tx: Tx,
    account_id: int,
    *,
    direction: Direction = Direction.OUT,
    at: datetime,
    from_email: str,
    to_email: str,
    raw: bytes,
) -> CapturedRow:
    statement = captured_messages.insert().values(
        account_id=account_id,
        direction=direction,
        at=at,
        from_email=from_email,
        to_email=to_email.lower(),
        raw=raw,
    )
    return from_row(tx.execute(statement.returning(*COLUMNS)).one())


def get(tx: Tx, account_id: int, id: int) -> CapturedRow:
    row = tx.execute(in_account(account_id).where(captured_messages.c.id == id)).one_or_none()
    if row is None:
        raise NotFound("captured message", id)
    return from_row(row)


def page(
    tx: Tx,
    account_id: int,
    *,
    to: str | None = None,
    direction: Direction | None = None,
    after: int = 0,
    limit: int,
) -> list[CapturedRow]:
    """Captured messages, oldest first, from the first one after *after*."""
    table = captured_messages.c
    chosen = in_account(account_id).where(table.id > after)
    if to is not None:
        chosen = chosen.where(table.to_email == to.strip().lower())
    if direction is not None:
        chosen = chosen.where(table.direction == direction)
    return [from_row(row) for row in tx.execute(chosen.order_by(table.id).limit(limit))]


def in_account(account_id: int) -> sa.Select[Any]:
    return sa.select(*COLUMNS).where(captured_messages.c.account_id == account_id)


def from_row(row: sa.Row[Any]) -> CapturedRow:
    return CapturedRow(**{**row._mapping, "direction": Direction(row.direction)})
