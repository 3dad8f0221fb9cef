"""Pauses, and what is left of a delay after one."""

from __future__ import annotations

import pytest

from drumbeat.domain.enrollment import State
from drumbeat.domain.message import MessageState
from drumbeat.errors import Conflict
from tests.memory_outbox import AWAY
from tests.world import World


def test_a_pause_keeps_what_is_left_of_the_delay(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(3)))

    world.advance(days=2)
    world.pause(enrollment_id)
    world.advance(days=1)
    world.resume(enrollment_id)
    world.advance(days=5)

    assert world.sent() == ["Mon 2026-03-02 10:00", "Fri 2026-03-06 10:00"]


def test_a_pause_over_a_window_ends_at_its_next_opening(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))

    world.until("Tue 2026-03-03 09:00")
    world.pause(enrollment_id)
    world.until("Tue 2026-03-03 17:30")
    world.resume(enrollment_id)
    world.advance(days=2)

    assert world.sent()[1].startswith("Wed 2026-03-04 08:")


def test_while_paused_nothing_happens(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))

    world.pause(enrollment_id)
    world.advance(days=30)

    assert len(world.outbox.sent) == 1
    assert world.standing(enrollment_id).state is State.PAUSED


def test_pausing_takes_back_a_scheduled_message_and_resuming_sends_it_once(world: World) -> None:
    world.outbox.answers = [AWAY]
    enrollment_id = world.enroll(world.sequence(world.email()))

    world.pause(enrollment_id)
    assert [message.state for message in world.messages()] == [MessageState.CANCELLED]
    world.advance(days=1)
    world.resume(enrollment_id)
    world.advance(hours=1)

    assert len(world.outbox.sent) == 1
    assert world.standing(enrollment_id).state is State.FINISHED


def test_a_task_done_during_the_pause_counts_when_it_is_over(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.task(), world.email(1), waits=((0, 1),)))
    [call] = world.tasks()

    world.pause(enrollment_id)
    world.complete(call)
    world.advance(hours=2)
    world.resume(enrollment_id)
    world.advance(days=2)

    assert world.sent() == ["Tue 2026-03-03 10:00"]


def test_what_fell_due_during_a_pause_goes_after_it_inside_the_window(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.task(), world.email(1), waits=((0, 1),)))
    [call] = world.tasks()
    world.pause(enrollment_id)
    world.complete(call)

    world.until("Thu 2026-03-05 20:00")
    world.resume(enrollment_id)
    world.advance(days=2)

    assert world.sent()[0].startswith("Fri 2026-03-06 08:")


def test_an_ended_enrollment_cannot_be_paused(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email()))

    with pytest.raises(Conflict, match="has ended"):
        world.pause(enrollment_id)


def test_pausing_between_the_recipient_and_the_data_withdraws_the_message(world: World) -> None:
    sequence_id = world.sequence(world.email())
    contact_id = world.contact()

    def pause_meanwhile() -> None:
        world.engine.enrolling.pause(world.account_id, 1)

    world.outbox.at_the_gate = pause_meanwhile
    world.enroll(sequence_id, contact_id)

    assert world.outbox.sent == []
    assert [message.state for message in world.messages()] == [MessageState.CANCELLED]
