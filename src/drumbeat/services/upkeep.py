"""What a starting worker puts in order after one that may have died."""

from __future__ import annotations

from dataclasses import dataclass

from drumbeat.clock import Clock
from drumbeat.services.sending import Sending
from drumbeat.store import messages
from drumbeat.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    database: Database
    clock: Clock
    sending: Sending

    def take_over(self) -> int:
        """End every claim there is, this worker being the only one; what had been begun to be
        sent is in doubt from now on. How many those are."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            messages.expire_all_claims(tx, now)
        in_doubt = 0
        while found := self.sending.expire_abandoned():
            in_doubt += found
        return in_doubt
