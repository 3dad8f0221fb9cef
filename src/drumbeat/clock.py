"""The one place time comes from.

Services are handed a Clock and read it once per use case; the domain is handed the time
itself. Nothing else in the package may call ``datetime.now`` (TID251 in pyproject.toml).
Every time is UTC in whole milliseconds, as it is stored and as it is answered.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Protocol


def whole_millis(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time in UTC, in whole milliseconds."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return whole_millis(datetime.now(UTC))


class MovableClock:
    """A clock that stands still until it is set, and never goes back."""

    def __init__(self, position: datetime) -> None:
        self._position = whole_millis(position.astimezone(UTC))
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._position

    def set(self, to: datetime) -> None:
        """Stand at *to* from now on. Raises ValueError where that is in the past."""
        to = whole_millis(to.astimezone(UTC))
        with self._lock:
            if to < self._position:
                raise ValueError(f"the clock stands at {self._position} and cannot go back to {to}")
            self._position = to
