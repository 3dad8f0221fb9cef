"""When a step falls due.

A delay counts from an instant, its *base*: whole days are added on the local calendar and
keep the base's time of day, the rest is exact. What is an e-mail then waits for its send
window, what is a task for the minute of the day at which tasks are made. A holiday is no
eligible day, whichever days are. Everything here is arithmetic on the times it is given; every
time it returns is UTC in whole milliseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

Holidays: TypeAlias = Container[date]
NO_HOLIDAYS: Holidays = frozenset()

ONE_DAY = timedelta(days=1)
ONE_MILLI = timedelta(milliseconds=1)
NO_DELAY = timedelta(0)
SATURDAY = 5
# So that a team's whole morning does not leave in the minute the window opens.
MAX_JITTER = timedelta(minutes=15)
ASKED_AGAIN = 4096


class EligibleDays(StrEnum):
    """On which days a follow-up may happen, and which days its delay counts."""

    EVERYDAY = "EVERYDAY"
    """Every day, and every day counts."""
    WEEKDAYS_ONLY = "WEEKDAYS_ONLY"
    """Every day counts; what falls on a weekend happens on Monday."""
    BUSINESS_DAYS = "BUSINESS_DAYS"
    """Only Monday to Friday count."""

    def include(self, day: date) -> bool:
        return self is EligibleDays.EVERYDAY or day.weekday() < SATURDAY


@dataclass(frozen=True, slots=True)
class SendWindow:
    """The stretch of a local day in which e-mail may leave, in minutes from midnight.

    Its end is not included. A window that opens and closes at the same minute never closes.
    """

    opens: int
    closes: int

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When it opens and closes on *day*, so that every instant between is inside by the
        clock on the wall, also in the nights when the clocks change."""
        if self.opens == self.closes:
            return first_at(day, 0, zone), first_at(day, 1440, zone)
        return last_at(day, self.opens, zone), first_at(day, self.closes, zone)

    def __str__(self) -> str:
        return f"{wall(self.opens)}-{wall(self.closes)}"


def wall(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def at_minute(day: date, minute: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minute)


# A day's few minutes are asked for by everybody whose step falls on it.
@lru_cache(maxsize=ASKED_AGAIN)
def first_at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The first instant at which it is so late on that day."""
    return first_instant(at_minute(day, minute), zone)


@lru_cache(maxsize=ASKED_AGAIN)
def last_at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return last_instant(at_minute(day, minute), zone)


def first_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which the clock on the wall shows *local* or has jumped past it."""
    earlier = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    later = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    # In a gap the two readings lie the wrong way round, with the jump between them.
    return earlier if earlier <= later else jump_between(later, earlier, zone)


def last_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The last instant at which the wall shows *local*, or the jump that passes over it."""
    earlier = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    later = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return later if earlier <= later else jump_between(later, earlier, zone)


def jump_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant between two at which the zone's offset changes, to the millisecond."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > ONE_MILLI:
        middle = before + (after - before) // ONE_MILLI // 2 * ONE_MILLI
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def on_day(moment: datetime, day: date, zone: ZoneInfo) -> datetime:
    """*day* at the time of day of *moment*, as the zone's clock on the wall shows it."""
    local = moment.astimezone(zone)
    if local.date() == day:
        return moment.astimezone(UTC)
    return first_instant(datetime.combine(day, local.time()), zone)


def add_delay(
    base: datetime,
    delay: timedelta,
    days: EligibleDays,
    zone: ZoneInfo,
    holidays: Holidays = NO_HOLIDAYS,
) -> datetime:
    """The instant a delay ends: on an eligible day, at the base's time of day plus the rest."""
    day = local_date(base, zone)
    if delay.days:
        day = add_days(day, delay.days, days, holidays)
    rest = delay - delay.days * ONE_DAY
    if not rest:
        # At once, so that a day which is passed over cannot change the time of day, be it that
        # of a night in which the clocks change.
        day = next_eligible(day, days, holidays)
    ended = on_day(base, day, zone) + rest
    landed_on = local_date(ended, zone)
    return on_day(ended, next_eligible(landed_on, days, holidays), zone)


def add_days(day: date, count: int, days: EligibleDays, holidays: Holidays = NO_HOLIDAYS) -> date:
    if days is not EligibleDays.BUSINESS_DAYS:
        return day + count * ONE_DAY
    if holidays is not NO_HOLIDAYS:
        for _ in range(count):
            day = next_eligible(day + ONE_DAY, days, holidays)
        return day
    # From a weekend, Monday is the first day that counts.
    if day.weekday() >= SATURDAY:
        day -= (day.weekday() - SATURDAY + 1) * ONE_DAY
    weeks, rest = divmod(count, 5)
    day += weeks * 7 * ONE_DAY
    for _ in range(rest):
        day = next_eligible(day + ONE_DAY, days)
    return day


def next_eligible(day: date, days: EligibleDays, holidays: Holidays = NO_HOLIDAYS) -> date:
    """*day*, or the first eligible day after it."""
    while not days.include(day) or day in holidays:
        day += ONE_DAY
    return day


def opening(
    moment: datetime,
    window: SendWindow,
    days: EligibleDays,
    zone: ZoneInfo,
    holidays: Holidays = NO_HOLIDAYS,
) -> tuple[datetime, datetime] | None:
    """None where the window is open at *moment*; else when it next opens and closes."""
    day = local_date(moment, zone)
    while True:
        opens, closes = window.on(day, zone)
        is_eligible = days.include(day) and day not in holidays
        if is_eligible and moment < closes and opens < closes:
            return None if moment >= opens else (opens, closes)
        day += ONE_DAY


def fit(
    moment: datetime,
    window: SendWindow,
    days: EligibleDays,
    zone: ZoneInfo,
    jitter: timedelta,
    holidays: Holidays = NO_HOLIDAYS,
) -> datetime:
    """*moment* where the window is open; else its next opening, *jitter* later."""
    next_opening = opening(moment, window, days, zone, holidays)
    return moment if next_opening is None else into(next_opening, jitter)


def into(opening: tuple[datetime, datetime], jitter: timedelta) -> datetime:
    """So far into an opening, and never past its end."""
    opens, closes = opening
    return min(opens + jitter, closes - ONE_MILLI)


def jitter_of(*, account_id: int, sequence_id: int, contact_id: int, step_order: int) -> timedelta:
    """0 to 15 minutes, always the same for the same step of the same contact."""
    seed = f"{account_id}/{sequence_id}/{contact_id}/{step_order}"
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
    return number % (MAX_JITTER // ONE_MILLI + 1) * ONE_MILLI
