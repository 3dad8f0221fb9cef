"""What is known of enrollments that are to be moved to another version, read for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from drumbeat.domain.edited_email import EditedEmail
from drumbeat.domain.enrollment import Enrollment, WaitingFor
from drumbeat.domain.message import Message, MessageState
from drumbeat.domain.migration import Past, Route
from drumbeat.domain.planner import TasksDone
from drumbeat.domain.task import Task
from drumbeat.services.ways import Ways, ways
from drumbeat.store import accounts, edited_emails, messages, moves
from drumbeat.store.database import Tx
from drumbeat.store.moves import VersionedStep

Brought = TypeVar("Brought", Task, Message)
"""What a step brings about."""
OfEnrollment = TypeVar("OfEnrollment", Task, Message, EditedEmail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the move of one enrollment is decided from."""

    enrollment: Enrollment
    route: Route
    ways: Ways
    salt: str
    executions: frozenset[VersionedStep]
    tasks: tuple[Task, ...]
    messages: tuple[Message, ...]
    edited: tuple[EditedEmail, ...]

    @property
    def sent(self) -> tuple[Message, ...]:
        return tuple(each for each in self.messages if each.state is MessageState.SENT)

    @property
    def under_way(self) -> Message | None:
        """The e-mail that it waits for."""
        if self.enrollment.waiting_for is not WaitingFor.MESSAGE:
            return None
        at = (self.enrollment.version, self.enrollment.step_order)
        return next((each for each in self.messages if (each.version, each.step_order) == at), None)

    @property
    def has_begun(self) -> bool:
        return bool(self.executions)

    def past(self) -> Past:
        had = self.executions | {(each.version, each.step_order) for each in self.sent}
        had |= {(each.version, each.step_order) for each in self.tasks}
        return Past(
            executed=frozenset(order for at, order in had if at == self.route.from_version),
            executed_there=frozenset(order for at, order in had if at == self.route.to_version),
            templates=tuple(message.template_id for message in self.sent),
        )

    def tasks_done(self) -> TasksDone:
        """By the steps that they will belong to there."""
        there = [(task, task.step_order) for task in self.tasks if self.is_there(task)]
        return {order: task.completed_at for task, order in (*there, *self.carried(self.tasks))}

    def carried(self, rows: Sequence[Brought]) -> Iterator[tuple[Brought, int]]:
        """What was brought about by the steps that both versions have, each with its step there."""
        # It may have been in that version before, and have left something of its own there.
        taken = {row.step_order for row in rows if self.is_there(row)}
        for row in rows:
            order = self.route.alignment.get(row.step_order)
            is_here = row.version == self.route.from_version
            if is_here and order is not None and order not in taken:
                yield row, order

    def is_there(self, row: Task | Message) -> bool:
        return row.version == self.route.to_version


def cases(
    tx: Tx,
    account_id: int,
    chosen: Sequence[Enrollment],
    route_of: Callable[[int], Route],
    *,
    for_update: bool,
) -> Iterator[Case]:
    """The case of each of these enrollments of one sequence, their messages locked on request."""
    ids = [enrollment.id for enrollment in chosen]
    known, salt = ways(tx, [account_id]), accounts.get(tx, account_id).salt
    executions = moves.executed_steps(tx, account_id, ids)
    made = by_enrollment(moves.tasks_of(tx, account_id, ids))
    written = by_enrollment(messages.of_enrollments(tx, account_id, ids, for_update=for_update))
    edited = by_enrollment(edited_emails.of_enrollments(tx, account_id, ids))
    for enrollment in chosen:
        yield Case(
            enrollment=enrollment,
            route=route_of(enrollment.version),
            ways=known,
            salt=salt,
            executions=frozenset(executions[enrollment.id]),
            tasks=tuple(made[enrollment.id]),
            messages=tuple(written[enrollment.id]),
            edited=tuple(edited[enrollment.id]),
        )


def by_enrollment(rows: Sequence[OfEnrollment]) -> dict[int, list[OfEnrollment]]:
    found: dict[int, list[OfEnrollment]] = defaultdict(list)
    for row in rows:
        found[row.enrollment_id].append(row)
    return found
