"""How long until the next attempt, and when to stop trying by itself."""

from __future__ import annotations

from datetime import timedelta

# Greylisting lets go after some minutes, a full mailbox or a sick server after hours.
MESSAGE_DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=3),
    timedelta(minutes=5),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=12),
    timedelta(hours=24),
)
# Short at first, for a server that is only started anew; never so long that a rep who has
# mended it wonders.
SENDER_DELAYS = (
    timedelta(seconds=5),
    timedelta(seconds=10),
    timedelta(seconds=15),
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=2),
    timedelta(minutes=5),
)


def message_delay(attempts: int) -> timedelta | None:
    """How long a message rests after its *attempts*-th temporary refusal; None: a person
    should look at it."""
    return MESSAGE_DELAYS[attempts - 1] if attempts <= len(MESSAGE_DELAYS) else None


def sender_delay(failures: int) -> timedelta:
    """How long a sender rests after its server could not be reached *failures* times running."""
    return SENDER_DELAYS[min(failures, len(SENDER_DELAYS)) - 1]
