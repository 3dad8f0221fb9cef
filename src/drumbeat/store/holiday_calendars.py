"""Holiday calendars, as rows: at most one for each account, user and sequence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeAlias

import sqlalchemy as sa

from drumbeat.domain.holidays import HolidayCalendar, HolidayScope, Region
from drumbeat.store.database import Tx, insert_if_new
from drumbeat.store.tables import holiday_calendars

Owner: TypeAlias = tuple[HolidayScope, int]
"""Whose calendar: the scope, and the number of the user or sequence; of an account it is 0."""

OF_ACCOUNT: Owner = (HolidayScope.ACCOUNT, 0)

IN_ACCOUNT = sa.select(holiday_calendars).where(
    holiday_calendars.c.account_id == sa.bindparam("account_id")
)


def of_account(tx: Tx, account_id: int) -> dict[Owner, HolidayCalendar]:
    """Every calendar in the account, by whose it is."""
    rows = tx.execute(IN_ACCOUNT, {"account_id": account_id})
    return {(HolidayScope(row.kind), row.of_id): from_row(row) for row in rows}


def find(tx: Tx, account_id: int, owner: Owner) -> HolidayCalendar | None:
    row = tx.execute(IN_ACCOUNT.where(*same(owner)), {"account_id": account_id}).one_or_none()
    return None if row is None else from_row(row)


def put(tx: Tx, account_id: int, owner: Owner, calendar: HolidayCalendar, now: datetime) -> None:
    """Keep the calendar in place of the one before."""
    kind, of_id = owner
    key = {"account_id": account_id, "kind": kind, "of_id": of_id}
    values = {
        "regions": [[region.country, region.part] for region in calendar.regions],
        "dates": sorted(day.isoformat() for day in calendar.dates),
        "updated_at": now,
    }
    # Somebody else may be putting the first one just now.
    c = holiday_calendars.c
    new = insert_if_new(tx, holiday_calendars).values(**key, **values).returning(c.kind)
    if tx.execute(new).first() is None:
        standing = holiday_calendars.update().where(c.account_id == account_id, *same(owner))
        tx.execute(standing.values(**values))


def remove(tx: Tx, account_id: int, owner: Owner) -> None:
    c = holiday_calendars.c
    tx.execute(holiday_calendars.delete().where(c.account_id == account_id, *same(owner)))


def same(owner: Owner) -> tuple[sa.ColumnElement[bool], ...]:
    kind, of_id = owner
    return holiday_calendars.c.kind == kind, holiday_calendars.c.of_id == of_id


def from_row(row: sa.Row[Any]) -> HolidayCalendar:
    return HolidayCalendar(
        regions=tuple(Region(country=country, part=part) for country, part in row.regions),
        dates=frozenset(date.fromisoformat(day) for day in row.dates),
    )
