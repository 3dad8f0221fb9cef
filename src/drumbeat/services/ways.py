"""The way of an enrollment: its zone, its contact, and the holidays that count for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from drumbeat.domain.enrollment import Enrollment
from drumbeat.domain.holidays import HolidayCalendar, HolidayScope
from drumbeat.domain.planner import Way
from drumbeat.domain.schedule import NO_HOLIDAYS, Holidays
from drumbeat.services import public_holidays
from drumbeat.store import holiday_calendars
from drumbeat.store.database import Tx
from drumbeat.store.holiday_calendars import OF_ACCOUNT, Owner


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Whether a day is a holiday by any of some calendars."""

    calendars: tuple[HolidayCalendar, ...]

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and any(is_day_off(day, each) for each in self.calendars)


@dataclass(frozen=True, slots=True)
class Ways:
    """What the ways of some accounts' enrollments have in common, read once for all of them."""

    calendars: Mapping[int, Mapping[Owner, HolidayCalendar]]

    def of(self, enrollment: Enrollment) -> Way:
        """Raises ValueError or a ZoneInfoNotFoundError where the row's zone is damaged."""
        return Way(
            account_id=enrollment.account_id,
            sequence_id=enrollment.sequence_id,
            contact_id=enrollment.contact_id,
            zone=ZoneInfo(enrollment.timezone),
            holidays=self.holidays(
                enrollment.account_id, enrollment.user_id, enrollment.sequence_id
            ),
            start_order=enrollment.start_order,
        )

    def holidays(self, account_id: int, user_id: int, sequence_id: int) -> Holidays:
        """The holidays of an enrollment that this user makes in this sequence."""
        calendars = self.calendars.get(account_id)
        if not calendars:
            return NO_HOLIDAYS
        owners = (
            OF_ACCOUNT,
            (HolidayScope.USER, user_id),
            (HolidayScope.SEQUENCE, sequence_id),
        )
        found = tuple(calendars[owner] for owner in owners if owner in calendars)
        return DaysOff(found) if found else NO_HOLIDAYS


def ways(tx: Tx, account_ids: Collection[int]) -> Ways:
    """For the enrollments of these accounts."""
    return Ways({each: holiday_calendars.of_account(tx, each) for each in sorted(set(account_ids))})


def ways_of(tx: Tx, enrollments: Iterable[Enrollment]) -> Ways:
    return ways(tx, {enrollment.account_id for enrollment in enrollments})


def way_of(tx: Tx, enrollment: Enrollment) -> Way:
    return ways(tx, [enrollment.account_id]).of(enrollment)


def is_day_off(day: date, calendar: HolidayCalendar) -> bool:
    return day in calendar.dates or any(
        day in public_holidays.names_of(region, day.year) for region in calendar.regions
    )
