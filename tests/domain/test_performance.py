from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumbeat.domain.enrollment import State, WaitingFor
from drumbeat.domain.performance import (
    MOST_POINTS,
    Interval,
    TaskCounts,
    shown_state,
    steps_of,
    timeline_of,
)
from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.domain.sequence import Definition, FinishStep, SequenceSettings
from drumbeat.errors import Invalid
from tests.wall_clock import NEW_YORK, at, shown

SETTINGS = SequenceSettings(
    window=SendWindow(480, 1080),
    days=EligibleDays.EVERYDAY,
    task_creation_minute=480,
    task_reminder_minute=540,
    has_task_reminders=False,
    threads_follow_ups=False,
)
ONE_DAY = timedelta(days=1)


def definition(*ids: int) -> Definition:
    steps = tuple(
        FinishStep(order=order, delay=timedelta(0), id=id) for order, id in enumerate(ids)
    )
    return Definition(steps=steps, dependencies=(), settings=SETTINGS)


@pytest.mark.parametrize(
    ("interval", "first_day", "next_one"),
    [
        ("DAY", date(2026, 12, 31), date(2027, 1, 1)),
        ("WEEK", date(2026, 12, 28), date(2027, 1, 4)),
        ("MONTH", date(2026, 12, 1), date(2027, 1, 1)),
        ("QUARTER", date(2026, 10, 1), date(2027, 1, 1)),
        ("YEAR", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_an_interval_has_a_first_day_and_one_after_it(
    interval: str, first_day: date, next_one: date
) -> None:
    assert Interval(interval).first_day(date(2026, 12, 31)) == first_day
    assert Interval(interval).next_after(first_day) == next_one


@given(st.sampled_from(Interval), st.dates(max_value=date(9990, 1, 1)))
def test_every_day_is_in_one_interval(interval: Interval, day: date) -> None:
    first_day = interval.first_day(day)

    assert first_day <= day < interval.next_after(first_day)
    assert interval.first_day(interval.next_after(first_day)) == interval.next_after(first_day)


def test_a_timeline_has_a_point_for_every_week_until_now() -> None:
    by_day = {date(2026, 12, 22): 2, date(2026, 12, 27): 1, date(2027, 1, 8): 4}

    points = timeline_of(by_day, Interval.WEEK, NEW_YORK, at("Tue 2027-01-12 09:00"))

    assert [(shown(point.begins_at), point.enrollments) for point in points] == [
        ("Mon 2026-12-21 00:00", 3),
        ("Mon 2026-12-28 00:00", 0),
        ("Mon 2027-01-04 00:00", 4),
        ("Mon 2027-01-11 00:00", 0),
    ]


def test_a_week_in_which_the_clocks_change_is_an_hour_shorter() -> None:
    begin, end = timeline_of(
        {date(2026, 3, 4): 1}, Interval.WEEK, NEW_YORK, at("Mon 2026-03-09 00:00")
    )

    assert end.begins_at - begin.begins_at == timedelta(days=7) - timedelta(hours=1)


def test_a_day_that_has_no_midnight_begins_when_it_begins() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    by_day = {date(2026, 3, 29): 1}

    [point] = timeline_of(by_day, Interval.DAY, beirut, at("Sun 2026-03-29 12:00", beirut))

    assert shown(point.begins_at, beirut) == "Sun 2026-03-29 01:00"


def test_a_timeline_of_nobody_has_no_points() -> None:
    assert timeline_of({}, Interval.DAY, NEW_YORK, at("Mon 2026-03-02 10:00")) == []


def test_a_timeline_reaches_enrollments_that_are_younger_than_the_clock() -> None:
    by_day = {date(2026, 3, 4): 1}

    points = timeline_of(by_day, Interval.DAY, NEW_YORK, at("Mon 2026-03-02 10:00"))

    assert [shown(point.begins_at) for point in points] == ["Wed 2026-03-04 00:00"]


def test_a_timeline_that_nobody_could_read_is_refused_with_what_to_ask_for() -> None:
    long_ago = date(2026, 3, 2) - MOST_POINTS * ONE_DAY
    now = at("Mon 2026-03-02 10:00")

    with pytest.raises(Invalid, match="too long") as refused:
        timeline_of({long_ago: 1}, Interval.DAY, NEW_YORK, now)

    assert "longer interval" in refused.value.faults[0].message
    assert len(timeline_of({long_ago + ONE_DAY: 1}, Interval.DAY, NEW_YORK, now)) == MOST_POINTS


def test_a_step_counts_what_it_did_in_every_version_that_it_was_in() -> None:
    versions = {1: definition(10, 11, 12), 2: definition(10, 21, 22)}
    executions = {(1, 0): 5, (1, 1): 4, (2, 0): 3, (2, 1): 2}
    tasks = {(1, 0): TaskCounts(completed=2, on_time=1), (2, 0): TaskCounts(completed=1, on_time=1)}

    steps = steps_of(versions[2], versions, executions, tasks)

    assert [(step.id, step.order, step.executions) for step in steps] == [
        (10, 0, 8),
        (21, 1, 2),
        (22, 2, 0),
    ]
    assert steps[0].tasks == TaskCounts(completed=3, on_time=2)


@pytest.mark.parametrize(
    ("state", "waiting_for", "told"),
    [
        ("EXECUTING", None, "EXECUTING"),
        ("EXECUTING", "MESSAGE", "EXECUTING"),
        ("EXECUTING", "TASK", "PAUSED"),
        ("PAUSED", "MESSAGE", "PAUSED"),
        ("FINISHED", None, "FINISHED"),
        ("UNENROLLED", None, "UNENROLLED"),
    ],
)
def test_who_waits_for_a_task_is_told_as_paused(
    state: str, waiting_for: str | None, told: str
) -> None:
    waits = WaitingFor(waiting_for) if waiting_for else None

    assert shown_state(State(state), waits) == told
