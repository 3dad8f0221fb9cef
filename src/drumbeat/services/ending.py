"""Ending enrollments early, whatever the cause; called inside the transaction of the cause."""

from __future__ import annotations

from datetime import datetime

from drumbeat.domain.enrollment import Enrollment, Reason
from drumbeat.domain.message import Message, MessageState
from drumbeat.domain.timeline import Kind
from drumbeat.services.advancing import event
from drumbeat.store import enrollments, messages, timeline
from drumbeat.store.database import Tx

# What has not been begun can be taken back. What is being sent, or may have been, cannot.
RECALLABLE = (MessageState.SCHEDULED, MessageState.HELD)


def end(tx: Tx, enrollment: Enrollment, reason: Reason, now: datetime) -> tuple[Enrollment, bool]:
    """Unenroll, take back what can be taken back, and say whether a message is in flight.

    Of an enrollment that has ended already nothing changes.
    """
    if enrollment.state.is_final:
        return enrollment, False
    ended = enrollment.unenroll(reason, now)
    in_flight = recall(tx, enrollment, reason, now)
    enrollments.update_all(tx, [ended])
    told = event(ended, Kind.UNENROLLED, now, step_order=enrollment.step_order, reason=reason)
    timeline.add_all(tx, [told])
    return ended, in_flight


def recall(
    tx: Tx,
    enrollment: Enrollment,
    reason: Reason,
    now: datetime,
    *,
    recallable: tuple[MessageState, ...] = RECALLABLE,
) -> bool:
    """Cancel the message of the step under way; True where it is being sent right now."""
    message = messages.under_way(tx, enrollment)
    if message is None:
        return False
    if message.state in recallable:
        cancel(tx, enrollment, message, reason, now)
    return message.state is MessageState.SENDING


def cancel(tx: Tx, enrollment: Enrollment, message: Message, reason: str, now: datetime) -> None:
    # The token is left behind with the old state, so that whoever has claimed the message
    # finds at the last gate that it may no longer go.
    messages.change(
        tx,
        message,
        now,
        state=MessageState.CANCELLED,
        reason=reason,
        send_at=None,
        claimed_until=None,
        claim_token=message.claim_token + 1,
    )
    told = event(
        enrollment, Kind.EMAIL_CANCELLED, now, step_order=message.step_order, reason=reason
    )
    timeline.add_all(tx, [told])


def end_active_of_contact(
    tx: Tx, account_id: int, contact_id: int, reason: Reason, now: datetime
) -> int:
    """Unenroll this contact wherever it is on its way; how many enrollments that ended."""
    return end_all(
        tx, enrollments.active_for_update(tx, account_id, contact_id=contact_id), reason, now
    )


def end_active_of_sequence(
    tx: Tx, account_id: int, sequence_id: int, reason: Reason, now: datetime
) -> int:
    return end_all(
        tx, enrollments.active_for_update(tx, account_id, sequence_id=sequence_id), reason, now
    )


def end_active_of_address(
    tx: Tx, account_id: int, email: str, reason: Reason, now: datetime
) -> int:
    return end_all(tx, enrollments.active_for_update(tx, account_id, to_email=email), reason, now)


def end_all(tx: Tx, active: list[Enrollment], reason: Reason, now: datetime) -> int:
    for enrollment in active:
        end(tx, enrollment, reason, now)
    return len(active)
