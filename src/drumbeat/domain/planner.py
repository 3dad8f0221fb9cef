"""What happens next to an enrollment, from values alone.

The engine does what is decided here, and every preview only reads it, so the two cannot
drift apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from drumbeat.domain import schedule
from drumbeat.domain.schedule import NO_HOLIDAYS, Holidays
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
    holidays: Holidays = NO_HOLIDAYS
    start_order: int = 0
    """The step it begins with."""


class Because(StrEnum):
    """Why something is to happen when it is: what moved it there last."""

    AT_ONCE = "AT_ONCE"
    """Nothing holds it back."""
    START_TIME = "START_TIME"
    """The time that the enrollment was to begin at."""
    DELAY = "DELAY"
    """Its delay ends then."""
    HOLIDAY = "HOLIDAY"
    """It would have fallen on a holiday, or counted one."""
    WINDOW = "WINDOW"
    """The send window was closed, and opens then."""
    TASK_MINUTE = "TASK_MINUTE"
    """The minute of the day at which tasks are made."""
    SENDER_GAP = "SENDER_GAP"
    """Its sender's other e-mails leave before it, a gap apart."""
    SENDER_CAP = "SENDER_CAP"
    """Its sender's cap is used up until then."""
    RETRY = "RETRY"
    """The server refused it for now, or was away."""
    RESUMED = "RESUMED"
    """What was left of its delay when it was paused ends then."""
    RELEASED = "RELEASED"
    """A person let it go that had been held, or in doubt."""
    OVERDUE = "OVERDUE"
    """It should have happened before, and nobody was there to do it."""
    SET_ASIDE = "SET_ASIDE"
    """It could not be decided, and is looked at again then."""


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


def start(
    definition: Definition, way: Way, enrolled_at: datetime, start_at: datetime | None = None
) -> Upcoming:
    """The first step of a new enrollment, which begins at *start_at* or at once."""
    upcoming = due(definition, way.start_order, way, start_at or enrolled_at)
    if start_at is not None and upcoming.because is Because.AT_ONCE:
        return replace(upcoming, because=Because.START_TIME)
    return upcoming


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
    undone = undone_before(definition, order, done)
    if undone:
        return Upcoming(order=order, blocked_by=Block.TASK, waits_for=undone)
    return due(definition, order, way, max([base, *completed_before(definition, order, done)]))


def undone_before(definition: Definition, order: int, done: TasksDone) -> tuple[int, ...]:
    """The steps whose tasks the step *order* still waits for."""
    waits = (dependency.relies_on for dependency in definition.waits_of(order))
    return tuple(step for step in waits if step in done and done[step] is None)


def completed_before(definition: Definition, order: int, done: TasksDone) -> list[datetime]:
    """When the tasks that the step *order* waited for were completed."""
    waits = (dependency.relies_on for dependency in definition.waits_of(order))
    return [at for step in waits if (at := done.get(step)) is not None]


def due(definition: Definition, order: int, way: Way, base: datetime) -> Upcoming:
    step = definition.steps[order]
    at, because = due_at(step, definition.settings, way, base)
    return Upcoming(order=order, due_at=at, because=because)


def no_earlier(upcoming: Upcoming, definition: Definition, way: Way, now: datetime) -> Upcoming:
    """*upcoming*, or where its time has passed the first instant from now on that suits it."""
    if upcoming.due_at is None or upcoming.due_at >= now:
        return upcoming
    step = definition.steps[upcoming.order]
    at = suitable_at(step, definition.settings, way, now)
    return replace(upcoming, due_at=at, because=Because.OVERDUE)


def due_at(
    step: Step, settings: SequenceSettings, way: Way, base: datetime
) -> tuple[datetime, Because]:
    """When *step* falls due if its delay counts from *base*, and why then."""
    if goes_at_once(step, way):
        return base, Because.AT_ONCE
    at, because = timed(step, settings, way, base)
    if way.holidays is not NO_HOLIDAYS:
        without, _ = timed(step, settings, replace(way, holidays=NO_HOLIDAYS), base)
        because = because if at == without else Because.HOLIDAY
    return at, because


def goes_at_once(step: Step, way: Way) -> bool:
    """Whether the enrollment begins with this step, which then waits for nothing: only the
    first step of all keeps the delay that it may have."""
    return step.order == way.start_order and (step.order > 0 or step.delay == schedule.NO_DELAY)


def timed(
    step: Step, settings: SequenceSettings, way: Way, base: datetime
) -> tuple[datetime, Because]:
    match step:
        case EmailStep():
            return email_due_at(step, settings, way, base)
        case TaskStep():
            return task_due_at(step, settings, way, base)
        case _:
            # The finish, and a container, are not something anybody receives: any day will do.
            delay = delay_of(step, way)
            at = schedule.add_delay(base, delay, schedule.EligibleDays.EVERYDAY, way.zone)
            return at, Because.DELAY if delay else Because.AT_ONCE


def delay_of(step: Step, way: Way) -> timedelta:
    """The step's delay; of a dynamic one with bounds, a length between them, always the same for
    the same contact."""
    least, most = step.delay_min, step.delay_max
    if not step.is_dynamic or least is None or most is None:
        return step.delay
    lengths = (most - least) // schedule.ONE_MILLI + 1
    return least + spread("delay", way, step.order, lengths) * schedule.ONE_MILLI


def email_due_at(
    step: EmailStep, settings: SequenceSettings, way: Way, base: datetime
) -> tuple[datetime, Because]:
    candidate = ended(step, settings, way, base)
    fitted = sendable_at(step, settings, way, candidate)
    return fitted, Because.DELAY if fitted == candidate else Because.WINDOW


def ended(step: Step, settings: SequenceSettings, way: Way, base: datetime) -> datetime:
    """When the step's delay ends, counted from *base*."""
    return schedule.add_delay(base, delay_of(step, way), settings.days, way.zone, way.holidays)


def sendable_at(
    step: EmailStep, settings: SequenceSettings, way: Way, moment: datetime
) -> datetime:
    """The first instant from *moment* on at which this e-mail may leave."""
    if goes_at_once(step, way):
        return moment
    opening = schedule.opening(moment, settings.window, settings.days, way.zone, way.holidays)
    if opening is None:
        return moment
    jitter = schedule.jitter_of(
        account_id=way.account_id,
        sequence_id=way.sequence_id,
        contact_id=way.contact_id,
        step_order=step.order,
    )
    return schedule.into(opening, jitter)


def suitable_at(step: Step, settings: SequenceSettings, way: Way, moment: datetime) -> datetime:
    """The first instant from *moment* on that suits a step whose delay is over."""
    if goes_at_once(step, way):
        return moment
    if isinstance(step, EmailStep):
        return sendable_at(step, settings, way, moment)
    if isinstance(step, TaskStep):
        no_delay = schedule.NO_DELAY
        return schedule.add_delay(moment, no_delay, settings.days, way.zone, way.holidays)
    return moment


def put_off(
    step: Step, settings: SequenceSettings, way: Way, moment: datetime
) -> tuple[datetime, Because | None]:
    """The first instant that suits a step which is due at *moment*, and why not that one: it
    was late, or the day has become a holiday since it was planned."""
    at = suitable_at(step, settings, way, moment)
    if at == moment:
        return at, None
    usual = suitable_at(step, settings, replace(way, holidays=NO_HOLIDAYS), moment)
    if at != usual:
        return at, Because.HOLIDAY
    return at, Because.WINDOW if isinstance(step, EmailStep) else Because.OVERDUE


def task_due_at(
    step: TaskStep, settings: SequenceSettings, way: Way, base: datetime
) -> tuple[datetime, Because]:
    candidate = ended(step, settings, way, base)
    day = schedule.local_date(candidate, way.zone)
    creation = schedule.first_at(day, settings.task_creation_minute, way.zone)
    if delay_of(step, way) >= schedule.ONE_DAY:
        return max(creation, base), Because.TASK_MINUTE
    at = max(candidate, creation)
    return at, Because.TASK_MINUTE if at > candidate else Because.DELAY


def reminder_at(settings: SequenceSettings, zone: ZoneInfo, task_due: datetime) -> datetime | None:
    """When a person is reminded of a task: at the reminder minute of the day it is due, but
    not before it is there; None where the sequence asks for no reminders."""
    if not settings.has_task_reminders:
        return None
    day = schedule.local_date(task_due, zone)
    return max(schedule.first_at(day, settings.task_reminder_minute, zone), task_due)


def content_for(step: EmailStep | TaskStep, way: Way) -> Content:
    """What this contact gets of the step: its own content, or one of the active variants,
    split evenly and always the same for the same contact."""
    chosen = variant_for(step, way) if step.variants else None
    if isinstance(step, EmailStep):
        return chosen if isinstance(chosen, EmailContent) else step.email
    return chosen if isinstance(chosen, TaskContent) else step.task


def variant_for(step: Step, way: Way) -> Content | None:
    active = sorted(
        (variant for variant in step.variants if variant.is_active and variant.content),
        key=lambda variant: variant.ordinal,
    )
    return active[spread("variant", way, step.order, len(active))].content if active else None


def emails_for(definition: Definition, way: Way) -> dict[int, EmailContent]:
    """What this contact gets of each e-mail step, by the step's order."""
    contents: dict[int, EmailContent] = {}
    for step in definition.steps:
        if isinstance(step, EmailStep):
            content = content_for(step, way)
            contents[step.order] = content if isinstance(content, EmailContent) else step.email
    return contents


def spread(what: str, way: Way, order: int, parts: int) -> int:
    """0 to *parts* - 1, evenly spread, and always the same for the same step of a contact."""
    seed = f"{what}/{way.account_id}/{way.sequence_id}/{way.contact_id}/{order}"
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
