"""Durations as ISO 8601 writes them: ``P3D``, ``P1W``, ``PT36H``, ``P1DT2H30M``, ``PT0.5S``.

A day here is 24 hours. Months and years have no length of their own and are refused.
"""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction

from drumbeat.errors import Fault, Invalid
from drumbeat.services.clock_moving import FURTHEST_MOVE

NUMBER = r"[0-9]{1,9}(?:[.,][0-9]{1,9})?"
ISO_DURATION = re.compile(
    rf"P(?:(?P<years>{NUMBER})Y)?(?:(?P<months>{NUMBER})M)?"
    rf"(?:(?P<weeks>{NUMBER})W)?(?:(?P<days>{NUMBER})D)?"
    rf"(?:T(?:(?P<hours>{NUMBER})H)?(?:(?P<minutes>{NUMBER})M)?(?:(?P<seconds>{NUMBER})S)?)?",
    re.ASCII,
)
MICROSECONDS = {
    "weeks": 604_800_000_000,
    "days": 86_400_000_000,
    "hours": 3_600_000_000,
    "minutes": 60_000_000,
    "seconds": 1_000_000,
}


def parse_duration(text: str, *, field: str) -> timedelta:
    """The length *text* says. Raises Invalid naming *field* and what to write instead."""
    if text.startswith("-"):
        raise unusable(field, "is negative; the clock never goes back")
    found = ISO_DURATION.fullmatch(text)
    if found is None or text.endswith(("P", "T")):
        raise unusable(field, "is not an ISO 8601 duration; write for example P3D, P1W or PT90M")
    if found["years"] or found["months"]:
        raise unusable(
            field, "has years or months, which have no fixed length; write days or weeks"
        )
    exact = sum(exactly(found[unit]) * micros for unit, micros in MICROSECONDS.items())
    if exact > FURTHEST_MOVE // timedelta(microseconds=1):
        raise unusable(field, f"is longer than {FURTHEST_MOVE.days} days, the most for one move")
    return timedelta(microseconds=int(exact))


def exactly(number: str | None) -> Fraction:
    # A float would turn PT0.001S into a little less than a millisecond, and that into none.
    return Fraction((number or "0").replace(",", "."))


def unusable(field: str, problem: str) -> Invalid:
    message = f"{field} {problem}"
    return Invalid(message, [Fault(message=message, field=field)])
