"""Timeline events, as rows; they are added and read, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from drumbeat.domain.timeline import Kind, TimelineEvent
from drumbeat.store.database import Tx, insert_many
from drumbeat.store.tables import timeline_events

COLUMNS = tuple(field.name for field in fields(TimelineEvent))
VALUES = attrgetter(*COLUMNS)


def add_all(tx: Tx, events: Sequence[TimelineEvent]) -> None:
    insert_many(tx, timeline_events, COLUMNS, map(VALUES, events))


def of_enrollment(tx: Tx, account_id: int, enrollment_id: int) -> list[TimelineEvent]:
    """What happened to this enrollment, the oldest first."""
    c = timeline_events.c
    statement = (
        sa.select(timeline_events)
        .where(c.account_id == account_id, c.enrollment_id == enrollment_id)
        .order_by(c.id)
    )
    return [from_row(row) for row in tx.execute(statement)]


def from_row(row: sa.Row[Any]) -> TimelineEvent:
    values = dict(row._mapping)
    del values["id"]
    return TimelineEvent(**values | {"kind": Kind(values["kind"])})
