"""People on their way through a sequence, moved to another version of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drumbeat.domain.enrollment import Reason, State, WaitingFor
from drumbeat.domain.planner import Because
from drumbeat.domain.sequence import TaskType
from drumbeat.services.migrating import Migrating
from tests.scenarios.letters import Letters
from tests.world import OFFICE_HOURS, World

UNTHREADED = replace(OFFICE_HOURS, threads_follow_ups=False)


@pytest.fixture
def letters(world: World) -> Letters:
    return Letters(world)


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        pytest.param("ABC", "ABC", "ABC", id="the same"),
        pytest.param("ABC", "ADBC", "ABC", id="one put in before the next"),
        pytest.param("ABC", "ABDC", "ABDC", id="one put in after the next"),
        pytest.param("ABC", "AC", "AC", id="the next taken out"),
        pytest.param("ABC", "BC", "ABC", id="the first taken out"),
        pytest.param("ABC", "BAC", "AC", id="reordered"),
        pytest.param("ABC", "BCA", "A", id="what it had comes last"),
        pytest.param("ABC", "AB", "AB", id="shortened"),
        pytest.param("AB", "ABCD", "ABCD", id="lengthened"),
        pytest.param("ABC", "DE", "AE", id="nothing in common"),
    ],
)
def test_nobody_gets_the_same_email_twice(
    world: World, letters: Letters, before: str, after: str, sent: str
) -> None:
    sequence_id = world.sequence(*letters(before), settings=UNTHREADED)
    enrollment_id = world.enroll(sequence_id)

    world.edit(sequence_id, *letters(after), settings=UNTHREADED)
    world.migrate(sequence_id)
    world.advance(days=14)

    assert letters.sent() == sent
    assert world.standing(enrollment_id).state is State.FINISHED


def test_the_delay_goes_on_counting_from_where_it_did(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("AB", days=3))
    world.enroll(sequence_id)
    world.advance(days=1)

    world.edit(sequence_id, *letters("AB", days=2))
    world.migrate(sequence_id)
    world.advance(days=7)

    assert world.sent() == ["Mon 2026-03-02 10:00", "Wed 2026-03-04 10:00"]


def test_what_would_have_been_due_there_goes_when_it_suits_next(
    world: World, letters: Letters
) -> None:
    sequence_id = world.sequence(*letters("AB", days=5))
    enrollment_id = world.enroll(sequence_id)
    world.until("Wed 2026-03-04 20:00")

    world.edit(sequence_id, *letters("AB"))
    world.migrate(sequence_id)
    moved = world.standing(enrollment_id)
    world.advance(days=1)

    assert moved.because is Because.OVERDUE
    assert world.sent()[1].startswith("Thu 2026-03-05 08:")


def test_a_step_that_is_the_first_there_is_not_for_who_has_begun(
    world: World, letters: Letters
) -> None:
    sequence_id = world.sequence(*letters("AB", days=5))
    world.enroll(sequence_id)
    world.until("Wed 2026-03-04 20:00")

    world.edit(sequence_id, *letters("B"))
    world.migrate(sequence_id)
    world.advance(days=1)

    assert world.sent()[1].startswith("Thu 2026-03-05 08:")


@pytest.mark.parametrize(("after", "first"), [("CAB", 1), ("CB", 0)])
def test_who_has_not_begun_begins_with_its_step_there(
    world: World, letters: Letters, after: str, first: int
) -> None:
    sequence_id = world.sequence(*letters.later("A", days=5))
    enrollment_id = world.enroll(sequence_id)
    world.until("Mon 2026-03-02 20:00")

    world.edit(sequence_id, *letters(after))
    world.migrate(sequence_id)

    assert world.standing(enrollment_id).start_order == first
    assert world.sent() == ["Mon 2026-03-02 20:00"]


def test_what_a_pause_put_off_stays_put_off(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("AB"))
    enrollment_id = world.enroll(sequence_id)
    world.pause(enrollment_id)
    world.advance(days=2)
    world.resume(enrollment_id)

    world.edit(sequence_id, *letters("ADB"))
    world.migrate(sequence_id)
    world.advance(days=3)

    assert world.sent() == ["Mon 2026-03-02 10:00", "Thu 2026-03-05 10:00"]


def test_an_open_task_holds_up_the_step_that_waits_for_it_there_too(
    world: World, letters: Letters
) -> None:
    sequence_id = world.sequence(*letters("A"), world.task(), *letters.later("B"), waits=((1, 2),))
    enrollment_id = world.enroll(sequence_id)
    todo = world.task(kind=TaskType.TODO)
    world.edit(sequence_id, todo, *letters("A"), world.task(), *letters.later("B"), waits=((2, 3),))

    world.migrate(sequence_id)
    waiting = world.standing(enrollment_id)
    world.advance(days=1)
    world.complete(world.tasks()[0])
    world.advance(days=1)

    assert (waiting.step_order, waiting.waiting_for) == (3, WaitingFor.TASK)
    assert world.sent() == ["Mon 2026-03-02 10:00", "Wed 2026-03-04 10:00"]
    assert world.story(enrollment_id).count("waited_for_task") == 1


def test_a_step_that_waits_for_no_task_there_goes_on(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("A"), world.task(), *letters.later("B"), waits=((1, 2),))
    world.enroll(sequence_id)

    world.edit(sequence_id, *letters("A"), world.task(), *letters.later("B"))
    world.migrate(sequence_id)
    world.advance(days=1)

    assert world.sent() == ["Mon 2026-03-02 10:00", "Tue 2026-03-03 10:00"]


def test_a_step_that_waits_for_an_open_task_only_there_waits_for_it(
    world: World, letters: Letters
) -> None:
    sequence_id = world.sequence(*letters("A"), world.task(), *letters.later("B"))
    enrollment_id = world.enroll(sequence_id)

    world.edit(sequence_id, *letters("A"), world.task(), *letters.later("B"), waits=((1, 2),))
    world.migrate(sequence_id)
    world.advance(days=7)

    assert letters.sent() == "A"
    assert world.story(enrollment_id)[-2:] == ["moved_to_version", "waited_for_task"]


def test_a_paused_one_stays_paused_and_keeps_what_was_left(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("AB", days=3))
    enrollment_id = world.enroll(sequence_id)
    world.advance(days=2)
    world.pause(enrollment_id)

    world.edit(sequence_id, *letters("ADB"))
    world.migrate(sequence_id)
    paused = world.standing(enrollment_id)
    world.resume(enrollment_id)
    world.advance(days=1)

    assert (paused.state, paused.reason, paused.step_order) == (State.PAUSED, Reason.BY_HAND, 2)
    assert paused.remaining == timedelta(days=1)
    assert letters.sent() == "AB"


def test_a_paused_one_that_waits_for_a_task_only_there_does_not_go_on_without(
    world: World, letters: Letters
) -> None:
    sequence_id = world.sequence(*letters("A"), world.task(), *letters.later("B"))
    enrollment_id = world.enroll(sequence_id)
    world.pause(enrollment_id)

    world.edit(sequence_id, *letters("A"), world.task(), *letters.later("B"), waits=((1, 2),))
    world.migrate(sequence_id)
    world.resume(enrollment_id)
    world.advance(days=7)

    assert world.standing(enrollment_id).waiting_for is WaitingFor.TASK
    assert letters.sent() == "A"


def test_a_follow_up_joins_the_last_email_of_the_version_before(
    world: World, letters: Letters
) -> None:
    sequence_id = world.sequence(*letters("ABD"))
    world.enroll(sequence_id)
    world.advance(days=1)

    by_hand = world.task(kind=TaskType.EMAIL)
    answer = world.email(1, template=letters.templates["C"], thread_to=0)
    world.edit(sequence_id, by_hand, world.task(), answer)
    world.migrate(sequence_id)
    world.advance(days=7)

    first, second, third = world.outbox.sent
    assert third.references == (first.message_id, second.message_id)
    assert third.subject == "Re: A"


def test_an_email_carried_over_is_answered_at_its_step_there(
    world: World, letters: Letters
) -> None:
    sequence_id = world.sequence(*letters("AB"), *letters.later("C"))
    world.enroll(sequence_id)
    world.advance(days=1)
    answer = world.email(1, template=letters.templates["C"], thread_to=1)

    world.edit(sequence_id, world.task(), *letters("AB"), answer)
    world.migrate(sequence_id)
    world.advance(days=7)

    first, _, third = world.outbox.sent
    assert third.in_reply_to == first.message_id


def test_an_edited_email_goes_with_its_step(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("AB"), settings=UNTHREADED)
    enrollment_id = world.enroll(sequence_id)
    world.edit_email(enrollment_id, 1, subject="Only for you")

    world.edit(sequence_id, *letters("ADB"), settings=UNTHREADED)
    world.migrate(sequence_id)
    world.advance(days=7)

    assert [email.subject for email in world.outbox.sent] == ["A", "Only for you"]


def test_an_edited_email_is_lost_with_its_step(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("AB"), settings=UNTHREADED)
    enrollment_id = world.enroll(sequence_id)
    world.edit_email(enrollment_id, 1, subject="Only for you")

    world.edit(sequence_id, *letters("AC"), settings=UNTHREADED)
    [move] = world.migrate(sequence_id).moves
    world.advance(days=7)

    assert "what was edited at step 1 is lost with that step" in move.changes
    assert letters.sent() == "AC"


def test_moved_back_what_ran_there_is_not_done_again(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("A"), world.task(), world.task(), *letters.later("B"))
    enrollment_id = world.enroll(sequence_id)
    world.edit(sequence_id, *letters("AC", days=5))

    world.migrate(sequence_id)
    world.migrate(sequence_id, to_version=1)
    world.advance(days=7)

    assert (len(world.tasks()), letters.sent()) == (2, "AB")
    assert world.standing(enrollment_id).state is State.FINISHED


def test_run_again_it_has_nothing_left_to_do(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("AB"))
    enrollment_id = world.enroll(sequence_id)
    world.edit(sequence_id, *letters("ABC"))

    first, second = world.migrate(sequence_id), world.migrate(sequence_id)

    assert (len(first.moves), len(second.moves)) == (1, 0)
    assert world.story(enrollment_id).count("moved_to_version") == 1


def test_those_of_one_version_can_be_moved_alone_and_back(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("AB"))
    first = world.enroll(sequence_id, world.contact("a@x.org"))
    world.edit(sequence_id, *letters("ABC"))
    second = world.enroll(sequence_id, world.contact("b@x.org"))
    world.edit(sequence_id, *letters("ABD"))

    world.migrate(sequence_id, from_version=2)
    world.migrate(sequence_id, from_version=3, to_version=2)

    assert [world.standing(each).version for each in (first, second)] == [1, 2]


def test_who_has_ended_is_left_alone(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("AB"))
    world.unenroll(world.enroll(sequence_id))

    world.edit(sequence_id, *letters("ABC"))

    assert world.migrate(sequence_id).moves == ()


def test_a_damaged_one_stays_and_keeps_no_other_from_moving(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("AB"))
    damaged, sound = (world.enroll(sequence_id, world.contact(f"{n}@x.org")) for n in range(2))
    world.damage(enrollment_id=damaged)
    world.edit(sequence_id, *letters("ABC"))

    migration = world.migrate(sequence_id)

    assert "could not be decided" in migration.moves[0].reason
    assert [world.standing(each).version for each in (damaged, sound)] == [1, 2]


def test_a_long_list_is_worked_off_in_chunks(world: World, letters: Letters) -> None:
    sequence_id = world.sequence(*letters("AB"))
    ids = [world.enroll(sequence_id, world.contact(f"{n}@x.org")) for n in range(4)]
    world.edit(sequence_id, *letters("ABC"))
    small = Migrating(database=world.engine.database, clock=world.clock, chunk=2)

    first = small.migrate(world.account_id, sequence_id, limit=3)
    rest = small.migrate(world.account_id, sequence_id, limit=3)

    assert [move.before.id for move in (*first.moves, *rest.moves)] == ids
    assert (first.remaining, rest.remaining) == (1, 0)
