from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from drumbeat.domain import planner
from drumbeat.domain.planner import Because, Block, Way
from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.domain.sequence import (
    Definition,
    Dependency,
    DependencyType,
    EmailContent,
    EmailStep,
    FinishStep,
    SequenceSettings,
    Step,
    TaskContent,
    TaskPriority,
    TaskStep,
    TaskType,
    Variant,
)
from tests.wall_clock import NEW_YORK, at

WAY = Way(account_id=1, sequence_id=2, contact_id=3, zone=NEW_YORK)
SETTINGS = SequenceSettings(
    window=SendWindow(480, 1080),
    days=EligibleDays.BUSINESS_DAYS,
    task_creation_minute=480,
    task_reminder_minute=540,
    has_task_reminders=True,
    threads_follow_ups=True,
)
CALL = TaskContent(type=TaskType.CALL, priority=TaskPriority.HIGH)
DAY = timedelta(days=1)


def email(order: int, delay: timedelta = DAY, **content: int) -> EmailStep:
    return EmailStep(order=order, delay=delay, email=EmailContent(template_id=1, **content))


def task(order: int, delay: timedelta = DAY) -> TaskStep:
    return TaskStep(order=order, delay=delay, task=CALL)


def of(*steps: Step, dependencies: tuple[Dependency, ...] = ()) -> Definition:
    finish = FinishStep(order=len(steps), delay=timedelta(0))
    return Definition(steps=(*steps, finish), dependencies=dependencies, settings=SETTINGS)


def waits(relies_on: int, required_by: int) -> Dependency:
    return Dependency(
        type=DependencyType.TASK_COMPLETION, relies_on=relies_on, required_by=required_by
    )


def test_a_first_step_runs_at_once_also_at_night() -> None:
    midnight = at("Sun 2026-03-01 00:00")

    first = planner.start(of(email(0, timedelta(0))), WAY, midnight)

    assert (first.due_at, first.because) == (midnight, Because.AT_ONCE)


def test_a_step_that_waits_for_a_task_has_no_time() -> None:
    definition = of(task(0), email(1), dependencies=(waits(0, 1),))

    upcoming = planner.after(definition, 0, WAY, at("Mon 2026-03-02 10:00"), {0: None})

    assert (upcoming.due_at, upcoming.blocked_by) == (None, Block.TASK)
    assert upcoming.waits_for == (0,)


def test_a_delay_counts_from_the_completion_of_the_task_it_waited_for() -> None:
    definition = of(task(0), email(1), dependencies=(waits(0, 1),))
    done = {0: at("Wed 2026-03-04 11:30")}

    upcoming = planner.after(definition, 0, WAY, at("Mon 2026-03-02 10:00"), done)

    assert upcoming.due_at == at("Thu 2026-03-05 11:30")


def test_a_task_done_before_the_step_before_does_not_shorten_the_delay() -> None:
    definition = of(task(0), email(1), email(2), dependencies=(waits(0, 2),))
    done = {0: at("Mon 2026-03-02 11:00")}

    upcoming = planner.after(definition, 1, WAY, at("Wed 2026-03-04 15:00"), done)

    assert upcoming.due_at == at("Thu 2026-03-05 15:00")


def test_a_task_is_made_at_its_minute_of_the_due_day() -> None:
    upcoming = planner.after(of(task(0), task(1)), 0, WAY, at("Fri 2026-03-06 15:00"), {})

    assert upcoming.due_at == at("Mon 2026-03-09 08:00")
    assert upcoming.because is Because.TASK_MINUTE


def test_a_task_is_never_made_before_what_it_follows() -> None:
    late = task(1, timedelta(0))

    upcoming = planner.after(of(task(0), late), 0, WAY, at("Fri 2026-03-06 15:00"), {})

    assert upcoming.due_at == at("Fri 2026-03-06 15:00")


def test_a_thread_whose_email_never_went_out_goes_on_from_the_one_before() -> None:
    definition = of(email(0), email(1), email(2), email(3))
    content = EmailContent(template_id=1, thread_to=1)

    assert planner.thread_of(definition, 3, content, {0: "<a>"}) == 0
    assert planner.thread_of(definition, 3, content, {2: "<c>"}) is None


def test_without_threading_a_follow_up_begins_a_thread() -> None:
    alone = replace(of(email(0), email(1)), settings=replace(SETTINGS, threads_follow_ups=False))

    assert planner.thread_of(alone, 1, EmailContent(template_id=1), {0: "<a>"}) is None


def test_active_variants_share_the_contacts_and_each_contact_keeps_its_own() -> None:
    variants = tuple(
        Variant(ordinal=n, is_active=n < 2, content=EmailContent(template_id=n)) for n in range(3)
    )
    step = replace(email(0), variants=variants)

    chosen = [planner.content_for(step, replace(WAY, contact_id=contact)) for contact in range(200)]

    counts = [chosen.count(EmailContent(template_id=n)) for n in range(3)]
    assert counts[2] == 0
    assert min(counts[:2]) > 70
    assert planner.content_for(step, WAY) == planner.content_for(step, WAY)


def test_a_dynamic_step_waits_a_length_within_its_bounds_that_is_the_contacts_own() -> None:
    step = replace(email(1), is_dynamic=True, delay_min=DAY, delay_max=3 * DAY)
    ways = [replace(WAY, contact_id=contact_id) for contact_id in range(200)]

    delays = [planner.delay_of(step, way) for way in ways]

    assert all(DAY <= delay <= 3 * DAY for delay in delays)
    assert len(set(delays)) > 190
    assert delays == [planner.delay_of(step, way) for way in ways]
    assert planner.delay_of(replace(step, is_dynamic=False), WAY) == DAY


ZONES = st.sampled_from(
    ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago"]
).map(ZoneInfo)


@given(
    st.integers(0, 400_000_000),
    st.integers(0, 40 * 24 * 60),
    st.tuples(st.integers(0, 1440), st.integers(0, 1440)),
    st.sampled_from(EligibleDays),
    ZONES,
    st.integers(1, 1_000_000),
)
def test_no_planned_email_lies_outside_its_window_and_days(
    since: int, delay: int, ends: tuple[int, int], days: EligibleDays, zone: ZoneInfo, contact: int
) -> None:
    base = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(seconds=since)
    window = SendWindow(min(ends), max(ends))
    step = email(1, timedelta(minutes=delay))
    way = replace(WAY, zone=zone, contact_id=contact)

    due, _ = planner.due_at(step, replace(SETTINGS, window=window, days=days), way, base)

    local = due.astimezone(zone)
    minute = local.hour * 60 + local.minute
    assert due >= base
    assert days.include(local.date())
    assert window.opens == window.closes or window.opens <= minute < window.closes


OFF = frozenset({at("Tue 2026-03-03 12:00").date()})
CLOSED = replace(WAY, holidays=OFF)
MONDAY = at("Mon 2026-03-02 10:00")


def test_a_step_that_a_holiday_moved_or_was_counted_in_says_so() -> None:
    steps = of(email(0), email(1), email(2, 3 * DAY), task(3), email(4, 8 * DAY))

    told = [planner.reach(steps, order, CLOSED, MONDAY, {}) for order in (1, 2, 3)]

    assert [upcoming.because for upcoming in told] == [Because.HOLIDAY] * 3
    assert told[2].due_at == at("Wed 2026-03-04 08:00")


def test_a_step_that_no_holiday_touches_has_its_usual_reason() -> None:
    everyday = replace(SETTINGS, days=EligibleDays.EVERYDAY)

    due, because = planner.due_at(email(1, 2 * DAY), everyday, CLOSED, MONDAY)

    assert (due, because) == (at("Wed 2026-03-04 10:00"), Because.DELAY)


def test_the_finish_comes_on_a_holiday_too() -> None:
    steps = of(email(0))

    upcoming = planner.after(steps, 0, CLOSED, at("Tue 2026-03-03 23:00"), {})

    assert (upcoming.due_at, upcoming.because) == (at("Tue 2026-03-03 23:00"), Because.AT_ONCE)


def test_what_is_due_on_a_day_that_became_a_holiday_is_put_off_to_the_next() -> None:
    tuesday = at("Tue 2026-03-03 10:00")

    task_at, why_task = planner.put_off(task(1), SETTINGS, CLOSED, tuesday)
    email_at, why_email = planner.put_off(email(1), SETTINGS, CLOSED, tuesday)

    assert (task_at, why_task) == (at("Wed 2026-03-04 10:00"), Because.HOLIDAY)
    assert at("Wed 2026-03-04 08:00") <= email_at <= at("Wed 2026-03-04 08:15")
    assert why_email is Because.HOLIDAY


def test_what_is_late_is_put_off_to_where_it_suits_and_says_so() -> None:
    saturday = at("Sat 2026-03-07 10:00")

    put_off = [planner.put_off(step, SETTINGS, WAY, saturday)[1] for step in (task(1), email(1))]

    assert put_off == [Because.OVERDUE, Because.WINDOW]


def test_what_begins_an_enrollment_is_never_put_off() -> None:
    tuesday = at("Tue 2026-03-03 10:00")
    from_the_task = replace(CLOSED, start_order=1)

    first = planner.put_off(email(0, timedelta(0)), SETTINGS, CLOSED, tuesday)
    later = planner.put_off(task(1), SETTINGS, from_the_task, tuesday)

    assert first == later == (tuesday, None)
