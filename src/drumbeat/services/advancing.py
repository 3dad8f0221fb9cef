"""Moving an enrollment on: what a step that has run means for the one after it.

Pure but for its callers: it turns the planner's answer into the enrollment's new state and
the timeline events that tell of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from drumbeat.domain import planner
from drumbeat.domain.enrollment import Enrollment, Reason, State, WaitingFor
from drumbeat.domain.planner import Block, TasksDone, Upcoming, Way
from drumbeat.domain.sequence import Definition
from drumbeat.domain.timeline import Kind, TimelineEvent


@dataclass(slots=True)
class Advance:
    """Where an enrollment now stands, and what there is to tell of it."""

    enrollment: Enrollment
    events: list[TimelineEvent] = field(default_factory=list)


def event(
    enrollment: Enrollment,
    kind: Kind,
    now: datetime,
    *,
    step_order: int | None = None,
    reason: str | None = None,
    **facts: str | int | None,
) -> TimelineEvent:
    return TimelineEvent(
        account_id=enrollment.account_id,
        enrollment_id=enrollment.id,
        contact_id=enrollment.contact_id,
        at=now,
        kind=kind,
        step_order=step_order,
        reason=reason,
        facts=facts,
    )


def after_step(
    enrollment: Enrollment,
    definition: Definition,
    way: Way,
    executed: int,
    executed_at: datetime,
    now: datetime,
    done: TasksDone,
) -> Advance:
    """The enrollment once the step *executed* has run; a PAUSED one moves on but stays so."""
    upcoming = planner.after(definition, executed, way, executed_at, done)
    if enrollment.state is State.PAUSED:
        return Advance(held_back(enrollment, upcoming, executed_at, now))
    return arrive(enrollment, definition, way, upcoming, executed_at, now)


def arrive(
    enrollment: Enrollment,
    definition: Definition,
    way: Way,
    upcoming: Upcoming,
    base_at: datetime,
    now: datetime,
) -> Advance:
    """The enrollment at its next step: due at a time, waiting for a task, or for a person."""
    match upcoming.blocked_by:
        case Block.PERSON:
            return rest(enrollment, upcoming, base_at, now)
        case Block.TASK:
            return wait_for_tasks(enrollment, upcoming, base_at, now)
        case None:
            # What ought to have run while nobody was there runs now, inside its window.
            upcoming = planner.no_earlier(upcoming, definition, way, now)
            moved = enrollment.wait(
                upcoming.order,
                now=now,
                due_at=upcoming.due_at,
                because=upcoming.because,
                base_at=base_at,
            )
            return Advance(moved)


def rest(enrollment: Enrollment, upcoming: Upcoming, base_at: datetime, now: datetime) -> Advance:
    standing = enrollment.wait(upcoming.order, now=now, base_at=base_at)
    paused = standing.pause(Reason.MANUAL_PAUSE, now, waits_until=None)
    told = event(paused, Kind.PAUSED, now, step_order=upcoming.order, reason=Reason.MANUAL_PAUSE)
    return Advance(paused, [told])


def wait_for_tasks(
    enrollment: Enrollment, upcoming: Upcoming, base_at: datetime, now: datetime
) -> Advance:
    waiting = enrollment.wait(upcoming.order, now=now, waiting_for=WaitingFor.TASK, base_at=base_at)
    told = event(
        waiting,
        Kind.WAITED_FOR_TASK,
        now,
        step_order=upcoming.order,
        reason="TASK_COMPLETION",
        task_step_order=upcoming.waits_for[0],
    )
    return Advance(waiting, [told])


def held_back(
    enrollment: Enrollment, upcoming: Upcoming, base_at: datetime, now: datetime
) -> Enrollment:
    """A paused enrollment whose message went out all the same: it stands paused at the next
    step, with that step's whole delay before it."""
    is_task = upcoming.blocked_by is Block.TASK
    reason = Reason.MANUAL_PAUSE if upcoming.blocked_by is Block.PERSON else enrollment.reason
    return replace(
        enrollment,
        step_order=upcoming.order,
        reason=reason,
        base_at=base_at,
        waiting_for=WaitingFor.TASK if is_task else None,
        remaining=planner.remaining_until(upcoming.due_at, now),
        updated_at=now,
    )
