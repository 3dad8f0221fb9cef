"""People moved to another version while an e-mail of theirs waits, is held or is being sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drumbeat.domain.enrollment import State, WaitingFor
from drumbeat.domain.message import MessageState
from drumbeat.domain.planner import Because
from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.services.claiming import Claimed
from tests.memory_outbox import GREYLISTED, SILENT
from tests.scenarios.letters import Letters
from tests.wall_clock import shown
from tests.world import OFFICE_HOURS, World

ANY_TIME = replace(OFFICE_HOURS, window=SendWindow(0, 1440), days=EligibleDays.EVERYDAY)
MORNINGS = replace(OFFICE_HOURS, window=SendWindow(480, 600))


@pytest.fixture
def letters(world: World) -> Letters:
    return Letters(world)


def waiting(world: World, letters: Letters, steps: str = "AB") -> tuple[int, int]:
    """A sequence, and an enrollment in it whose second e-mail waits for an hour at least."""
    sequence_id = world.sequence(*letters(steps))
    enrollment_id = world.enroll(sequence_id)
    world.outbox.answers += [GREYLISTED] * 5
    world.advance(days=1, minutes=20)
    return sequence_id, enrollment_id


def test_an_email_that_waits_goes_as_the_one_of_its_step_there(
    world: World, letters: Letters
) -> None:
    sequence_id, enrollment_id = waiting(world, letters)

    world.edit(sequence_id, *letters("AC"))
    world.migrate(sequence_id)
    world.advance(days=1)

    assert letters.sent() == "AC"
    assert [message.state for message in world.messages()] == [MessageState.SENT] * 2
    assert world.standing(enrollment_id).state is State.FINISHED


def test_an_email_that_waits_keeps_its_time_where_that_suits(
    world: World, letters: Letters
) -> None:
    sequence_id, _ = waiting(world, letters)
    before = world.messages()[1]

    world.edit(sequence_id, *letters("ADB"))
    world.migrate(sequence_id)

    after = world.messages()[1]
    assert (after.send_at, after.because) == (before.send_at, Because.RETRY)
    assert (after.version, after.step_order) == (2, 2)
    assert after.message_id != before.message_id


def test_an_email_that_waits_for_the_window_goes_as_soon_as_the_one_there_is_open(
    world: World, letters: Letters
) -> None:
    sequence_id = world.sequence(*letters("AB"))
    world.enroll(sequence_id)
    world.outage(days=1, hours=9)
    world.work()
    held_back = world.messages()[1]

    world.edit(sequence_id, *letters("AB"), settings=ANY_TIME)
    world.migrate(sequence_id)

    assert held_back.because is Because.WINDOW
    assert world.sent() == ["Mon 2026-03-02 10:00", "Tue 2026-03-03 19:00"]


def test_an_email_that_waits_keeps_to_the_window_there(world: World, letters: Letters) -> None:
    sequence_id, _ = waiting(world, letters)

    world.edit(sequence_id, *letters("AB"), settings=MORNINGS)
    world.migrate(sequence_id)
    message = world.messages()[1]

    assert message.because is Because.WINDOW
    assert shown(message.send_at or message.created_at).startswith("Wed 2026-03-04 08:")


def test_an_email_that_waits_does_not_go_before_the_delay_there_is_over(
    world: World, letters: Letters
) -> None:
    sequence_id, _ = waiting(world, letters)

    world.edit(sequence_id, *letters("AB", days=3))
    world.migrate(sequence_id)
    world.advance(days=7)

    assert world.sent()[1] == "Thu 2026-03-05 10:00"


def test_an_email_that_waits_is_cancelled_where_the_step_there_is_none(
    world: World, letters: Letters
) -> None:
    sequence_id, enrollment_id = waiting(world, letters)

    world.edit(sequence_id, *letters("A"), world.task())
    world.migrate(sequence_id)
    world.advance(days=7)

    assert letters.sent() == "A"
    assert [task.step_order for task in world.tasks()] == [1]
    assert world.messages()[1].state is MessageState.CANCELLED
    assert "email_cancelled" in world.story(enrollment_id)


def test_an_email_that_waits_is_cancelled_where_a_task_comes_first(
    world: World, letters: Letters
) -> None:
    sequence_id = world.sequence(world.task(), *letters.later("B"))
    enrollment_id = world.enroll(sequence_id)
    world.outbox.answers += [GREYLISTED] * 5
    world.advance(days=1, minutes=20)

    world.edit(sequence_id, world.task(), *letters.later("B"), waits=((0, 1),))
    world.migrate(sequence_id)
    blocked = world.standing(enrollment_id)
    world.advance(days=1)
    world.outbox.answers.clear()
    world.complete(world.tasks()[0])
    world.advance(days=1)

    assert (blocked.waiting_for, blocked.step_order) == (WaitingFor.TASK, 1)
    assert world.sent() == ["Thu 2026-03-05 10:20"]


def test_moved_back_an_email_that_was_cancelled_is_made_anew(
    world: World, letters: Letters
) -> None:
    sequence_id, enrollment_id = waiting(world, letters)
    world.edit(sequence_id, *letters("A"), world.task(5))
    world.outbox.answers.clear()

    world.migrate(sequence_id)
    world.migrate(sequence_id, to_version=1)
    world.advance(days=7)

    assert letters.sent() == "AB"
    assert world.standing(enrollment_id).state is State.FINISHED


def test_moved_back_an_email_that_went_as_another_still_comes(
    world: World, letters: Letters
) -> None:
    sequence_id, _ = waiting(world, letters)
    world.edit(sequence_id, *letters("AC"), *letters.later("D", days=9))

    world.migrate(sequence_id)
    world.advance(days=1)
    world.migrate(sequence_id, to_version=1)
    world.advance(days=7)

    assert letters.sent() == "ACB"


def test_a_held_email_stays_held_as_the_one_of_its_step_there(
    world: World, letters: Letters
) -> None:
    needy = world.template("Hello {{ contact.firstname }}")
    sequence_id = world.sequence(world.email(template=needy))
    world.enroll(sequence_id)

    world.edit(sequence_id, *letters("B"))
    world.migrate(sequence_id)
    [held] = world.messages()
    with world.engine.writing():
        world.engine.settling.retry(world.account_id, held.id)
    world.advance(minutes=1)

    assert (held.state, held.template_id) == (MessageState.HELD, letters.templates["B"])
    assert letters.sent() == "B"


def test_an_email_in_doubt_keeps_it_where_it_is_until_it_is_settled(
    world: World, letters: Letters
) -> None:
    world.outbox.answers.append(SILENT)
    sequence_id = world.sequence(*letters("AB"))
    world.enroll(sequence_id)
    world.edit(sequence_id, *letters("DAB"))

    [stays] = world.migrate(sequence_id).moves
    with world.engine.writing():
        world.engine.settling.settle(world.account_id, 1, as_sent=True)
    [moves] = world.migrate(sequence_id).moves

    assert (stays.after, "in doubt" in stays.reason) == (None, True)
    assert moves.after is not None
    assert moves.after.step_order == 2


def test_an_email_that_is_being_sent_keeps_it_where_it_is(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("A"))
    claimed = claimed_email(world, sequence_id)
    _, email = world.engine.sending.prepare(claimed)
    world.engine.sending.commit_intent(claimed, email)
    world.edit(sequence_id, *letters("B"))

    [stays] = world.engine.migrating.migrate(world.account_id, sequence_id).moves

    assert (stays.after, "run this again" in stays.reason) == (None, True)


def test_a_worker_that_has_read_the_old_email_cannot_send_it(
    world: World, letters: Letters
) -> None:
    sequence_id = world.sequence(*letters("A"))
    claimed = claimed_email(world, sequence_id)
    world.edit(sequence_id, *letters("B"))
    _, email = world.engine.sending.prepare(claimed)

    world.engine.migrating.migrate(world.account_id, sequence_id)
    may_go = world.engine.sending.commit_intent(claimed, email)
    world.advance(minutes=1)

    assert may_go is False
    assert letters.sent() == "B"


def test_an_email_taken_back_by_a_pause_comes_as_the_one_there(
    world: World, letters: Letters
) -> None:
    sequence_id, enrollment_id = waiting(world, letters)
    world.outbox.answers.clear()
    world.pause(enrollment_id)

    world.edit(sequence_id, *letters("AC"))
    world.migrate(sequence_id)
    paused = world.standing(enrollment_id)
    world.resume(enrollment_id)
    world.advance(days=1)

    assert (paused.state, paused.waiting_for) == (State.PAUSED, WaitingFor.MESSAGE)
    assert letters.sent() == "AC"


def test_an_email_taken_back_by_a_pause_does_not_come_where_the_step_there_is_none(
    world: World, letters: Letters
) -> None:
    sequence_id, enrollment_id = waiting(world, letters)
    world.pause(enrollment_id)

    world.edit(sequence_id, *letters("A"), world.task())
    world.migrate(sequence_id)
    world.resume(enrollment_id)
    world.advance(days=7)

    assert letters.sent() == "A"
    assert [task.step_order for task in world.tasks()] == [1]


def claimed_email(world: World, sequence_id: int) -> Claimed:
    """The first e-mail of a contact, in the hands of a worker."""
    world.engine.enrolling.enroll(
        world.account_id,
        user_id=world.user_id,
        sequence_id=sequence_id,
        contact_id=world.contact(),
        sender_email="rep@example.com",
    )
    world.engine.stepping.step_due()
    [claimed] = world.engine.claiming.claim()
    return claimed
