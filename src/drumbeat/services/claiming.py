"""Choosing which messages may be sent now, and giving the others their slots.

The senders of what is due are locked, in the order of their ids, while it is decided; so no
two workers can give away the same slot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from drumbeat.clock import Clock
from drumbeat.domain.enrollment import Enrollment
from drumbeat.domain.message import Message, MessageState
from drumbeat.domain.pacing import Pace, Slot, Window, share_out
from drumbeat.domain.planner import Because
from drumbeat.domain.sender import Sender
from drumbeat.services.ways import ways_of
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
            windows, faults = windows_of(tx, due)
            set_aside(tx, [message for message in due if message.id in faults], faults, now)
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
    in_hands = messages.states_in_hands(tx, sender.account_id, sender.id, now)
    pace = pace_of(tx, sender, in_hands, now)
    share = share_out(pace, [windows[message.id] for message in queue], now, is_busy=bool(in_hands))
    messages.reslot(tx, [(queue[n], slot) for n, slot in share.slots if slot.at > now])
    if share.chosen is None:
        return []
    senders.set_next_slot(tx, sender.account_id, sender.id, pace.free_from)
    return [queue[share.chosen]]


def pace_of(tx: Tx, sender: Sender, in_hands: list[MessageState], now: datetime) -> Pace:
    """The sender's pace as it stands, with what is being handed over right now."""
    taken = messages.taken_slots(tx, sender.account_id, sender.id, now)
    # One whose intent is written has its time already; one without leaves about now.
    about_now = [now] * in_hands.count(MessageState.SCHEDULED)
    free_from = max(sender.next_slot_at, now + sender.gap) if in_hands else sender.next_slot_at
    return Pace.of(sender.gap, sender.daily_cap, free_from, [*taken, *about_now])


def windows_of(tx: Tx, due: list[Message]) -> tuple[dict[int, Window], dict[int, Exception]]:
    """The window of each message, by its id; and of those whose rows are damaged, the fault."""
    of_accounts: dict[int, list[int]] = defaultdict(list)
    for message in due:
        of_accounts[message.account_id].append(message.enrollment_id)
    found: dict[int, Enrollment] = {}
    for account_id, ids in of_accounts.items():
        found |= enrollments.many(tx, account_id, ids)
    keys = {
        (message.account_id, found[message.enrollment_id].sequence_id, message.version)
        for message in due
    }
    definitions = sequences.versions(tx, keys)
    known = ways_of(tx, found.values())
    windows: dict[int, Window] = {}
    faults: dict[int, Exception] = {}
    for message in due:
        enrollment = found[message.enrollment_id]
        try:
            definition = definitions[message.account_id, enrollment.sequence_id, message.version]
            step = definition.steps[message.step_order]
            way = known.of(enrollment)
            windows[message.id] = Window.of(step, definition.settings, way)
        except (LookupError, TypeError, ValueError) as fault:
            # A damaged row; it must not keep the others from being sent.
            faults[message.id] = fault
    return windows, faults


def set_aside(
    tx: Tx, damaged: list[Message], faults: Mapping[int, Exception], now: datetime
) -> None:
    """Look at these again later; the log says what is wrong with each."""
    for message in damaged:
        fault = faults[message.id]
        log.error("message_set_aside", account_id=message.account_id, id=message.id, exc_info=fault)
    slot = Slot(now + SET_ASIDE, Because.SET_ASIDE)
    messages.reslot(tx, [(message, slot) for message in damaged])
