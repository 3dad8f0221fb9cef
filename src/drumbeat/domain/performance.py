"""What is counted of a sequence, and how the counts relate.

An enrollment counts from the moment its first step has run or was to run; before that it only
waits. Whatever is counted of enrollments is counted of those, so that no share exceeds the whole;
where everybody stands is told of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from drumbeat.domain.enrollment import State, WaitingFor
from drumbeat.domain.schedule import ONE_DAY, at_minute, first_instant, local_date
from drumbeat.domain.sequence import Definition
from drumbeat.errors import Fault, Invalid

DAYS_A_WEEK = 7
MONTHS_A_QUARTER = 3
MONTHS_A_YEAR = 12
# 27 years of days: what a clock that was moved too far would otherwise ask for has no end.
MOST_POINTS = 10_000

StepKey: TypeAlias = tuple[int, int]
"""The version of a sequence, and the order of a step in it."""


class Interval(StrEnum):
    """The stretch of days that one point of a timeline stands for. Weeks begin on Mondays."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"

    def first_day(self, day: date) -> date:
        """The day that the interval with *day* in it begins on."""
        match self:
            case Interval.DAY:
                return day
            case Interval.WEEK:
                return day - day.weekday() * ONE_DAY
            case _:
                month = (day.month - 1) // self.months * self.months + 1
                return date(day.year, month, 1)

    def next_after(self, first_day: date) -> date:
        """The first day of the interval after the one that begins on *first_day*."""
        match self:
            case Interval.DAY:
                return first_day + ONE_DAY
            case Interval.WEEK:
                return first_day + DAYS_A_WEEK * ONE_DAY
            case _:
                years, month = divmod(first_day.month - 1 + self.months, MONTHS_A_YEAR)
                return date(first_day.year + years, month + 1, 1)

    @property
    def months(self) -> int:
        lengths = {Interval.MONTH: 1, Interval.QUARTER: MONTHS_A_QUARTER}
        return lengths.get(self, MONTHS_A_YEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Of the enrollments that have begun."""

    enrolled: int
    contacts: int
    """How many different people those are."""
    bounced: int
    unsubscribed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCounts:
    completed: int = 0
    on_time: int = 0
    """Completed before the day ended on which they were due, where the enrollment is timed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPerformance:
    id: int
    order: int
    executions: int
    tasks: TaskCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many enrollments stand at a step in a state."""

    step_order: int
    state: State
    enrollments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """How many of the enrollments that have begun were made in one interval of a timeline."""

    begins_at: datetime
    enrollments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    sequence_id: int
    summary: Summary
    standings: Sequence[Standing]
    steps: Sequence[StepPerformance]
    timeline: Sequence[Point]


def shown_state(state: State, waiting_for: WaitingFor | None) -> State:
    """As people read it: who waits for a task is not getting on."""
    waits = state is State.EXECUTING and waiting_for is WaitingFor.TASK
    return State.PAUSED if waits else state


def steps_of(
    current: Definition,
    versions: Mapping[int, Definition],
    executions: Mapping[StepKey, int],
    tasks: Mapping[StepKey, TaskCounts],
) -> list[StepPerformance]:
    """The steps as they stand, each with what it did in every version that it was a step of.

    It is the same step for as long as it kept its id. What a step did that is gone is told
    nowhere: there is no place for it among the steps there are.
    """
    keys: dict[int, list[StepKey]] = {step.id: [] for step in current.steps}
    for version, definition in versions.items():
        for step in definition.steps:
            if step.id in keys:
                keys[step.id].append((version, step.order))
    return [
        StepPerformance(
            id=step.id,
            order=step.order,
            executions=sum(executions.get(key, 0) for key in keys[step.id]),
            tasks=TaskCounts(
                completed=sum(tasks[key].completed for key in keys[step.id] if key in tasks),
                on_time=sum(tasks[key].on_time for key in keys[step.id] if key in tasks),
            ),
        )
        for step in current.steps
    ]


def timeline_of(
    by_day: Mapping[date, int], interval: Interval, zone: ZoneInfo, now: datetime
) -> list[Point]:
    """A point for every interval from the first enrollment until *now*, also where there is none.

    Raises Invalid where that would be more points than anybody can read.
    """
    if not by_day:
        return []
    counts: dict[date, int] = {}
    for day, count in by_day.items():
        first_day = interval.first_day(day)
        counts[first_day] = counts.get(first_day, 0) + count
    # Rows may be younger than the clock, where that was set back before the first start.
    end = max(*counts, interval.first_day(local_date(now, zone)))
    points: list[Point] = []
    for first_day in first_days(min(counts), end, interval):
        if len(points) == MOST_POINTS:
            raise too_many_points(interval)
        begins_at = first_instant(at_minute(first_day, 0), zone)
        points.append(Point(begins_at=begins_at, enrollments=counts.get(first_day, 0)))
    return points


def first_days(begin: date, end: date, interval: Interval) -> Iterator[date]:
    day = begin
    while day < end:
        yield day
        day = interval.next_after(day)
    yield day


def too_many_points(interval: Interval) -> Invalid:
    message = f"by {interval} it has more than {MOST_POINTS:,} points; ask for a longer interval"
    return Invalid("the timeline is too long", [Fault(field="timelineInterval", message=message)])
