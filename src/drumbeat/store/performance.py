"""What a sequence has done, counted by the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from drumbeat.domain import performance
from drumbeat.domain.enrollment import Reason, State, WaitingFor
from drumbeat.domain.message import MessageState
from drumbeat.domain.performance import (
    Interval,
    Performance,
    Standing,
    StepKey,
    Summary,
    TaskCounts,
)
from drumbeat.domain.task import TaskStatus
from drumbeat.store import accounts, sequences
from drumbeat.store.database import Tx
from drumbeat.store.local_days import (
    Stretch,
    covers,
    day_number,
    day_of,
    offsets,
    stretches_of,
)
from drumbeat.store.tables import enrollments, messages, step_executions, tasks

# A message in one of these may never have been tried.
UNTRIED = (MessageState.SCHEDULED, MessageState.CANCELLED)


def of_sequence(
    tx: Tx, account_id: int, sequence_id: int, interval: Interval, now: datetime
) -> Performance:
    """What the sequence has done until *now*. Raises NotFound for one that was deleted."""
    sequence = sequences.get(tx, account_id, sequence_id)
    zone = ZoneInfo(accounts.get(tx, account_id).timezone)
    executed = executions(tx, account_id, sequence_id)
    done = tasks_completed(tx, account_id, sequence_id)
    keys = {(account_id, sequence_id, version) for version, _ in [*executed, *done]}
    definitions = {key[2]: each for key, each in sequences.versions(tx, keys).items()}
    by_day = begun_by_day(tx, account_id, sequence_id, zone, now)
    return Performance(
        sequence_id=sequence_id,
        summary=summary(tx, account_id, sequence_id, now),
        standings=standings(tx, account_id, sequence_id),
        steps=performance.steps_of(sequence.definition, definitions, executed, done),
        timeline=performance.timeline_of(by_day, interval, zone, now),
    )


def summary(tx: Tx, account_id: int, sequence_id: int, now: datetime) -> Summary:
    c = enrollments.c
    statement = sa.select(
        sa.func.count().label("enrolled"),
        sa.func.count(c.contact_id.distinct()).label("contacts"),
        ended_by(Reason.BOUNCED).label("bounced"),
        ended_by(Reason.UNSUBSCRIBED).label("unsubscribed"),
    ).where(*of(account_id, sequence_id), has_begun(now))
    return Summary(**tx.execute(statement).one()._mapping)


def standings(tx: Tx, account_id: int, sequence_id: int) -> list[Standing]:
    """Where everybody stands, or where they stood at the end, in the order of the steps."""
    c = enrollments.c
    statement = (
        sa.select(c.step_order, c.state, c.waiting_for, sa.func.count().label("found"))
        .where(*of(account_id, sequence_id))
        .group_by(c.step_order, c.state, c.waiting_for)
    )
    counts: dict[tuple[int, State], int] = {}
    for row in tx.execute(statement):
        waiting_for = WaitingFor(row.waiting_for) if row.waiting_for else None
        key = (row.step_order, performance.shown_state(State(row.state), waiting_for))
        counts[key] = counts.get(key, 0) + row.found
    return [
        Standing(step_order=order, state=state, enrollments=count)
        for (order, state), count in sorted(counts.items())
    ]


def executions(tx: Tx, account_id: int, sequence_id: int) -> dict[StepKey, int]:
    c = step_executions.c
    statement = (
        sa.select(c.version, c.step_order, sa.func.count())
        .join_from(enrollments, step_executions, belongs_to_enrollment(step_executions))
        .where(*of(account_id, sequence_id))
        .group_by(c.version, c.step_order)
    )
    return {(version, order): count for version, order, count in tx.execute(statement)}


def tasks_completed(tx: Tx, account_id: int, sequence_id: int) -> dict[StepKey, TaskCounts]:
    """The tasks that are done and those done on the day they were due. One whose enrollment is
    in a zone that does not exist has no such day, and is not counted as on time."""
    stretches = stretches_of_tasks(tx, account_id, sequence_id)
    c = tasks.c
    counted = sa.select(c.version, c.step_order, sa.func.count().label("completed"))
    source: sa.FromClause = sa.join(enrollments, tasks, belongs_to_enrollment(tasks))
    on_time: sa.ColumnElement[int] = sa.literal(0)
    if stretches:
        known = offsets(stretches)
        at_due, at_done = known.alias("at_due"), known.alias("at_done")
        zone = enrollments.c.timezone
        source = source.outerjoin(at_due, covers(at_due, zone, c.due_at))
        source = source.outerjoin(at_done, covers(at_done, zone, c.completed_at))
        is_on_time = day_number(at_done, c.completed_at) <= day_number(at_due, c.due_at)
        on_time = sa.func.sum(sa.case((is_on_time, 1), else_=0))
    statement = (
        counted.add_columns(on_time.label("on_time"))
        .select_from(source)
        .where(*of(account_id, sequence_id), is_done())
        .group_by(c.version, c.step_order)
    )
    return {
        (row.version, row.step_order): TaskCounts(completed=row.completed, on_time=row.on_time)
        for row in tx.execute(statement)
    }


def stretches_of_tasks(tx: Tx, account_id: int, sequence_id: int) -> list[Stretch]:
    """For every zone in which a task was done, from the first that was due to the last done."""
    c = tasks.c
    statement = (
        sa.select(
            enrollments.c.timezone,
            sa.func.min(c.due_at).label("begin"),
            sa.func.max(c.completed_at).label("end"),
        )
        .join_from(enrollments, tasks, belongs_to_enrollment(tasks))
        .where(*of(account_id, sequence_id), is_done())
        .group_by(enrollments.c.timezone)
    )
    stretches: list[Stretch] = []
    for row in tx.execute(statement):
        try:
            zone = ZoneInfo(row.timezone)
        except (ValueError, ZoneInfoNotFoundError):
            continue
        stretches += stretches_of(zone, row.begin, row.end)
    return stretches


def begun_by_day(
    tx: Tx, account_id: int, sequence_id: int, zone: ZoneInfo, now: datetime
) -> Mapping[date, int]:
    """How many enrollments that have begun were made on each day of *zone*."""
    c = enrollments.c
    bounds = sa.select(sa.func.min(c.enrolled_at), sa.func.max(c.enrolled_at)).where(
        *of(account_id, sequence_id)
    )
    begin, end = tx.execute(bounds).one()
    if begin is None:
        return {}
    known = offsets(stretches_of(zone, begin, end))
    day = day_number(known, c.enrolled_at)
    statement = (
        sa.select(day.label("day"), sa.func.count().label("begun"))
        .join_from(enrollments, known, covers(known, sa.literal(zone.key), c.enrolled_at))
        .where(*of(account_id, sequence_id), has_begun(now))
        .group_by("day")
    )
    return {day_of(row.day): row.begun for row in tx.execute(statement)}


def has_begun(now: datetime) -> sa.ColumnElement[bool]:
    """Whether an enrollment's first step has run, or its moment has come.

    Not where the start lies ahead, or the first e-mail waits for its sender's next slot.
    """
    c = enrollments.c
    has_run = sa.exists().where(belongs_to_enrollment(step_executions))
    message_came_up = sa.exists().where(
        belongs_to_enrollment(messages),
        sa.or_(
            messages.c.state.not_in(UNTRIED),
            messages.c.attempts > 0,
            messages.c.send_at <= now,
        ),
    )
    return sa.or_(has_run, c.due_at <= now, message_came_up)


def ended_by(reason: Reason) -> sa.ColumnElement[int]:
    c = enrollments.c
    fits = sa.and_(c.state == State.UNENROLLED, c.reason == reason)
    return sa.func.coalesce(sa.func.sum(sa.case((fits, 1), else_=0)), 0)


def is_done() -> sa.ColumnElement[bool]:
    return tasks.c.status == TaskStatus.COMPLETED


def belongs_to_enrollment(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.account_id == enrollments.c.account_id,
        table.c.enrollment_id == enrollments.c.id,
    )


def of(account_id: int, sequence_id: int) -> tuple[sa.ColumnElement[Any], ...]:
    return enrollments.c.account_id == account_id, enrollments.c.sequence_id == sequence_id
