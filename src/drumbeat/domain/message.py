"""E-mail messages as values: the outgoing one and the states it goes through."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from drumbeat.domain.planner import Because

# Why a message is held: until a person has put that right.
SENDER_NOT_CONNECTED = "SENDER_NOT_CONNECTED"
ADDRESS_CHANGED = "ADDRESS_CHANGED"
CONTACT_DELETED = "CONTACT_DELETED"
TEMPLATE_MISSING = "TEMPLATE_MISSING"
TEMPLATE_INVALID = "TEMPLATE_INVALID"
MISSING_TOKEN = "MISSING_TOKEN"


class MessageState(StrEnum):
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    HELD = "held"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Direction(StrEnum):
    """Which way a captured message went."""

    OUT = "out"
    """We sent it."""
    IN = "in"
    """It was delivered to us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEmail:
    """One message, rendered and addressed, ready to be handed to a server."""

    message_id: str
    """With its angle brackets."""
    date: datetime
    sender_name: str | None
    from_email: str
    """The address shown: the sender's own or one of its aliases."""
    envelope_from: str
    to_email: str
    subject: str
    html: str
    text: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    unsubscribe_url: str | None = None
    """HTTPS or HTTP address for List-Unsubscribe with one-click (RFC 8058)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One e-mail of an enrollment, from being scheduled to its receipt."""

    id: int
    account_id: int
    enrollment_id: int
    contact_id: int
    sender_id: int
    step_order: int
    generation: int
    template_id: int
    thread_to: int | None
    """The step this e-mail was written to answer; which thread it joins is decided when it goes."""
    message_id: str
    from_email: str
    to_email: str
    subject: str | None
    state: MessageState
    reason: str | None
    send_at: datetime | None
    sending_at: datetime | None
    """When its intent was committed: it may be out from that instant on."""
    sent_at: datetime | None
    attempts: int
    claimed_until: datetime | None
    claim_token: int
    in_reply_to: str | None
    references: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    version: int
    """The version of the sequence that *step_order* counts in."""
    because: Because | None
    """Why it is to go at *send_at*."""


class NewMessage(NamedTuple):
    """A message as it begins: nobody has tried to send it yet."""

    account_id: int
    enrollment_id: int
    contact_id: int
    sender_id: int
    version: int
    step_order: int
    template_id: int
    thread_to: int | None
    message_id: str
    from_email: str
    to_email: str
    send_at: datetime
    because: Because | None
    created_at: datetime
    updated_at: datetime
    state: MessageState = MessageState.SCHEDULED
    generation: int = 0
    reference_ids: tuple[str, ...] = ()
    attempts: int = 0
    claim_token: int = 0


def message_id_for(
    salt: str, enrollment_id: int, version: int, step_order: int, generation: int, email: str
) -> str:
    """The Message-ID this step's e-mail has, always the same one for the same generation, at the
    domain of its sender's *email*."""
    seed = f"{salt}/{enrollment_id}/{version}/{step_order}/{generation}"
    digest = hashlib.sha256(seed.encode()).hexdigest()[:32]
    return f"<{digest}@{email.rpartition('@')[2].lower()}>"
