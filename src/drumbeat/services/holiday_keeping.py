"""Keeping holiday calendars: an account's, a user's, a sequence's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from drumbeat.clock import Clock
from drumbeat.domain.holidays import HolidayCalendar, HolidayScope, Region
from drumbeat.errors import Fault
from drumbeat.services import public_holidays
from drumbeat.services.checking import raise_if_any
from drumbeat.store import holiday_calendars, sequences, users
from drumbeat.store.database import Database, Tx
from drumbeat.store.holiday_calendars import Owner

MOST_REGIONS = 50
MOST_DATES = 2000
FIRST_YEAR = 1970
LAST_YEAR = 2100
# More parts than this are not a help any more.
MOST_PARTS_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayKeeping:
    database: Database
    clock: Clock

    def set(
        self, account_id: int, owner: Owner, *, regions: Sequence[Region], dates: Collection[date]
    ) -> HolidayCalendar:
        """Keep this calendar in place of the one before. What waits already is looked at again
        when it falls due, and moves on where its day has become a holiday.

        Raises Invalid where there is no such country or part, and NotFound where there is no
        such user or sequence.
        """
        raise_if_any("the holidays cannot be kept as given", calendar_faults(regions, dates))
        known = tuple(dict.fromkeys(as_known(region) for region in regions))
        calendar = HolidayCalendar(regions=known, dates=frozenset(dates))
        now = self.clock.now()
        with self.database.transaction() as tx:
            refuse_unknown(tx, account_id, owner)
            holiday_calendars.put(tx, account_id, owner, calendar, now)
        return calendar

    def get(self, account_id: int, owner: Owner) -> HolidayCalendar:
        """The calendar; one without a day in it where none was ever set."""
        with self.database.reading() as tx:
            refuse_unknown(tx, account_id, owner)
            return holiday_calendars.find(tx, account_id, owner) or HolidayCalendar()

    def remove(self, account_id: int, owner: Owner) -> None:
        """Have no calendar any more. Twice is as good as once."""
        with self.database.transaction() as tx:
            refuse_unknown(tx, account_id, owner)
            holiday_calendars.remove(tx, account_id, owner)


def days_in(year: int, calendar: HolidayCalendar) -> Mapping[date, str | None]:
    """The days of the year that the calendar closes, in order; None is the name of one's own."""
    names: dict[date, dict[str, None]] = {day: {} for day in calendar.dates if day.year == year}
    for region in calendar.regions:
        for day, name in public_holidays.names_of(region, year).items():
            names.setdefault(day, {})[name] = None
    return {day: "; ".join(names[day]) or None for day in sorted(names)}


def refuse_unknown(tx: Tx, account_id: int, owner: Owner) -> None:
    match owner:
        case (HolidayScope.USER, user_id):
            users.get(tx, account_id, user_id)
        case (HolidayScope.SEQUENCE, sequence_id):
            sequences.current(tx, account_id, sequence_id)


def as_known(region: Region) -> Region:
    """The region with its codes as they are kept, whatever their capitals."""
    country = region.country.upper()
    parts = public_holidays.parts_of(country) or {}
    return Region(country=country, part=parts[region.part.upper()] if region.part else None)


def calendar_faults(regions: Sequence[Region], dates: Collection[date]) -> Iterator[Fault]:
    if len(regions) > MOST_REGIONS:
        yield Fault(field="regions", message=f"a calendar has at most {MOST_REGIONS} regions")
    if len(dates) > MOST_DATES:
        yield Fault(field="dates", message=f"a calendar has at most {MOST_DATES:,} dates")
    for position, region in enumerate(regions[:MOST_REGIONS]):
        yield from region_faults(region, field=f"regions[{position}]")
    for position, day in enumerate(islice(dates, MOST_DATES)):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            message = f"{day} does not lie between {FIRST_YEAR} and {LAST_YEAR}"
            yield Fault(field=f"dates[{position}]", message=message)


def region_faults(region: Region, *, field: str) -> Iterator[Fault]:
    country = region.country.upper()
    parts = public_holidays.parts_of(country)
    if parts is None:
        close = public_holidays.close_countries(country)
        hint = f"did you mean {listed(close)}?" if close else "write two letters, like DE or US"
        message = f"the holidays of {region.country!r} are not known; {hint}"
        yield Fault(field=f"{field}.country", message=message)
    elif region.part and region.part.upper() not in parts:
        message = f"{country} has no part {region.part!r}; {part_hint(country, region.part)}"
        yield Fault(field=f"{field}.part", message=message)


def part_hint(country: str, written: str) -> str:
    parts = list((public_holidays.parts_of(country) or {}).values())
    close = public_holidays.close_parts(country, written.upper())
    if close:
        return f"did you mean {listed(close)}?"
    if not parts:
        return "its holidays are the same everywhere, so leave part out"
    more = ", …" if len(parts) > MOST_PARTS_SHOWN else ""
    return f"there are {', '.join(parts[:MOST_PARTS_SHOWN])}{more}"


def listed(codes: Sequence[str]) -> str:
    return " or ".join(codes)
