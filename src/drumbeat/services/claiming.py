"""Choosing which messages may be sent now, and giving the others their slots.

The senders of what is due are locked, in the order of their ids, while it is decided; so no
two workers can give away the same slot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from drumbeat.clock import Clock
from drumbeat.domain import planner, schedule
from drumbeat.domain.enrollment import Enrollment
from drumbeat.domain.message import Message
from drumbeat.domain.pacing import Pace
from drumbeat.domain.sender import Sender
from drumbeat.domain.sequence import Definition
from drumbeat.services.advancing import way_of
from drumbeat.store import enrollments, messages, senders, sequences
from drumbeat.store.database import Database, Tx

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this worker, and no other, may hand over until its lease ends."""

    account_id: int
    message_id: int
    enrollment_id: int
    token: int


@dataclass(frozen=True, slots=True)
class Window:
    """When one message may leave: what the sequence says, on its enrollment's clock."""

    definition: Definition
    enrollment: Enrollment
    step_order: int

    @property
    def key(self) -> tuple[int, int, str, bool]:
        """Alike for messages that may leave at the same times."""
        enrollment = self.enrollment
        has_window = planner.has_window(self.definition.steps[self.step_order])
        return enrollment.sequence_id, enrollment.version, enrollment.timezone, has_window

    def opening(self, moment: datetime) -> datetime:
        if not planner.has_window(self.definition.steps[self.step_order]):
            return moment
        settings, zone = self.definition.settings, way_of(self.enrollment).zone
        # The gap between slots already spreads what waits for the opening.
        return schedule.fit(moment, settings.window, settings.days, zone, schedule.NO_DELAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claiming:
    database: Database
    clock: Clock
    lease: timedelta

    def claim(self, limit: int = BATCH, most: int = BATCH) -> list[Claimed]:
        """At most one message of each sender whose slot has come, and *most* in all; the rest
        of what is due gets its sender's following slots."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            due = messages.due_unclaimed(tx, now=now, limit=limit)
            if not due:
                return []
            windows = windows_of(tx, due)
            chosen: list[Message] = []
            for sender, queue in queues(tx, due):
                if len(chosen) == most:
                    break
                chosen += serve(tx, sender, queue, windows, now)
            messages.claim(tx, chosen, until=now + self.lease)
        return [
            Claimed(message.account_id, message.id, message.enrollment_id, message.claim_token + 1)
            for message in chosen
        ]

    def renew(self, held: Iterable[Claimed]) -> None:
        """Keep what this worker is still at work on for another lease."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for claimed in held:
                messages.renew(
                    tx,
                    claimed.account_id,
                    claimed.message_id,
                    claimed.token,
                    until=now + self.lease,
                )


def queues(tx: Tx, due: Iterable[Message]) -> list[tuple[Sender, list[Message]]]:
    """What is due for each sender, the senders locked in the order of their ids."""
    waiting: dict[tuple[int, int], list[Message]] = defaultdict(list)
    for message in due:
        waiting[message.account_id, message.sender_id].append(message)
    return [
        (senders.get_for_update(tx, account_id, sender_id), waiting[account_id, sender_id])
        for account_id, sender_id in sorted(waiting)
    ]


def serve(
    tx: Tx, sender: Sender, queue: list[Message], windows: dict[int, Window], now: datetime
) -> list[Message]:
    """The one message that may go now, if any; every other one in the queue gets a slot."""
    taken = messages.taken_slots(tx, sender.account_id, sender.id, now)
    pace = Pace.of(sender.gap, sender.daily_cap, sender.next_slot_at, taken)
    chosen: list[Message] = []
    slots: list[tuple[Message, datetime]] = []
    earliest: dict[tuple[int, int, str, bool], datetime] = {}
    for message in queue:
        window = windows[message.id]
        may_go = not chosen and pace.has_room(now) and window.opening(now) == now
        if may_go:
            chosen.append(message)
            pace.take(now)
            pace.free_from = max(pace.free_from, now + sender.gap)
            continue
        # Slots are given in order, so the search goes on from the last one of its kind.
        slot = pace.next_slot(earliest.get(window.key, now), window.opening)
        pace.take(slot)
        earliest[window.key] = slot
        slots.append((message, slot))
    messages.reslot(tx, slots)
    if chosen:
        senders.set_next_slot(tx, sender.account_id, sender.id, pace.free_from)
    return chosen


def windows_of(tx: Tx, due: list[Message]) -> dict[int, Window]:
    of_accounts: dict[int, list[int]] = defaultdict(list)
    for message in due:
        of_accounts[message.account_id].append(message.enrollment_id)
    found: dict[int, Enrollment] = {}
    for account_id, ids in of_accounts.items():
        found |= enrollments.many(tx, account_id, ids)
    keys = {(e.account_id, e.sequence_id, e.version) for e in found.values()}
    definitions = sequences.versions(tx, keys)
    windows: dict[int, Window] = {}
    for message in due:
        enrollment = found[message.enrollment_id]
        key = (enrollment.account_id, enrollment.sequence_id, enrollment.version)
        windows[message.id] = Window(definitions[key], enrollment, message.step_order)
    return windows
