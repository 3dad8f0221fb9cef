"""Sales tasks, as rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from drumbeat.domain.enrollment import Enrollment, State
from drumbeat.domain.sequence import TaskPriority, TaskType
from drumbeat.domain.task import NewTask, Task, TaskStatus
from drumbeat.errors import NotFound
from drumbeat.store.database import Tx, insert_many, is_one_of
from drumbeat.store.tables import enrollments, tasks


def add_all(tx: Tx, new: Sequence[NewTask]) -> None:
    insert_many(tx, tasks, NewTask._fields, new)


def get(tx: Tx, account_id: int, task_id: int) -> Task:
    statement = sa.select(tasks).where(tasks.c.account_id == account_id, tasks.c.id == task_id)
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise NotFound("task", task_id)
    return from_row(row)


def complete(tx: Tx, account_id: int, task_id: int, now: datetime) -> bool:
    """Whether this call is the one that completed the task."""
    statement = (
        tasks.update()
        .where(
            tasks.c.account_id == account_id,
            tasks.c.id == task_id,
            tasks.c.status != TaskStatus.COMPLETED,
        )
        .values(status=TaskStatus.COMPLETED, completed_at=now, updated_at=now)
    )
    return tx.execute(statement).rowcount == 1


def done_by_step(tx: Tx, waiting: Iterable[Enrollment]) -> dict[int, dict[int, datetime | None]]:
    """For each enrollment, by its id: the steps of its version with a task, and when that was
    completed."""
    versions: dict[int, dict[int, int]] = defaultdict(dict)
    for enrollment in waiting:
        versions[enrollment.account_id][enrollment.id] = enrollment.version
    done: dict[int, dict[int, datetime | None]] = {}
    c = tasks.c
    for account_id, of_account in versions.items():
        statement = sa.select(c.enrollment_id, c.version, c.step_order, c.completed_at).where(
            c.account_id == account_id, is_one_of(tx, c.enrollment_id, of_account)
        )
        for row in tx.execute(statement):
            if row.version == of_account[row.enrollment_id]:
                done.setdefault(row.enrollment_id, {})[row.step_order] = row.completed_at
    return done


def done_of_sender(
    tx: Tx, account_id: int, sender_id: int
) -> dict[int, dict[int, datetime | None]]:
    """The same, for every enrollment that this sender writes to and that is on its way."""
    c, e = tasks.c, enrollments.c
    statement = (
        sa.select(c.enrollment_id, c.step_order, c.completed_at)
        .join_from(
            enrollments,
            tasks,
            sa.and_(
                c.account_id == e.account_id,
                c.enrollment_id == e.id,
                c.version == e.version,
            ),
        )
        .where(e.account_id == account_id, e.sender_id == sender_id, e.state == State.EXECUTING)
    )
    done: dict[int, dict[int, datetime | None]] = {}
    for row in tx.execute(statement):
        done.setdefault(row.enrollment_id, {})[row.step_order] = row.completed_at
    return done


def page(
    tx: Tx,
    account_id: int,
    *,
    contact_id: int | None = None,
    enrollment_id: int | None = None,
    status: TaskStatus | None = None,
    after: int = 0,
    limit: int,
) -> list[Task]:
    """Up to *limit* tasks younger than *after*, the oldest first."""
    statement = sa.select(tasks).where(tasks.c.account_id == account_id, tasks.c.id > after)
    wanted = {
        tasks.c.contact_id: contact_id,
        tasks.c.enrollment_id: enrollment_id,
        tasks.c.status: status,
    }
    for column, value in wanted.items():
        if value is not None:
            statement = statement.where(column == value)
    return [from_row(row) for row in tx.execute(statement.order_by(tasks.c.id).limit(limit))]


def from_row(row: sa.Row[Any]) -> Task:
    values = dict(row._mapping)
    values["type"] = TaskType(values["type"])
    values["priority"] = TaskPriority(values["priority"])
    values["status"] = TaskStatus(values["status"])
    return Task(**values)
