"""The one claim pattern over rows that wait: what is due, oldest first, for one worker only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from drumbeat.store.database import Tx
from drumbeat.store.tables import enrollments, messages

# Written out, not bound: a database that does not know the value cannot see that the partial
# index is enough, and reads the whole table.
IS_SCHEDULED = messages.c.state == sa.literal_column("'scheduled'")


def claim(
    tx: Tx,
    table: sa.Table,
    when: sa.Column[datetime],
    *conditions: sa.ColumnElement[bool],
    now: datetime,
    limit: int,
) -> list[sa.Row[Any]]:
    """Up to *limit* rows of any account whose time has come, held until the transaction ends.

    PostgreSQL steps over rows that another worker holds. SQLite has one writer at a time and
    drops the FOR UPDATE clause, so the statement is the same for both.
    """
    due = (
        sa.select(table)
        .where(when <= now, *conditions)
        .order_by(when, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(tx.execute(due).all())


def next_due_at(tx: Tx) -> datetime | None:
    """The earliest instant at which anything falls due, a dead worker's claim running out
    included; None where nothing waits for a time."""
    step = sa.select(sa.func.min(enrollments.c.due_at)).where(enrollments.c.due_at.is_not(None))
    message = sa.select(sa.func.min(messages.c.send_at)).where(
        IS_SCHEDULED, messages.c.claimed_until.is_(None)
    )
    claim = sa.select(sa.func.min(messages.c.claimed_until)).where(
        messages.c.claimed_until.is_not(None)
    )
    waiting = [tx.execute(statement).scalar() for statement in (step, message, claim)]
    return min((at for at in waiting if at is not None), default=None)
