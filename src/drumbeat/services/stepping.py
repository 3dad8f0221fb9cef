"""Executing what is due: claim a batch, decide each with the planner, write it all at once.

A batch is one transaction, so a crash leaves each of its steps either not begun or done, and
the cost of a step is a few rows in a few bulk statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from drumbeat.clock import Clock
from drumbeat.domain import planner
from drumbeat.domain.contact import Contact
from drumbeat.domain.enrollment import Enrollment, State, StepExecution, WaitingFor
from drumbeat.domain.message import NewMessage, message_id_for
from drumbeat.domain.planner import Because, TasksDone, Way
from drumbeat.domain.sequence import (
    Definition,
    EmailContent,
    EmailStep,
    FinishStep,
    TaskContent,
    TaskStep,
)
from drumbeat.domain.task import NewTask, title
from drumbeat.domain.timeline import Kind, TimelineEvent
from drumbeat.services.advancing import after_step, event
from drumbeat.services.ways import Ways, ways_of
from drumbeat.store import accounts, contacts, enrollments, messages, sequences, tasks, timeline
from drumbeat.store.database import Database, Tx
from drumbeat.store.sequences import VersionKey

log = structlog.get_logger()

BATCH = 1000
# A row that cannot be decided is looked at again then; the others do not wait for it.
SET_ASIDE = timedelta(hours=1)


@dataclass(slots=True)
class Stepped:
    """What one batch did."""

    claimed: int = 0
    steps: int = 0
    tasks: int = 0


@dataclass(slots=True)
class Known:
    """What was read once for the whole batch."""

    definitions: Mapping[VersionKey, Definition]
    contacts: Mapping[int, Contact]
    tasks_done: Mapping[int, TasksDone]
    ways: Ways
    salts: Mapping[int, str]


@dataclass(slots=True)
class Batch:
    """What is to be written for the whole batch, gathered step by step."""

    now: datetime
    known: Known
    moved: list[Enrollment] = field(default_factory=list)
    executed: list[StepExecution] = field(default_factory=list)
    tasks: list[NewTask] = field(default_factory=list)
    messages: list[NewMessage] = field(default_factory=list)
    events: list[TimelineEvent] = field(default_factory=list)

    def decide(self, enrollment: Enrollment) -> None:
        definition = self.known.definitions[version_of(enrollment)]
        step = definition.steps[enrollment.step_order]
        match step:
            case EmailStep():
                self.schedule_email(enrollment, definition, step)
            case TaskStep():
                self.create_task_in_time(enrollment, definition, step)
            case FinishStep():
                self.finish(enrollment)
            case _:
                told = event(enrollment, Kind.STEP_PASSED, self.now, step_order=step.order)
                self.events.append(told)
                self.move_on(enrollment, definition, self.known.ways.of(enrollment))

    def schedule_email(
        self, enrollment: Enrollment, definition: Definition, step: EmailStep
    ) -> None:
        way = self.known.ways.of(enrollment)
        content = planner.content_for(step, way)
        if not isinstance(content, EmailContent):
            raise TypeError(f"step {step.order} of an e-mail kind has no e-mail content")
        # It may be late, after an outage, and its window closed meanwhile.
        send_at, moved_by = planner.put_off(step, definition.settings, way, self.now)
        message_id = message_id_for(
            self.known.salts[enrollment.account_id],
            enrollment.id,
            enrollment.version,
            step.order,
            0,
            enrollment.sender_email,
        )
        self.messages.append(
            NewMessage(
                account_id=enrollment.account_id,
                enrollment_id=enrollment.id,
                contact_id=enrollment.contact_id,
                sender_id=enrollment.sender_id,
                version=enrollment.version,
                step_order=step.order,
                template_id=content.template_id,
                thread_to=content.thread_to,
                message_id=message_id,
                from_email=enrollment.from_email,
                to_email=enrollment.to_email,
                send_at=send_at,
                because=moved_by or enrollment.because,
                created_at=self.now,
                updated_at=self.now,
            )
        )
        self.events.append(event(enrollment, Kind.EMAIL_SCHEDULED, self.now, step_order=step.order))
        self.moved.append(enrollment.wait(step.order, now=self.now, waiting_for=WaitingFor.MESSAGE))

    def create_task_in_time(
        self, enrollment: Enrollment, definition: Definition, step: TaskStep
    ) -> None:
        way = self.known.ways.of(enrollment)
        # It may be late, or its day a holiday that was none when it was planned.
        at, moved_by = planner.put_off(step, definition.settings, way, self.now)
        if moved_by is None:
            self.create_task(enrollment, definition, step, way)
            self.move_on(enrollment, definition, way)
        else:
            put_off = enrollment.wait(step.order, now=self.now, due_at=at, because=moved_by)
            self.moved.append(put_off)

    def create_task(
        self, enrollment: Enrollment, definition: Definition, step: TaskStep, way: Way
    ) -> None:
        content = planner.content_for(step, way)
        if not isinstance(content, TaskContent):
            raise TypeError(f"step {step.order} of a task kind has no task content")
        contact = self.known.contacts.get(enrollment.contact_id)
        name = contact.display_name if contact else enrollment.to_email
        self.tasks.append(
            NewTask(
                account_id=enrollment.account_id,
                enrollment_id=enrollment.id,
                contact_id=enrollment.contact_id,
                user_id=enrollment.user_id,
                version=enrollment.version,
                step_order=step.order,
                type=content.type,
                priority=content.priority,
                subject=title(content, name),
                notes=content.notes,
                queue_id=content.queue_id,
                template_id=content.template_id,
                due_at=self.now,
                reminder_at=planner.reminder_at(definition.settings, way.zone, self.now),
                created_at=self.now,
                updated_at=self.now,
            )
        )
        self.events.append(event(enrollment, Kind.TASK_CREATED, self.now, step_order=step.order))

    def move_on(self, enrollment: Enrollment, definition: Definition, way: Way) -> None:
        order = enrollment.step_order
        self.executed.append(self.execution(enrollment))
        # The task made just now is not in what was read, and is open.
        done: dict[int, datetime | None] = dict(self.known.tasks_done.get(enrollment.id, {}))
        if isinstance(definition.steps[order], TaskStep):
            done[order] = None
        advance = after_step(enrollment, definition, way, order, self.now, self.now, done)
        self.moved.append(advance.enrollment)
        self.events += advance.events

    def finish(self, enrollment: Enrollment) -> None:
        self.executed.append(self.execution(enrollment))
        self.moved.append(enrollment.end(State.FINISHED, None, self.now))
        told = event(enrollment, Kind.FINISHED, self.now, step_order=enrollment.step_order)
        self.events.append(told)

    def execution(self, enrollment: Enrollment) -> StepExecution:
        return StepExecution(
            account_id=enrollment.account_id,
            enrollment_id=enrollment.id,
            version=enrollment.version,
            step_order=enrollment.step_order,
            executed_at=self.now,
            due_at=enrollment.due_at,
            because=enrollment.because,
        )

    def forget(self, enrollment: Enrollment) -> None:
        """Take back what was gathered for it so far."""
        key = (enrollment.account_id, enrollment.id)
        gathered: tuple[list[Any], ...] = (self.executed, self.tasks, self.messages, self.events)
        for rows in gathered:
            rows[:] = [row for row in rows if (row.account_id, row.enrollment_id) != key]
        self.moved[:] = [each for each in self.moved if (each.account_id, each.id) != key]

    def write(self, tx: Tx) -> None:
        enrollments.update_executing(tx, self.moved)
        enrollments.add_executions(tx, self.executed)
        tasks.add_all(tx, self.tasks)
        messages.add_all(tx, self.messages)
        timeline.add_all(tx, self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepping:
    database: Database
    clock: Clock

    def step_due(self, limit: int = BATCH) -> Stepped:
        """Execute up to *limit* steps that are due now, the oldest first."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            due = enrollments.claim_due(tx, now=now, limit=limit)
            if not due:
                return Stepped()
            batch = Batch(now=now, known=read_for(tx, due))
            for enrollment in due:
                decide_alone(batch, enrollment)
            batch.write(tx)
        return Stepped(claimed=len(due), steps=len(batch.executed), tasks=len(batch.tasks))


def decide_alone(batch: Batch, enrollment: Enrollment) -> None:
    """Decide one row; one that is damaged is set aside and said so, and stops no other."""
    try:
        batch.decide(enrollment)
    except (ArithmeticError, LookupError, TypeError, ValueError) as fault:
        log.exception(
            "step_set_aside",
            account_id=enrollment.account_id,
            enrollment_id=enrollment.id,
            step_order=enrollment.step_order,
        )
        batch.forget(enrollment)
        again_at = batch.now + SET_ASIDE
        waiting = enrollment.wait(
            enrollment.step_order, now=batch.now, due_at=again_at, because=Because.SET_ASIDE
        )
        batch.moved.append(waiting)
        batch.events.append(
            event(
                enrollment,
                Kind.STEP_SET_ASIDE,
                batch.now,
                step_order=enrollment.step_order,
                reason="DAMAGED",
                fault=repr(fault)[:500],
            )
        )


def read_for(tx: Tx, due: list[Enrollment]) -> Known:
    definitions = sequences.versions(tx, {version_of(row) for row in due})
    # None where the row is damaged.
    standing = [(row, definitions.get(version_of(row))) for row in due]
    waiting = [row for row, definition in standing if definition and definition.dependencies]
    at_tasks = [row for row, definition in standing if definition and is_at_task(row, definition)]
    return Known(
        definitions=definitions,
        contacts=contacts_of(tx, at_tasks),
        tasks_done=tasks.done_by_step(tx, waiting),
        ways=ways_of(tx, due),
        salts={each: accounts.get(tx, each).salt for each in {row.account_id for row in due}},
    )


def version_of(enrollment: Enrollment) -> VersionKey:
    return enrollment.account_id, enrollment.sequence_id, enrollment.version


def is_at_task(enrollment: Enrollment, definition: Definition) -> bool:
    steps = definition.steps[enrollment.step_order :]
    return bool(steps) and isinstance(steps[0], TaskStep)


def contacts_of(tx: Tx, rows: Iterable[Enrollment]) -> dict[int, Contact]:
    ids: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        ids[row.account_id].append(row.contact_id)
    found: dict[int, Contact] = {}
    for account_id, of_account in ids.items():
        found |= contacts.many(tx, account_id, of_account)
    return found
