"""One e-mail from claim to receipt, so that a crash at any point cannot send it twice.

The server is asked about the sender and the recipient first. Only then is the intent
committed, and only then does the first byte of the message leave; what the server answers is
committed after. No transaction is open while a server is waited for. A worker that died
in between leaves a message whose intent stands without a receipt: it is in doubt, and is
never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from drumbeat.clock import Clock
from drumbeat.domain import planner
from drumbeat.domain.contact import Contact
from drumbeat.domain.enrollment import Enrollment, Reason, State
from drumbeat.domain.message import SENDER_NOT_CONNECTED, Message, MessageState, OutgoingEmail
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
class Letter:
    """All that a message is made of, read at once."""

    message: Message
    enrollment: Enrollment
    definition: Definition
    contact: Contact
    user: User
    sender: Sender
    template: Template
    sent: tuple[Message, ...]
    """The e-mails of this enrollment that went out before."""


class Held(Exception):
    """The message cannot go until a person has done something about *reason*."""

    def __init__(self, reason: str, facts: Mapping[str, str]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


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
        refuse_changed_address(letter)
        url = self.suppressing.link(
            claimed.account_id, claimed.enrollment_id, letter.message.to_email
        )
        return letter, compose(letter, self.rendered(letter, url), url, now)

    def server_for(self, sender: Sender) -> SmtpServer:
        if sender.disconnected_at is not None:
            raise Held(reason=SENDER_NOT_CONNECTED, facts={"sender": sender.email})
        try:
            return self.server_of(sender)
        except (Conflict, Invalid) as fault:
            raise Held(reason=SENDER_NOT_CONNECTED, facts={"fault": str(fault)}) from fault

    def rendered(self, letter: Letter, unsubscribe_url: str) -> Rendered:
        template = letter.template
        try:
            return render(
                template.subject,
                template.body,
                values_for(letter.contact, letter.user, letter.sender),
                signature=letter.sender.signature,
                unsubscribe_url=unsubscribe_url,
            )
        except MissingTokens as missing:
            raise Held(
                reason="MISSING_TOKEN", facts={"tokens": ", ".join(missing.names)}
            ) from missing
        except Invalid as fault:
            raise Held(reason="TEMPLATE_INVALID", facts={"fault": str(fault)}) from fault

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
                receipts.write_held(tx, enrollment, message, held.reason, held.facts, now)

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
    template = templates.many(tx, account_id, [message.template_id]).get(message.template_id)
    if template is None:
        raise Held(reason="TEMPLATE_MISSING", facts={"templateId": str(message.template_id)})
    contact = contacts.find(tx, account_id, message.contact_id)
    if contact is None:
        raise Held(reason="CONTACT_DELETED", facts={"contactId": str(message.contact_id)})
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


def refuse_changed_address(letter: Letter) -> None:
    """An address that changed since the enrollment may be another person's."""
    current, enrolled = letter.contact.email, letter.message.to_email
    if current != enrolled:
        raise Held(reason="ADDRESS_CHANGED", facts={"enrolledAs": enrolled, "isNow": current or ""})


def compose(letter: Letter, rendered: Rendered, url: str, now: datetime) -> OutgoingEmail:
    message = letter.message
    content = EmailContent(template_id=message.template_id, thread_to=message.thread_to)
    sent = {earlier.step_order: earlier for earlier in letter.sent}
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
    if contact is None or contact.email != message.to_email:
        receipts.write_held(tx, enrollment, message, "ADDRESS_CHANGED", {}, now)
        return False
    if senders.get(tx, account_id, message.sender_id).disconnected_at is not None:
        receipts.write_held(tx, enrollment, message, SENDER_NOT_CONNECTED, {}, now)
        return False
    return True


def locked(tx: Tx, claimed: Claimed) -> tuple[Enrollment, Message | None]:
    """The enrollment and its message, locked in that order everywhere; None where the claim
    has passed to another."""
    enrollment = enrollments.get_for_update(tx, claimed.account_id, claimed.enrollment_id)
    message = messages.get_for_update(tx, claimed.account_id, claimed.message_id)
    return enrollment, message if is_ours(message, claimed) else None


def ending_reason(suppression: str) -> Reason:
    return Reason.BOUNCED if suppression == Reason.BOUNCED else Reason.UNSUBSCRIBED
