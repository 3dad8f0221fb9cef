"""What the main job looks like from outside, over days and weeks."""

from __future__ import annotations

import pytest

from drumbeat.domain.enrollment import Reason, State, WaitingFor
from drumbeat.domain.sequence import TaskType
from drumbeat.errors import AlreadyEnrolled
from tests.wall_clock import shown
from tests.world import World


def test_the_first_email_goes_at_once_and_the_next_at_the_same_time_of_day(world: World) -> None:
    world.enroll(world.sequence(world.email(), world.email(2), world.email(3)))

    world.advance(days=14)

    assert world.sent() == [
        "Mon 2026-03-02 10:00",
        "Wed 2026-03-04 10:00",
        "Mon 2026-03-09 10:00",
    ]


def test_after_the_last_step_the_enrollment_is_finished(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email()))

    standing = world.standing(enrollment_id)
    assert (standing.state, standing.reason, standing.step_order) == (State.FINISHED, None, 1)
    assert world.story(enrollment_id) == ["enrolled", "email_scheduled", "email_sent", "finished"]


def test_a_follow_up_joins_the_thread_and_inherits_its_subject(world: World) -> None:
    world.enroll(world.sequence(world.email(), world.email(1), world.email(1)))

    world.advance(days=7)

    first, second, third = world.outbox.sent
    assert (first.in_reply_to, first.references) == (None, ())
    assert (second.in_reply_to, second.references) == (first.message_id, (first.message_id,))
    assert third.references == (first.message_id, second.message_id)
    assert [email.subject for email in (first, second, third)] == [
        "Hello there",
        "Re: Hello there",
        "Re: Hello there",
    ]


def test_an_email_answers_the_step_it_names(world: World) -> None:
    world.enroll(world.sequence(world.email(), world.email(1), world.email(1, thread_to=0)))

    world.advance(days=7)

    first, _, third = world.outbox.sent
    assert third.in_reply_to == first.message_id


def test_the_guides_sequence_waits_for_each_task(world: World) -> None:
    enrollment_id = world.enroll(
        world.sequence(world.task(), world.task(1, kind=TaskType.EMAIL), waits=((0, 1), (1, 2)))
    )
    [call] = world.tasks()
    assert world.standing(enrollment_id).waiting_for is WaitingFor.TASK

    world.advance(days=2)
    world.complete(call)
    world.advance(days=2)
    _, email = world.tasks()
    assert shown(email.due_at) == "Thu 2026-03-05 08:00"
    assert shown(email.reminder_at or email.due_at) == "Thu 2026-03-05 09:00"

    world.complete(email)
    assert world.standing(enrollment_id).state is State.FINISHED


def test_a_task_completed_twice_counts_from_the_first_time(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.task(), world.email(1), waits=((0, 1),)))
    [call] = world.tasks()

    world.complete(call)
    world.advance(hours=5)
    world.complete(call)
    world.advance(days=1)

    assert world.sent() == ["Tue 2026-03-03 10:00"]
    assert world.story(enrollment_id).count("task_completed") == 1


def test_without_a_dependency_the_way_goes_on_past_an_open_task(world: World) -> None:
    world.enroll(world.sequence(world.task(), world.email(1)))

    world.advance(days=1)

    assert world.sent() == ["Tue 2026-03-03 10:00"]


def test_a_manual_pause_waits_for_someone_to_press_on(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1), pauses=((0, 1),)))
    standing = world.standing(enrollment_id)
    assert (standing.state, standing.reason) == (State.PAUSED, Reason.MANUAL_PAUSE)

    world.advance(days=2)
    world.resume(enrollment_id)
    world.advance(days=3)

    assert world.sent() == ["Mon 2026-03-02 10:00", "Thu 2026-03-05 10:00"]


def test_a_contact_is_in_one_sequence_at_a_time_and_may_come_back(world: World) -> None:
    sequence_id = world.sequence(world.email(), world.email(5))
    contact_id = world.contact()
    first = world.enroll(sequence_id, contact_id)

    with pytest.raises(AlreadyEnrolled):
        world.enroll(sequence_id, contact_id)
    world.unenroll(first)
    world.advance(minutes=1)
    world.enroll(sequence_id, contact_id)

    assert len(world.outbox.sent) == 2


def test_unenrolled_means_nothing_more_is_sent(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))

    world.unenroll(enrollment_id)
    world.advance(days=7)

    assert len(world.outbox.sent) == 1
    assert world.standing(enrollment_id).reason is Reason.API


def test_an_edited_template_is_what_the_next_email_says(world: World) -> None:
    world.enroll(world.sequence(world.email(), world.email(1)))

    world.engine.authoring.change_template(
        world.account_id, world.template_id, {"body": "<p>Changed</p>"}
    )
    world.advance(days=1)

    assert "Changed" in world.outbox.sent[1].html


def test_an_enrollment_keeps_the_version_it_began_with(world: World) -> None:
    sequence_id = world.sequence(world.email(), world.email(1))
    world.enroll(sequence_id)

    world.edit(sequence_id, world.email())
    world.advance(days=1)

    assert len(world.outbox.sent) == 2
