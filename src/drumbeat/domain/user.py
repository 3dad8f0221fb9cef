"""A user: someone on our side, who enrolls contacts and does their tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: int
    account_id: int
    owner_id: int
    """The number HubSpot's CRM calls this person's owner id; never the same as *id*."""
    email: str
    first_name: str
    last_name: str
    timezone: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is asking, and what their token lets them do."""

    account_id: int
    user_id: int
    token_id: int
    scopes: frozenset[str]
