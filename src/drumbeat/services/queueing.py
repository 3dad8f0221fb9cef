"""Where an e-mail stands among the others of its sender: what the next claim would find."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drumbeat.domain import planner
from drumbeat.domain.enrollment import Enrollment
from drumbeat.domain.message import Message, MessageState
from drumbeat.domain.pacing import Pace, Window, share_out
from drumbeat.domain.sender import Sender
from drumbeat.domain.sequence import EmailStep
from drumbeat.services.claiming import BATCH, pace_of, windows_of
from drumbeat.services.ways import ways_of
from drumbeat.store import enrollments, messages, sequences
from drumbeat.store.database import Tx


@dataclass(frozen=True, slots=True)
class Turn:
    """What its sender has for one e-mail."""

    pace: Pace
    """With everything taken that goes before the e-mail, and its own slot given back."""
    is_next: bool
    """Whether nothing goes before it once it is due."""


@dataclass(frozen=True, slots=True)
class Unmade:
    """An e-mail that is due, and whose message is made when the worker looks."""

    enrollment: Enrollment
    window: Window
    send_at: datetime


def turn_of(
    tx: Tx, enrollment: Enrollment, message: Message | None, sender: Sender, now: datetime
) -> Turn:
    """The turn of the step that the enrollment is at, whose *message* may not be made yet, and is
    in no worker's hands."""
    in_hands = messages.states_in_hands(tx, sender.account_id, sender.id, now)
    pace = pace_of(tx, sender, in_hands, now)
    # A worker may have moved it between the two readings.
    if message is not None and message.send_at in pace.taken and is_ahead(message, now):
        pace.give_back(message.send_at)
    ahead = ahead_of(tx, enrollment, message, sender, pace, now)
    share = share_out(pace, ahead, now, is_busy=bool(in_hands))
    is_due = is_due_now(enrollment, message, now)
    return Turn(pace, is_next=not is_due or (not in_hands and share.chosen is None))


def is_ahead(message: Message, now: datetime) -> bool:
    """Whether its slot is still to come, and so among those that are taken."""
    is_scheduled = message.state is MessageState.SCHEDULED
    return is_scheduled and message.send_at is not None and message.send_at > now


def is_due_now(enrollment: Enrollment, message: Message | None, now: datetime) -> bool:
    due_at = enrollment.due_at if message is None else message.send_at
    return due_at is not None and due_at <= now


def ahead_of(
    tx: Tx,
    enrollment: Enrollment,
    message: Message | None,
    sender: Sender,
    pace: Pace,
    now: datetime,
) -> list[Window]:
    """What is due now and goes before this e-mail, in its order; what will be made with a later
    time is taken from *pace*."""
    queue = messages.queued(tx, sender.account_id, sender.id, now=now, limit=BATCH)
    if message is not None and message in queue:
        queue = queue[: queue.index(message)]
    windows, _ = windows_of(tx, queue) if queue else ({}, {})
    ahead = [windows[each.id] for each in queue if each.id in windows]
    is_queued = message is not None and is_due_now(enrollment, message, now)
    for unmade in unmade_of(tx, sender, now):
        if unmade.enrollment.id == enrollment.id:
            continue
        if unmade.send_at > now:
            pace.take(unmade.send_at)
        elif not is_queued and goes_before(unmade.enrollment, enrollment):
            ahead.append(unmade.window)
    return ahead


def goes_before(other: Enrollment, enrollment: Enrollment) -> bool:
    if enrollment.due_at is None or other.due_at is None:
        return enrollment.due_at is None
    return (other.due_at, other.id) < (enrollment.due_at, enrollment.id)


def unmade_of(tx: Tx, sender: Sender, now: datetime) -> list[Unmade]:
    """The sender's e-mails that are due and have no message yet, in the order of their making."""
    due = enrollments.due_of_sender(tx, sender.account_id, sender.id, now=now, limit=BATCH)
    if not due:
        return []
    keys = {(each.account_id, each.sequence_id, each.version) for each in due}
    definitions, known = sequences.versions(tx, keys), ways_of(tx, due)
    found: list[Unmade] = []
    for each in due:
        definition = definitions[each.account_id, each.sequence_id, each.version]
        try:
            step, way = definition.steps[each.step_order], known.of(each)
        except (LookupError, ValueError):
            # Damaged: it will be set aside, and takes nobody's place.
            continue
        if isinstance(step, EmailStep):
            send_at = planner.sendable_at(step, definition.settings, way, now)
            found.append(Unmade(each, Window.of(step, definition.settings, way), send_at))
    return found
