"""Holiday calendars: the days on which nothing is sent and no task is made.

An account, a user and a sequence may each have one, and none has one to begin with. What counts
for an enrollment are those of its account, of the user who enrolled the contact, and of its
sequence, together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# What reads a date in the standard library takes weeks and numbers without hyphens, too.
WRITTEN_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class HolidayScope(StrEnum):
    """Whose calendar it is."""

    ACCOUNT = "account"
    USER = "user"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A country, or a part of one, whose public holidays are kept; codes as in ISO 3166."""

    country: str
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayCalendar:
    regions: tuple[Region, ...] = ()
    dates: frozenset[date] = frozenset()
    """Days that are nobody's public holidays, but closed all the same."""


def day_of(written: str) -> date:
    """The day that is written like 2026-12-24. Raises ValueError for everything else."""
    if WRITTEN_DAY.fullmatch(written):
        return date.fromisoformat(written)
    raise ValueError(f"{written!r} is not a day written like 2026-12-24")
