"""Why a step ran when it did, told afterwards."""

from __future__ import annotations

from datetime import date, timedelta

from drumbeat.domain.holidays import HolidayCalendar, HolidayScope
from drumbeat.domain.planner import Because
from drumbeat.store import holiday_calendars
from drumbeat.store.tables import step_executions
from tests.memory_outbox import GREYLISTED
from tests.scenarios.conftest import WorldAt
from tests.scenarios.gates import explanation_of
from tests.wall_clock import NEW_YORK
from tests.world import World


def told(world: World, enrollment_id: int) -> list[tuple[Because | None, str | None]]:
    return [(step.because, step.text) for step in explanation_of(world, enrollment_id).past]


def test_each_step_has_its_time_its_reason_and_words_for_it(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.task(1), world.email(2)))

    world.advance(days=3)

    past = explanation_of(world, enrollment_id).past
    assert [(step.step_order, step.version, step.action.value) for step in past] == [
        (0, 1, "EMAIL"),
        (1, 1, "TASK"),
        (2, 1, "EMAIL"),
        (3, 1, "FINISH_ENROLLMENT"),
    ]
    assert [step.executed_at for step in past] == [step.due_at for step in past]
    assert told(world, enrollment_id) == [
        (
            Because.AT_ONCE,
            "nothing held it back, and it was to run at once, on Monday 2 March 2026 at 10:00",
        ),
        (
            Because.TASK_MINUTE,
            "tasks are made at 08:00, and the first time for it was Tuesday 3 March 2026 at 08:00",
        ),
        (Because.DELAY, "its delay of 2 days ended on Thursday 5 March 2026 at 08:00"),
        (
            Because.AT_ONCE,
            "nothing held it back, and it was to run at once, on Thursday 5 March 2026 at 08:00",
        ),
    ]


def test_a_closed_window_is_told_with_when_the_delay_had_ended(world_at: WorldAt) -> None:
    world = world_at("Mon 2026-03-02 17:00", NEW_YORK)
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1.125)))

    world.advance(days=3)

    because, text = told(world, enrollment_id)[1]
    assert because is Because.WINDOW
    assert text is not None
    assert text.startswith(
        "its delay of 1 day and 3 hours ended on Tuesday 3 March 2026 at 20:00; "
        "the send window (08:00-18:00, Monday to Friday, America/New_York) was closed, "
        "and its turn once it opened was on Wednesday 4 March 2026 at 08:"
    )


def test_a_delay_that_began_when_a_task_was_done_says_so(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.task(), world.email(1), waits=((0, 1),)))
    world.until("Tue 2026-03-03 11:00")
    world.complete(world.tasks()[0])

    world.advance(days=1)

    assert told(world, enrollment_id)[1] == (
        Because.DELAY,
        "its delay of 1 day (counted from when its task was done, Tuesday 3 March 2026 at 11:00) "
        "ended on Wednesday 4 March 2026 at 11:00",
    )


def test_a_slot_behind_others_is_told_as_the_senders(world: World) -> None:
    sequence_id = world.sequence(world.email())
    world.enroll(sequence_id, world.contact("a@example.org"))
    second = world.enroll(sequence_id, world.contact("b@example.org"))

    world.advance(minutes=1)

    assert told(world, second)[0] == (
        Because.SENDER_GAP,
        "its sender's other e-mails left before it, a gap apart, so that its turn was on "
        "Monday 2 March 2026 at 10:00:30",
    )


def test_a_used_up_cap_is_told(world: World) -> None:
    world.connect(daily_cap=1, gap=timedelta(0))
    sequence_id = world.sequence(world.task(), world.email(1))
    ids = [world.enroll(sequence_id, world.contact(f"{name}@example.org")) for name in "ab"]

    world.advance(days=2)

    assert told(world, ids[1])[1] == (
        Because.SENDER_CAP,
        "its sender's cap was used up; the next free place was on Wednesday 4 March 2026 at 10:00",
    )


def test_a_retry_and_a_pause_are_told(world: World) -> None:
    world.outbox.answers = [GREYLISTED]
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))
    world.advance(minutes=1)
    world.pause(enrollment_id)
    world.advance(hours=1)
    world.resume(enrollment_id)

    world.advance(days=1)

    assert told(world, enrollment_id)[:2] == [
        (
            Because.RETRY,
            "the server had refused it for now, or was away; it was tried again on "
            "Monday 2 March 2026 at 10:01",
        ),
        (
            Because.RESUMED,
            "what was left of its delay when it was paused ended on Tuesday 3 March 2026 at 11:01",
        ),
    ]


def test_what_came_late_says_by_how_much(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.task(1)))

    world.outage(days=1, hours=2)
    world.work()

    assert told(world, enrollment_id)[1] == (
        Because.TASK_MINUTE,
        "tasks are made at 08:00, and the first time for it was Tuesday 3 March 2026 at 08:00; "
        "it ran 4 hours later, on Tuesday 3 March 2026 at 12:00",
    )


def test_a_holiday_is_told(world: World) -> None:
    calendar = HolidayCalendar(dates=frozenset({date(2026, 3, 3)}))
    with world.engine.database.transaction() as tx:
        owner = (HolidayScope.USER, world.user_id)
        holiday_calendars.put(tx, world.account_id, owner, calendar, world.clock.now())
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))

    world.advance(days=3)

    assert told(world, enrollment_id)[1] == (
        Because.HOLIDAY,
        "but for a holiday it would have been earlier; after that came "
        "Wednesday 4 March 2026 at 10:00",
    )


def test_what_was_not_noted_at_the_time_is_not_made_up(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email()))
    with world.engine.database.transaction() as tx:
        tx.execute(step_executions.update().values(due_at=None, because=None))

    first = explanation_of(world, enrollment_id).past[0]

    assert (first.due_at, first.because, first.text) == (None, None, None)


def test_a_step_of_an_older_version_is_told_by_that_version(world: World) -> None:
    sequence_id = world.sequence(world.email(), world.task(1))
    enrollment_id = world.enroll(sequence_id)

    world.edit(sequence_id, world.task(), world.email(5))
    world.advance(days=1)

    actions = [step.action.value for step in explanation_of(world, enrollment_id).past]
    assert actions[:2] == ["EMAIL", "TASK"]


def test_who_was_moved_has_its_steps_in_both_versions(world: World) -> None:
    sequence_id = world.sequence(world.email(), world.task(1), world.email(2))
    enrollment_id = world.enroll(sequence_id)
    world.advance(days=1)
    world.edit(sequence_id, world.email(), world.task(1), world.task(1), world.email(2))

    world.migrate(sequence_id)
    world.advance(days=7)

    past = explanation_of(world, enrollment_id).past
    assert [(step.version, step.step_order, step.action.value) for step in past] == [
        (1, 0, "EMAIL"),
        (1, 1, "TASK"),
        (2, 3, "EMAIL"),
        (2, 4, "FINISH_ENROLLMENT"),
    ]
    assert all(step.text for step in past)
