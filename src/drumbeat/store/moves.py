"""Moving enrollments to another version of their sequence, as rows: who is to be moved, and what
their steps brought about, which is known by version and step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa

from drumbeat.domain.enrollment import Enrollment
from drumbeat.domain.task import Task
from drumbeat.store.database import Tx
from drumbeat.store.enrollments import ACTIVE, MOVING, from_row
from drumbeat.store.tables import enrollments, messages, step_executions, tasks
from drumbeat.store.tasks import from_row as task_from_row

MOVED = (*MOVING, "start_order")

VersionedStep: TypeAlias = tuple[int, int]
"""A version, and the order of a step in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A task or a message, and the step of another version that it counts for from now on."""

    account_id: int
    id: int
    version: int
    step_order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """The active enrollments of a sequence that are not in the version *to_version*."""

    account_id: int
    sequence_id: int
    to_version: int
    from_version: int | None = None
    """Only those that are in this one."""
    ids: Collection[int] | None = None
    """Only those of these."""

    def conditions(self, after: int) -> list[sa.ColumnElement[bool]]:
        c = enrollments.c
        conditions = [
            c.account_id == self.account_id,
            c.sequence_id == self.sequence_id,
            c.state.in_(ACTIVE),
            c.version != self.to_version,
            c.id > after,
        ]
        if self.from_version is not None:
            conditions.append(c.version == self.from_version)
        if self.ids is not None:
            conditions.append(c.id.in_(self.ids))
        return conditions


def page(
    tx: Tx, elsewhere: Elsewhere, *, after: int, limit: int, for_update: bool
) -> list[Enrollment]:
    """Up to *limit* of them, in the order of their ids."""
    statement = (
        sa.select(enrollments)
        .where(*elsewhere.conditions(after))
        .order_by(enrollments.c.id)
        .limit(limit)
    )
    if for_update:
        statement = statement.with_for_update()
    return [from_row(row) for row in tx.execute(statement)]


def count(tx: Tx, elsewhere: Elsewhere, *, after: int) -> int:
    statement = sa.select(sa.func.count()).select_from(enrollments)
    return tx.execute(statement.where(*elsewhere.conditions(after))).scalar_one()


def known_ids(tx: Tx, account_id: int, sequence_id: int, ids: Collection[int]) -> set[int]:
    """Those of *ids* that are enrollments of this sequence, in whatever state."""
    c = enrollments.c
    statement = sa.select(c.id).where(
        c.account_id == account_id, c.sequence_id == sequence_id, c.id.in_(ids)
    )
    return set(tx.execute(statement).scalars())


def executed_steps(
    tx: Tx, account_id: int, enrollment_ids: Collection[int]
) -> dict[int, set[VersionedStep]]:
    """The steps that have run of each enrollment, each as that of the version it ran in."""
    c = step_executions.c
    statement = sa.select(c.enrollment_id, c.version, c.step_order).where(
        c.account_id == account_id, c.enrollment_id.in_(enrollment_ids)
    )
    found: dict[int, set[VersionedStep]] = defaultdict(set)
    for row in tx.execute(statement):
        found[row.enrollment_id].add((row.version, row.step_order))
    return found


def tasks_of(tx: Tx, account_id: int, enrollment_ids: Collection[int]) -> list[Task]:
    """Every task of these enrollments, in the order they were made."""
    statement = sa.select(tasks).where(
        tasks.c.account_id == account_id, tasks.c.enrollment_id.in_(enrollment_ids)
    )
    return [task_from_row(row) for row in tx.execute(statement.order_by(tasks.c.id))]


def move_all(tx: Tx, moved: Sequence[Enrollment]) -> None:
    """Write where each of these enrollments now stands, and which step it began with."""
    if not moved:
        return
    statement = (
        enrollments.update()
        .where(
            enrollments.c.account_id == sa.bindparam("of_account"),
            enrollments.c.id == sa.bindparam("of_id"),
        )
        .values({column: sa.bindparam(f"new_{column}") for column in MOVED})
    )
    rows = [
        {
            "of_account": enrollment.account_id,
            "of_id": enrollment.id,
            **{f"new_{column}": getattr(enrollment, column) for column in MOVED},
        }
        for enrollment in moved
    ]
    tx.execute(statement, rows)


def place_tasks(tx: Tx, placed: Sequence[Placed]) -> None:
    place(tx, tasks, placed)


def place_messages(tx: Tx, placed: Sequence[Placed]) -> None:
    place(tx, messages, placed)


def place(tx: Tx, table: sa.Table, placed: Sequence[Placed]) -> None:
    if not placed:
        return
    statement = (
        table.update()
        .where(
            table.c.account_id == sa.bindparam("of_account"), table.c.id == sa.bindparam("of_id")
        )
        .values(version=sa.bindparam("new_version"), step_order=sa.bindparam("new_order"))
    )
    rows: list[dict[str, Any]] = [
        {
            "of_account": each.account_id,
            "of_id": each.id,
            "new_version": each.version,
            "new_order": each.step_order,
        }
        for each in placed
    ]
    tx.execute(statement, rows)
