"""What a server's answer means for a message and its enrollment.

Called inside the transaction that keeps the answer, with the enrollment and then the message
locked.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from drumbeat.domain import planner
from drumbeat.domain.enrollment import Enrollment, Reason, State, StepExecution, WaitingFor
from drumbeat.domain.gates import Shut
from drumbeat.domain.message import Message, MessageState
from drumbeat.domain.planner import Because
from drumbeat.domain.retrying import message_delay, sender_delay
from drumbeat.domain.timeline import Kind
from drumbeat.mail.ports import Outcome, Receipt
from drumbeat.services import ending
from drumbeat.services.advancing import after_step, event
from drumbeat.services.ways import way_of
from drumbeat.store import enrollments, messages, senders, sequences, suppressions, tasks, timeline
from drumbeat.store.database import Tx

log = structlog.get_logger()


def keep(tx: Tx, enrollment: Enrollment, message: Message, receipt: Receipt, now: datetime) -> None:
    """Write what became of one attempt to hand the message over."""
    match receipt.outcome:
        case Outcome.ACCEPTED:
            accept(tx, enrollment, message, now)
            senders.clear_trouble(tx, message.account_id, message.sender_id)
        case Outcome.TEMPORARY:
            postpone(tx, enrollment, message, receipt, now)
        case Outcome.PERMANENT:
            fail(tx, enrollment, message, receipt, now)
        case Outcome.UNREACHABLE:
            rest_sender(tx, enrollment, message, receipt, now)
        case Outcome.IN_DOUBT:
            doubt(tx, enrollment, message, receipt.text, now)
        case Outcome.WITHDRAWN:
            release(tx, message, now)


def accept(tx: Tx, enrollment: Enrollment, message: Message, now: datetime) -> None:
    messages.change(
        tx, message, now, state=MessageState.SENT, reason=None, sent_at=now, claimed_until=None
    )
    told = event(
        enrollment,
        Kind.EMAIL_SENT,
        now,
        step_order=message.step_order,
        message_id=message.message_id,
    )
    timeline.add_all(tx, [told])
    execute(tx, enrollment, message, now, now)


def execute(
    tx: Tx, enrollment: Enrollment, message: Message, executed_at: datetime, now: datetime
) -> None:
    """The e-mail step has run: note it, and move the enrollment on where it still waits."""
    execution = StepExecution(
        account_id=enrollment.account_id,
        enrollment_id=enrollment.id,
        version=message.version,
        step_order=message.step_order,
        executed_at=executed_at,
        due_at=message.send_at,
        because=message.because,
    )
    enrollments.add_executions(tx, [execution])
    is_waiting = enrollment.waiting_for is WaitingFor.MESSAGE
    is_at = (enrollment.version, enrollment.step_order) == (message.version, message.step_order)
    if enrollment.state.is_final or not is_waiting or not is_at:
        return
    definition = sequences.version(
        tx, enrollment.account_id, enrollment.sequence_id, enrollment.version
    )
    done = tasks.done_by_step(tx, [enrollment]).get(enrollment.id, {})
    way = way_of(tx, enrollment)
    advance = after_step(enrollment, definition, way, message.step_order, executed_at, now, done)
    enrollments.update_all(tx, [advance.enrollment])
    timeline.add_all(tx, advance.events)


def postpone(
    tx: Tx, enrollment: Enrollment, message: Message, receipt: Receipt, now: datetime
) -> None:
    """A temporary refusal: once more after a rest, inside the window; at last a person looks."""
    # An attempt that reached its data was counted with its intent.
    attempts = message.attempts + (message.state is MessageState.SCHEDULED)
    delay = message_delay(attempts)
    if delay is None:
        shut = Shut(reason="SERVER_KEEPS_REFUSING", facts={"answer": receipt.text})
        write_held(tx, enrollment, message, shut, now)
        return
    reschedule(tx, enrollment, message, now + delay, attempts, receipt, now)


def reschedule(
    tx: Tx,
    enrollment: Enrollment,
    message: Message,
    wanted: datetime,
    attempts: int,
    receipt: Receipt,
    now: datetime,
) -> None:
    if enrollment.state is not State.EXECUTING:
        ending.cancel(tx, enrollment, message, enrollment.reason or Reason.BY_HAND, now)
        return
    send_at = sendable_at(tx, enrollment, message, wanted)
    messages.change(
        tx,
        message,
        now,
        state=MessageState.SCHEDULED,
        reason=receipt.text,
        send_at=send_at,
        because=Because.RETRY,
        sending_at=None,
        attempts=attempts,
        claimed_until=None,
    )
    told = event(
        enrollment,
        Kind.EMAIL_POSTPONED,
        now,
        step_order=message.step_order,
        reason=receipt.outcome.name,
        answer=receipt.text,
        attempts=attempts,
    )
    timeline.add_all(tx, [told])


def sendable_at(tx: Tx, enrollment: Enrollment, message: Message, moment: datetime) -> datetime:
    definition = sequences.version(
        tx, enrollment.account_id, enrollment.sequence_id, message.version
    )
    step = definition.steps[message.step_order]
    return planner.suitable_at(step, definition.settings, way_of(tx, enrollment), moment)


def fail(tx: Tx, enrollment: Enrollment, message: Message, receipt: Receipt, now: datetime) -> None:
    """A final refusal ends the enrollment: as a bounce where the address was the cause."""
    messages.change(
        tx,
        message,
        now,
        state=MessageState.FAILED,
        reason=receipt.text,
        send_at=None,
        claimed_until=None,
    )
    told = event(
        enrollment,
        Kind.EMAIL_FAILED,
        now,
        step_order=message.step_order,
        reason="BAD_ADDRESS" if receipt.is_bad_address else "REFUSED",
        answer=receipt.text,
    )
    timeline.add_all(tx, [told])
    if receipt.is_bad_address:
        suppressions.add(tx, message.account_id, message.to_email, Reason.BOUNCED.value, now)
    reason = Reason.BOUNCED if receipt.is_bad_address else Reason.SEND_FAILED
    ending.end(tx, enrollment, reason, now)


def rest_sender(
    tx: Tx, enrollment: Enrollment, message: Message, receipt: Receipt, now: datetime
) -> None:
    """The server is away or refuses the login: the sender rests, and its queue waits with it."""
    sender = senders.get_for_update(tx, message.account_id, message.sender_id)
    failures = senders.trouble_count(tx, sender.account_id, sender.id) + 1
    rested_at = now + sender_delay(failures)
    log.warning(
        "sender_unreachable",
        account_id=sender.account_id,
        sender_id=sender.id,
        failures=failures,
        answer=receipt.text,
    )
    senders.note_trouble(
        tx, sender.account_id, sender.id, receipt.text, next_slot_at=rested_at, now=now
    )
    reschedule(tx, enrollment, message, rested_at, message.attempts, receipt, now)


def doubt(tx: Tx, enrollment: Enrollment, message: Message, why: str, now: datetime) -> None:
    # The token moves on, so that a worker that was only slow cannot write over this.
    messages.change(
        tx,
        message,
        now,
        state=MessageState.IN_DOUBT,
        reason=why,
        send_at=None,
        claimed_until=None,
        claim_token=message.claim_token + 1,
    )
    told = event(
        enrollment,
        Kind.EMAIL_IN_DOUBT,
        now,
        step_order=message.step_order,
        reason=why,
        message_id=message.message_id,
    )
    timeline.add_all(tx, [told])
    log.warning("email_in_doubt", account_id=message.account_id, message_id=message.id, why=why)


def write_held(tx: Tx, enrollment: Enrollment, message: Message, shut: Shut, now: datetime) -> None:
    messages.change(
        tx,
        message,
        now,
        state=MessageState.HELD,
        reason=str(shut),
        send_at=None,
        sending_at=None,
        claimed_until=None,
    )
    order, reason = message.step_order, shut.reason
    told = event(enrollment, Kind.EMAIL_HELD, now, step_order=order, reason=reason, **shut.facts)
    timeline.add_all(tx, [told])
    log.warning("email_held", account_id=message.account_id, message_id=message.id, reason=reason)


def release(tx: Tx, message: Message, now: datetime) -> None:
    if message.state is MessageState.SCHEDULED:
        messages.change(tx, message, now, claimed_until=None)
