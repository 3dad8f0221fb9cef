"""Single e-mails of one enrollment, edited before they go."""

from __future__ import annotations

import pytest

from drumbeat.domain.message import MessageState
from drumbeat.errors import Conflict
from tests.memory_outbox import GREYLISTED, SILENT
from tests.world import World


def test_an_edited_email_is_what_this_contact_gets_and_nobody_else(world: World) -> None:
    sequence_id = world.sequence(world.task(), world.email(1))
    ada, bob = (
        world.enroll(sequence_id, world.contact(f"{name}@x.org")) for name in ("ada", "bob")
    )

    world.edit_email(ada, 1, subject="Ada, about {{ contact.email }}", body="<p>Only you</p>")
    world.advance(days=1, minutes=1)

    first, second = sorted(world.outbox.sent, key=lambda email: email.to_email)
    assert (first.subject, "Only you" in first.html) == ("Ada, about ada@x.org", True)
    assert (second.subject, "Good day" in second.html) == ("Hello there", True)
    assert world.story(bob).count("email_edited") == 0


def test_what_goes_back_to_the_template_says_what_the_template_says(world: World) -> None:
    ada = world.enroll(world.sequence(world.task(), world.email(1)))
    world.edit_email(ada, 1, body="<p>Only you</p>")

    world.restore_email(ada, 1)
    world.restore_email(ada, 1)
    world.advance(days=1)

    assert "Good day" in world.outbox.sent[0].html
    assert world.story(ada).count("email_edited") == 2


def test_the_last_edit_is_the_one_that_counts(world: World) -> None:
    ada = world.enroll(world.sequence(world.task(), world.email(1)))

    world.edit_email(ada, 1, body="<p>First thoughts</p>")
    world.edit_email(ada, 1, body="<p>Second thoughts</p>")
    world.advance(days=1)

    assert "Second thoughts" in world.outbox.sent[0].html


def test_a_threaded_email_keeps_the_subject_of_its_thread(world: World) -> None:
    ada = world.enroll(world.sequence(world.email(), world.email(1)))

    world.edit_email(ada, 1, subject="Another subject", body="<p>Only you</p>")
    world.advance(days=1)

    assert world.outbox.sent[1].subject == "Re: Hello there"
    assert "Only you" in world.outbox.sent[1].html


def test_an_email_that_waits_to_be_sent_can_be_edited(world: World) -> None:
    world.outbox.answers.append(GREYLISTED)
    ada = world.enroll(world.sequence(world.email()))
    [waiting] = world.messages()

    world.edit_email(ada, 0, body="<p>Only you</p>")
    world.advance(minutes=5)

    assert waiting.state is MessageState.SCHEDULED
    assert ["Only you" in email.html for email in world.outbox.sent] == [True]


def test_what_a_worker_has_read_already_does_not_go_in_its_old_words(world: World) -> None:
    sequence_id, contact_id = world.sequence(world.email()), world.contact()

    def edit_meanwhile() -> None:
        world.outbox.at_the_gate = None
        world.engine.editing.edit(
            world.account_id, 1, 0, user_id=world.user_id, subject="", body="<p>Only you</p>"
        )

    world.outbox.at_the_gate = edit_meanwhile
    world.enroll(sequence_id, contact_id)
    world.advance(minutes=1)

    assert ["Only you" in email.html for email in world.outbox.sent] == [True]


def test_a_held_email_that_is_edited_stays_held_until_it_is_retried(world: World) -> None:
    template = world.template("Hello {{ contact.firstname }}")
    ada = world.enroll(world.sequence(world.email(template=template)))

    world.edit_email(ada, 0, subject="Hello you")
    world.advance(days=1)
    [held] = world.messages()
    with world.engine.writing():
        world.engine.settling.retry(world.account_id, held.id)

    assert held.state is MessageState.HELD
    assert [email.subject for email in world.outbox.sent] == ["Hello you"]


def test_a_paused_enrollment_gets_what_was_edited_when_it_goes_on(world: World) -> None:
    world.outbox.answers.append(GREYLISTED)
    ada = world.enroll(world.sequence(world.email()))
    world.pause(ada)

    world.edit_email(ada, 0, body="<p>Only you</p>")
    world.resume(ada)
    world.advance(minutes=5)

    assert ["Only you" in email.html for email in world.outbox.sent] == [True]


def test_an_email_in_doubt_cannot_be_edited(world: World) -> None:
    world.outbox.answers.append(SILENT)
    ada = world.enroll(world.sequence(world.email()))

    with pytest.raises(Conflict, match="may have been sent; settle it first"):
        world.edit_email(ada, 0)


def test_an_email_that_is_being_sent_cannot_be_edited(world: World) -> None:
    sequence_id, contact_id = world.sequence(world.email()), world.contact()
    world.engine.enrolling.enroll(
        world.account_id,
        user_id=world.user_id,
        sequence_id=sequence_id,
        contact_id=contact_id,
        sender_email="rep@example.com",
    )
    world.engine.stepping.step_due()
    [claimed] = world.engine.claiming.claim()
    _, email = world.engine.sending.prepare(claimed)
    world.engine.sending.commit_intent(claimed, email)

    with pytest.raises(Conflict, match="is being sent"):
        world.engine.editing.restore(world.account_id, 1, 0, user_id=world.user_id)
