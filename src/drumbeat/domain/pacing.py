"""How fast one sender may send: a gap between messages and a cap over any 24 hours.

A message that cannot go now gets the next slot that keeps both, inside its own window; it
is never dropped.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from drumbeat.domain import planner, schedule
from drumbeat.domain.planner import Because, Way
from drumbeat.domain.schedule import Holidays
from drumbeat.domain.sequence import SequenceSettings, Step

CAP_PERIOD = timedelta(hours=24)

Opening = Callable[[datetime], datetime]
"""The first instant from a given one on at which a message's window is open."""


@dataclass(frozen=True, slots=True)
class Window:
    """When one message may leave: what the sequence says, on its enrollment's clock."""

    settings: SequenceSettings | None
    """None where no window holds the message back."""
    zone: ZoneInfo
    holidays: Holidays

    @classmethod
    def of(cls, step: Step, settings: SequenceSettings, way: Way) -> Window:
        holds_back = not planner.goes_at_once(step, way)
        return cls(settings if holds_back else None, way.zone, way.holidays)

    def opening(self, moment: datetime) -> datetime:
        if self.settings is None:
            return moment
        window, days = self.settings.window, self.settings.days
        # The gap between slots already spreads what waits for the opening.
        return schedule.fit(moment, window, days, self.zone, schedule.NO_DELAY, self.holidays)

    @property
    def usual_opening(self) -> Opening | None:
        """The opening if no day were a holiday; None where none is."""
        if self.holidays is schedule.NO_HOLIDAYS:
            return None
        return replace(self, holidays=schedule.NO_HOLIDAYS).opening


class Slot(NamedTuple):
    """When a message may go, and what kept it from going earlier."""

    at: datetime
    because: Because | None


@dataclass(slots=True)
class Pace:
    """One sender's slots: those used in the last 24 hours, and those given away ahead."""

    gap: timedelta
    daily_cap: int
    free_from: datetime
    """No slot is given before this: the last send plus the gap, or a rest after a fault."""
    taken: list[datetime] = field(default_factory=list)
    _free_again: list[datetime] = field(default_factory=list)
    """Where a run of slots ends between which no other fits: the gap after each run's last one."""

    def __post_init__(self) -> None:
        ends = [*map(self.ends_run, self.taken, self.taken[1:]), True]
        self._free_again = [
            slot + self.gap for slot, ends_run in zip(self.taken, ends, strict=False) if ends_run
        ]

    @classmethod
    def of(
        cls, gap: timedelta, daily_cap: int, free_from: datetime, taken: Iterable[datetime]
    ) -> Pace:
        return cls(gap, daily_cap, free_from, sorted(taken))

    def next_slot(self, wanted: datetime, opening: Opening, usual: Opening | None = None) -> Slot:
        """The first free instant from *wanted* on that keeps the gap, the cap and the window.

        Where *opening* passes over holidays, *usual* is what it would be without them.
        """
        at, because = wanted, None
        if self.free_from > wanted:
            at, because = self.free_from, Because.SENDER_GAP
        holds = (
            (Because.WINDOW, usual or opening),
            *([(Because.HOLIDAY, opening)] if usual else []),
            (Because.SENDER_GAP, self.between_gaps),
            (Because.SENDER_CAP, self.under_cap),
        )
        while True:
            before = at
            for reason, hold in holds:
                if (later := hold(at)) != at:
                    at, because = later, reason
            if at == before:
                return Slot(at, because)

    def take(self, slot: datetime) -> None:
        position = bisect_left(self.taken, slot)
        self.forget_end(position - 1)
        self.taken.insert(position, slot)
        self.note_end(position - 1)
        self.note_end(position)

    def give_back(self, slot: datetime) -> None:
        """Free a slot that was taken."""
        position = bisect_left(self.taken, slot)
        self.forget_end(position - 1)
        self.forget_end(position)
        del self.taken[position]
        self.note_end(position - 1)

    def ends_run(self, slot: datetime, following: datetime) -> bool:
        return following - slot >= 2 * self.gap

    def is_end(self, position: int) -> bool:
        """Whether the slot at *position* is the last of its run."""
        following = self.taken[position + 1 : position + 2]
        return not following or self.ends_run(self.taken[position], following[0])

    def note_end(self, position: int) -> None:
        if position >= 0 and self.is_end(position):
            insort(self._free_again, self.taken[position] + self.gap)

    def forget_end(self, position: int) -> None:
        if position >= 0 and self.is_end(position):
            end = self.taken[position] + self.gap
            del self._free_again[bisect_left(self._free_again, end)]

    def may_send(self, now: datetime, window: Window) -> bool:
        """Whether a message may go this instant, by the sender's pace and its own window."""
        return self.has_room(now) and window.opening(now) == now

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
        if position == len(self.taken) or self.taken[position] >= moment + self.gap:
            return moment
        # Slots of a busy day stand a gap apart, by the thousand: they are passed over at once.
        end = self.taken[position] + self.gap
        return self._free_again[bisect_left(self._free_again, end)]

    def under_cap(self, moment: datetime) -> datetime:
        if self.used(moment) < self.daily_cap:
            return moment
        return self.taken[bisect_right(self.taken, moment) - self.daily_cap] + CAP_PERIOD

    def used(self, moment: datetime) -> int:
        """How many places of the cap are taken in the period that ends at *moment*."""
        return bisect_right(self.taken, moment) - bisect_right(self.taken, moment - CAP_PERIOD)


@dataclass(frozen=True, slots=True)
class Share:
    """What becomes of one sender's queue at one instant."""

    chosen: int | None
    """Which message goes now, counted from the first in the queue; the rest have slots."""
    slots: tuple[tuple[int, Slot], ...]


def share_out(pace: Pace, queue: Sequence[Window], now: datetime, *, is_busy: bool) -> Share:
    """The one message that may go now, if any, and the slot of every other one in the queue.

    One at a time: the next may go once it is known when this one left, so while the sender
    *is_busy* with one none is chosen. *pace* is left with all of them taken.
    """
    chosen: int | None = None
    slots: list[tuple[int, Slot]] = []
    earliest: dict[Window, Slot] = {}
    for position, window in enumerate(queue):
        is_next = not is_busy and chosen is None
        if is_next and pace.may_send(now, window):
            chosen = position
            pace.take(now)
            pace.free_from = max(pace.free_from, now + pace.gap)
            continue
        # Slots are given in order, so the search goes on from the last one of its kind.
        before = earliest.get(window, Slot(now, None))
        at, because = pace.next_slot(before.at, window.opening, window.usual_opening)
        slot = Slot(at, because or before.because)
        pace.take(at)
        earliest[window] = slot
        slots.append((position, slot))
    return Share(chosen, tuple(slots))
