"""Outgoing messages, as rows, and who may work on one.

A worker that claims a message gets a token with it. Every later write names that token and
changes nothing where the row has another by then, so a worker that was away too long cannot
overwrite what happened meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from drumbeat.domain.enrollment import Enrollment
from drumbeat.domain.message import Message, MessageState, NewMessage
from drumbeat.domain.pacing import CAP_PERIOD, Slot
from drumbeat.domain.planner import Because
from drumbeat.errors import NotFound
from drumbeat.store import due
from drumbeat.store.database import Tx, insert_many
from drumbeat.store.tables import messages

# These have used one of their sender's places under the cap.
SPENT = (MessageState.SENDING, MessageState.SENT, MessageState.IN_DOUBT)

# What every enrollment asks is put together once: that takes longer than running it. Two
# counts, each over an index of its own; one with an OR reads all the sender ever sent.
OF_SENDER = (
    messages.c.account_id == sa.bindparam("account_id"),
    messages.c.sender_id == sa.bindparam("sender_id"),
)
SPENT_SINCE = sa.select(sa.func.count()).where(
    *OF_SENDER, messages.c.state.in_(SPENT), messages.c.sending_at > sa.bindparam("since")
)
PROMISED_UNTIL = sa.select(sa.func.count()).where(
    *OF_SENDER, due.IS_SCHEDULED, messages.c.send_at <= sa.bindparam("until")
)
COMMITTED = sa.select(SPENT_SINCE.scalar_subquery() + PROMISED_UNTIL.scalar_subquery())


def add_all(tx: Tx, new: Sequence[NewMessage]) -> None:
    insert_many(tx, messages, NewMessage._fields, new)


def get(tx: Tx, account_id: int, id: int) -> Message:
    return one(tx, by_id(account_id, id), id)


def get_for_update(tx: Tx, account_id: int, id: int) -> Message:
    return one(tx, by_id(account_id, id).with_for_update(), id)


def one(tx: Tx, statement: sa.Select[Any], id: int) -> Message:
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise NotFound("message", id)
    return from_row(row)


def under_way(tx: Tx, enrollment: Enrollment) -> Message | None:
    """The message of the step that the enrollment is at, locked until the transaction ends."""
    return of_step_for_update(tx, enrollment, enrollment.step_order)


def of_step_for_update(tx: Tx, enrollment: Enrollment, step_order: int) -> Message | None:
    """The message of a step of the enrollment's version, if there is one yet."""
    row = tx.execute(of_step(enrollment, step_order).with_for_update()).one_or_none()
    return from_row(row) if row else None


def find_under_way(tx: Tx, enrollment: Enrollment) -> Message | None:
    """The message of the step that the enrollment is at, free for others to change."""
    row = tx.execute(of_step(enrollment, enrollment.step_order)).one_or_none()
    return from_row(row) if row else None


def sent_of_enrollment(tx: Tx, account_id: int, enrollment_id: int) -> list[Message]:
    """The e-mails of this enrollment that went out, the oldest first."""
    statement = (
        sa.select(messages)
        .where(
            messages.c.account_id == account_id,
            messages.c.enrollment_id == enrollment_id,
            messages.c.state == MessageState.SENT,
        )
        .order_by(messages.c.sent_at, messages.c.id)
    )
    return [from_row(row) for row in tx.execute(statement)]


def of_enrollments(
    tx: Tx, account_id: int, enrollment_ids: Collection[int], *, for_update: bool = False
) -> list[Message]:
    """Every message of these enrollments, of every version, in the order they were made."""
    c = messages.c
    statement = (
        sa.select(messages)
        .where(c.account_id == account_id, c.enrollment_id.in_(enrollment_ids))
        .order_by(c.enrollment_id, c.id)
    )
    if for_update:
        # In that order others lock them, too.
        statement = statement.with_for_update()
    return [from_row(row) for row in tx.execute(statement)]


def page(
    tx: Tx,
    account_id: int,
    *,
    enrollment_id: int | None = None,
    state: MessageState | None = None,
    after: int = 0,
    limit: int,
) -> list[Message]:
    """Up to *limit* messages younger than *after*, the oldest first."""
    statement = sa.select(messages).where(
        messages.c.account_id == account_id, messages.c.id > after
    )
    if enrollment_id is not None:
        statement = statement.where(messages.c.enrollment_id == enrollment_id)
    if state is not None:
        statement = statement.where(messages.c.state == state)
    return [from_row(row) for row in tx.execute(statement.order_by(messages.c.id).limit(limit))]


def held_of_sender(tx: Tx, account_id: int, sender_id: int, reason: str) -> list[Message]:
    """The messages of a sender that are held for this reason, in the order they were made."""
    c = messages.c
    statement = sa.select(messages).where(
        c.account_id == account_id,
        c.sender_id == sender_id,
        c.state == MessageState.HELD,
        c.reason.startswith(reason, autoescape=True),
    )
    return [from_row(row) for row in tx.execute(statement.order_by(c.id))]


def due_unclaimed(tx: Tx, *, now: datetime, limit: int) -> list[Message]:
    """Up to *limit* messages whose time to be sent has come and that nobody works on."""
    is_free = is_unclaimed(now)
    rows = due.claim(
        tx, messages, messages.c.send_at, due.IS_SCHEDULED, is_free, now=now, limit=limit
    )
    return [from_row(row) for row in rows]


def queued(tx: Tx, account_id: int, sender_id: int, *, now: datetime, limit: int) -> list[Message]:
    """What a claim would find of this sender now, in the order in which it would."""
    c = messages.c
    statement = (
        sa.select(messages)
        .where(c.account_id == account_id, c.sender_id == sender_id)
        .where(due.IS_SCHEDULED, c.send_at <= now, is_unclaimed(now))
        .order_by(c.send_at, c.id)
        .limit(limit)
    )
    return [from_row(row) for row in tx.execute(statement)]


def claim(tx: Tx, claimed: Sequence[Message], *, until: datetime) -> None:
    """Keep other workers off these until then; each gets a new token, one above its last."""
    for message in claimed:
        tx.execute(
            messages.update()
            .where(same(message))
            .values(claimed_until=until, claim_token=message.claim_token + 1)
        )


def renew(tx: Tx, account_id: int, id: int, token: int, *, until: datetime) -> None:
    """Prolong a claim, where it still is the one with this token."""
    mine = (messages.c.account_id == account_id, messages.c.id == id)
    is_held = (messages.c.claim_token == token, messages.c.claimed_until.is_not(None))
    tx.execute(messages.update().where(*mine, *is_held).values(claimed_until=until))


def change(tx: Tx, message: Message, now: datetime, **values: Any) -> bool:
    """Write *values* where the row still has the message's token; whether it had."""
    statement = (
        messages.update()
        .where(same(message), messages.c.claim_token == message.claim_token)
        .values(updated_at=now, **values)
    )
    return tx.execute(statement).rowcount == 1


def discard(tx: Tx, account_id: int, ids: Collection[int]) -> None:
    """Take these away, none of which went out or ever will."""
    if ids:
        c = messages.c
        tx.execute(messages.delete().where(c.account_id == account_id, c.id.in_(ids)))


def reslot(tx: Tx, slots: Sequence[tuple[Message, Slot]]) -> None:
    """Give each message the slot that was found for it."""
    if not slots:
        return
    statement = (
        messages.update()
        .where(
            messages.c.account_id == sa.bindparam("of_account"),
            messages.c.id == sa.bindparam("of_id"),
        )
        .values(
            send_at=sa.bindparam("slot"),
            because=sa.func.coalesce(sa.bindparam("why"), messages.c.because),
            claimed_until=None,
            # Whoever still holds a claim that ran out may not send it at the old time.
            claim_token=messages.c.claim_token + 1,
        )
    )
    tx.execute(
        statement,
        [
            {
                "of_account": message.account_id,
                "of_id": message.id,
                "slot": slot.at,
                "why": slot.because,
            }
            for message, slot in slots
        ],
    )


def taken_slots(tx: Tx, account_id: int, sender_id: int, now: datetime) -> list[datetime]:
    """When this sender sent in the last 24 hours, and the slots it has given away ahead."""
    c = messages.c
    mine = (c.account_id == account_id, c.sender_id == sender_id)
    ahead = sa.select(c.send_at).where(*mine, due.IS_SCHEDULED, c.send_at > now)
    given = [row.send_at for row in tx.execute(ahead)]
    return spent_slots(tx, account_id, sender_id, now) + given


def spent_slots(tx: Tx, account_id: int, sender_id: int, now: datetime) -> list[datetime]:
    """When this sender sent in the last 24 hours."""
    c = messages.c
    statement = sa.select(c.sending_at).where(
        c.account_id == account_id,
        c.sender_id == sender_id,
        c.state.in_(SPENT),
        c.sending_at > now - CAP_PERIOD,
    )
    return [row.sending_at for row in tx.execute(statement)]


def pending_of_sender(tx: Tx, account_id: int, sender_id: int) -> list[Message]:
    """The messages of this sender that are scheduled or being sent."""
    c = messages.c
    states = (MessageState.SCHEDULED, MessageState.SENDING)
    statement = sa.select(messages).where(
        c.account_id == account_id, c.sender_id == sender_id, c.state.in_(states)
    )
    return [from_row(row) for row in tx.execute(statement)]


def states_in_hands(tx: Tx, account_id: int, sender_id: int, now: datetime) -> list[MessageState]:
    """The states of this sender's messages that a worker is handing over right now."""
    c = messages.c
    statement = sa.select(c.state).where(
        c.account_id == account_id, c.sender_id == sender_id, c.claimed_until > now
    )
    return [MessageState(state) for state in tx.execute(statement).scalars()]


def count_committed(tx: Tx, account_id: int, sender_id: int, now: datetime) -> int:
    """How many places of its cap this sender has used, or promised for the next 24 hours."""
    of_sender = {"account_id": account_id, "sender_id": sender_id}
    bounds = {"since": now - CAP_PERIOD, "until": now + CAP_PERIOD}
    return int(tx.execute(COMMITTED, of_sender | bounds).scalar_one())


def expired_intents(tx: Tx, *, now: datetime, limit: int) -> list[Message]:
    """Messages whose sending was begun by a worker that has not been heard of since."""
    c = messages.c
    rows = due.claim(
        tx, messages, c.claimed_until, c.state == MessageState.SENDING, now=now, limit=limit
    )
    return [from_row(row) for row in rows]


def expire_all_claims(tx: Tx, now: datetime) -> None:
    """Forget every claim: for the moment when no worker can be alive to hold one."""
    c = messages.c
    begun = c.state == MessageState.SENDING
    tx.execute(messages.update().where(begun).values(claimed_until=now))
    merely_claimed = sa.and_(c.state == MessageState.SCHEDULED, c.claimed_until.is_not(None))
    tx.execute(messages.update().where(merely_claimed).values(claimed_until=None))


def is_unclaimed(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(messages.c.claimed_until.is_(None), messages.c.claimed_until <= now)


def of_step(enrollment: Enrollment, step_order: int) -> sa.Select[Any]:
    return sa.select(messages).where(
        messages.c.account_id == enrollment.account_id,
        messages.c.enrollment_id == enrollment.id,
        messages.c.version == enrollment.version,
        messages.c.step_order == step_order,
    )


def by_id(account_id: int, id: int) -> sa.Select[Any]:
    return sa.select(messages).where(messages.c.account_id == account_id, messages.c.id == id)


def same(message: Message) -> sa.ColumnElement[bool]:
    return sa.and_(messages.c.account_id == message.account_id, messages.c.id == message.id)


def from_row(row: sa.Row[Any]) -> Message:
    values = dict(row._mapping)
    values["state"] = MessageState(values["state"])
    values["references"] = tuple(values.pop("reference_ids"))
    values["because"] = Because(values["because"]) if values["because"] else None
    return Message(**values)
