"""Moving everyone on their way through a sequence to another version of it.

A bounded number at a time, each chunk in a transaction of its own. Whoever is in that version
has nothing more to be done, so a run that was cut off, or that left someone where they were, is
simply run again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from drumbeat.clock import Clock
from drumbeat.domain.message import MessageState
from drumbeat.domain.migration import Route
from drumbeat.domain.sequence import Definition
from drumbeat.errors import Fault
from drumbeat.services import ending
from drumbeat.services.checking import raise_if_any
from drumbeat.services.move_cases import Case, cases
from drumbeat.services.moving import Move, decide, stays
from drumbeat.store import edited_emails, messages, moves, sequences, timeline
from drumbeat.store.database import Database, Tx
from drumbeat.store.moves import Elsewhere

log = structlog.get_logger()

# In one call, and in one transaction of it.
MOST = 1_000
CHUNK = 500
# Why an e-mail is cancelled that the other version does not send there.
MOVED = "MOVED_TO_VERSION"
DAMAGED = "it could not be decided; the log says what is wrong with it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What became of some enrollments, or would become of them."""

    to_version: int
    moves: tuple[Move, ...]
    remaining: int
    """How many come after these, in the order of their ids."""


@dataclass(slots=True)
class Routes:
    """The ways from the sequence's versions to one of them, each found out once."""

    account_id: int
    sequence_id: int
    to_version: int
    definitions: dict[int, Definition] = field(default_factory=dict)
    found: dict[int, Route] = field(default_factory=dict)

    def read(self, tx: Tx, versions: Collection[int]) -> None:
        missing = {self.to_version, *versions} - self.definitions.keys()
        keys = [(self.account_id, self.sequence_id, version) for version in missing]
        for (_, _, version), definition in sequences.versions(tx, keys).items():
            self.definitions[version] = definition

    def route(self, from_version: int) -> Route:
        if from_version not in self.found:
            self.found[from_version] = Route.between(
                from_version,
                self.definitions[from_version],
                self.to_version,
                self.definitions[self.to_version],
            )
        return self.found[from_version]


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrating:
    database: Database
    clock: Clock
    chunk: int = CHUNK

    def migrate(
        self,
        account_id: int,
        sequence_id: int,
        *,
        to_version: int | None = None,
        from_version: int | None = None,
        enrollment_ids: Collection[int] | None = None,
        dry_run: bool = False,
        after: int = 0,
        limit: int = MOST,
    ) -> Migration:
        """Move up to *limit* active enrollments, in the order of their ids, to *to_version*, or
        to the current one; with *dry_run* say what that would do.

        Raises NotFound for the sequence, and Invalid for a version or an enrollment it has not.
        """
        now = self.clock.now()
        with self.database.reading() as tx:
            elsewhere = asked_for(
                tx, account_id, sequence_id, to_version, from_version, enrollment_ids
            )
        routes = Routes(account_id, sequence_id, elsewhere.to_version)
        decided: list[Move] = []
        while len(decided) < limit:
            last_id = decided[-1].before.id if decided else after
            size = min(self.chunk, limit - len(decided))
            chunk = self.move_some(elsewhere, routes, last_id, size, now, dry_run=dry_run)
            decided += chunk
            if not chunk:
                break
        last_id = decided[-1].before.id if decided else after
        with self.database.reading() as tx:
            remaining = moves.count(tx, elsewhere, after=last_id)
        return Migration(to_version=elsewhere.to_version, moves=tuple(decided), remaining=remaining)

    def move_some(
        self,
        elsewhere: Elsewhere,
        routes: Routes,
        after: int,
        limit: int,
        now: datetime,
        *,
        dry_run: bool,
    ) -> list[Move]:
        account_id = elsewhere.account_id
        opened = self.database.reading if dry_run else self.database.transaction
        with opened() as tx:
            if not dry_run:
                # It may not be deleted meanwhile, and everyone in it ended.
                sequences.get_held(tx, account_id, elsewhere.sequence_id)
            chosen = moves.page(tx, elsewhere, after=after, limit=limit, for_update=not dry_run)
            routes.read(tx, {enrollment.version for enrollment in chosen})
            decided = [
                decide_alone(case, now)
                for case in cases(tx, account_id, chosen, routes.route, for_update=not dry_run)
            ]
            if not dry_run:
                write(tx, account_id, decided, now)
        return decided


def asked_for(
    tx: Tx,
    account_id: int,
    sequence_id: int,
    to_version: int | None,
    from_version: int | None,
    enrollment_ids: Collection[int] | None,
) -> Elsewhere:
    """Whom it is about. Raises Invalid, naming everything that there is not."""
    current, _ = sequences.current(tx, account_id, sequence_id)
    elsewhere = Elsewhere(
        account_id=account_id,
        sequence_id=sequence_id,
        to_version=current if to_version is None else to_version,
        from_version=from_version,
        ids=enrollment_ids,
    )
    faults = [*version_faults(elsewhere, current), *enrollment_faults(tx, elsewhere)]
    raise_if_any("the migration cannot be made as it is asked for", faults)
    return elsewhere


def version_faults(elsewhere: Elsewhere, current: int) -> Iterator[Fault]:
    given = {"toVersion": elsewhere.to_version, "fromVersion": elsewhere.from_version}
    for name, version in given.items():
        if version is not None and not sequences.FIRST_VERSION <= version <= current:
            yield Fault(
                field=name,
                message=f"there is no version {version}; they are numbered up to {current}",
            )
    if elsewhere.from_version == elsewhere.to_version:
        message = (
            f"version {elsewhere.to_version} is the one to move to; leave this out, or give another"
        )
        yield Fault(field="fromVersion", message=message)


def enrollment_faults(tx: Tx, elsewhere: Elsewhere) -> Iterator[Fault]:
    ids = elsewhere.ids or ()
    known = moves.known_ids(tx, elsewhere.account_id, elsewhere.sequence_id, ids)
    for position, id in enumerate(ids):
        if id not in known:
            message = f"sequence {elsewhere.sequence_id} has no enrollment {id}"
            yield Fault(field=f"enrollmentIds[{position}]", message=message)


def decide_alone(case: Case, now: datetime) -> Move:
    """Decide one enrollment; one that is damaged stays, and keeps no other from moving."""
    try:
        return decide(case, now)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        enrollment = case.enrollment
        log.exception(
            "move_set_aside", account_id=enrollment.account_id, enrollment_id=enrollment.id
        )
        return stays(case, DAMAGED)


def write(tx: Tx, account_id: int, decided: Sequence[Move], now: datetime) -> None:
    moving = [move for move in decided if move.after is not None]
    # First what would be in the way of what comes to its place.
    messages.discard(tx, account_id, [id for move in moving for id in move.discarded])
    moves.place_tasks(tx, [each for move in moving for each in move.tasks])
    moves.place_messages(tx, [each for move in moving for each in move.messages])
    for move in moving:
        write_under_way(tx, move, now)
    moves.move_all(tx, [move.after for move in moving if move.after is not None])
    ids = [move.before.id for move in moving]
    edited = [each for move in moving for each in move.edited]
    edited_emails.replace_all(tx, account_id, ids, edited)
    timeline.add_all(tx, [told for move in moving for told in move.events])


def write_under_way(tx: Tx, move: Move, now: datetime) -> None:
    message, rewritten = move.under_way, move.rewritten
    if message is None:
        return
    if rewritten is None:
        if message.state is not MessageState.CANCELLED:
            ending.cancel(tx, move.before, message, MOVED, now)
        return
    # With another token, so that a worker which holds the old one cannot send the old e-mail.
    messages.change(
        tx,
        message,
        now,
        version=rewritten.version,
        step_order=rewritten.step_order,
        template_id=rewritten.template_id,
        thread_to=rewritten.thread_to,
        message_id=rewritten.message_id,
        send_at=rewritten.send_at,
        because=rewritten.because,
        claimed_until=None,
        claim_token=message.claim_token + 1,
    )
