"""An edited e-mail: what one enrollment gets in place of what the template says.

It stands for one step of the version that the enrollment is in, may have tokens as a template
may, and is read when the e-mail is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedEmail:
    account_id: int
    enrollment_id: int
    step_order: int
    user_id: int
    """Who wrote it."""
    subject: str
    body: str
    updated_at: datetime
