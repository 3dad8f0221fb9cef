"""What stands in the way of a sequence with this sender, for this many people, from now on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from drumbeat.domain import wording
from drumbeat.domain.launch_findings import Code, LaunchFinding, error, warning
from drumbeat.domain.planner import Way, goes_at_once
from drumbeat.domain.schedule import ONE_DAY, ONE_MILLI, SendWindow, local_date
from drumbeat.domain.sender import Sender
from drumbeat.domain.sequence import Definition, EmailStep, SequenceSettings, TaskStep

AHEAD = 366
WINDOW_FIELD = "settings.sendWindowStartMinute"
DAYS_FIELD = "settings.eligibleFollowUpDays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a sender has to do already, and what comes on top of it."""

    committed: int
    """Places of its cap that are used, or promised for the next 24 hours."""
    people: int | None
    """How many would begin; None where nobody said."""


def findings_ahead(
    definition: Definition, way: Way, sender: Sender | None, load: Load, now: datetime
) -> Iterator[LaunchFinding]:
    """*way* is that of whoever would be enrolled now; *sender* None where there is none to use."""
    yield from of_days(definition, way, now)
    if sender is None:
        return
    yield from of_rest(sender, way, now)
    if has_follow_up(definition, way):
        yield from of_pace(definition.settings, sender, load)
    if isinstance(definition.steps[way.start_order], EmailStep):
        yield from of_cap(sender, load)


def has_follow_up(definition: Definition, way: Way) -> bool:
    """Whether there is an e-mail that its send window can keep back."""
    return any(
        isinstance(step, EmailStep) and not goes_at_once(step, way) for step in definition.steps
    )


def of_days(definition: Definition, way: Way, now: datetime) -> Iterator[LaunchFinding]:
    settings = definition.settings
    needs_window = has_follow_up(definition, way)
    if not (needs_window or any(isinstance(step, TaskStep) for step in definition.steps)):
        return
    days = eligible_days(settings, way, now)
    if not days:
        text = "no day of the coming year is eligible and no holiday: nothing would ever happen"
        yield error(Code.WINDOW_NEVER_OPENS, text, field=DAYS_FIELD)
        return
    skipped = [day for day in days if not opens_on(day, settings.window, way)]
    if needs_window and skipped:
        listed = wording.listing([day.isoformat() for day in skipped])
        text = f"the clocks change in {way.zone.key} while the send window is open: not on {listed}"
        yield warning(Code.WINDOW_SKIPPED, text, field=WINDOW_FIELD)


def eligible_days(settings: SequenceSettings, way: Way, now: datetime) -> list[date]:
    today = local_date(now, way.zone)
    coming = (today + count * ONE_DAY for count in range(AHEAD))
    return [day for day in coming if settings.days.include(day) and day not in way.holidays]


def opens_on(day: date, window: SendWindow, way: Way) -> bool:
    opens, closes = window.on(day, way.zone)
    return opens < closes


def of_rest(sender: Sender, way: Way, now: datetime) -> Iterator[LaunchFinding]:
    if sender.trouble is None:
        return
    until = ""
    if sender.next_slot_at > now:
        until = f", and it rests until {wording.on_the_wall(sender.next_slot_at, way.zone)}"
    text = f"the server of {sender.email} could not be used when last tried: {sender.trouble}"
    yield warning(Code.SENDER_RESTING, f"{text}{until}", field="senderEmail")


def of_pace(settings: SequenceSettings, sender: Sender, load: Load) -> Iterator[LaunchFinding]:
    open_for = length_of(settings.window)
    if sender.gap > open_for:
        text = (
            f"the send window is shorter than the gap of {sender.email} "
            f"({wording.length(sender.gap)}): one e-mail a day can leave in it"
        )
        yield warning(Code.WINDOW_SHORTER_THAN_GAP, text, field=WINDOW_FIELD)
    most = most_a_day(open_for, sender)
    if load.people is not None and load.people > most:
        needed = -(-load.people // most)
        text = (
            f"at most {wording.counted(most, 'e-mail')} of {sender.email} can leave in a day's "
            f"window; one step takes {wording.counted(needed, 'day')} for "
            f"{wording.counted(load.people, 'contact')}"
        )
        yield warning(Code.WINDOW_TOO_SMALL, text, field=WINDOW_FIELD)


def length_of(window: SendWindow) -> timedelta:
    minutes = window.closes - window.opens
    return timedelta(minutes=minutes) if minutes else ONE_DAY


def most_a_day(open_for: timedelta, sender: Sender) -> int:
    """How many e-mails of a sender its gap and its cap let through in a window so long."""
    if not sender.gap:
        return sender.daily_cap
    return min(sender.daily_cap, (open_for - ONE_MILLI) // sender.gap + 1)


def of_cap(sender: Sender, load: Load) -> Iterator[LaunchFinding]:
    left = max(sender.daily_cap - load.committed, 0)
    people = 1 if load.people is None else load.people
    if people <= left:
        return
    places = f"{left:,} of {wording.counted(sender.daily_cap, 'place')}"
    text = (
        f"{sender.email} has {places} left in these 24 hours: whoever is one too many is refused "
        "on HubSpot's route, or begins later"
    )
    yield warning(Code.CAP_REACHED, text, field="senderEmail")
