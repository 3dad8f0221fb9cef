"""The local day of an instant, in SQL, by the same time zones as everywhere else.

Neither database is asked what a zone is: SQLite knows none, and PostgreSQL may know others than
Python does. The statement is given the stretches of time in which a zone keeps its offset, a
handful a year, and needs nothing but arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from drumbeat.domain.schedule import ONE_DAY, ONE_MILLI, jump_between
from drumbeat.store.tables import EPOCH, Millis, UTCMillis

DAY_MILLIS = ONE_DAY // ONE_MILLI
FIRST_DAY = EPOCH.date().toordinal()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time in which a zone keeps one offset; its end is not included."""

    zone: str
    begins_at: datetime
    ends_at: datetime
    offset: timedelta


def stretches_of(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[Stretch]:
    """From *begin* to *end*, both included."""
    after = end + ONE_MILLI
    moment = begin
    while moment < after:
        offset = offset_at(moment, zone)
        changed_at = next_change(zone, moment, after)
        yield Stretch(zone.key, moment, changed_at, offset)
        moment = changed_at


def next_change(zone: ZoneInfo, moment: datetime, end: datetime) -> datetime:
    """When the zone's offset is next another than at *moment*, or *end* where that comes first."""
    offset = offset_at(moment, zone)
    while moment < end:
        later = min(moment + ONE_DAY, end)
        if offset_at(later, zone) != offset:
            return jump_between(moment, later, zone)
        moment = later
    return end


def offset_at(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def offsets(stretches: Iterable[Stretch]) -> sa.CTE:
    """The stretches as something to join. There has to be one at least."""
    rows = [(each.zone, each.begins_at, each.ends_at, each.offset) for each in stretches]
    values = sa.values(
        sa.column("zone", sa.Text),
        sa.column("begins_at", UTCMillis),
        sa.column("ends_at", UTCMillis),
        sa.column("offset", Millis),
        name="offsets",
        # Four for each stretch are soon more parameters than a statement may have.
        literal_binds=True,
    )
    return values.data(rows).cte("offsets")


def covers(
    offsets: sa.FromClause, zone: sa.ColumnElement[str], moment: sa.ColumnElement[datetime]
) -> sa.ColumnElement[bool]:
    """Whether this is the stretch that *moment* lies in: what to join `offsets` on."""
    return sa.and_(
        offsets.c.zone == zone, offsets.c.begins_at <= moment, offsets.c.ends_at > moment
    )


def day_number(offsets: sa.FromClause, moment: sa.ColumnElement[datetime]) -> sa.ColumnElement[int]:
    """The local day of *moment*, counted from the first of 1970."""
    millis: sa.ColumnElement[Any] = sa.type_coerce(moment, sa.BigInteger)
    return (millis + sa.type_coerce(offsets.c.offset, sa.BigInteger)) // DAY_MILLIS


def day_of(number: int) -> date:
    return date.fromordinal(FIRST_DAY + number)
