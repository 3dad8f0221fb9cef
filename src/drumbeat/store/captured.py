"""What would have been sent, as rows: the mail of an engine from which none leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from drumbeat.store.database import Tx
from drumbeat.store.tables import captured_messages


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedRow:
    id: int
    at: datetime
    from_email: str
    to_email: str
    raw: bytes
    """The whole message, as a server would have been given it."""


def add(
    tx: Tx, account_id: int, *, at: datetime, from_email: str, to_email: str, raw: bytes
) -> None:
    statement = captured_messages.insert().values(
        account_id=account_id,
        at=at,
        from_email=from_email,
        to_email=to_email.lower(),
        raw=raw,
    )
    tx.execute(statement)


def page(
    tx: Tx, account_id: int, *, to: str | None = None, after: int = 0, limit: int
) -> list[CapturedRow]:
    """Captured messages, oldest first, from the first one after *after*."""
    table = captured_messages.c
    chosen = sa.select(table.id, table.at, table.from_email, table.to_email, table.raw).where(
        table.account_id == account_id, table.id > after
    )
    if to is not None:
        chosen = chosen.where(table.to_email == to.strip().lower())
    rows = tx.execute(chosen.order_by(table.id).limit(limit))
    return [CapturedRow(**row._mapping) for row in rows]
