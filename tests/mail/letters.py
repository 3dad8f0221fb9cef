"""An e-mail to send, with whatever of it a test is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from drumbeat.domain.message import OutgoingEmail

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def an_email(**changes: Any) -> OutgoingEmail:
    values: dict[str, Any] = {
        "message_id": "<0123456789abcdef@example.com>",
        "date": MONDAY,
        "sender_name": "Rita Rep",
        "from_email": "rita@example.com",
        "envelope_from": "rita@example.com",
        "to_email": "ada@example.org",
        "subject": "Hello Ada",
        "html": "<p>Hello Ada</p>",
        "text": "Hello Ada",
    }
    return OutgoingEmail(**values | changes)
