"""Who may work on what: one worker at a time, and none with a stale claim."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from drumbeat.domain.message import MessageState
from drumbeat.errors import AlreadyEnrolled
from drumbeat.mail.ports import Outcome, Receipt, Stage
from drumbeat.services.claiming import Claimed
from tests.memory_outbox import OK
from tests.world import World

LEASE = timedelta(seconds=60)


def due_first_emails(world: World, count: int) -> None:
    """Enrollments whose first e-mail is scheduled and waits to be claimed."""
    sequence_id = world.sequence(world.email())
    for number in range(count):
        world.engine.enrolling.enroll(
            world.account_id,
            user_id=world.user_id,
            sequence_id=sequence_id,
            contact_id=world.contact(f"person{number}@example.org"),
            sender_email="rep@example.com",
        )


def claim_one(world: World) -> Claimed:
    world.engine.stepping.step_due()
    [claimed] = world.engine.claiming.claim()
    return claimed


def test_of_many_requests_for_one_contact_one_enrolls_it(world: World) -> None:
    sequence_id, contact_id = world.sequence(world.email()), world.contact()

    def enroll(_: int) -> bool:
        try:
            world.engine.enrolling.enroll(
                world.account_id,
                user_id=world.user_id,
                sequence_id=sequence_id,
                contact_id=contact_id,
                sender_email="rep@example.com",
            )
        except AlreadyEnrolled:
            return False
        return True

    with ThreadPoolExecutor(6) as requests:
        enrolled = list(requests.map(enroll, range(12)))

    assert enrolled.count(True) == 1


def test_many_workers_execute_each_step_once(world: World) -> None:
    due_first_emails(world, 60)

    with ThreadPoolExecutor(6) as workers:
        steps = workers.map(lambda _: world.engine.stepping.step_due(limit=10).claimed, range(12))

    assert sum(steps) == 60
    assert len(world.messages()) == 60


def test_many_workers_never_claim_the_same_message(world: World) -> None:
    world.connect(gap=timedelta(0))
    due_first_emails(world, 30)
    world.engine.stepping.step_due()

    with ThreadPoolExecutor(6) as workers:
        claims = list(workers.map(lambda _: world.engine.claiming.claim(), range(60)))

    counted = Counter(claimed.message_id for claim in claims for claimed in claim)
    assert set(counted.values()) == {1}


def test_what_a_dead_worker_claimed_is_taken_up_by_the_next(world: World) -> None:
    due_first_emails(world, 1)
    first = claim_one(world)

    world.outage(seconds=59)
    assert world.engine.claiming.claim() == []
    world.outage(seconds=1)
    [second] = world.engine.claiming.claim()

    assert (second.message_id, second.token) == (first.message_id, first.token + 1)


def test_a_claim_that_has_passed_on_may_not_begin_to_send(world: World) -> None:
    due_first_emails(world, 1)
    stale = claim_one(world)
    world.outage(seconds=60)
    world.engine.claiming.claim()

    assert world.engine.sending.attempt(stale) is None
    assert world.outbox.sent == []


def test_a_claim_that_passes_on_during_the_dialogue_is_stopped_at_the_last_gate(
    world: World,
) -> None:
    due_first_emails(world, 1)
    slow = claim_one(world)

    def another_takes_it() -> None:
        world.outage(seconds=60)
        world.engine.claiming.claim()

    world.outbox.at_the_gate = another_takes_it

    receipt = world.engine.sending.attempt(slow)

    assert receipt is not None
    assert receipt.outcome is Outcome.WITHDRAWN
    assert world.outbox.sent == []


def test_an_intent_without_a_receipt_is_in_doubt_when_its_lease_ends(world: World) -> None:
    due_first_emails(world, 1)
    world.engine.sending.attempt(claim_one(world))

    world.outage(seconds=60)
    world.work()

    assert [message.state for message in world.messages()] == [MessageState.IN_DOUBT]
    assert len(world.outbox.sent) == 1


def test_a_receipt_that_comes_too_late_changes_nothing(world: World) -> None:
    due_first_emails(world, 1)
    slow = claim_one(world)
    world.engine.sending.attempt(slow)
    world.outage(seconds=60)
    world.work()

    world.engine.sending.keep_receipt(slow, OK)

    assert [message.state for message in world.messages()] == [MessageState.IN_DOUBT]


def test_a_renewed_lease_keeps_the_message_with_a_slow_worker(world: World) -> None:
    due_first_emails(world, 1)
    slow = claim_one(world)
    world.engine.sending.attempt(slow)

    world.outage(seconds=50)
    world.engine.claiming.renew([slow])
    world.outage(seconds=50)
    world.work()
    world.engine.sending.keep_receipt(slow, OK)

    assert [message.state for message in world.messages()] == [MessageState.SENT]


def test_a_renewal_does_not_bring_back_a_claim_that_has_passed_on(world: World) -> None:
    due_first_emails(world, 1)
    stale = claim_one(world)
    world.outage(seconds=60)
    [current] = world.engine.claiming.claim()

    world.engine.claiming.renew([stale])
    world.outage(seconds=60)

    assert [claimed.token for claimed in world.engine.claiming.claim()] == [current.token + 1]


def test_a_worker_that_starts_alone_puts_at_once_in_doubt_what_was_being_sent(
    world: World,
) -> None:
    due_first_emails(world, 1)
    world.engine.sending.attempt(claim_one(world))

    assert world.engine.upkeep.take_over() == 1
    assert [message.state for message in world.messages()] == [MessageState.IN_DOUBT]


def test_one_damaged_enrollment_does_not_stop_the_others(world: World) -> None:
    due_first_emails(world, 3)
    world.damage(enrollment_id=2)

    world.engine.stepping.step_due()

    assert {message.enrollment_id for message in world.messages()} == {1, 3}
    assert world.story(2) == ["enrolled", "step_set_aside"]


def test_one_damaged_message_does_not_keep_the_others_from_being_sent(world: World) -> None:
    world.connect(gap=timedelta(0))
    due_first_emails(world, 3)
    world.engine.stepping.step_due()
    world.damage(enrollment_id=2)

    world.work()

    assert len(world.outbox.sent) == 2
    assert world.messages()[1].state is MessageState.SCHEDULED


def test_a_claim_that_ran_out_after_closing_time_waits_for_the_morning(world: World) -> None:
    world.enroll(world.sequence(world.email(), world.email(1)))
    world.outage(days=1, hours=7, minutes=59)
    world.engine.stepping.step_due()
    world.engine.claiming.claim()
    world.outage(minutes=5)

    world.work()
    assert len(world.outbox.sent) == 1
    world.advance(days=1)

    assert world.sent()[1].startswith("Wed 2026-03-04 08:")


def test_claimed_messages_count_under_the_cap_before_they_are_sent(world: World) -> None:
    due_first_emails(world, 4)
    world.connect(daily_cap=1, gap=timedelta(0))
    world.engine.stepping.step_due()

    claims = [len(world.engine.claiming.claim()) for _ in range(4)]

    assert claims == [1, 0, 0, 0]


def test_the_gap_counts_from_when_a_slow_message_really_left(world: World) -> None:
    due_first_emails(world, 2)
    slow = claim_one(world)

    world.outage(seconds=40)
    world.engine.sending.send(slow)
    assert world.engine.claiming.claim() == []
    world.advance(minutes=2)

    first, second = world.outbox.sent
    assert second.date - first.date >= timedelta(seconds=30)


def test_in_flight_when_the_contact_is_taken_out_it_is_sent_and_said_so(world: World) -> None:
    due_first_emails(world, 1)
    claimed = claim_one(world)
    receipt = world.engine.sending.attempt(claimed)

    stopped = world.engine.enrolling.unenroll(world.account_id, 1)
    world.engine.sending.keep_receipt(claimed, receipt or silence())

    assert stopped.in_flight
    assert [message.state for message in world.messages()] == [MessageState.SENT]
    assert world.story(1)[-2:] == ["unenrolled", "email_sent"]


def silence() -> Receipt:
    return Receipt(outcome=Outcome.IN_DOUBT, stage=Stage.DATA)
