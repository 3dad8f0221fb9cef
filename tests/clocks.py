"""A clock for tests of what needs the time and no engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.wall_clock import UTC_ZONE, at

MONDAY_MORNING = at("Mon 2026-03-02 10:00", UTC_ZONE)


@dataclass
class StoppedClock:
    """A clock that stands still until a test moves it."""

    time: datetime = MONDAY_MORNING

    def now(self) -> datetime:
        return self.time

    def advance(self, **duration: float) -> None:
        self.time += timedelta(**duration)
