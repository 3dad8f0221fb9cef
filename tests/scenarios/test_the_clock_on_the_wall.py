"""Windows, weekends and the two nights when the clocks change."""

from __future__ import annotations

from dataclasses import replace

from drumbeat.domain.schedule import EligibleDays, SendWindow
from tests.scenarios.conftest import WorldAt
from tests.wall_clock import BERLIN, NEW_YORK, shown
from tests.world import OFFICE_HOURS, World

EVERYDAY = replace(OFFICE_HOURS, days=EligibleDays.EVERYDAY)
NIGHT = replace(EVERYDAY, window=SendWindow(90, 240))


def test_a_first_email_goes_at_once_even_on_a_sunday_night(world_at: WorldAt) -> None:
    world = world_at("Sun 2026-03-01 23:30", NEW_YORK)

    world.enroll(world.sequence(world.email(), world.email(1)))
    world.advance(days=4)

    first, second = world.sent()
    assert first == "Sun 2026-03-01 23:30"
    assert second.startswith("Tue 2026-03-03 08:")


def test_nothing_is_sent_over_the_weekend(world_at: WorldAt) -> None:
    world = world_at("Fri 2026-03-06 10:00", NEW_YORK)

    world.enroll(world.sequence(world.email(), world.email(1)))
    world.advance(days=7)

    assert world.sent() == ["Fri 2026-03-06 10:00", "Mon 2026-03-09 10:00"]


def test_spring_night_in_new_york_keeps_the_time_of_day(world_at: WorldAt) -> None:
    world = world_at("Sat 2026-03-07 10:00", NEW_YORK)

    world.enroll(world.sequence(world.email(), world.email(1), settings=EVERYDAY))
    world.advance(days=2)

    assert world.sent() == ["Sat 2026-03-07 10:00", "Sun 2026-03-08 10:00"]


def test_autumn_night_in_berlin_keeps_the_time_of_day(world_at: WorldAt) -> None:
    world = world_at("Sat 2026-10-24 10:00", BERLIN)

    world.enroll(world.sequence(world.email(), world.email(1), settings=EVERYDAY))
    world.advance(days=2)

    assert world.sent() == ["Sat 2026-10-24 10:00", "Sun 2026-10-25 10:00"]


def test_an_hour_that_does_not_exist_in_new_york_is_skipped(world_at: WorldAt) -> None:
    world = world_at("Sat 2026-03-07 02:30", NEW_YORK)

    world.enroll(world.sequence(world.email(), world.email(1), settings=NIGHT))
    world.advance(days=2)

    assert world.sent()[1] == "Sun 2026-03-08 03:00"


def test_a_day_passed_over_on_which_an_hour_is_skipped_keeps_the_time_of_day(
    world_at: WorldAt,
) -> None:
    world = world_at("Sat 2026-03-07 02:30", NEW_YORK)
    settings = replace(NIGHT, days=EligibleDays.WEEKDAYS_ONLY)

    world.enroll(world.sequence(world.email(), world.email(1), settings=settings))
    world.advance(days=3)

    assert world.sent()[1] == "Mon 2026-03-09 02:30"


def test_an_hour_that_comes_twice_in_berlin_sends_once(world_at: WorldAt) -> None:
    world = world_at("Sat 2026-10-24 02:30", BERLIN)

    world.enroll(world.sequence(world.email(), world.email(1), settings=NIGHT))
    world.advance(days=2)

    assert world.sent() == ["Sat 2026-10-24 02:30", "Sun 2026-10-25 02:30"]


def test_tasks_are_made_at_their_minute_on_both_sides_of_the_change(world_at: WorldAt) -> None:
    world = world_at("Fri 2026-03-06 15:00", NEW_YORK)

    world.enroll(world.sequence(world.task(1), world.task(3), settings=EVERYDAY))
    world.advance(days=7)

    assert [shown(task.due_at) for task in world.tasks()] == [
        "Sat 2026-03-07 08:00",
        "Tue 2026-03-10 08:00",
    ]


def test_a_task_with_less_than_a_day_waits_for_its_minute_only_when_early(world: World) -> None:
    world.enroll(world.sequence(world.email(), world.task(0.25)))

    world.advance(days=1)

    assert [shown(task.due_at) for task in world.tasks()] == ["Mon 2026-03-02 16:00"]


def test_a_first_task_is_there_at_once(world_at: WorldAt) -> None:
    world = world_at("Sun 2026-03-01 05:00", NEW_YORK)

    world.enroll(world.sequence(world.task()))

    [task] = world.tasks()
    assert shown(task.due_at) == "Sun 2026-03-01 05:00"
    assert shown(task.reminder_at or task.due_at) == "Sun 2026-03-01 09:00"


def test_the_finish_is_reached_at_once_on_any_day(world_at: WorldAt) -> None:
    world = world_at("Sat 2026-03-07 23:00", NEW_YORK)

    enrollment_id = world.enroll(world.sequence(world.email()))

    assert world.standing(enrollment_id).state.is_final
