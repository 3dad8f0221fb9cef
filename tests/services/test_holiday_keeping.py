from __future__ import annotations

from datetime import date, timedelta

import pytest

from drumbeat.domain.holidays import HolidayCalendar, HolidayScope, Region
from drumbeat.errors import Invalid, NotFound
from drumbeat.services.holiday_keeping import MOST_DATES, MOST_REGIONS, days_in
from drumbeat.store.holiday_calendars import OF_ACCOUNT, Owner
from tests.office import Office, only_a_call

BAVARIA = Region(country="DE", part="BY")
CHRISTMAS_EVE = date(2026, 12, 24)


def test_nobody_has_holidays_to_begin_with(office: Office) -> None:
    assert office.holidays.get(office.account_id, OF_ACCOUNT) == HolidayCalendar()


def test_a_calendar_takes_the_place_of_the_one_before(office: Office) -> None:
    office.holidays.set(office.account_id, OF_ACCOUNT, regions=[BAVARIA], dates=[CHRISTMAS_EVE])

    office.holidays.set(office.account_id, OF_ACCOUNT, regions=[], dates=[date(2027, 1, 4)])

    kept = office.holidays.get(office.account_id, OF_ACCOUNT)
    assert kept == HolidayCalendar(dates=frozenset({date(2027, 1, 4)}))


def test_account_user_and_sequence_each_have_their_own(office: Office) -> None:
    owners: list[Owner] = [
        OF_ACCOUNT,
        (HolidayScope.USER, office.user.id),
        (HolidayScope.SEQUENCE, office.sequence(only_a_call())),
    ]
    for day, owner in enumerate(owners, start=1):
        office.holidays.set(office.account_id, owner, regions=[], dates=[date(2026, 5, day)])

    office.holidays.remove(office.account_id, owners[1])

    kept = [office.holidays.get(office.account_id, owner).dates for owner in owners]
    assert kept == [{date(2026, 5, 1)}, frozenset(), {date(2026, 5, 3)}]


def test_removing_twice_is_as_good_as_once(office: Office) -> None:
    office.holidays.set(office.account_id, OF_ACCOUNT, regions=[BAVARIA], dates=[])

    for _ in range(2):
        office.holidays.remove(office.account_id, OF_ACCOUNT)

    assert office.holidays.get(office.account_id, OF_ACCOUNT) == HolidayCalendar()


def test_codes_are_kept_as_they_are_known_and_once(office: Office) -> None:
    given = [
        Region(country="de", part="by"),
        BAVARIA,
        Region(country="De", part="AUGSBURG"),
        Region(country="gb"),
    ]

    kept = office.holidays.set(office.account_id, OF_ACCOUNT, regions=given, dates=[])

    assert kept.regions == (
        BAVARIA,
        Region(country="DE", part="Augsburg"),
        Region(country="GB"),
    )


@pytest.mark.parametrize(
    ("country", "part", "field", "hint"),
    [
        ("UK", None, "regions[0].country", "did you mean GB"),
        ("Germany", None, "regions[0].country", "did you mean DE"),
        ("DEU", None, "regions[0].country", "did you mean DE"),
        ("??", None, "regions[0].country", "two letters, like DE or US"),
        ("DE", "Bayern", "regions[0].part", "did you mean BY"),
        ("DE", "DE-BY", "regions[0].part", "did you mean BY"),
        ("DE", "XX", "regions[0].part", "there are BB, BE, BW"),
        ("US", "00", "regions[0].part", "there are AK, AL, AR"),
        ("LU", "X", "regions[0].part", "leave part out"),
    ],
)
def test_a_region_that_is_none_is_refused_with_those_that_may_be_meant(
    office: Office, country: str, part: str | None, field: str, hint: str
) -> None:
    region = Region(country=country, part=part)

    with pytest.raises(Invalid) as refused:
        office.holidays.set(office.account_id, OF_ACCOUNT, regions=[region], dates=[])

    [fault] = refused.value.faults
    assert fault.field == field
    assert hint in fault.message
    assert office.holidays.get(office.account_id, OF_ACCOUNT) == HolidayCalendar()


@pytest.mark.parametrize(
    ("regions", "dates", "field"),
    [
        ([BAVARIA] * (MOST_REGIONS + 1), [], "regions"),
        ([], [CHRISTMAS_EVE + timedelta(days=n) for n in range(MOST_DATES + 1)], "dates"),
        ([], [CHRISTMAS_EVE, date(1969, 12, 31)], "dates[1]"),
        ([], [date(2101, 1, 1)], "dates[0]"),
    ],
)
def test_there_is_an_end_to_how_much_is_kept(
    office: Office, regions: list[Region], dates: list[date], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        office.holidays.set(office.account_id, OF_ACCOUNT, regions=regions, dates=dates)

    assert [fault.field for fault in refused.value.faults] == [field]


def test_the_most_that_is_kept_is_kept(office: Office) -> None:
    first, last = date(1970, 1, 1), date(2100, 12, 31)
    dates = [first, last, *(CHRISTMAS_EVE + timedelta(days=n) for n in range(MOST_DATES - 2))]

    office.holidays.set(
        office.account_id, OF_ACCOUNT, regions=[BAVARIA] * MOST_REGIONS, dates=dates
    )

    kept = office.holidays.get(office.account_id, OF_ACCOUNT)
    assert kept == HolidayCalendar(regions=(BAVARIA,), dates=frozenset(dates))


@pytest.mark.parametrize("scope", [HolidayScope.USER, HolidayScope.SEQUENCE])
def test_whoever_is_not_there_has_no_holidays(office: Office, scope: HolidayScope) -> None:
    nobody: Owner = (scope, 77)

    with pytest.raises(NotFound):
        office.holidays.set(office.account_id, nobody, regions=[BAVARIA], dates=[])
    with pytest.raises(NotFound):
        office.holidays.get(office.account_id, nobody)
    with pytest.raises(NotFound):
        office.holidays.remove(office.account_id, nobody)


def test_the_users_of_another_account_are_not_there(office: Office) -> None:
    other = Office.on(office.database, "otto@example.com")

    with pytest.raises(NotFound):
        office.holidays.get(office.account_id, (HolidayScope.USER, other.user.id))


def test_the_days_of_a_year_come_in_order_with_all_their_names() -> None:
    easter_monday = date(2026, 4, 6)
    calendar = HolidayCalendar(
        regions=(BAVARIA, Region(country="FR"), Region(country="GB", part="ENG")),
        dates=frozenset({CHRISTMAS_EVE, date(2026, 12, 25), date(2027, 12, 24)}),
    )

    days = days_in(2026, calendar)

    assert list(days) == sorted(days)
    assert {day.year for day in days} == {2026}
    assert days[date(2026, 5, 25)] == "Pentecost Monday; Spring Bank Holiday"
    assert (days[CHRISTMAS_EVE], days[date(2026, 12, 25)]) == (None, "Christmas Day")
    assert days[easter_monday] == "Easter Monday"
