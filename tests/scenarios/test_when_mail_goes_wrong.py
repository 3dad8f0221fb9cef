"""What a server's answer means for the message, the enrollment and the sender."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drumbeat.domain.enrollment import Reason, State
from drumbeat.domain.message import MessageState
from drumbeat.errors import Conflict, Refused
from tests.memory_outbox import AWAY, GREYLISTED, NO_SUCH_USER, SILENT, SPAM
from tests.world import World


def test_a_temporary_refusal_is_tried_again(world: World) -> None:
    world.outbox.answers = [GREYLISTED, GREYLISTED]
    world.enroll(world.sequence(world.email()))
    assert world.outbox.sent == []

    world.advance(minutes=10)

    assert world.sent() == ["Mon 2026-03-02 10:04"]
    assert [message.attempts for message in world.messages()] == [3]


def test_a_retry_stays_inside_the_window(world: World) -> None:
    world.until("Mon 2026-03-02 17:59")
    world.enroll(world.sequence(world.email(), world.email(1)))
    world.outbox.answers = [GREYLISTED]

    world.advance(days=3)

    assert world.sent()[1].startswith("Wed 2026-03-04 08:")


def test_a_server_that_keeps_refusing_leaves_it_to_a_person(world: World) -> None:
    world.outbox.answers = [GREYLISTED] * 20
    enrollment_id = world.enroll(world.sequence(world.email()))

    world.advance(days=10)

    [message] = world.messages()
    assert message.state is MessageState.HELD
    assert message.reason == "SERVER_KEEPS_REFUSING: 4.7.1 later"
    assert world.standing(enrollment_id).state is State.EXECUTING


def test_a_bad_address_ends_the_enrollment_and_is_never_mailed_again(world: World) -> None:
    world.outbox.answers = [NO_SUCH_USER]
    contact_id = world.contact()
    sequence_id = world.sequence(world.email())
    enrollment_id = world.enroll(sequence_id, contact_id)

    assert world.standing(enrollment_id).reason is Reason.BOUNCED
    with pytest.raises(Refused) as refused:
        world.enroll(sequence_id, contact_id)
    assert refused.value.code == "BOUNCED"


def test_a_refused_message_ends_the_enrollment_without_blaming_the_address(world: World) -> None:
    world.outbox.answers = [SPAM]
    contact_id = world.contact()
    sequence_id = world.sequence(world.email())
    enrollment_id = world.enroll(sequence_id, contact_id)

    assert world.standing(enrollment_id).reason is Reason.SEND_FAILED
    world.advance(minutes=1)
    world.enroll(sequence_id, contact_id)
    assert len(world.outbox.sent) == 1


def test_a_server_that_is_away_is_waited_for_and_its_queue_with_it(world: World) -> None:
    world.outbox.answers = [AWAY, AWAY]
    sequence_id = world.sequence(world.email())
    world.enroll(sequence_id, world.contact("a@example.org"))
    world.enroll(sequence_id, world.contact("b@example.org"))
    assert world.engine.health().status == "degraded"

    world.advance(minutes=10)

    assert [email.to_email for email in world.outbox.sent] == ["a@example.org", "b@example.org"]
    assert world.engine.health().status == "ok"


def test_no_answer_after_the_data_is_in_doubt_and_never_sent_again_by_itself(
    world: World,
) -> None:
    world.outbox.answers = [SILENT]
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))

    world.advance(days=30)

    assert world.outbox.sent == []
    assert [message.state for message in world.messages()] == [MessageState.IN_DOUBT]
    assert world.standing(enrollment_id).state is State.EXECUTING


def test_in_doubt_and_settled_as_sent_the_sequence_goes_on(world: World) -> None:
    world.outbox.answers = [SILENT]
    world.enroll(world.sequence(world.email(), world.email(2)))
    world.advance(days=1)

    with world.engine.writing():
        world.engine.settling.settle(world.account_id, 1, as_sent=True)
    world.advance(days=7)

    assert world.sent() == ["Wed 2026-03-04 10:00"]
    assert world.outbox.sent[0].in_reply_to == world.messages()[0].message_id


def test_in_doubt_and_sent_again_it_is_a_new_message(world: World) -> None:
    world.outbox.answers = [SILENT]
    world.enroll(world.sequence(world.email()))
    [before] = world.messages()

    with world.engine.writing():
        world.engine.settling.settle(world.account_id, 1, as_sent=False)
    world.advance(minutes=1)

    [sent] = world.outbox.sent
    assert sent.message_id != before.message_id


def test_only_what_is_in_doubt_can_be_settled(world: World) -> None:
    world.enroll(world.sequence(world.email()))

    with pytest.raises(Conflict, match="is sent"):
        world.engine.settling.settle(world.account_id, 1, as_sent=True)


def test_a_token_without_a_value_holds_the_message_and_names_it(world: World) -> None:
    template = world.template("For {{ contact.company }}")
    enrollment_id = world.enroll(world.sequence(world.email(template=template)))

    [message] = world.messages()
    assert (message.state, message.reason) == (MessageState.HELD, "MISSING_TOKEN: contact.company")
    assert world.story(enrollment_id)[-1] == "email_held"
    assert world.outbox.sent == []


def test_a_held_message_goes_once_its_cause_is_mended(world: World) -> None:
    template = world.template("For {{ contact.company }}")
    contact_id = world.contact()
    world.enroll(world.sequence(world.email(template=template)), contact_id)

    world.engine.contacts.update(world.account_id, contact_id, {"company": "Acme"})
    world.advance(minutes=1)
    with world.engine.writing():
        world.engine.settling.retry(world.account_id, 1)

    assert [email.subject for email in world.outbox.sent] == ["For Acme"]


def test_a_changed_address_holds_the_next_message(world: World) -> None:
    contact_id = world.contact("ada@example.org")
    world.enroll(world.sequence(world.email(), world.email(1)), contact_id)

    world.engine.contacts.update(world.account_id, contact_id, {"email": "new@example.org"})
    world.advance(days=1)

    assert world.messages()[1].reason == "ADDRESS_CHANGED: ada@example.org, new@example.org"


def test_an_unsubscribe_between_recipient_and_data_wins(world: World) -> None:
    def unsubscribe_meanwhile() -> None:
        link = world.engine.suppressing.link(world.account_id, 1, "ada@example.org")
        world.engine.suppressing.unsubscribe(link.rpartition("/")[2])

    world.outbox.at_the_gate = unsubscribe_meanwhile
    enrollment_id = world.enroll(world.sequence(world.email()), world.contact("ada@example.org"))

    assert world.outbox.sent == []
    assert world.standing(enrollment_id).reason is Reason.UNSUBSCRIBED


def test_an_address_suppressed_at_the_last_moment_is_not_mailed(world: World) -> None:
    world.outbox.at_the_gate = lambda: world.suppress("ada@example.org")

    enrollment_id = world.enroll(world.sequence(world.email()), world.contact("ada@example.org"))

    assert world.outbox.sent == []
    assert world.standing(enrollment_id).reason is Reason.UNSUBSCRIBED


def test_an_address_changed_at_the_last_moment_holds_the_message(world: World) -> None:
    contact_id = world.contact("ada@example.org")

    def change_meanwhile() -> None:
        world.engine.contacts.update(world.account_id, contact_id, {"email": "new@example.org"})

    world.outbox.at_the_gate = change_meanwhile
    world.enroll(world.sequence(world.email()), contact_id)

    assert world.outbox.sent == []
    assert [message.reason for message in world.messages()] == [
        "ADDRESS_CHANGED: ada@example.org, new@example.org"
    ]


def test_a_sender_disconnected_at_the_last_moment_holds_the_message(world: World) -> None:
    sender = world.connect()

    def disconnect_meanwhile() -> None:
        world.engine.connecting.disconnect(world.account_id, sender.id)

    world.outbox.at_the_gate = disconnect_meanwhile
    world.enroll(world.sequence(world.email()))

    assert world.outbox.sent == []
    assert [message.state for message in world.messages()] == [MessageState.HELD]


def test_a_disconnected_sender_holds_its_messages(world: World) -> None:
    sender = world.connect()
    world.enroll(world.sequence(world.email(), world.email(1)))

    world.engine.connecting.disconnect(world.account_id, sender.id)
    world.advance(days=1)

    assert world.messages()[1].state is MessageState.HELD


def test_what_a_disconnected_sender_held_goes_when_it_is_connected_again(world: World) -> None:
    sender = world.connect()
    world.enroll(world.sequence(world.email(), world.email(1)))
    world.engine.connecting.disconnect(world.account_id, sender.id)
    world.advance(days=1)

    world.connect()
    world.advance(minutes=1)

    assert world.sent() == ["Mon 2026-03-02 10:00", "Tue 2026-03-03 10:00"]


def test_the_gap_holds_between_an_attempt_that_failed_and_the_next(world: World) -> None:
    world.outbox.answers = [SPAM]
    sequence_id = world.sequence(world.email())
    world.enroll(sequence_id, world.contact("a@example.org"))
    world.enroll(sequence_id, world.contact("b@example.org"))

    world.advance(minutes=5)

    assert world.sent() == ["Mon 2026-03-02 10:00"]
    assert world.outbox.sent[0].date - world.messages()[0].created_at == timedelta(seconds=30)
