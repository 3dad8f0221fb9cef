"""Why a step ran, or is to run, when it does: the planner's reasons as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from drumbeat.domain import planner, wording
from drumbeat.domain.planner import Because, Way
from drumbeat.domain.schedule import wall
from drumbeat.domain.sequence import Definition, Step

# A hand-over takes seconds; what is later than this was kept by something.
LATE = timedelta(minutes=1)

WAS: Mapping[Because, str] = {
    Because.AT_ONCE: "nothing held it back, and it was to run at once, on {at}",
    Because.START_TIME: "the enrollment was to begin on {at}",
    Because.DELAY: "{delay_ended}",
    Because.HOLIDAY: "but for a holiday it would have been earlier; after that came {at}",
    Because.WINDOW: "{delay_ended}; the send window ({hours}) was closed, and its turn once it "
    "opened was on {at}",
    Because.TASK_MINUTE: "tasks are made at {minute}, and the first time for it was {at}",
    Because.SENDER_GAP: "its sender's other e-mails left before it, a gap apart, so that its "
    "turn was on {at}",
    Because.SENDER_CAP: "its sender's cap was used up; the next free place was on {at}",
    Because.RETRY: "the server had refused it for now, or was away; it was tried again on {at}",
    Because.RESUMED: "what was left of its delay when it was paused ended on {at}",
    Because.RELEASED: "a person let it go that had been held, or in doubt: on {at}",
    Because.OVERDUE: "it should have happened before, and nobody was there to do it until {at}",
    Because.SET_ASIDE: "it could not be decided, and was looked at again on {at}",
}
IS: Mapping[Because, str] = {
    Because.AT_ONCE: "nothing holds it back",
    Because.START_TIME: "the enrollment is to begin then",
    Because.DELAY: "its delay of {delay} ends then",
    Because.HOLIDAY: "but for a holiday it would be earlier",
    Because.WINDOW: "before that the send window ({hours}) is closed",
    Because.TASK_MINUTE: "tasks are made at {minute}",
    Because.SENDER_GAP: "its sender's other e-mails leave before it, a gap apart",
    Because.SENDER_CAP: "its sender's cap is used up until then",
    Because.RETRY: "the server refused it for now, or was away, and is asked again then",
    Because.RESUMED: "what was left of its delay when it was paused ends then",
    Because.RELEASED: "a person let it go that had been held, or in doubt",
    Because.OVERDUE: "it should have happened before, and nobody was there to do it",
    Because.SET_ASIDE: "it could not be decided, and is looked at again then",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Where a step's delay was counted from."""

    at: datetime
    is_task: bool
    """Whether that was when the task it waited for was done, and not when a step had run."""


def sentence_of(
    because: Because, step: Step, definition: Definition, way: Way, due_at: datetime
) -> str:
    """Why a step that is yet to run is due at *due_at*."""
    if because is Because.DELAY and not planner.delay_of(step, way):
        return "it follows the step before at once"
    return IS[because].format_map(facts(step, definition, way, due_at))


def sentence_of_past(
    because: Because,
    step: Step,
    definition: Definition,
    way: Way,
    due_at: datetime,
    base: Base | None = None,
) -> str:
    """Why a step was due at *due_at*; *base* is where its delay was counted from, if known."""
    known = facts(step, definition, way, due_at)
    known["delay_ended"] = delay_ended(because, step, definition, way, due_at, base)
    return WAS[because].format_map(known)


def lateness(due_at: datetime, executed_at: datetime, way: Way) -> str | None:
    """How much later than it was due a step ran; None where it was not late."""
    if executed_at - due_at < LATE:
        return None
    ran_at = wording.on_the_wall(executed_at, way.zone)
    return f"it ran {wording.length(executed_at - due_at)} later, on {ran_at}"


def facts(step: Step, definition: Definition, way: Way, due_at: datetime) -> dict[str, str]:
    settings = definition.settings
    return {
        "at": wording.on_the_wall(due_at, way.zone),
        "delay": wording.length(planner.delay_of(step, way)),
        "hours": wording.hours(settings.window, settings.days, way.zone),
        "minute": wall(settings.task_creation_minute),
    }


def delay_ended(
    because: Because,
    step: Step,
    definition: Definition,
    way: Way,
    due_at: datetime,
    base: Base | None,
) -> str:
    """When the delay was over: known where the base is, or where that was the reason."""
    delay, counted, ended_at = planner.delay_of(step, way), "", None
    if base is not None:
        ended_at = planner.ended(step, definition.settings, way, base.at)
        if base.is_task:
            done_at = wording.on_the_wall(base.at, way.zone)
            counted = f" (counted from when its task was done, {done_at})"
    if because is Because.DELAY:
        ended_at = due_at
    when = f"on {wording.on_the_wall(ended_at, way.zone)}" if ended_at else "before"
    if not delay:
        return f"it had no delay{counted}, and was due {when}"
    return f"its delay of {wording.length(delay)}{counted} ended {when}"
