"""Times, lengths and windows as a person would say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from drumbeat.domain.schedule import NO_DELAY, ONE_DAY, EligibleDays, SendWindow

DAYS_IN_WORDS = {
    EligibleDays.EVERYDAY: "every day",
    EligibleDays.WEEKDAYS_ONLY: "Monday to Friday",
    EligibleDays.BUSINESS_DAYS: "Monday to Friday",
}
ONE_SECOND = timedelta(seconds=1)
UNITS = (
    (ONE_DAY, "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
    (ONE_SECOND, "second"),
)


def on_the_wall(moment: datetime, zone: ZoneInfo) -> str:
    """``Thursday 5 March 2026 at 10:00``, with the seconds where there are any."""
    local = moment.astimezone(zone)
    seconds = f":{local:%S}" if local.second else ""
    return f"{local:%A} {local.day} {local:%B %Y} at {local:%H:%M}{seconds}"


def length(delta: timedelta) -> str:
    """``3 days``, ``1 day and 2 hours``; less than a second is ``a moment``."""
    parts: list[str] = []
    for unit, name in UNITS:
        count, delta = divmod(max(delta, NO_DELAY), unit)
        if count:
            parts.append(counted(count, name))
    return listing(parts) or "a moment"


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listing(words: Sequence[str]) -> str:
    """``one``, ``one and two``, ``one, two and three``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def hours(window: SendWindow, days: EligibleDays, zone: ZoneInfo) -> str:
    """``08:00-18:00, Monday to Friday, America/New_York``."""
    of_day = "the whole day" if window.opens == window.closes else str(window)
    return f"{of_day}, {DAYS_IN_WORDS[days]}, {zone.key}"


def steps(orders: Sequence[int]) -> str:
    """``step 1``, ``steps 1 and 3``."""
    return f"step{'s' if len(orders) > 1 else ''} {listing([str(order) for order in orders])}"
