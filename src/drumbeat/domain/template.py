"""A template: a reusable subject and body with tokens in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    id: int
    account_id: int
    user_id: int
    name: str
    subject: str
    body: str
    folder_id: int | None
    created_at: datetime
    updated_at: datetime
