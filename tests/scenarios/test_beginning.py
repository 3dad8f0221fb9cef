"""Enrollments that begin at another step, at another time, or by another clock."""

from __future__ import annotations

from datetime import datetime

import pytest

from drumbeat.domain.enrollment import Enrollment
from drumbeat.domain.planner import Because
from drumbeat.services.batch_enrolling import Wanted
from tests.wall_clock import BERLIN, NEW_YORK, at, shown
from tests.world import World


def enroll(
    world: World,
    sequence_id: int,
    *,
    step: int = 0,
    start_at: datetime | None = None,
    timezone: str | None = None,
) -> Enrollment:
    wanted = Wanted(
        sequence_id=sequence_id,
        contact_id=world.contact(),
        sender_email="rep@example.com",
        start_order=step,
        start_at=start_at,
        timezone=timezone,
    )
    with world.engine.writing():
        done = world.engine.batch_enrolling.enroll_all(world.account_id, world.user_id, {0: wanted})
    return done.enrollments[0]


def test_it_begins_with_its_step_at_once_and_those_before_never_happen(world: World) -> None:
    sequence_id = world.sequence(world.email(), world.task(1), world.email(3), world.email(1))
    world.until("Mon 2026-03-02 22:00")

    enrollment = enroll(world, sequence_id, step=2)
    world.advance(days=14)

    assert world.sent()[0] == "Mon 2026-03-02 22:00"
    assert [message.step_order for message in world.messages()] == [2, 3]
    assert world.tasks() == []
    assert world.story(enrollment.id)[-1] == "finished"


def test_it_does_not_wait_for_a_task_that_is_before_its_start(world: World) -> None:
    sequence_id = world.sequence(world.task(), world.email(1), waits=((0, 1),))

    enroll(world, sequence_id, step=1)

    assert world.sent() == ["Mon 2026-03-02 10:00"]


def test_it_begins_at_its_time_window_or_not(world: World) -> None:
    sequence_id = world.sequence(world.email(), world.email(1))

    enroll(world, sequence_id, start_at=at("Sat 2026-03-07 21:00"))
    world.advance(days=4)
    assert world.sent() == []
    world.advance(days=10)

    first, second = world.sent()
    assert first == "Sat 2026-03-07 21:00"
    assert second.startswith("Tue 2026-03-10 08:")


def test_its_days_and_windows_go_by_its_own_clock(world: World) -> None:
    sequence_id = world.sequence(world.task(), world.task(1))

    enroll(world, sequence_id, timezone="Europe/Berlin")
    world.advance(days=2)

    assert [shown(task.due_at, BERLIN) for task in world.tasks()] == [
        "Mon 2026-03-02 16:00",
        "Tue 2026-03-03 08:00",
    ]


def test_one_that_has_not_begun_can_be_paused_and_keeps_what_is_left(world: World) -> None:
    enrollment = enroll(world, world.sequence(world.email()), start_at=at("Thu 2026-03-05 10:00"))
    world.until("Wed 2026-03-04 10:00")

    world.pause(enrollment.id)
    world.until("Mon 2026-03-09 10:00")
    world.resume(enrollment.id)
    world.advance(days=2)

    assert world.sent() == ["Tue 2026-03-10 10:00"]


def test_who_begins_next_week_takes_no_place_under_todays_cap(world: World) -> None:
    world.connect(daily_cap=1)
    sequence_id = world.sequence(world.email())
    enroll(world, sequence_id, start_at=at("Mon 2026-03-09 10:00"))

    world.enroll(sequence_id, world.contact("bea@example.org"))

    assert world.sent() == ["Mon 2026-03-02 10:00"]


@pytest.mark.parametrize(
    ("start_at", "because"),
    [(None, Because.AT_ONCE), (at("Tue 2026-03-03 10:00", NEW_YORK), Because.START_TIME)],
)
def test_it_says_why_it_begins_when_it_does(
    world: World, start_at: datetime | None, because: Because
) -> None:
    enrollment = enroll(world, world.sequence(world.email()), start_at=start_at)

    assert enrollment.because is because
