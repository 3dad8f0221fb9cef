"""A sender: the identity mail goes out as, and the inbox behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

DEFAULT_DAILY_CAP = 1000
# What Google allows a free mailbox in 24 hours (HubSpot's connected-e-mail limits, Aug 2025).
FREE_GMAIL_DAILY_CAP = 350
DEFAULT_GAP = timedelta(seconds=30)


class SmtpSecurity(StrEnum):
    """How the connection to the server is kept private.

    IF_OFFERED uses STARTTLS where the server offers it and plain text only to loopback.
    """

    TLS = "tls"
    IF_OFFERED = "if_offered"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where a sender's mail is handed over. *password* is plain here and never stored so."""

    host: str
    port: int
    security: SmtpSecurity
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    id: int
    account_id: int
    user_id: int
    email: str
    name: str | None
    aliases: tuple[str, ...]
    signature: str | None
    daily_cap: int
    gap: timedelta
    next_slot_at: datetime
    server: SmtpServer | None
    connected_at: datetime | None
    disconnected_at: datetime | None
    trouble: str | None
    trouble_at: datetime | None
    created_at: datetime
    updated_at: datetime

    def owns(self, address: str) -> bool:
        """Whether mail may go out as *address*: its own address or one of its aliases."""
        return address.lower() in {self.email.lower(), *(alias.lower() for alias in self.aliases)}


def default_daily_cap(email: str) -> int:
    is_free_gmail = email.lower().endswith(("@gmail.com", "@googlemail.com"))
    return FREE_GMAIL_DAILY_CAP if is_free_gmail else DEFAULT_DAILY_CAP
