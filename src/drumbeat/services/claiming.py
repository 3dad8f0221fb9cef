"""Choosing which messages may be sent now, and giving the others their slots.

The senders of what is due are locked, in the order of their ids, while it is decided; so no
two workers can give away the same slot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from drumbeat.clock import Clock
from drumbeat.domain import planner, schedule
from drumbeat.domain.enrollment import Enrollment
from drumbeat.domain.message import Message, MessageState
from drumbeat.domain.pacing import Pace
from drumbeat.domain.sender import Sender
from drumbeat.domain.sequence import Definition, SequenceSettings
from drumbeat.services.advancing import way_of
from drumbeat.store import enrollments, messages, senders, sequences
from drumbeat.store.database import Database, Tx

log = structlog.get_logger()

BATCH = 1000
SET_ASIDE = timedelta(hours=1)


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

    settings: SequenceSettings | None
    """None where no window holds the message back."""
    zone: ZoneInfo

    def opening(self, moment: datetime) -> datetime:
        if self.settings is None:
            return moment
        window, days = self.settings.window, self.settings.days
        # The gap between slots already spreads what waits for the opening.
        return schedule.fit(moment, window, days, self.zone, schedule.NO_DELAY)


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
            set_aside(tx, [message for message in due if message.id not in windows], now)
            due = [message for message in due if message.id in windows]
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
            # In the order in which others lock them too.
            for claimed in sorted(held, key=lambda each: (each.account_id, each.enrollment_id)):
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
    locked = {key: senders.get_for_update(tx, *key) for key in sorted(waiting)}
    # What is due was read oldest first; so whoever has waited longest comes first, where there
    # are fewer hands than senders.
    return [(locked[key], queue) for key, queue in waiting.items()]


def serve(
    tx: Tx, sender: Sender, queue: list[Message], windows: dict[int, Window], now: datetime
) -> list[Message]:
    """The one message that may go now, if any; every other one in the queue gets a slot."""
    # One at a time: the next may go once it is known when this one left.
    in_hands = messages.states_in_hands(tx, sender.account_id, sender.id, now)
    pace = pace_of(tx, sender, in_hands, now)
    chosen: list[Message] = []
    slots: list[tuple[Message, datetime]] = []
    earliest: dict[Window, datetime] = {}
    for message in queue:
        window = windows[message.id]
        is_next = not in_hands and not chosen
        if is_next and pace.has_room(now) and window.opening(now) == now:
            chosen.append(message)
            pace.take(now)
            pace.free_from = max(pace.free_from, now + sender.gap)
            continue
        # Slots are given in order, so the search goes on from the last one of its kind.
        slot = pace.next_slot(earliest.get(window, now), window.opening)
        pace.take(slot)
        earliest[window] = slot
        slots.append((message, slot))
    messages.reslot(tx, [(message, slot) for message, slot in slots if slot > now])
    if chosen:
        senders.set_next_slot(tx, sender.account_id, sender.id, pace.free_from)
    return chosen


def pace_of(tx: Tx, sender: Sender, in_hands: list[MessageState], now: datetime) -> Pace:
    """The sender's pace as it stands, with what is being handed over right now."""
    taken = messages.taken_slots(tx, sender.account_id, sender.id, now)
    # One whose intent is written has its time already; one without leaves about now.
    about_now = [now] * in_hands.count(MessageState.SCHEDULED)
    free_from = max(sender.next_slot_at, now + sender.gap) if in_hands else sender.next_slot_at
    return Pace.of(sender.gap, sender.daily_cap, free_from, [*taken, *about_now])


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
        try:
            windows[message.id] = window_of(definitions[key], enrollment, message.step_order)
        except (LookupError, TypeError, ValueError):
            # A damaged row; it must not keep the others from being sent.
            log.exception("message_set_aside", account_id=message.account_id, id=message.id)
    return windows


def window_of(definition: Definition, enrollment: Enrollment, step_order: int) -> Window:
    is_held_back = planner.has_window(definition.steps[step_order])
    settings = definition.settings if is_held_back else None
    return Window(settings=settings, zone=way_of(enrollment).zone)


def set_aside(tx: Tx, damaged: list[Message], now: datetime) -> None:
    """Look at these again later; the log says what is wrong with each."""
    messages.reslot(tx, [(message, now + SET_ASIDE) for message in damaged])
