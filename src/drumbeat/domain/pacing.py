"""How fast one sender may send: a gap between messages and a cap over any 24 hours.

A message that cannot go now gets the next slot that keeps both, inside its own window; it
is never dropped.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

CAP_PERIOD = timedelta(hours=24)

Opening = Callable[[datetime], datetime]
"""The first instant from a given one on at which a message's window is open."""


@dataclass(slots=True)
class Pace:
    """One sender's slots: those used in the last 24 hours, and those given away ahead."""

    gap: timedelta
    daily_cap: int
    free_from: datetime
    """No slot is given before this: the last send plus the gap, or a rest after a fault."""
    taken: list[datetime] = field(default_factory=list)

    @classmethod
    def of(
        cls, gap: timedelta, daily_cap: int, free_from: datetime, taken: Iterable[datetime]
    ) -> Pace:
        return cls(gap, daily_cap, free_from, sorted(taken))

    def next_slot(self, wanted: datetime, opening: Opening) -> datetime:
        """The first free instant from *wanted* on that keeps the gap, the cap and the window."""
        slot = max(wanted, self.free_from)
        while True:
            candidate = self.under_cap(self.between_gaps(opening(slot)))
            if candidate == slot:
                return slot
            slot = candidate

    def take(self, slot: datetime) -> None:
        insort(self.taken, slot)

    def has_room(self, now: datetime) -> bool:
        """Whether one more message now stays within the gap and the cap."""
        is_free = now >= self.free_from and self.clear_of_past(now)
        return is_free and self.under_cap(now) == now

    def clear_of_past(self, now: datetime) -> bool:
        """Whether the last message left long enough ago; slots ahead are moved for this one."""
        position = bisect_right(self.taken, now)
        return position == 0 or now - self.taken[position - 1] >= self.gap

    def between_gaps(self, moment: datetime) -> datetime:
        if not self.gap:
            return moment
        position = bisect_right(self.taken, moment - self.gap)
        while position < len(self.taken) and self.taken[position] < moment + self.gap:
            moment = self.taken[position] + self.gap
            position += 1
        return moment

    def under_cap(self, moment: datetime) -> datetime:
        first = bisect_right(self.taken, moment - CAP_PERIOD)
        last = bisect_left(self.taken, moment)
        last = bisect_right(self.taken, moment, lo=last)
        if last - first < self.daily_cap:
            return moment
        return self.taken[last - self.daily_cap] + CAP_PERIOD
