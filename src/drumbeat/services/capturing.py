"""Keeping what the capture server receives, so that people and tests can look at it."""

from __future__ import annotations

from dataclasses import dataclass

from drumbeat.clock import Clock
from drumbeat.mail.capture import CapturedEnvelope
from drumbeat.store import captured
from drumbeat.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Capturing:
    database: Database
    clock: Clock

    def keep(self, envelope: CapturedEnvelope) -> None:
        """Keep one copy for each recipient, at the engine's own time."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for recipient in envelope.rcpt_to:
                captured.add(
                    tx,
                    envelope.account_id,
                    at=now,
                    from_email=envelope.mail_from,
                    to_email=recipient.lower(),
                    raw=envelope.raw,
                )
