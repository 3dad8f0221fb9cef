"""Putting contacts into sequences, stopping them for a while, and taking them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from drumbeat.clock import Clock
from drumbeat.domain import planner
from drumbeat.domain.contact import Contact
from drumbeat.domain.enrollment import Enrollment, Reason, State, WaitingFor
from drumbeat.domain.message import MessageState
from drumbeat.domain.pacing import CAP_PERIOD
from drumbeat.domain.planner import Because, Way
from drumbeat.domain.sender import Sender
from drumbeat.domain.sequence import (
    Definition,
    DependencyType,
    EmailStep,
    StandingSequence,
    Step,
)
from drumbeat.domain.timeline import Kind
from drumbeat.domain.user import User
from drumbeat.errors import AlreadyEnrolled, Conflict, Refused
from drumbeat.services import ending
from drumbeat.services.advancing import Advance, arrive, event
from drumbeat.services.connecting import Connecting
from drumbeat.services.ways import way_of, ways
from drumbeat.store import (
    contacts,
    enrollments,
    messages,
    sequences,
    suppressions,
    tasks,
    timeline,
    users,
)
from drumbeat.store.database import Database, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """An enrollment that was paused or ended, and whether a message could not be recalled."""

    enrollment: Enrollment
    in_flight: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolling:
    database: Database
    clock: Clock
    connecting: Connecting

    def enroll(
        self,
        account_id: int,
        *,
        user_id: int,
        sequence_id: int,
        contact_id: int,
        sender_email: str,
        alias: str | None = None,
    ) -> Enrollment:
        """Put a contact at the start of a sequence; its first step is due at once.

        Raises NotFound for the sequence or contact, Refused where a rule of sending says no,
        and AlreadyEnrolled, one of those, where the contact is in a sequence.
        """
        now = self.clock.now()
        with self.database.transaction() as tx:
            sequence = sequences.get_held(tx, account_id, sequence_id)
            contact = contacts.get_held(tx, account_id, contact_id)
            user = users.get(tx, account_id, user_id)
            if enrollments.active_of_contact(tx, account_id, contact_id):
                raise AlreadyEnrolled(contact_id)
            to_email = mailable(tx, contact)
            sender = sender_for(tx, self.connecting, user, sender_email)
            from_email = alias_of(sender, alias)
            refuse_over_cap(tx, sender, sequence.definition.steps[0], now)
            row = beginning(tx, sequence, contact.id, user, now)
            addresses = {"from_email": from_email, "to_email": to_email}
            of_sender = {"sender_id": sender.id, "sender_email": sender.email}
            enrollment = enrollments.add(tx, {**row, **of_sender, **addresses})
            told = event(enrollment, Kind.ENROLLED, now, sequence_version=sequence.version)
            timeline.add_all(tx, [told])
        return enrollment

    def unenroll(self, account_id: int, enrollment_id: int, reason: Reason = Reason.API) -> Stopped:
        """Take a contact out of a sequence; what is not being sent already will not be."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            enrollment = enrollments.get_for_update(tx, account_id, enrollment_id)
            if enrollment.state is State.FINISHED:
                raise Conflict(f"enrollment {enrollment_id} has finished; there is nothing to end")
            ended, in_flight = ending.end(tx, enrollment, reason, now)
        return Stopped(enrollment=ended, in_flight=in_flight)

    def pause(self, account_id: int, enrollment_id: int) -> Stopped:
        """Stop an enrollment where it is, keeping what is left of its delay."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            enrollment = enrollments.get_for_update(tx, account_id, enrollment_id)
            refuse_ended(enrollment)
            if enrollment.state is State.PAUSED:
                return Stopped(enrollment=enrollment, in_flight=False)
            waits_until, in_flight = self.take_back(tx, enrollment, now)
            paused = enrollment.pause(Reason.BY_HAND, now, waits_until=waits_until)
            enrollments.update_all(tx, [paused])
            told = event(
                paused, Kind.PAUSED, now, step_order=paused.step_order, reason=Reason.BY_HAND
            )
            timeline.add_all(tx, [told])
        return Stopped(enrollment=paused, in_flight=in_flight)

    def resume(self, account_id: int, enrollment_id: int) -> Enrollment:
        """Let a paused enrollment go on with what was left of its delay."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            enrollment = enrollments.get_for_update(tx, account_id, enrollment_id)
            refuse_ended(enrollment)
            if enrollment.state is State.EXECUTING:
                return enrollment
            restarted = self.restart(tx, enrollment, now)
            resumed = restarted.enrollment
            enrollments.update_all(tx, [resumed])
            told = event(
                resumed, Kind.RESUMED, now, step_order=resumed.step_order, reason=Reason.BY_HAND
            )
            timeline.add_all(tx, [told, *restarted.events])
        return resumed

    def take_back(
        self, tx: Tx, enrollment: Enrollment, now: datetime
    ) -> tuple[datetime | None, bool]:
        """When the step under way was to happen, and whether its message is in flight."""
        if enrollment.waiting_for is not WaitingFor.MESSAGE:
            return enrollment.due_at, False
        message = messages.under_way(tx, enrollment)
        in_flight = ending.recall(
            tx, enrollment, Reason.BY_HAND, now, recallable=(MessageState.SCHEDULED,)
        )
        return message.send_at if message else None, in_flight

    def restart(self, tx: Tx, enrollment: Enrollment, now: datetime) -> Advance:
        definition = sequences.version(
            tx, enrollment.account_id, enrollment.sequence_id, enrollment.version
        )
        way = way_of(tx, enrollment)
        order = enrollment.step_order
        if enrollment.waiting_for is WaitingFor.MESSAGE:
            revive(tx, enrollment, definition, way, now)
            return Advance(enrollment.wait(order, now=now, waiting_for=WaitingFor.MESSAGE))
        if enrollment.remaining is not None:
            due_at = suited(definition, enrollment, way, now)
            return Advance(enrollment.wait(order, now=now, due_at=due_at, because=Because.RESUMED))
        base = now if starts_at_resume(definition, order) else enrollment.base_at
        done = tasks.done_by_step(tx, [enrollment]).get(enrollment.id, {})
        upcoming = planner.reach(definition, order, way, base, done)
        return arrive(enrollment, definition, way, upcoming, base, now)


def sender_for(tx: Tx, connecting: Connecting, user: User, email: str) -> Sender:
    """The connected sender with this address. Raises Refused where the user has none such."""
    sender = connecting.usable(tx, user.account_id, email, user.id)
    if sender is None:
        raise no_sender(user, email)
    return sender


def no_sender(user: User, email: str) -> Refused:
    return Refused(
        "PUBLIC_ENROLL_NO_CONNECTED_EMAILS",
        f"User {user.id} for Portal {user.account_id} has no connected inboxes for {email}; "
        "connect it with `drumbeat inbox connect`",
        {"senderEmail": email},
    )


def beginning(
    tx: Tx, sequence: StandingSequence, contact_id: int, user: User, now: datetime
) -> dict[str, Any]:
    """The row of an enrollment that stands before its first step, but for its addresses."""
    way = Way(
        account_id=sequence.account_id,
        sequence_id=sequence.id,
        contact_id=contact_id,
        zone=ZoneInfo(user.timezone),
    )
    if not planner.goes_at_once(sequence.definition.steps[0], way):
        calendars = ways(tx, [sequence.account_id])
        way = replace(way, holidays=calendars.holidays(user.account_id, user.id, sequence.id))
    return row_of_beginning(sequence, way, user, now)


def row_of_beginning(
    sequence: StandingSequence,
    way: Way,
    user: User,
    now: datetime,
    start_at: datetime | None = None,
) -> dict[str, Any]:
    """The row of an enrollment that goes this *way* from *start_at* on, but for its addresses."""
    first = planner.start(sequence.definition, way, now, start_at)
    return {
        "account_id": sequence.account_id,
        "sequence_id": sequence.id,
        "version": sequence.version,
        "contact_id": way.contact_id,
        "user_id": user.id,
        # Frozen here: a rep who moves house does not move what is already on its way.
        "timezone": way.zone.key,
        "state": State.EXECUTING,
        "step_order": first.order,
        "start_order": first.order,
        "due_at": first.due_at,
        "because": first.because,
        "base_at": start_at or now,
        "enrolled_at": now,
        "updated_at": now,
    }


def mailable(tx: Tx, contact: Contact) -> str:
    """The contact's address. Raises Refused where there is none, or it is not to be mailed."""
    found = suppressions.among(tx, contact.account_id, [contact.email] if contact.email else [])
    return unsuppressed(contact, found)


def unsuppressed(contact: Contact, suppressed: Mapping[str, str]) -> str:
    """The contact's address. Raises Refused where there is none, or it is among *suppressed*."""
    if not contact.email:
        raise Refused(
            "NO_EMAIL_ADDRESS",
            f"contact {contact.id} has no e-mail address; give it one and enroll again",
        )
    reason = suppressed.get(contact.email)
    if reason is not None:
        raise Refused(
            reason, f"{contact.email} is not to be mailed ({reason})", {"email": contact.email}
        )
    return contact.email


def refuse_ended(enrollment: Enrollment) -> None:
    if enrollment.state.is_final:
        raise Conflict(
            f"enrollment {enrollment.id} has ended ({enrollment.state}); enroll the contact again"
        )


def alias_of(sender: Sender, alias: str | None) -> str:
    if alias is None or sender.owns(alias):
        return alias or sender.email
    raise Refused(
        "ALIAS_NOT_CONNECTED",
        f"{alias} is not an alias of {sender.email}",
        {"senderAliasAddress": alias},
    )


def refuse_over_cap(tx: Tx, sender: Sender, first: Step, now: datetime) -> None:
    """HubSpot's rule: who starts with an e-mail today needs a place under today's cap."""
    if not isinstance(first, EmailStep):
        return
    committed = messages.count_committed(tx, sender.account_id, sender.id, now)
    starting = enrollments.count_starting(tx, sender.account_id, sender.id, now + CAP_PERIOD)
    if committed + starting >= sender.daily_cap:
        raise Refused(
            "SEND_LIMIT_EXCEEDED",
            f"{sender.email} has used its {sender.daily_cap} e-mails for these 24 hours",
            {"senderEmail": sender.email},
        )


def starts_at_resume(definition: Definition, order: int) -> bool:
    """Whether the step *order* waited for someone to press on, and counts its delay from then."""
    return any(
        dependency.required_by == order and dependency.type is DependencyType.MANUAL_PAUSE
        for dependency in definition.dependencies
    )


def suited(definition: Definition, enrollment: Enrollment, way: Way, now: datetime) -> datetime:
    """When a step goes on after a pause: after what was left of its delay, in its window."""
    step = definition.steps[enrollment.step_order]
    moment = now + enrollment.remaining if enrollment.remaining else now
    return planner.suitable_at(step, definition.settings, way, moment)


def revive(tx: Tx, enrollment: Enrollment, definition: Definition, way: Way, now: datetime) -> None:
    """Schedule again the message that the pause took back; one held or in doubt stays so."""
    message = messages.under_way(tx, enrollment)
    if message is None or message.state is not MessageState.CANCELLED:
        return
    messages.change(
        tx,
        message,
        now,
        state=MessageState.SCHEDULED,
        reason=None,
        send_at=suited(definition, enrollment, way, now),
        because=Because.RESUMED,
    )
