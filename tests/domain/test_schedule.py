from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumbeat.domain import schedule
from drumbeat.domain.schedule import EligibleDays, SendWindow, add_delay, fit, jitter_of, opening
from tests.wall_clock import BERLIN, NEW_YORK, at, shown

OFFICE = SendWindow(480, 1080)
DAY = timedelta(days=1)
NONE = timedelta(0)


@pytest.mark.parametrize(
    ("base", "days", "counted", "ends"),
    [
        pytest.param("Thu 2026-03-05 17:00", 3, "WEEKDAYS_ONLY", "Mon 2026-03-09 17:00", id="roll"),
        pytest.param("Mon 2026-03-02 17:00", 3, "WEEKDAYS_ONLY", "Thu 2026-03-05 17:00", id="week"),
        pytest.param("Thu 2026-03-05 17:00", 3, "BUSINESS_DAYS", "Tue 2026-03-10 17:00", id="work"),
        pytest.param("Thu 2026-03-05 17:00", 3, "EVERYDAY", "Sun 2026-03-08 17:00", id="every"),
        pytest.param("Sat 2026-03-07 10:00", 1, "BUSINESS_DAYS", "Mon 2026-03-09 10:00", id="sat"),
        pytest.param("Sun 2026-03-08 10:00", 2, "BUSINESS_DAYS", "Tue 2026-03-10 10:00", id="sun"),
        pytest.param("Fri 2026-03-06 10:00", 90, "BUSINESS_DAYS", "Fri 2026-07-10 10:00", id="90"),
        pytest.param("Sat 2026-03-07 10:00", 0, "BUSINESS_DAYS", "Mon 2026-03-09 10:00", id="none"),
    ],
)
def test_days_are_counted_as_the_sequence_says(
    base: str, days: int, counted: str, ends: str
) -> None:
    ended = add_delay(at(base), days * DAY, EligibleDays(counted), NEW_YORK)

    assert shown(ended) == ends


def test_a_business_day_is_always_the_next_weekday_but_one_step_at_a_time() -> None:
    day = date(2026, 3, 7)
    for count in range(1, 40):
        one_by_one = schedule.add_days(
            schedule.add_days(day, count - 1, EligibleDays.BUSINESS_DAYS) if count > 1 else day,
            1,
            EligibleDays.BUSINESS_DAYS,
        )
        assert schedule.add_days(day, count, EligibleDays.BUSINESS_DAYS) == one_by_one


def test_a_day_keeps_the_time_of_day_when_the_clocks_go_forward() -> None:
    ended = add_delay(at("Sat 2026-03-07 09:30"), DAY, EligibleDays.EVERYDAY, NEW_YORK)

    assert shown(ended) == "Sun 2026-03-08 09:30"
    assert ended - at("Sat 2026-03-07 09:30") == timedelta(hours=23)


def test_a_day_keeps_the_time_of_day_when_the_clocks_go_back() -> None:
    base = at("Sat 2026-10-24 09:30", BERLIN)

    ended = add_delay(base, DAY, EligibleDays.EVERYDAY, BERLIN)

    assert shown(ended, BERLIN) == "Sun 2026-10-25 09:30"
    assert ended - base == timedelta(hours=25)


def test_a_time_that_the_clocks_skip_becomes_the_first_that_exists() -> None:
    ended = add_delay(at("Sat 2026-03-07 02:30"), DAY, EligibleDays.EVERYDAY, NEW_YORK)

    assert shown(ended) == "Sun 2026-03-08 03:00"


def test_less_than_a_day_is_exact_time_also_in_the_night_of_the_change() -> None:
    base = at("Sat 2026-10-24 23:00", BERLIN)

    ended = add_delay(base, timedelta(hours=6), EligibleDays.EVERYDAY, BERLIN)

    assert shown(ended, BERLIN) == "Sun 2026-10-25 04:00"


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        pytest.param("Mon 2026-03-02 07:15", "Mon 2026-03-02 08:00", id="early"),
        pytest.param("Mon 2026-03-02 09:40", "Mon 2026-03-02 09:40", id="inside"),
        pytest.param("Mon 2026-03-02 18:00", "Tue 2026-03-03 08:00", id="at closing time"),
        pytest.param("Fri 2026-03-06 19:00", "Mon 2026-03-09 08:00", id="before a weekend"),
    ],
)
def test_waits_for_the_window_and_the_weekday(moment: str, leaves: str) -> None:
    assert shown(fit(at(moment), OFFICE, EligibleDays.WEEKDAYS_ONLY, NEW_YORK, NONE)) == leaves


def test_what_waited_for_the_opening_leaves_up_to_15_minutes_after_it() -> None:
    ahead = fit(at("Mon 2026-03-02 07:00"), OFFICE, EligibleDays.EVERYDAY, NEW_YORK, 9 * MINUTE)

    assert shown(ahead) == "Mon 2026-03-02 08:09"


def test_what_did_not_wait_for_the_opening_is_not_moved() -> None:
    inside = at("Mon 2026-03-02 08:00")

    assert fit(inside, OFFICE, EligibleDays.EVERYDAY, NEW_YORK, 9 * MINUTE) == inside


def test_jitter_never_reaches_past_the_end_of_the_window() -> None:
    five_minutes = SendWindow(480, 485)

    leaves = fit(
        at("Mon 2026-03-02 07:00"), five_minutes, EligibleDays.EVERYDAY, NEW_YORK, 15 * MINUTE
    )

    assert at("Mon 2026-03-02 08:00") <= leaves < at("Mon 2026-03-02 08:05")


def test_a_window_that_opens_and_closes_at_once_never_closes() -> None:
    moment = at("Mon 2026-03-02 03:00")

    assert opening(moment, SendWindow(0, 0), EligibleDays.EVERYDAY, NEW_YORK) is None


def test_a_window_that_the_clocks_skip_over_opens_on_the_next_day() -> None:
    skipped = SendWindow(120, 150)

    leaves = fit(at("Sun 2026-03-08 00:00"), skipped, EligibleDays.EVERYDAY, NEW_YORK, NONE)

    assert shown(leaves) == "Mon 2026-03-09 02:00"


def test_in_the_hour_that_comes_twice_a_window_opens_the_second_time() -> None:
    half_past_two = SendWindow(150, 300)
    ten_past_two_again = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)

    leaves = fit(ten_past_two_again, half_past_two, EligibleDays.EVERYDAY, BERLIN, NONE)

    assert leaves == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_in_the_hour_that_comes_twice_a_window_closes_the_first_time() -> None:
    until_half_past_two = SendWindow(60, 150)
    ten_past_two_again = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)

    leaves = fit(ten_past_two_again, until_half_past_two, EligibleDays.EVERYDAY, BERLIN, NONE)

    assert shown(leaves, BERLIN) == "Mon 2026-10-26 01:00"


def test_jitter_is_the_same_for_the_same_step_and_spreads_over_contacts() -> None:
    def jitter(contact_id: int) -> timedelta:
        return jitter_of(account_id=1, sequence_id=2, contact_id=contact_id, step_order=3)

    assert jitter(4) == jitter(4)
    assert len({jitter(contact_id) for contact_id in range(50)}) > 40
    assert all(NONE <= jitter(contact_id) <= 15 * MINUTE for contact_id in range(50))


MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

ZONES = st.sampled_from(
    [
        "America/New_York",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "Africa/Casablanca",
        "Pacific/Apia",
        "America/Sao_Paulo",
        "Asia/Tehran",
        "UTC",
    ]
).map(ZoneInfo)
MOMENTS = st.integers(0, 600_000_000).map(
    lambda seconds: datetime(2011, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
WINDOWS = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(
    lambda ends: SendWindow(min(ends), max(ends))
)


def is_open(moment: datetime, window: SendWindow, days: EligibleDays, zone: ZoneInfo) -> bool:
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    is_all_day = window.opens == window.closes
    return days.include(local.date()) and (is_all_day or window.opens <= minute < window.closes)


@given(MOMENTS, WINDOWS, st.sampled_from(EligibleDays), ZONES, st.integers(0, 900))
def test_no_email_leaves_outside_its_window_and_days(
    moment: datetime, window: SendWindow, days: EligibleDays, zone: ZoneInfo, seconds: int
) -> None:
    leaves = fit(moment, window, days, zone, timedelta(seconds=seconds))

    assert leaves >= moment
    assert is_open(leaves, window, days, zone)


@given(MOMENTS, st.integers(0, 120), st.sampled_from(EligibleDays), ZONES)
def test_a_delay_ends_on_an_eligible_day_and_never_before_it_began(
    base: datetime, days: int, counted: EligibleDays, zone: ZoneInfo
) -> None:
    ended = add_delay(base, days * DAY, counted, zone)

    assert counted.include(ended.astimezone(zone).date())
    assert ended >= base
    if days:
        wanted = base.astimezone(zone).time()
        skipped = ended.astimezone(zone).time() != wanted
        assert (
            not skipped
            or schedule.first_instant(datetime.combine(ended.astimezone(zone).date(), wanted), zone)
            == ended
        )


@pytest.mark.parametrize(
    ("base", "days", "counted", "ends"),
    [
        pytest.param("Mon 2026-03-02 17:00", 1, "EVERYDAY", "Wed 2026-03-04 17:00", id="on it"),
        pytest.param("Mon 2026-03-02 17:00", 3, "EVERYDAY", "Thu 2026-03-05 17:00", id="over it"),
        pytest.param("Mon 2026-03-02 17:00", 3, "WEEKDAYS_ONLY", "Thu 2026-03-05 17:00", id="too"),
        pytest.param("Mon 2026-03-02 17:00", 3, "BUSINESS_DAYS", "Fri 2026-03-06 17:00", id="work"),
        pytest.param("Thu 2026-03-05 17:00", 1, "EVERYDAY", "Fri 2026-03-06 17:00", id="after it"),
        pytest.param("Fri 2026-03-06 17:00", 1, "BUSINESS_DAYS", "Tue 2026-03-10 17:00", id="mon"),
        pytest.param("Tue 2026-03-03 17:00", 0, "EVERYDAY", "Wed 2026-03-04 17:00", id="from it"),
    ],
)
def test_a_holiday_is_passed_over_and_counts_for_business_days_alone_as_none(
    base: str, days: int, counted: str, ends: str
) -> None:
    holidays = {date(2026, 3, 3), date(2026, 3, 9)}

    ended = add_delay(at(base), days * DAY, EligibleDays(counted), NEW_YORK, holidays)

    assert shown(ended) == ends


def test_hours_that_end_on_a_holiday_end_on_the_next_day_at_that_hour() -> None:
    holidays = {date(2026, 3, 3)}

    ended = add_delay(at("Mon 2026-03-02 22:00"), 6 * HOUR, EligibleDays.EVERYDAY, BERLIN, holidays)

    assert ended == at("Mon 2026-03-02 22:00") + 24 * HOUR + 6 * HOUR


def test_a_window_does_not_open_on_a_holiday() -> None:
    moment = at("Tue 2026-03-03 10:00")

    leaves = fit(moment, OFFICE, EligibleDays.EVERYDAY, NEW_YORK, NONE, {date(2026, 3, 3)})

    assert shown(leaves) == "Wed 2026-03-04 08:00"


def days_near(base: datetime, offsets: set[int]) -> set[date]:
    return {base.date() + offset * DAY for offset in offsets}


OFFSETS = st.sets(st.integers(-2, 60), max_size=40)


@given(MOMENTS, st.integers(0, 30 * 24 * 60), st.sampled_from(EligibleDays), ZONES, OFFSETS)
def test_no_delay_ends_on_a_holiday(
    base: datetime, minutes: int, counted: EligibleDays, zone: ZoneInfo, offsets: set[int]
) -> None:
    holidays = days_near(base, offsets)

    ended = add_delay(base, minutes * MINUTE, counted, zone, holidays)

    landed_on = ended.astimezone(zone).date()
    assert counted.include(landed_on)
    assert landed_on not in holidays
    assert ended >= add_delay(base, minutes * MINUTE, counted, zone)


@given(MOMENTS, WINDOWS, st.sampled_from(EligibleDays), ZONES, OFFSETS, st.integers(0, 900))
def test_no_email_leaves_on_a_holiday(
    moment: datetime,
    window: SendWindow,
    days: EligibleDays,
    zone: ZoneInfo,
    offsets: set[int],
    seconds: int,
) -> None:
    holidays = days_near(moment, offsets)

    leaves = fit(moment, window, days, zone, timedelta(seconds=seconds), holidays)

    assert leaves >= moment
    assert is_open(leaves, window, days, zone)
    assert leaves.astimezone(zone).date() not in holidays


class NoDay:
    """A calendar that nothing is in, and that is not the one that everyone has to begin with."""

    def __contains__(self, day: object) -> bool:
        return False


@given(MOMENTS, st.integers(0, 90 * 24 * 60), WINDOWS, st.sampled_from(EligibleDays), ZONES)
def test_an_empty_calendar_changes_nothing(
    base: datetime, minutes: int, window: SendWindow, days: EligibleDays, zone: ZoneInfo
) -> None:
    delay = minutes * MINUTE

    with_it = add_delay(base, delay, days, zone, NoDay())

    assert with_it == add_delay(base, delay, days, zone)
    assert fit(with_it, window, days, zone, NONE, NoDay()) == fit(with_it, window, days, zone, NONE)
