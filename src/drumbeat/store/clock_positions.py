"""Where a movable clock stands, kept over restarts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from drumbeat.store.database import Tx
from drumbeat.store.tables import clock_positions

ONLY = 1


def find(tx: Tx) -> datetime | None:
    return tx.execute(sa.select(clock_positions.c.stands_at)).scalar()


def keep(tx: Tx, stands_at: datetime) -> None:
    moved = clock_positions.update().where(clock_positions.c.id == ONLY)
    if tx.execute(moved.values(stands_at=stands_at)).rowcount == 0:
        tx.execute(clock_positions.insert().values(id=ONLY, stands_at=stands_at))
