"""What people do with their tasks; it releases the steps that wait for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drumbeat.clock import Clock
from drumbeat.domain import planner
from drumbeat.domain.enrollment import Enrollment, State, WaitingFor
from drumbeat.domain.task import Task
from drumbeat.domain.timeline import Kind
from drumbeat.services.advancing import Advance, arrive, event
from drumbeat.services.ways import way_of
from drumbeat.store import enrollments, sequences, tasks, timeline
from drumbeat.store.database import Database, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    database: Database
    clock: Clock

    def complete(self, account_id: int, task_id: int) -> Task:
        """Mark a task done; done twice, the first time is the one that counts."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            task = tasks.get(tx, account_id, task_id)
            # The enrollment first, as everywhere, so that two writers cannot wait crosswise.
            enrollment = enrollments.get_for_update(tx, account_id, task.enrollment_id)
            if tasks.complete(tx, account_id, task_id, now):
                told = event(enrollment, Kind.TASK_COMPLETED, now, step_order=task.step_order)
                timeline.add_all(tx, [told])
                release(tx, enrollment, now)
            return tasks.get(tx, account_id, task_id)


def release(tx: Tx, enrollment: Enrollment, now: datetime) -> None:
    """Let the enrollment go on where this was the last task it waited for."""
    if enrollment.state is not State.EXECUTING or enrollment.waiting_for is not WaitingFor.TASK:
        return
    advance = reconsider(tx, enrollment, now)
    if advance.enrollment.waiting_for is WaitingFor.TASK:
        return
    enrollments.update_all(tx, [advance.enrollment])
    timeline.add_all(tx, advance.events)


def reconsider(tx: Tx, enrollment: Enrollment, now: datetime) -> Advance:
    definition = sequences.version(
        tx, enrollment.account_id, enrollment.sequence_id, enrollment.version
    )
    way = way_of(tx, enrollment)
    done = tasks.done_by_step(tx, [enrollment]).get(enrollment.id, {})
    upcoming = planner.reach(definition, enrollment.step_order, way, enrollment.base_at, done)
    return arrive(enrollment, definition, way, upcoming, enrollment.base_at, now)
