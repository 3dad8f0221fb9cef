"""One e-mail from claim to receipt, so that a crash at any point cannot send it twice.

The server is asked about the sender and the recipient first. Only then is the intent
committed, and only then does the first byte of the message leave; what the server answers is
committed after. No transaction is open while a server is waited for. A worker that died
in between leaves a message whose intent stands without a receipt: it is in doubt, and is
never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from drumbeat.clock import Clock
from drumbeat.domain import planner
from drumbeat.domain.contact import Contact
from drumbeat.domain.enrollment import Enrollment, Reason, State
from drumbeat.domain.gates import Shut, address_shut, server_shut
from drumbeat.domain.message import (
    MISSING_TOKEN,
    SENDER_NOT_CONNECTED,
    TEMPLATE_INVALID,
    TEMPLATE_MISSING,
    Message,
    MessageState,
    OutgoingEmail,
)
from drumbeat.domain.personalization import values_for
from drumbeat.domain.sender import Sender, SmtpServer
from drumbeat.domain.sequence import Definition, EmailContent
from drumbeat.domain.template import Template
from drumbeat.domain.user import User
from drumbeat.errors import Conflict, Invalid
from drumbeat.mail.ports import Outbox, Outcome, Receipt
from drumbeat.rendering import MissingTokens, Rendered, render
from drumbeat.services import ending, receipts
from drumbeat.services.claiming import Claimed
from drumbeat.services.suppressing import Suppressing
from drumbeat.store import (
    contacts,
    edited_emails,
    enrollments,
    messages,
    senders,
    sequences,
    suppressions,
    templates,
    users,
)
from drumbeat.store.database import Database, Tx

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the words of an e-mail are made from."""

    contact: Contact
    user: User
    sender: Sender
    template: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter(Draft):
    """All that a message is made of, read at once."""

    message: Message
    enrollment: Enrollment
    definition: Definition
    sent: tuple[Message, ...]
    """The e-mails of this enrollment that went out before, the oldest first."""


class Held(Exception):
    """The message cannot go until a person has put right what *shut* says."""

    def __init__(self, shut: Shut) -> None:
        super().__init__(str(shut))
        self.shut = shut


class Stale(Exception):
    """Somebody else has the message by now, or it is no longer to be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    database: Database
    clock: Clock
    outbox: Outbox
    server_of: Callable[[Sender], SmtpServer]
    suppressing: Suppressing
    lease: timedelta

    def send(self, claimed: Claimed) -> bool:
        """Hand one claimed message over and keep the receipt; whether it was sent."""
        receipt = self.attempt(claimed)
        if receipt is None:
            return False
        self.keep_receipt(claimed, receipt)
        return receipt.outcome is Outcome.ACCEPTED

    def attempt(self, claimed: Claimed) -> Receipt | None:
        """Hand one claimed message over; what became of it, or None where it was not tried."""
        try:
            letter, email = self.prepare(claimed)
            server = self.server_for(letter.sender)
        except Held as held:
            self.hold(claimed, held)
            return None
        except Stale:
            return None
        return self.outbox.send(
            server,
            email,
            before_data=lambda: self.commit_intent(claimed, email),
        )

    def prepare(self, claimed: Claimed) -> tuple[Letter, OutgoingEmail]:
        """Read and render the message. Raises Held where something is missing, and Stale
        where it is no longer ours to send."""
        now = self.clock.now()
        with self.database.reading() as tx:
            letter = read_letter(tx, claimed)
        rendered, url = self.rendered(letter.enrollment, letter)
        return letter, compose(letter, rendered, url, now)

    def server_for(self, sender: Sender) -> SmtpServer:
        shut = server_shut(sender)
        if shut is not None:
            raise Held(shut)
        try:
            return self.server_of(sender)
        except (Conflict, Invalid) as fault:
            facts = {"fault": str(fault)}
            raise Held(Shut(reason=SENDER_NOT_CONNECTED, facts=facts)) from fault

    def rendered(self, enrollment: Enrollment, draft: Draft) -> tuple[Rendered, str]:
        """The words of an e-mail, and its link to unsubscribe. Raises Held where it has a hole."""
        url = self.suppressing.link(enrollment.account_id, enrollment.id, enrollment.to_email)
        try:
            rendered = render(
                draft.template.subject,
                draft.template.body,
                values_for(draft.contact, draft.user, draft.sender),
                signature=draft.sender.signature,
                unsubscribe_url=url,
            )
        except MissingTokens as missing:
            facts = {"tokens": ", ".join(missing.names)}
            raise Held(Shut(reason=MISSING_TOKEN, facts=facts)) from missing
        except Invalid as fault:
            facts = {"fault": str(fault)}
            raise Held(Shut(reason=TEMPLATE_INVALID, facts=facts)) from fault
        return rendered, url

    def commit_intent(self, claimed: Claimed, email: OutgoingEmail) -> bool:
        """The last gate, and the intent: True once it is on the disk that this may be out."""
        now = self.clock.now()
        with self.database.transaction(durable=True) as tx:
            enrollment, message = locked(tx, claimed)
            if message is None or not passes_gate(tx, enrollment, message, now):
                return False
            return messages.change(
                tx,
                message,
                now,
                state=MessageState.SENDING,
                sending_at=now,
                claimed_until=now + self.lease,
                attempts=message.attempts + 1,
                subject=email.subject,
                in_reply_to=email.in_reply_to,
                reference_ids=list(email.references),
            )

    def keep_receipt(self, claimed: Claimed, receipt: Receipt) -> None:
        """Write what became of the attempt; a claim that has passed to another changes nothing."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            enrollment, message = locked(tx, claimed)
            if message is None:
                log.warning(
                    "receipt_refused",
                    account_id=claimed.account_id,
                    message_id=claimed.message_id,
                    outcome=receipt.outcome.name,
                    answer=receipt.text,
                )
                return
            receipts.keep(tx, enrollment, message, receipt, now)

    def hold(self, claimed: Claimed, held: Held) -> None:
        now = self.clock.now()
        with self.database.transaction() as tx:
            enrollment, message = locked(tx, claimed)
            if message is not None:
                receipts.write_held(tx, enrollment, message, held.shut, now)

    def expire_abandoned(self, limit: int = 1000) -> int:
        """Put in doubt what a worker began to send and never told the outcome of; how many."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            abandoned = messages.expired_intents(tx, now=now, limit=limit)
            for message in abandoned:
                enrollment = enrollments.get(tx, message.account_id, message.enrollment_id)
                receipts.doubt(
                    tx, enrollment, message, "the worker that was sending it is gone", now
                )
        return len(abandoned)


def read_letter(tx: Tx, claimed: Claimed) -> Letter:
    account_id = claimed.account_id
    message = messages.get(tx, account_id, claimed.message_id)
    if not is_ours(message, claimed):
        raise Stale
    enrollment = enrollments.get(tx, account_id, message.enrollment_id)
    template = template_of(tx, enrollment, message.step_order, message.template_id)
    contact = contact_of(tx, enrollment)
    return Letter(
        message=message,
        enrollment=enrollment,
        definition=sequences.version(tx, account_id, enrollment.sequence_id, enrollment.version),
        contact=contact,
        user=users.get(tx, account_id, enrollment.user_id),
        sender=senders.get(tx, account_id, message.sender_id),
        template=template,
        sent=tuple(messages.sent_of_enrollment(tx, account_id, message.enrollment_id)),
    )


def template_of(tx: Tx, enrollment: Enrollment, step_order: int, template_id: int) -> Template:
    """The template of an e-mail, with what was edited for this enrollment in place of its words.

    Raises Held where it is not there.
    """
    account_id = enrollment.account_id
    template = templates.many(tx, account_id, [template_id]).get(template_id)
    if template is None:
        facts = {"templateId": str(template_id)}
        raise Held(Shut(reason=TEMPLATE_MISSING, facts=facts))
    edited = edited_emails.find(tx, account_id, enrollment.id, step_order)
    if edited is None:
        return template
    return replace(template, subject=edited.subject, body=edited.body)


def contact_of(tx: Tx, enrollment: Enrollment) -> Contact:
    """The contact that was enrolled. Raises Held where its address is no longer the one then."""
    contact = contacts.find(tx, enrollment.account_id, enrollment.contact_id)
    shut = address_shut(enrollment, contact)
    if shut is not None:
        raise Held(shut)
    # Without a contact the gate is shut.
    assert contact is not None
    return contact


def compose(letter: Letter, rendered: Rendered, url: str, now: datetime) -> OutgoingEmail:
    message = letter.message
    content = EmailContent(template_id=message.template_id, thread_to=message.thread_to)
    sent = by_step(letter.sent, message.version)
    target = planner.thread_of(
        letter.definition,
        message.step_order,
        content,
        {order: earlier.message_id for order, earlier in sent.items()},
    )
    subject = rendered.subject
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    if target is not None:
        answered = sent[target]
        in_reply_to = answered.message_id
        references = (*answered.references, answered.message_id)
        subject = reply_subject(answered.subject or rendered.subject)
    return OutgoingEmail(
        message_id=message.message_id,
        date=now,
        sender_name=letter.sender.name or full_name(letter.user),
        from_email=message.from_email,
        envelope_from=letter.sender.email,
        to_email=message.to_email,
        subject=subject,
        html=rendered.html,
        text=rendered.text,
        in_reply_to=in_reply_to,
        references=references,
        unsubscribe_url=url,
    )


def by_step(sent: Iterable[Message], version: int) -> dict[int, Message]:
    """What went out, the oldest first, by its step in this version.

    What belongs to a version that the enrollment was moved from has a number below 0: it comes
    before every step, the latest last.
    """
    here = {each.step_order: each for each in sent if each.version == version}
    before = [each for each in sent if each.version != version]
    return {n - len(before): each for n, each in enumerate(before)} | here


def full_name(user: User) -> str | None:
    return f"{user.first_name} {user.last_name}".strip() or None


def reply_subject(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def is_ours(message: Message, claimed: Claimed) -> bool:
    return message.claim_token == claimed.token and message.state in (
        MessageState.SCHEDULED,
        MessageState.SENDING,
    )


def passes_gate(tx: Tx, enrollment: Enrollment, message: Message, now: datetime) -> bool:
    """Whether the message may still go; if not, what keeps it back is written."""
    account_id = message.account_id
    if enrollment.state is not State.EXECUTING:
        ending.cancel(tx, enrollment, message, enrollment.reason or Reason.BY_HAND, now)
        return False
    suppressed = suppressions.among(tx, account_id, [message.to_email])
    if suppressed:
        ending.end(tx, enrollment, ending_reason(suppressed[message.to_email]), now)
        return False
    contact = contacts.find(tx, account_id, message.contact_id)
    sender = senders.get(tx, account_id, message.sender_id)
    shut = address_shut(enrollment, contact) or server_shut(sender)
    if shut is not None:
        receipts.write_held(tx, enrollment, message, shut, now)
    return shut is None


def locked(tx: Tx, claimed: Claimed) -> tuple[Enrollment, Message | None]:
    """The enrollment and its message, locked in that order everywhere; None where the claim
    has passed to another."""
    enrollment = enrollments.get_for_update(tx, claimed.account_id, claimed.enrollment_id)
    message = messages.get_for_update(tx, claimed.account_id, claimed.message_id)
    return enrollment, message if is_ours(message, claimed) else None


def ending_reason(suppression: str) -> Reason:
    return Reason.BOUNCED if suppression == Reason.BOUNCED else Reason.UNSUBSCRIBED
