"""What a person decides about a message that the engine will not decide by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drumbeat.clock import Clock
from drumbeat.domain.enrollment import Enrollment, State
from drumbeat.domain.message import SENDER_NOT_CONNECTED, Message, MessageState, message_id_for
from drumbeat.domain.planner import Because
from drumbeat.domain.timeline import Kind
from drumbeat.errors import Conflict
from drumbeat.services.advancing import event
from drumbeat.services.receipts import execute, sendable_at
from drumbeat.store import accounts, enrollments, messages, timeline
from drumbeat.store.database import Database, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    database: Database
    clock: Clock

    def settle(self, account_id: int, id: int, *, as_sent: bool) -> Message:
        """Say of a message in doubt that it was sent, or have it sent again as a new one.

        Raises Conflict where it is not in doubt, or its enrollment no longer runs.
        """
        now = self.clock.now()
        with self.database.transaction() as tx:
            enrollment, message = locked(tx, account_id, id)
            if message.state is not MessageState.IN_DOUBT:
                raise Conflict(
                    f"message {id} is {message.state}; only one that is in_doubt can be settled"
                )
            if as_sent:
                settle_as_sent(tx, enrollment, message, now)
            else:
                send_again(tx, enrollment, message, now)
            told = event(
                enrollment,
                Kind.EMAIL_SETTLED,
                now,
                step_order=message.step_order,
                reason="SENT" if as_sent else "SEND_AGAIN",
            )
            timeline.add_all(tx, [told])
            return messages.get(tx, account_id, id)

    def retry(self, account_id: int, id: int) -> Message:
        """Try a held message again, its cause being mended. Raises Conflict for any other."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            enrollment, message = locked(tx, account_id, id)
            if message.state is not MessageState.HELD:
                raise Conflict(f"message {id} is {message.state}; only a held one can be retried")
            refuse_stopped(enrollment)
            reschedule_held(tx, enrollment, message, "RETRIED", now)
            return messages.get(tx, account_id, id)


def reschedule_held(
    tx: Tx, enrollment: Enrollment, message: Message, why: str, now: datetime
) -> None:
    messages.change(
        tx,
        message,
        now,
        state=MessageState.SCHEDULED,
        reason=None,
        attempts=0,
        send_at=sendable_at(tx, enrollment, message, now),
        because=Because.RELEASED,
    )
    told = event(enrollment, Kind.EMAIL_SCHEDULED, now, step_order=message.step_order, reason=why)
    timeline.add_all(tx, [told])


def release_unconnected(tx: Tx, account_id: int, sender_id: int, now: datetime) -> None:
    """Schedule again what was held because this sender was not connected: now it is."""
    for held in messages.held_of_sender(tx, account_id, sender_id, SENDER_NOT_CONNECTED):
        enrollment, message = locked(tx, account_id, held.id)
        if message.state is MessageState.HELD and enrollment.state is State.EXECUTING:
            reschedule_held(tx, enrollment, message, "SENDER_CONNECTED", now)


def locked(tx: Tx, account_id: int, id: int) -> tuple[Enrollment, Message]:
    found = messages.get(tx, account_id, id)
    enrollment = enrollments.get_for_update(tx, account_id, found.enrollment_id)
    return enrollment, messages.get_for_update(tx, account_id, id)


def settle_as_sent(tx: Tx, enrollment: Enrollment, message: Message, now: datetime) -> None:
    sent_at = message.sending_at or now
    messages.change(tx, message, now, state=MessageState.SENT, reason=None, sent_at=sent_at)
    execute(tx, enrollment, message, sent_at, now)


def send_again(tx: Tx, enrollment: Enrollment, message: Message, now: datetime) -> None:
    refuse_stopped(enrollment)
    generation = message.generation + 1
    messages.change(
        tx,
        message,
        now,
        state=MessageState.SCHEDULED,
        reason=None,
        generation=generation,
        message_id=message_id_for(
            accounts.get(tx, message.account_id).salt,
            message.enrollment_id,
            message.version,
            message.step_order,
            generation,
            enrollment.sender_email,
        ),
        send_at=sendable_at(tx, enrollment, message, now),
        because=Because.RELEASED,
        sending_at=None,
    )


def refuse_stopped(enrollment: Enrollment) -> None:
    if enrollment.state is not State.EXECUTING:
        raise Conflict(
            f"enrollment {enrollment.id} is {enrollment.state}; its messages stay where they are"
        )
