"""Holiday calendars, as rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

from drumbeat.domain.holidays import HolidayCalendar, HolidayScope, Region
from drumbeat.store import holiday_calendars
from drumbeat.store.holiday_calendars import OF_ACCOUNT
from tests.office import Office

CALENDAR = HolidayCalendar(
    regions=(Region(country="DE", part="BY"), Region(country="FR")),
    dates=frozenset({date(2026, 12, 24), date(1970, 1, 1)}),
)


def put(office: Office, calendar: HolidayCalendar) -> None:
    with office.database.transaction() as tx:
        holiday_calendars.put(tx, office.account_id, OF_ACCOUNT, calendar, office.clock.now())


def test_a_calendar_is_found_as_it_was_put(office: Office) -> None:
    put(office, CALENDAR)

    with office.database.reading() as tx:
        found = holiday_calendars.find(tx, office.account_id, OF_ACCOUNT)
        all_found = holiday_calendars.of_account(tx, office.account_id)

    assert found == CALENDAR
    assert all_found == {OF_ACCOUNT: CALENDAR}


def test_the_calendars_of_another_account_are_not_found(office: Office) -> None:
    other = Office.on(office.database, "otto@example.com")
    put(other, CALENDAR)

    with office.database.reading() as tx:
        assert holiday_calendars.of_account(tx, office.account_id) == {}
        assert holiday_calendars.find(tx, office.account_id, (HolidayScope.USER, 1)) is None


def test_many_who_put_the_first_one_at_once_all_succeed(office: Office) -> None:
    together = Barrier(6)

    def put_one(year: int) -> None:
        together.wait(10)
        put(office, HolidayCalendar(dates=frozenset({date(year, 1, 1)})))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(put_one, range(2020, 2026)))

    with office.database.reading() as tx:
        found = holiday_calendars.find(tx, office.account_id, OF_ACCOUNT)
    assert found is not None
    assert len(found.dates) == 1
