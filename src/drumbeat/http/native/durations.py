"""How far a clock is to be moved, as a request says it."""

from __future__ import annotations

from datetime import timedelta

from drumbeat.domain import durations
from drumbeat.errors import Fault, Invalid
from drumbeat.services.clock_moving import FURTHEST_MOVE


def parse_duration(text: str, *, field: str) -> timedelta:
    """The length *text* says. Raises Invalid naming *field* and what to write instead."""
    if text.startswith("-"):
        raise unusable(field, "is negative; the clock never goes back")
    try:
        return durations.parsed(text, longest=FURTHEST_MOVE)
    except ValueError as error:
        raise unusable(field, str(error)) from None


def unusable(field: str, problem: str) -> Invalid:
    message = f"{field} {problem}"
    return Invalid(message, [Fault(message=message, field=field)])
