"""What happens next to an enrollment, from values alone.

The engine does what is decided here, and every preview only reads it, so the two cannot
drift apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from drumbeat.domain import schedule
from drumbeat.domain.sequence import (
    Content,
    Definition,
    EmailContent,
    EmailStep,
    SequenceSettings,
    Step,
    TaskContent,
    TaskStep,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Whose way it is: what spreads its sends, and the clock on whose wall they are timed."""

    account_id: int
    sequence_id: int
    contact_id: int
    zone: ZoneInfo


class Because(StrEnum):
    """Why a step falls due when it does."""

    AT_ONCE = "AT_ONCE"
    DELAY = "DELAY"
    WINDOW = "WINDOW"
    TASK_MINUTE = "TASK_MINUTE"


class Block(StrEnum):
    """What a step waits for that has no time."""

    TASK = "TASK"
    PERSON = "PERSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """The next step: when it falls due, or what it is blocked by."""

    order: int
    due_at: datetime | None = None
    because: Because | None = None
    blocked_by: Block | None = None
    waits_for: tuple[int, ...] = ()
    """The steps whose tasks are not done yet."""


TasksDone = Mapping[int, datetime | None]
"""For each step whose task was made: when it was completed, or None while it is open."""


def start(definition: Definition, way: Way, enrolled_at: datetime) -> Upcoming:
    """The first step of a new enrollment."""
    return due(definition, 0, way, enrolled_at)


def after(
    definition: Definition, executed: int, way: Way, executed_at: datetime, done: TasksDone
) -> Upcoming:
    """What comes once the step *executed* has run."""
    if definition.pauses_after(executed):
        return Upcoming(order=executed + 1, blocked_by=Block.PERSON)
    return reach(definition, executed + 1, way, executed_at, done)


def reach(
    definition: Definition, order: int, way: Way, base: datetime, done: TasksDone
) -> Upcoming:
    """When the step *order* falls due, its tasks permitting, with its delay counted from
    *base* or from the last task it waited for."""
    waits = [dependency.relies_on for dependency in definition.waits_of(order)]
    undone = tuple(step for step in waits if step in done and done[step] is None)
    if undone:
        return Upcoming(order=order, blocked_by=Block.TASK, waits_for=undone)
    completions = [at for step in waits if (at := done.get(step)) is not None]
    return due(definition, order, way, max([base, *completions]))


def due(definition: Definition, order: int, way: Way, base: datetime) -> Upcoming:
    step = definition.steps[order]
    at, because = due_at(step, definition.settings, way, base)
    return Upcoming(order=order, due_at=at, because=because)


def due_at(
    step: Step, settings: SequenceSettings, way: Way, base: datetime
) -> tuple[datetime, Because]:
    """When *step* falls due if its delay counts from *base*, and why then."""
    if step.order == 0 and step.delay == schedule.NO_DELAY:
        return base, Because.AT_ONCE
    match step:
        case EmailStep():
            return email_due_at(step, settings, way, base)
        case TaskStep():
            return task_due_at(step, settings, way, base)
        case _:
            # The finish, and a container, are not something anybody receives: any day will do.
            at = schedule.add_delay(base, step.delay, schedule.EligibleDays.EVERYDAY, way.zone)
            return at, Because.DELAY if step.delay else Because.AT_ONCE


def email_due_at(
    step: EmailStep, settings: SequenceSettings, way: Way, base: datetime
) -> tuple[datetime, Because]:
    candidate = schedule.add_delay(base, step.delay, settings.days, way.zone)
    fitted = sendable_at(step, settings, way, candidate)
    return fitted, Because.DELAY if fitted == candidate else Because.WINDOW


def sendable_at(
    step: EmailStep, settings: SequenceSettings, way: Way, moment: datetime
) -> datetime:
    """The first instant from *moment* on at which this e-mail may leave."""
    if not has_window(step):
        return moment
    jitter = schedule.jitter_of(
        account_id=way.account_id,
        sequence_id=way.sequence_id,
        contact_id=way.contact_id,
        step_order=step.order,
    )
    return schedule.fit(moment, settings.window, settings.days, way.zone, jitter)


def suitable_at(step: Step, settings: SequenceSettings, way: Way, moment: datetime) -> datetime:
    """The first instant from *moment* on that suits a step whose delay is over."""
    if isinstance(step, EmailStep):
        return sendable_at(step, settings, way, moment)
    if isinstance(step, TaskStep):
        return schedule.add_delay(moment, schedule.NO_DELAY, settings.days, way.zone)
    return moment


def has_window(step: Step) -> bool:
    """Whether the send window holds this step back: it never does for a first step that is
    to go at once."""
    return step.order > 0 or step.delay > schedule.NO_DELAY


def task_due_at(
    step: TaskStep, settings: SequenceSettings, way: Way, base: datetime
) -> tuple[datetime, Because]:
    candidate = schedule.add_delay(base, step.delay, settings.days, way.zone)
    day = schedule.local_date(candidate, way.zone)
    minute = schedule.at_minute(day, settings.task_creation_minute)
    creation = schedule.first_instant(minute, way.zone)
    if step.delay >= schedule.ONE_DAY:
        return max(creation, base), Because.TASK_MINUTE
    at = max(candidate, creation)
    return at, Because.TASK_MINUTE if at > candidate else Because.DELAY


def reminder_at(settings: SequenceSettings, zone: ZoneInfo, task_due: datetime) -> datetime | None:
    """When a person is reminded of a task: at the reminder minute of the day it is due, but
    not before it is there; None where the sequence asks for no reminders."""
    if not settings.has_task_reminders:
        return None
    day = schedule.local_date(task_due, zone)
    minute = schedule.at_minute(day, settings.task_reminder_minute)
    return max(schedule.first_instant(minute, zone), task_due)


def content_for(step: EmailStep | TaskStep, way: Way) -> Content:
    """What this contact gets of the step: its own content, or one of the active variants,
    split evenly and always the same for the same contact."""
    active = sorted(
        (variant for variant in step.variants if variant.is_active and variant.content),
        key=lambda variant: variant.ordinal,
    )
    chosen = active[share(way, step.order, len(active))].content if active else None
    if isinstance(step, EmailStep):
        return chosen if isinstance(chosen, EmailContent) else step.email
    return chosen if isinstance(chosen, TaskContent) else step.task


def share(way: Way, order: int, parts: int) -> int:
    seed = f"variant/{way.account_id}/{way.sequence_id}/{way.contact_id}/{order}"
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) % parts


def thread_of(
    definition: Definition, order: int, content: EmailContent, sent: Mapping[int, str]
) -> int | None:
    """The earlier step whose e-mail this one answers, or None where it begins a thread.

    *sent* has the Message-ID of each step whose e-mail went out. A target that was never
    sent gives way to the e-mail before it.
    """
    target = content.thread_to
    if target is None and definition.settings.threads_follow_ups:
        target = order - 1
    if target is None:
        return None
    earlier = [step for step in sent if step <= target]
    return max(earlier) if earlier else None


def remaining_until(moment: datetime | None, now: datetime) -> timedelta | None:
    return max(moment - now, timedelta(0)) if moment else None
