"""Durations as ISO 8601 writes them: ``P3D``, ``P1W``, ``PT36H``, ``P1DT2H30M``, ``PT0.5S``.

A day here is 24 hours. Months and years have no length of their own and are refused.
"""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction

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
ONE_MICRO = timedelta(microseconds=1)


def parsed(text: str, *, longest: timedelta) -> timedelta:
    """The length *text* says. Raises ValueError with what is wrong and what to write instead."""
    found = ISO_DURATION.fullmatch(text)
    if found is None or text.endswith(("P", "T")):
        raise ValueError("is not an ISO 8601 duration; write for example P3D, P1W or PT90M")
    if found["years"] or found["months"]:
        raise ValueError("has years or months, which have no fixed length; write days or weeks")
    exact = sum(exactly(found[unit]) * micros for unit, micros in MICROSECONDS.items())
    if exact > longest // ONE_MICRO:
        raise ValueError(f"is longer than {longest.days} days")
    return timedelta(microseconds=int(exact))


def exactly(number: str | None) -> Fraction:
    # A float would turn PT0.001S into a little less than a millisecond, and that into none.
    return Fraction((number or "0").replace(",", "."))


def written(length: timedelta) -> str:
    """The shortest way to write a length that is not negative, in days and less."""
    minutes, seconds = divmod(length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{length.microseconds:06d}".rstrip("0") if length.microseconds else ""
    parts = {"H": str(hours), "M": str(minutes), "S": f"{seconds}{fraction}"}
    clock = "".join(f"{number}{unit}" for unit, number in parts.items() if number != "0")
    days = f"{length.days}D" if length.days else ""
    if not days and not clock:
        return "PT0S"
    return f"P{days}T{clock}" if clock else f"P{days}"
