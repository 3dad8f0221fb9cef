"""Seeing ahead: what will happen if these contacts are enrolled, before they are.

It only reads. Who could not be enrolled is named as enrolling would name them; what the sender
has on its way already is followed too, since it takes its places in the sender's pace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from drumbeat.clock import Clock
from drumbeat.domain.calendar import Calendar, Journey, Planned, last_first_email_at
from drumbeat.domain.enrollment import Enrollment, WaitingFor
from drumbeat.domain.message import Message, MessageState
from drumbeat.domain.pacing import Pace
from drumbeat.domain.sender import Sender
from drumbeat.domain.sequence import Definition, StandingSequence
from drumbeat.domain.user import User
from drumbeat.errors import Conflict, DrumbeatError, Invalid
from drumbeat.services.authoring import refuse_faulty_sequence, refuse_unknown_templates
from drumbeat.services.batch_enrolling import Known, Wanted, start_faults
from drumbeat.services.checking import raise_if_any
from drumbeat.services.connecting import Connecting
from drumbeat.services.enrolling import no_sender
from drumbeat.services.ways import Ways, ways
from drumbeat.store import contacts, enrollments, messages, sequences, suppressions, tasks, users
from drumbeat.store.database import Database, Tx

log = structlog.get_logger()

# More would take many seconds to follow, and to read.
MOST_CONTACTS = 1000
MOST_AHEAD = 20_000
MOST_STANDING = 50_000
# A sequence that is not kept yet has no number.
UNKEPT = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose calendar: what enrolling them would be told."""

    contact_ids: Sequence[int]
    sender_email: str
    sequence_id: int = UNKEPT
    definition: Definition | None = None
    """A sequence that is not kept; None for the one with the number."""
    start_at: datetime | None = None
    start_order: int = 0
    timezone: str | None = None
    ahead: Sequence[int] = ()
    """Contacts that are enrolled before these, and are followed without being shown."""


@dataclass(slots=True)
class Foreseen:
    """The calendar, and whom it leaves out, by their position among the contacts."""

    planned: list[Planned] = field(default_factory=list)
    last_first_email_at: datetime | None = None
    refusals: dict[int, DrumbeatError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    database: Database
    clock: Clock
    connecting: Connecting

    def calendar(self, account_id: int, user_id: int, asked: Asked) -> Foreseen:
        """Every e-mail and task of these contacts, in the order they happen.

        Raises Invalid where there are too many to follow or the sequence cannot run, NotFound
        for the sequence, and Refused where the sender cannot be used.
        """
        refuse_too_many(asked)
        now = self.clock.now()
        with self.database.reading() as tx:
            user = users.get(tx, account_id, user_id)
            sequence = sequence_of(tx, user, asked, now)
            sender = self.connecting.would_use(tx, account_id, asked.sender_email, user_id)
            if sender is None:
                raise no_sender(user, asked.sender_email)
            faults = start_faults(wanted_of(asked, sequence, UNKEPT), sequence, now)
            raise_if_any("the calendar cannot begin so", faults)
            known = known_of(tx, user, sequence, sender, asked)
            standing = Standing.of(tx, sender, now)
        foreseen = Foreseen()
        calendar = standing.calendar(sender, now)
        for journey in followed(asked, known, sequence, standing.next_number, foreseen, now):
            calendar.add(journey)
        foreseen.planned = calendar.run()
        foreseen.last_first_email_at = last_first_email_at(foreseen.planned)
        return foreseen


def refuse_too_many(asked: Asked) -> None:
    count = len(asked.contact_ids)
    if count > MOST_CONTACTS:
        raise Invalid(
            f"a calendar shows at most {MOST_CONTACTS:,} contacts at a time, and these are "
            f"{count:,}; ask for the first {MOST_CONTACTS:,}, then for the next with those before "
            f"them as `ahead`, and so on"
        )
    if len(asked.ahead) > MOST_AHEAD:
        raise Invalid(
            f"at most {MOST_AHEAD:,} contacts can go ahead of these; enroll the first ones, and "
            "they are counted by themselves"
        )


def sequence_of(tx: Tx, user: User, asked: Asked, now: datetime) -> StandingSequence:
    if asked.definition is None:
        return sequences.get(tx, user.account_id, asked.sequence_id)
    refuse_faulty_sequence("a sequence", None, asked.definition)
    refuse_unknown_templates(tx, user.account_id, asked.definition)
    return StandingSequence(
        id=UNKEPT,
        account_id=user.account_id,
        user_id=user.id,
        name="",
        folder_id=None,
        version=UNKEPT,
        definition=asked.definition,
        created_at=now,
        updated_at=now,
    )


def known_of(
    tx: Tx,
    user: User,
    sequence: StandingSequence,
    sender: Sender | DrumbeatError,
    asked: Asked,
) -> Known:
    """What the rows of these contacts need; *sender* may be why none of them can be made."""
    account_id = user.account_id
    people = contacts.many(tx, account_id, {*asked.contact_ids, *asked.ahead})
    people = {id: each for id, each in people.items() if each.archived_at is None}
    emails = [contact.email for contact in people.values() if contact.email]
    return Known(
        user=user,
        sequences={sequence.id: sequence},
        contacts=people,
        senders={asked.sender_email: sender},
        suppressed=suppressions.among(tx, account_id, emails),
        ways=ways(tx, [account_id]),
        under_way=enrollments.contacts_under_way(tx, account_id, list(people)),
    )


@dataclass(slots=True, kw_only=True)
class Standing:
    """What a sender has on its way, and has sent in the last 24 hours."""

    enrollments: Sequence[Enrollment]
    messages: Mapping[int, Message]
    """Scheduled or being sent, by enrollment."""
    definitions: Mapping[sequences.VersionKey, Definition]
    tasks_done: Mapping[int, Mapping[int, datetime | None]]
    ways: Ways
    spent: Sequence[datetime]

    @classmethod
    def of(cls, tx: Tx, sender: Sender, now: datetime) -> Standing:
        account_id = sender.account_id
        found = enrollments.executing_of_sender(tx, account_id, sender.id, MOST_STANDING + 1)
        if len(found) > MOST_STANDING:
            raise Conflict(
                f"{sender.email} has more than {MOST_STANDING:,} contacts on their way, too many "
                "to follow"
            )
        keys = {(each.account_id, each.sequence_id, each.version) for each in found}
        pending = messages.pending_of_sender(tx, account_id, sender.id)
        return cls(
            enrollments=found,
            messages={message.enrollment_id: message for message in pending},
            definitions=sequences.versions(tx, keys),
            tasks_done=tasks.done_of_sender(tx, account_id, sender.id),
            ways=ways(tx, [account_id]),
            spent=messages.spent_slots(tx, account_id, sender.id, now),
        )

    @property
    def next_number(self) -> int:
        """Above every enrollment that there is."""
        return max((enrollment.id for enrollment in self.enrollments), default=0) + 1

    def calendar(self, sender: Sender, now: datetime) -> Calendar:
        """A calendar that follows all of it."""
        pace = Pace.of(sender.gap, sender.daily_cap, sender.next_slot_at, self.spent)
        next_message = max((message.id for message in self.messages.values()), default=0) + 1
        calendar = Calendar(now, pace, next_message)
        for enrollment in self.enrollments:
            try:
                self.follow(calendar, enrollment)
            except (LookupError, TypeError, ValueError):
                # A damaged row, which the engine sets aside too.
                log.exception("enrollment_not_followed", enrollment_id=enrollment.id)
        return calendar

    def follow(self, calendar: Calendar, enrollment: Enrollment) -> None:
        """Follow what has a time; what waits for a person, or is held, has none."""
        message = self.messages.get(enrollment.id)
        if enrollment.due_at is not None:
            calendar.add(self.journey(enrollment))
        elif message is None or enrollment.waiting_for is not WaitingFor.MESSAGE:
            return
        elif message.state is MessageState.SCHEDULED and message.send_at is not None:
            journey = replace(self.journey(enrollment), because=message.because)
            calendar.add_scheduled(journey, message.id, message.send_at)
        else:
            calendar.add_sent(self.journey(enrollment))

    def journey(self, enrollment: Enrollment) -> Journey:
        key = (enrollment.account_id, enrollment.sequence_id, enrollment.version)
        return Journey(
            number=enrollment.id,
            way=self.ways.of(enrollment),
            definition=self.definitions[key],
            order=enrollment.step_order,
            due_at=enrollment.due_at,
            because=enrollment.because,
            tasks_done=dict(self.tasks_done.get(enrollment.id, {})),
            is_asked_for=False,
        )


def followed(
    asked: Asked,
    known: Known,
    sequence: StandingSequence,
    first: int,
    foreseen: Foreseen,
    now: datetime,
) -> Iterator[Journey]:
    """Everybody who can be enrolled, in the order in which they would be."""
    ahead = [(None, contact_id) for contact_id in asked.ahead]
    shown = list(enumerate(asked.contact_ids))
    for number, (position, contact_id) in enumerate([*ahead, *shown], start=first):
        wanted = wanted_of(asked, sequence, contact_id)
        try:
            row = known.row_for(wanted, now)
        except DrumbeatError as refusal:
            if position is not None:
                foreseen.refusals[position] = refusal
            continue
        yield Journey(
            number=number,
            way=known.way_for(wanted, sequence),
            definition=sequence.definition,
            order=row["step_order"],
            due_at=row["due_at"],
            because=row["because"],
            is_asked_for=position is not None,
        )


def wanted_of(asked: Asked, sequence: StandingSequence, contact_id: int) -> Wanted:
    return Wanted(
        sequence_id=sequence.id,
        contact_id=contact_id,
        sender_email=asked.sender_email,
        timezone=asked.timezone,
        start_order=asked.start_order,
        start_at=asked.start_at,
    )
