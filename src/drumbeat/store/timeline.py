"""Timeline events, as rows; they are added and read, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from drumbeat.domain.timeline import Kind, TimelineEvent
from drumbeat.store.database import Tx
from drumbeat.store.tables import timeline_events


def add_all(tx: Tx, events: Sequence[TimelineEvent]) -> None:
    if events:
        tx.execute(timeline_events.insert(), [to_row(event) for event in events])


def of_enrollment(tx: Tx, account_id: int, enrollment_id: int) -> list[TimelineEvent]:
    """What happened to this enrollment, the oldest first."""
    c = timeline_events.c
    statement = (
        sa.select(timeline_events)
        .where(c.account_id == account_id, c.enrollment_id == enrollment_id)
        .order_by(c.id)
    )
    return [from_row(row) for row in tx.execute(statement)]


def to_row(event: TimelineEvent) -> dict[str, Any]:
    return {
        "account_id": event.account_id,
        "enrollment_id": event.enrollment_id,
        "contact_id": event.contact_id,
        "at": event.at,
        "kind": event.kind,
        "step_order": event.step_order,
        "reason": event.reason,
        "facts": dict(event.facts),
    }


def from_row(row: sa.Row[Any]) -> TimelineEvent:
    values = dict(row._mapping)
    del values["id"]
    return TimelineEvent(**values | {"kind": Kind(values["kind"])})
