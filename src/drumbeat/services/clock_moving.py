"""Moving a movable clock: everything that falls due on the way happens, each at its instant.

No worker runs beside it. The clock is set to the next due instant, what is due is stepped,
one message at a time is sent and waited for, and so on up to the target; so the same moves
always give the same story.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from drumbeat.clock import MovableClock
from drumbeat.errors import Invalid
from drumbeat.services.claiming import Claiming
from drumbeat.services.sending import Sending
from drumbeat.services.stepping import Stepping
from drumbeat.store import clock_positions, due
from drumbeat.store.database import Database

FURTHEST_MOVE = timedelta(days=3660)


@dataclass(slots=True)
class Moved:
    """Where the clock stands after a move, and what happened on the way."""

    now: datetime
    steps: int = 0
    messages: int = 0
    tasks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockMoving:
    database: Database
    clock: MovableClock
    stepping: Stepping
    claiming: Claiming
    sending: Sending
    lock: threading.RLock

    def move_by(self, duration: timedelta) -> Moved:
        """Advance by *duration*. Raises Invalid where that is negative or too far."""
        with self.lock:
            refuse_too_far(duration)
            return self.move_to(self.clock.now() + duration)

    def move_to(self, target: datetime) -> Moved:
        """Advance to *target*. Raises Invalid where that lies in the past or too far ahead."""
        with self.lock:
            start = self.clock.now()
            if target < start:
                raise Invalid(f"the clock stands at {start.isoformat()} and never goes back")
            refuse_too_far(target - start)
            moved = Moved(now=start)
            self.run_due(moved)
            while (instant := self.next_instant(target)) is not None:
                self.stand_at(instant)
                self.run_due(moved)
            self.stand_at(target)
            moved.now = self.clock.now()
            return moved

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around a change from outside: what it makes due happens before it is answered."""
        with self.lock:
            yield
            self.run_due(Moved(now=self.clock.now()))

    def next_instant(self, target: datetime) -> datetime | None:
        with self.database.reading() as tx:
            instant = due.next_due_at(tx)
        return instant if instant is not None and instant <= target else None

    def stand_at(self, instant: datetime) -> None:
        instant = max(instant, self.clock.now())
        with self.database.transaction() as tx:
            clock_positions.keep(tx, instant)
        self.clock.set(instant)

    def run_due(self, moved: Moved) -> None:
        """Do all that is due at the standing instant, until nothing is."""
        while self.step_all(moved) or self.send_one_each(moved):
            pass

    def step_all(self, moved: Moved) -> bool:
        stepped = self.stepping.step_due()
        moved.steps += stepped.steps
        moved.tasks += stepped.tasks
        return stepped.claimed > 0

    def send_one_each(self, moved: Moved) -> bool:
        self.sending.expire_abandoned()
        claimed = self.claiming.claim()
        for message in claimed:
            if self.sending.send(message):
                moved.messages += 1
                moved.steps += 1
        return bool(claimed)


def refuse_too_far(duration: timedelta) -> None:
    if duration < timedelta(0):
        raise Invalid("the clock never goes back; give a duration of zero or more")
    if duration > FURTHEST_MOVE:
        raise Invalid(f"one move goes at most {FURTHEST_MOVE.days} days ahead; move more often")
