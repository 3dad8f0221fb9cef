"""Enrollments, as rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any

import sqlalchemy as sa

from drumbeat.domain.enrollment import Enrollment, Reason, State, StepExecution, WaitingFor, made_of
from drumbeat.domain.planner import Because
from drumbeat.errors import AlreadyEnrolled, NotFound
from drumbeat.store import due
from drumbeat.store.database import ROW_KEY, Tx, insert_if_new, insert_many, is_one_of, update_many
from drumbeat.store.tables import (
    EPOCH,
    ONE_MILLI,
    enrollments,
    sequences,
    step_executions,
    users,
)

ACTIVE = (State.EXECUTING, State.PAUSED)
# What changes on the way; everything else about an enrollment stands from its first day.
MOVING = (
    "state",
    "reason",
    "step_order",
    "due_at",
    "waiting_for",
    "base_at",
    "remaining",
    "updated_at",
    "ended_at",
    "version",
    "because",
)
MOVED = attrgetter(*MOVING, *ROW_KEY)
GOING_ON = ("step_order", "due_at", "waiting_for", "base_at", "updated_at", "because")
GONE_ON = attrgetter(*GOING_ON, *ROW_KEY)
NAMES = tuple(enrollments.c.keys())
# Looked up, not called: a batch has thousands of them.
CHOICES: dict[str, dict[str | None, Any]] = {
    "state": {each.value: each for each in State},
    "reason": {None: None} | {each.value: each for each in Reason},
    "waiting_for": {None: None} | {each.value: each for each in WaitingFor},
    "because": {None: None} | {each.value: each for each in Because},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEnrollment:
    """An enrollment with the names of what it refers to."""

    id: int
    to_email: str
    enrolled_at: datetime
    updated_at: datetime
    sequence_id: int
    sequence_name: str
    user_id: int
    user_email: str


def add(tx: Tx, values: Mapping[str, Any]) -> Enrollment:
    """Keep a new enrollment, or raise AlreadyEnrolled where the contact has an active one."""
    # What an index keeps apart is found out without a savepoint to go back to.
    row = tx.execute(insert_if_new(tx, enrollments), values).one_or_none()
    if row is None:
        raise AlreadyEnrolled(values["contact_id"])
    return from_row(row)


def add_all(tx: Tx, account_id: int, rows: Sequence[Mapping[str, Any]]) -> list[Enrollment]:
    """Keep new enrollments of contacts that have no active one, and are locked so that they
    cannot get one meanwhile; in the order of the rows."""
    if not rows:
        return []
    columns = tuple(rows[0])
    insert_many(tx, enrollments, columns, map(itemgetter(*columns), rows))
    ids = [row["contact_id"] for row in rows]
    statement = active(account_id).where(is_one_of(tx, enrollments.c.contact_id, ids))
    kept = {each.contact_id: each for each in map(from_row, tx.execute(statement).all())}
    return [kept[contact_id] for contact_id in ids]


def contacts_under_way(tx: Tx, account_id: int, contact_ids: Collection[int]) -> set[int]:
    """Those of the contacts that are in a sequence, running or paused."""
    statement = sa.select(enrollments.c.contact_id).where(
        enrollments.c.account_id == account_id,
        is_one_of(tx, enrollments.c.contact_id, contact_ids),
        enrollments.c.state.in_(ACTIVE),
    )
    return set(tx.execute(statement).scalars())


def get(tx: Tx, account_id: int, enrollment_id: int) -> Enrollment:
    return one(tx, by_id(account_id, enrollment_id), enrollment_id)


def get_for_update(tx: Tx, account_id: int, enrollment_id: int) -> Enrollment:
    """The enrollment, and the right to change it until the transaction ends."""
    return one(tx, by_id(account_id, enrollment_id).with_for_update(), enrollment_id)


def many(tx: Tx, account_id: int, ids: Collection[int]) -> dict[int, Enrollment]:
    statement = sa.select(enrollments).where(
        enrollments.c.account_id == account_id, is_one_of(tx, enrollments.c.id, ids)
    )
    return {each.id: each for each in map(from_row, tx.execute(statement).all())}


def one(tx: Tx, statement: sa.Select[Any], enrollment_id: int) -> Enrollment:
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise NotFound("enrollment", enrollment_id)
    return from_row(row)


# Written once, because to write it takes longer than to run it.
ACTIVE_OF_CONTACT = sa.select(enrollments).where(
    enrollments.c.account_id == sa.bindparam("account_id"),
    enrollments.c.contact_id == sa.bindparam("contact_id"),
    enrollments.c.state.in_(ACTIVE),
)


def active_of_contact(tx: Tx, account_id: int, contact_id: int) -> Enrollment | None:
    asked = {"account_id": account_id, "contact_id": contact_id}
    row = tx.execute(ACTIVE_OF_CONTACT, asked).one_or_none()
    return from_row(row) if row else None


SHOWN = (
    sa.select(
        enrollments.c.id,
        enrollments.c.to_email,
        enrollments.c.enrolled_at,
        enrollments.c.updated_at,
        enrollments.c.sequence_id,
        sequences.c.name.label("sequence_name"),
        enrollments.c.user_id,
        users.c.email.label("user_email"),
    )
    .join_from(
        enrollments,
        sequences,
        sa.and_(
            sequences.c.account_id == enrollments.c.account_id,
            sequences.c.id == enrollments.c.sequence_id,
        ),
    )
    .join(
        users,
        sa.and_(
            users.c.account_id == enrollments.c.account_id, users.c.id == enrollments.c.user_id
        ),
    )
    .where(
        enrollments.c.account_id == sa.bindparam("account_id"),
        enrollments.c.contact_id == sa.bindparam("contact_id"),
        enrollments.c.state.in_(ACTIVE),
    )
)


def shown_of_contact(tx: Tx, account_id: int, contact_id: int) -> ShownEnrollment | None:
    """The active enrollment of a contact as people ask for it: with names beside the ids."""
    row = tx.execute(SHOWN, {"account_id": account_id, "contact_id": contact_id}).one_or_none()
    return ShownEnrollment(**row._mapping) if row else None


def active_for_update(tx: Tx, account_id: int, **having: int | str) -> list[Enrollment]:
    """The active enrollments whose columns have these values, locked in the order of their ids."""
    conditions = [enrollments.c[column] == value for column, value in having.items()]
    statement = active(account_id).where(*conditions).order_by(enrollments.c.id)
    return [from_row(row) for row in tx.execute(statement.with_for_update())]


def page(
    tx: Tx,
    account_id: int,
    *,
    sequence_id: int | None = None,
    contact_id: int | None = None,
    state: State | None = None,
    sender_email: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[Enrollment]:
    """Up to *limit* enrollments older than *before*, the newest first."""
    statement = sa.select(enrollments).where(enrollments.c.account_id == account_id)
    wanted = {
        enrollments.c.sequence_id: sequence_id,
        enrollments.c.contact_id: contact_id,
        enrollments.c.state: state,
        enrollments.c.sender_email: sender_email,
    }
    for column, value in wanted.items():
        if value is not None:
            statement = statement.where(column == value)
    if before is not None:
        statement = statement.where(enrollments.c.id < before)
    statement = statement.order_by(enrollments.c.id.desc()).limit(limit)
    return [from_row(row) for row in tx.execute(statement)]


def executing_of_sender(tx: Tx, account_id: int, sender_id: int, limit: int) -> list[Enrollment]:
    """Up to *limit* enrollments that this sender writes to and that are not paused."""
    statement = active(account_id).where(
        enrollments.c.sender_id == sender_id, enrollments.c.state == State.EXECUTING
    )
    return [from_row(row) for row in tx.execute(statement.limit(limit))]


STARTING = sa.select(sa.func.count()).where(
    enrollments.c.account_id == sa.bindparam("account_id"),
    enrollments.c.sender_id == sa.bindparam("sender_id"),
    # Written as the index has it.
    enrollments.c.step_order == enrollments.c.start_order,
    enrollments.c.due_at.is_not(None),
    enrollments.c.due_at <= sa.bindparam("until"),
)


def count_starting(tx: Tx, account_id: int, sender_id: int, until: datetime) -> int:
    """How many enrollments of this sender begin with a step that falls due *until* then."""
    asked = {"account_id": account_id, "sender_id": sender_id, "until": until}
    return tx.execute(STARTING, asked).scalar_one()


def count_active_by_version(tx: Tx, account_id: int, sequence_id: int) -> dict[int, int]:
    """How many are on their way in each version of the sequence that has any."""
    counted = (
        sa.select(enrollments.c.version, sa.func.count().label("many"))
        .where(
            enrollments.c.account_id == account_id,
            enrollments.c.sequence_id == sequence_id,
            enrollments.c.state.in_(ACTIVE),
        )
        .group_by(enrollments.c.version)
    )
    return {row.version: row.many for row in tx.execute(counted)}


def claim_due(tx: Tx, *, now: datetime, limit: int) -> list[Enrollment]:
    """Up to *limit* enrollments whose next step is due, for this transaction to decide."""
    rows = due.claim(tx, enrollments, enrollments.c.due_at, now=now, limit=limit)
    return [from_row(row) for row in rows]


def update_all(tx: Tx, changed: Sequence[Enrollment]) -> None:
    """Write where each of these enrollments now stands, in one statement."""
    update_many(tx, enrollments, MOVING, map(MOVED, changed))


def update_executing(tx: Tx, changed: Sequence[Enrollment]) -> None:
    """The same for enrollments that were all EXECUTING. Those that still are have changed in a
    few columns only, and the others' indexes need no work."""
    still = [each for each in changed if each.state is State.EXECUTING]
    update_many(tx, enrollments, GOING_ON, map(GONE_ON, still))
    update_all(tx, [each for each in changed if each.state is not State.EXECUTING])


def add_executions(tx: Tx, executed: Sequence[StepExecution]) -> None:
    insert_many(tx, step_executions, StepExecution._fields, executed)


def executions(tx: Tx, account_id: int, enrollment_id: int) -> list[StepExecution]:
    """The steps that have run, in the order in which they did."""
    c = step_executions.c
    statement: sa.Select[Any] = (
        sa.select(*(c[name] for name in StepExecution._fields))
        .where(c.account_id == account_id, c.enrollment_id == enrollment_id)
        .order_by(c.executed_at, c.version, c.step_order)
    )
    return [execution_of(row) for row in tx.execute(statement)]


def due_of_sender(
    tx: Tx, account_id: int, sender_id: int, *, now: datetime, limit: int
) -> list[Enrollment]:
    """Those of this sender whose step is due now and not executed yet, the oldest first."""
    c = enrollments.c
    statement = (
        active(account_id)
        .where(c.sender_id == sender_id, c.due_at <= now)
        .order_by(c.due_at, c.id)
        .limit(limit)
    )
    return [from_row(row) for row in tx.execute(statement)]


def sequence_facts(
    tx: Tx, account_id: int, contact_ids: Collection[int]
) -> dict[int, dict[str, str]]:
    """For each contact, HubSpot's eight properties about sequences that have a value."""
    c = enrollments.c
    statement = (
        sa.select(
            c.contact_id,
            sa.func.count().label("enrolled"),
            sa.func.sum(sa.case((c.state.in_(ACTIVE), 1), else_=0)).label("active"),
            sa.func.max(c.enrolled_at).label("enrolled_at"),
            last_end(State.FINISHED).label("finished_at"),
            last_end(State.UNENROLLED).label("unenrolled_at"),
            sa.func.max(c.ended_at).label("ended_at"),
            sa.func.max(c.id).label("latest_id"),
        )
        .where(c.account_id == account_id, c.contact_id.in_(contact_ids))
        .group_by(c.contact_id)
    )
    rows = {row.contact_id: row for row in tx.execute(statement)}
    latest = latest_sequences(tx, account_id, [row.latest_id for row in rows.values()])
    return {
        contact_id: facts_of(rows.get(contact_id), latest.get(contact_id))
        for contact_id in contact_ids
    }


def last_end(state: State) -> sa.ColumnElement[datetime]:
    ended = sa.case((enrollments.c.state == state, enrollments.c.ended_at))
    return sa.func.max(ended)


def latest_sequences(tx: Tx, account_id: int, enrollment_ids: Sequence[int]) -> dict[int, int]:
    c = enrollments.c
    statement = sa.select(c.contact_id, c.sequence_id).where(
        c.account_id == account_id, c.id.in_(enrollment_ids)
    )
    return {row.contact_id: row.sequence_id for row in tx.execute(statement)}


def facts_of(row: sa.Row[Any] | None, latest_sequence: int | None) -> dict[str, str]:
    if row is None:
        return {"hs_sequences_is_enrolled": "false"}
    dates = {
        "hs_latest_sequence_enrolled_date": row.enrolled_at,
        "hs_latest_sequence_finished_date": row.finished_at,
        "hs_latest_sequence_unenrolled_date": row.unenrolled_at,
        "hs_latest_sequence_ended_date": row.ended_at,
    }
    return {
        "hs_sequences_is_enrolled": "true" if row.active else "false",
        "hs_sequences_actively_enrolled_count": str(row.active),
        "hs_sequences_enrolled_count": str(row.enrolled),
        "hs_latest_sequence_enrolled": str(latest_sequence),
        **{name: iso(at) for name, at in dates.items() if at is not None},
    }


def iso(moment: datetime | int) -> str:
    # The aggregate of a decorated column keeps its type; that of a CASE over one may not.
    at = moment if isinstance(moment, datetime) else EPOCH + moment * ONE_MILLI
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def by_id(account_id: int, enrollment_id: int) -> sa.Select[Any]:
    return sa.select(enrollments).where(
        enrollments.c.account_id == account_id, enrollments.c.id == enrollment_id
    )


def active(account_id: int) -> sa.Select[Any]:
    return sa.select(enrollments).where(
        enrollments.c.account_id == account_id, enrollments.c.state.in_(ACTIVE)
    )


def execution_of(row: sa.Row[Any]) -> StepExecution:
    return StepExecution._make(row)._replace(because=CHOICES["because"][row.because])


def from_row(row: sa.Row[Any]) -> Enrollment:
    values = dict(zip(NAMES, row, strict=True))
    for name, known in CHOICES.items():
        values[name] = known[values[name]]
    return made_of(values)
