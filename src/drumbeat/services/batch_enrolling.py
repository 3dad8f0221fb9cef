"""Enrolling many contacts at once: everybody who can be is enrolled, and the others are named.

All of a batch is one transaction, so a crash leaves either everybody enrolled or nobody; and
what every row needs to know is read once for all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from drumbeat.clock import Clock
from drumbeat.domain.contact import Contact
from drumbeat.domain.enrollment import Enrollment
from drumbeat.domain.planner import Way
from drumbeat.domain.sender import Sender
from drumbeat.domain.sequence import StandingSequence
from drumbeat.domain.timeline import Kind, TimelineEvent
from drumbeat.domain.user import User
from drumbeat.errors import AlreadyEnrolled, DrumbeatError, Fault, NotFound
from drumbeat.services.checking import raise_if_any, zone_faults
from drumbeat.services.connecting import Connecting
from drumbeat.services.enrolling import (
    alias_of,
    no_sender,
    row_of_beginning,
    sender_for,
    unsuppressed,
)
from drumbeat.services.ways import Ways, ways
from drumbeat.store import contacts, enrollments, sequences, suppressions, timeline, users
from drumbeat.store.database import Database, Tx

FURTHEST_START = timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One enrollment as it is asked for."""

    sequence_id: int
    contact_id: int
    sender_email: str
    alias: str | None = None
    timezone: str | None = None
    """Whose windows and days count; those of the user's zone if None."""
    start_order: int = 0
    start_at: datetime | None = None
    """When it begins; at once if None."""


@dataclass(slots=True)
class Enrolled:
    """What became of a batch, by the position of each row in it."""

    enrollments: dict[int, Enrollment] = field(default_factory=dict)
    refusals: dict[int, DrumbeatError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEnrolling:
    database: Database
    clock: Clock
    connecting: Connecting

    def refuse_hopeless(self, account_id: int, user_id: int, wanted: Wanted) -> None:
        """Raise what would refuse this row whoever its contact is."""
        now = self.clock.now()
        with self.database.reading() as tx:
            user = users.get(tx, account_id, user_id)
            sequence = sequences.get(tx, account_id, wanted.sequence_id)
            sender = self.connecting.would_use(tx, account_id, wanted.sender_email, user_id)
        raise_if_any("the enrollments cannot begin so", start_faults(wanted, sequence, now))
        if sender is None:
            raise no_sender(user, wanted.sender_email)
        alias_of(sender, wanted.alias)

    def enroll_all(self, account_id: int, user_id: int, wanted: Mapping[int, Wanted]) -> Enrolled:
        """Enroll everybody who can be, in the order of the rows' positions.

        A row that cannot be has its refusal instead: the same error that enrolling it alone
        would raise, except that nobody is refused for a sender's cap: who is over it today is
        planned into a later day.
        """
        now = self.clock.now()
        done = Enrolled()
        rows: dict[int, dict[str, Any]] = {}
        with self.database.transaction() as tx:
            user = users.get(tx, account_id, user_id)
            known = Known.of(tx, self.connecting, user, wanted.values())
            for position in sorted(wanted):
                try:
                    rows[position] = known.row_for(wanted[position], now)
                except DrumbeatError as refusal:
                    done.refusals[position] = refusal
            kept = enrollments.add_all(tx, account_id, list(rows.values()))
            timeline.add_all(tx, [told_of(each, now) for each in kept])
        done.enrollments = dict(zip(rows, kept, strict=True))
        return done


@dataclass(slots=True, kw_only=True)
class Known:
    """What was read once for the whole batch."""

    user: User
    sequences: Mapping[int, StandingSequence]
    contacts: Mapping[int, Contact]
    senders: Mapping[str, Sender | DrumbeatError]
    suppressed: Mapping[str, str]
    ways: Ways
    under_way: set[int]
    """The contacts that are in a sequence: before the batch, or by an earlier row of it."""

    @classmethod
    def of(cls, tx: Tx, connecting: Connecting, user: User, rows: Collection[Wanted]) -> Known:
        account_id = user.account_id
        # The sequences before the contacts, as where one is enrolled alone.
        standing = sequences.many_held(tx, account_id, {row.sequence_id for row in rows})
        people = contacts.many_for_update(tx, account_id, {row.contact_id for row in rows})
        emails = [contact.email for contact in people.values() if contact.email]
        return cls(
            user=user,
            sequences=standing,
            contacts=people,
            senders={
                email: usable(tx, connecting, user, email)
                for email in sorted({row.sender_email for row in rows})
            },
            suppressed=suppressions.among(tx, account_id, emails),
            ways=ways(tx, [account_id]),
            under_way=enrollments.contacts_under_way(tx, account_id, list(people)),
        )

    def row_for(self, wanted: Wanted, now: datetime) -> dict[str, Any]:
        """The row of this enrollment. Raises what keeps it from being made."""
        sequence = self.sequences.get(wanted.sequence_id)
        if sequence is None:
            raise NotFound("sequence", wanted.sequence_id)
        contact = self.contacts.get(wanted.contact_id)
        if contact is None:
            raise NotFound("contact", wanted.contact_id)
        raise_if_any("it cannot begin so", start_faults(wanted, sequence, now))
        if contact.id in self.under_way:
            raise AlreadyEnrolled(contact.id)
        to_email = unsuppressed(contact, self.suppressed)
        sender = self.senders[wanted.sender_email]
        if isinstance(sender, DrumbeatError):
            raise sender
        from_email = alias_of(sender, wanted.alias)
        self.under_way.add(contact.id)
        way = self.way_for(wanted, sequence)
        return {
            **row_of_beginning(sequence, way, self.user, now, wanted.start_at),
            "sender_id": sender.id,
            "sender_email": sender.email,
            "from_email": from_email,
            "to_email": to_email,
        }

    def way_for(self, wanted: Wanted, sequence: StandingSequence) -> Way:
        return Way(
            account_id=self.user.account_id,
            sequence_id=sequence.id,
            contact_id=wanted.contact_id,
            zone=ZoneInfo(wanted.timezone or self.user.timezone),
            holidays=self.ways.holidays(self.user.account_id, self.user.id, sequence.id),
            start_order=wanted.start_order,
        )


def usable(tx: Tx, connecting: Connecting, user: User, email: str) -> Sender | DrumbeatError:
    """The sender, or why it cannot be used, which is then so of every row that names it."""
    try:
        return sender_for(tx, connecting, user, email)
    except DrumbeatError as refusal:
        return refusal


def start_faults(wanted: Wanted, sequence: StandingSequence, now: datetime) -> Iterator[Fault]:
    """What keeps an enrollment from beginning where, when and by whose clock it is to."""
    if wanted.timezone is not None:
        yield from zone_faults(wanted.timezone, field="timezone")
    last = sequence.definition.finish_order
    if not 0 <= wanted.start_order <= last:
        yield Fault(field="startAtStep", message=f"the sequence has the steps 0 to {last}")
    if wanted.start_at is None:
        return
    if wanted.start_at < now:
        message = f"it lies in the past, it is {now:%Y-%m-%dT%H:%M:%SZ}; leave it out to begin now"
        yield Fault(field="startAt", message=message)
    elif wanted.start_at > now + FURTHEST_START:
        message = f"it lies more than {FURTHEST_START.days} days ahead"
        yield Fault(field="startAt", message=message)


def told_of(enrollment: Enrollment, now: datetime) -> TimelineEvent:
    facts: dict[str, str | int | None] = {"sequence_version": enrollment.version}
    if enrollment.start_order:
        facts["start_at_step"] = enrollment.start_order
    if enrollment.base_at != now:
        facts["start_at"] = enrollment.base_at.isoformat(timespec="milliseconds")
    return TimelineEvent(
        account_id=enrollment.account_id,
        enrollment_id=enrollment.id,
        contact_id=enrollment.contact_id,
        at=now,
        kind=Kind.ENROLLED,
        facts=facts,
    )
