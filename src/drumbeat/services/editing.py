"""Editing single e-mails of an enrollment, for as long as they have not gone.

What is written here stands for this enrollment only, and is read when the e-mail is sent, in
place of the template's subject and body. The template and everyone else's e-mails stay as
they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from drumbeat.clock import Clock
from drumbeat.domain import planner
from drumbeat.domain.edited_email import EditedEmail
from drumbeat.domain.enrollment import Enrollment
from drumbeat.domain.message import Message, MessageState
from drumbeat.domain.sequence import Definition, EmailContent, EmailStep
from drumbeat.domain.template import Template
from drumbeat.domain.timeline import Kind
from drumbeat.errors import Conflict, NotFound
from drumbeat.services.advancing import event
from drumbeat.services.authoring import refuse_faulty_words
from drumbeat.services.sending import by_step
from drumbeat.services.ways import way_of
from drumbeat.store import edited_emails, enrollments, messages, sequences, templates, timeline
from drumbeat.store.database import Database, Tx

# Why an e-mail of these states is what it is, and can no longer be anything else.
GONE = {
    MessageState.SENDING: "is being sent",
    MessageState.SENT: "was sent",
    MessageState.IN_DOUBT: "may have been sent; settle it first",
    MessageState.FAILED: "was refused by the server",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEmail:
    """One e-mail of an enrollment, as it stands or as it went."""

    step_order: int
    template_id: int
    subject: str | None
    body: str | None
    """None once it has gone: what it said is with whom it went to."""
    is_edited: bool
    is_threaded: bool
    """Whether it answers an earlier one, and so has that one's subject."""
    state: MessageState | None
    """None until its step falls due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """All that the e-mails of one enrollment are made of."""

    enrollment: Enrollment
    definition: Definition
    contents: Mapping[int, EmailContent]
    """What this contact gets of every e-mail step, by the step's order, as all of these are."""
    messages: Mapping[int, Message]
    edited: Mapping[int, EditedEmail]
    templates: Mapping[int, Template]
    """By their ids."""
    answerable: Mapping[int, str]
    """The Message-ID of what went out."""

    def emails(self) -> list[ShownEmail]:
        return [
            self.email(order)
            for order in self.contents
            if self.is_gone(order) or self.is_to_come(order)
        ]

    def email(self, order: int) -> ShownEmail:
        message = self.messages.get(order)
        template_id = message.template_id if message else self.contents[order].template_id
        subject, body = self.words(order, template_id)
        return ShownEmail(
            step_order=order,
            template_id=template_id,
            subject=subject,
            body=body,
            is_edited=order in self.edited,
            is_threaded=self.is_threaded(order),
            state=message.state if message else None,
        )

    def words(self, order: int, template_id: int) -> tuple[str | None, str | None]:
        if self.is_gone(order):
            return self.messages[order].subject, None
        words = self.edited.get(order) or self.templates.get(template_id)
        return (words.subject, words.body) if words else (None, None)

    def is_gone(self, order: int) -> bool:
        message = self.messages.get(order)
        return message is not None and message.state in GONE

    def is_to_come(self, order: int) -> bool:
        is_behind = order < self.enrollment.step_order
        return not (self.enrollment.state.is_final or is_behind or self.is_gone(order))

    def is_threaded(self, order: int) -> bool:
        if self.is_gone(order):
            return self.messages[order].in_reply_to is not None
        to_come = {each: "" for each in self.contents if each < order and self.is_to_come(each)}
        earlier = {**self.answerable, **to_come}
        return planner.thread_of(self.definition, order, self.contents[order], earlier) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    database: Database
    clock: Clock

    def emails(self, account_id: int, enrollment_id: int) -> list[ShownEmail]:
        """The e-mails of its version that went out, and those to come, in their order."""
        with self.database.reading() as tx:
            return mail_of(tx, enrollments.get(tx, account_id, enrollment_id)).emails()

    def edit(
        self,
        account_id: int,
        enrollment_id: int,
        step_order: int,
        *,
        user_id: int,
        subject: str,
        body: str,
    ) -> ShownEmail:
        """Let this be what this enrollment gets at that step, and nobody else.

        Raises Invalid for what no template may say either, NotFound for a step that is no
        e-mail, and Conflict where it has gone or will not go.
        """
        refuse_faulty_words(subject, body)
        now = self.clock.now()
        edited = EditedEmail(
            account_id=account_id,
            enrollment_id=enrollment_id,
            step_order=step_order,
            user_id=user_id,
            subject=subject,
            body=body,
            updated_at=now,
        )
        with self.database.transaction() as tx:
            enrollment = editable(tx, account_id, enrollment_id, step_order, now)
            edited_emails.keep(tx, edited)
            tell(tx, enrollment, step_order, "EDITED", user_id, now)
            return mail_of(tx, enrollment).email(step_order)

    def restore(
        self, account_id: int, enrollment_id: int, step_order: int, *, user_id: int
    ) -> ShownEmail:
        """Go back to what the template says; what was not edited stays as it is."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            enrollment = editable(tx, account_id, enrollment_id, step_order, now)
            if edited_emails.remove(tx, account_id, enrollment_id, step_order):
                tell(tx, enrollment, step_order, "RESTORED", user_id, now)
            return mail_of(tx, enrollment).email(step_order)


def editable(
    tx: Tx, account_id: int, enrollment_id: int, step_order: int, now: datetime
) -> Enrollment:
    """The enrollment, locked, and its e-mail out of the hands of whoever had read it already."""
    enrollment = enrollments.get_for_update(tx, account_id, enrollment_id)
    steps = sequences.version(tx, account_id, enrollment.sequence_id, enrollment.version).steps
    if step_order >= len(steps) or not isinstance(steps[step_order], EmailStep):
        raise NotFound("e-mail at step", step_order)
    message = messages.of_step_for_update(tx, enrollment, step_order)
    if message is not None and message.state in GONE:
        raise Conflict(f"the e-mail of step {step_order} {GONE[message.state]}")
    if enrollment.state.is_final:
        raise Conflict(f"enrollment {enrollment_id} has ended ({enrollment.state})")
    if step_order < enrollment.step_order:
        raise Conflict(f"enrollment {enrollment_id} has step {step_order} behind it")
    if message is not None and message.state is MessageState.SCHEDULED:
        # A worker may have read the old words, and finds at the last gate that they may not go.
        token = message.claim_token + 1
        messages.change(tx, message, now, claimed_until=None, claim_token=token)
    return enrollment


def tell(
    tx: Tx, enrollment: Enrollment, step_order: int, what: str, user_id: int, now: datetime
) -> None:
    told = event(
        enrollment, Kind.EMAIL_EDITED, now, step_order=step_order, reason=what, user_id=user_id
    )
    timeline.add_all(tx, [told])


def mail_of(tx: Tx, enrollment: Enrollment) -> Mail:
    account_id, version = enrollment.account_id, enrollment.version
    definition = sequences.version(tx, account_id, enrollment.sequence_id, version)
    contents = planner.emails_for(definition, way_of(tx, enrollment))
    rows = messages.of_enrollments(tx, account_id, [enrollment.id])
    written = {each.step_order: each for each in rows if each.version == version}
    sent = by_step(messages.sent_of_enrollment(tx, account_id, enrollment.id), version)
    edited = edited_emails.of_enrollments(tx, account_id, [enrollment.id])
    used = {content.template_id for content in contents.values()}
    used |= {message.template_id for message in written.values()}
    return Mail(
        enrollment=enrollment,
        definition=definition,
        contents=contents,
        messages=written,
        edited={each.step_order: each for each in edited},
        templates=templates.many(tx, account_id, used),
        answerable={order: each.message_id for order, each in sent.items()},
    )
