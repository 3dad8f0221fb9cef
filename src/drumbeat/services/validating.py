"""What would go wrong if people were enrolled now, before anybody is.

It only reads, and it asks what enrolling and sending ask: whoever would be refused is refused
here too, and every e-mail is begun with the values of the contact that it would go to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from drumbeat.clock import Clock
from drumbeat.domain import wording
from drumbeat.domain.launch import Load, findings_ahead
from drumbeat.domain.launch_findings import Code, LaunchFinding, Severity, error
from drumbeat.domain.pacing import CAP_PERIOD
from drumbeat.domain.sender import Sender
from drumbeat.domain.sequence import StandingSequence
from drumbeat.domain.user import User
from drumbeat.domain.validation import findings_in
from drumbeat.errors import AlreadyEnrolled, Invalid, NotFound, Refused
from drumbeat.services.authoring import placed_contents
from drumbeat.services.batch_enrolling import Known, Wanted
from drumbeat.services.connecting import Connecting, is_connected, unkept
from drumbeat.services.enrolling import no_sender
from drumbeat.services.planning import Asked, known_of
from drumbeat.services.proofreading import Proofs, Reader
from drumbeat.store import contacts, enrollments, messages, senders, sequences, templates, users
from drumbeat.store.database import Database, Tx

MOST_CONTACTS = 1000
NOBODY = 0
REFUSALS: Mapping[Code, str] = {
    Code.CONTACT_MISSING: "not there, or archived",
    Code.CONTACT_ENROLLED: "in a sequence already",
    Code.CONTACT_WITHOUT_ADDRESS: "without an e-mail address",
    Code.CONTACT_SUPPRESSED: "with an address that is not to be mailed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What was found, and what it was looked for in."""

    version: int
    sender_email: str
    checked: int
    """How many contacts were looked at."""
    is_given: bool
    """Whether those were given, and are not just the newest there are."""
    findings: tuple[LaunchFinding, ...]

    @property
    def is_ready(self) -> bool:
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validating:
    database: Database
    clock: Clock
    connecting: Connecting

    def validate(
        self,
        account_id: int,
        user_id: int,
        sequence_id: int,
        *,
        sender_email: str | None = None,
        contact_ids: Collection[int] = (),
    ) -> Validation:
        """What would go wrong with this sequence, from this sender and for these contacts.

        Without a sender it is the user's own address; without contacts, tokens are tried on the
        newest there are. Raises NotFound for the sequence, and Invalid for too many contacts.
        """
        ids = list(dict.fromkeys(contact_ids))
        refuse_too_many(ids)
        now = self.clock.now()
        with self.database.reading() as tx:
            user = users.get(tx, account_id, user_id)
            sequence = sequences.get(tx, account_id, sequence_id)
            email = sender_email or user.email
            sender = self.connecting.would_use(tx, account_id, email, user_id)
            asked = Asked(contact_ids=ids, sender_email=email, sequence_id=sequence_id)
            known = known_of(tx, user, sequence, sender or no_sender(user, email), asked)
            guests = Guests.of(known, sequence, asked, now)
            readers = readers_of(tx, known, sequence, asked)
            proofs = proofs_of(tx, user, sequence, sender, now)
            load = load_of(tx, sender, len(guests.welcome) if ids else None, now)
            unusable = list(sender_findings(tx, user, sender, email))
        way = known.way_for(wanted(asked, NOBODY), sequence)
        findings = (
            *findings_in(sequence.definition),
            *proofs.of_templates(),
            *unusable,
            *findings_ahead(sequence.definition, way, sender, load, now),
            *guests.findings(),
            *proofs.of_values(readers, is_given=bool(ids)),
        )
        return Validation(
            version=sequence.version,
            sender_email=email,
            checked=len(ids) if ids else len(readers),
            is_given=bool(ids),
            findings=findings,
        )


def refuse_too_many(ids: Sequence[int]) -> None:
    if len(ids) > MOST_CONTACTS:
        raise Invalid(
            f"at most {MOST_CONTACTS:,} contacts are validated at a time, and these are "
            f"{len(ids):,}; ask for them in several requests"
        )


def wanted(asked: Asked, contact_id: int) -> Wanted:
    return Wanted(
        sequence_id=asked.sequence_id, contact_id=contact_id, sender_email=asked.sender_email
    )


@dataclass(slots=True)
class Guests:
    """The contacts that were given: who could be enrolled, and what keeps the others out."""

    welcome: list[int] = field(default_factory=list)
    refused: dict[Code, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, known: Known, sequence: StandingSequence, asked: Asked, now: datetime) -> Guests:
        guests = cls()
        for contact_id in asked.contact_ids:
            code = refusal_of(known, wanted(asked, contact_id), now)
            (guests.welcome if code is None else guests.refused[code]).append(contact_id)
        return guests

    def findings(self) -> Iterator[LaunchFinding]:
        for code, ids in sorted(self.refused.items()):
            text = f"{wording.counted(len(ids), 'contact')} {REFUSALS[code]}"
            yield error(code, text, field="contactId", contact_ids=tuple(ids))


def refusal_of(known: Known, row: Wanted, now: datetime) -> Code | None:
    """What keeps this contact out; None too where it is the sender, who keeps everybody out."""
    try:
        known.row_for(row, now)
    except NotFound:
        return Code.CONTACT_MISSING
    except AlreadyEnrolled:
        return Code.CONTACT_ENROLLED
    except Refused as refused:
        if refused is known.senders[row.sender_email]:
            return None
        has_none = refused.code == "NO_EMAIL_ADDRESS"
        return Code.CONTACT_WITHOUT_ADDRESS if has_none else Code.CONTACT_SUPPRESSED
    return None


def readers_of(tx: Tx, known: Known, sequence: StandingSequence, asked: Asked) -> list[Reader]:
    """Those of the contacts that are there; where none were given, the newest."""
    people = [known.contacts[each] for each in asked.contact_ids if each in known.contacts]
    if not asked.contact_ids:
        people = contacts.newest(tx, sequence.account_id, MOST_CONTACTS)
    return [
        Reader(contact=each, way=known.way_for(wanted(asked, each.id), sequence)) for each in people
    ]


def proofs_of(
    tx: Tx, user: User, sequence: StandingSequence, sender: Sender | None, now: datetime
) -> Proofs:
    used = {content.template_id for _, content in placed_contents(sequence.definition)} - {None}
    return Proofs(
        definition=sequence.definition,
        templates=templates.many(tx, user.account_id, [each for each in used if each is not None]),
        user=user,
        sender=sender or unkept(user, now),
        has_sender=sender is not None,
    )


def load_of(tx: Tx, sender: Sender | None, people: int | None, now: datetime) -> Load:
    if sender is None:
        return Load(committed=0, people=people)
    key = (sender.account_id, sender.id)
    committed = messages.count_committed(tx, *key, now)
    starting = enrollments.count_starting(tx, *key, now + CAP_PERIOD)
    return Load(committed=committed + starting, people=people)


def sender_findings(
    tx: Tx, user: User, sender: Sender | None, email: str
) -> Iterator[LaunchFinding]:
    """Why the sender cannot be used, where it cannot."""
    if sender is not None:
        return
    standing = senders.by_email(tx, user.account_id, email)
    if standing is None:
        code, text = Code.SENDER_MISSING, f"no inbox of {email} is connected"
    elif is_connected(standing):
        code, text = Code.SENDER_OF_ANOTHER, f"{email} is connected for another user"
    else:
        code, text = Code.SENDER_NOT_CONNECTED, f"{email} was disconnected"
    yield error(code, f"{text}; `drumbeat inbox connect` connects an inbox", field="senderEmail")
