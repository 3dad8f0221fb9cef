"""What `enroll` and `calendar` have in common: whom, from whose inbox, and from when on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from drumbeat.app import Engine
from drumbeat.cli.opening import account_of, user_of
from drumbeat.clock import whole_millis
from drumbeat.domain.user import User
from drumbeat.errors import Conflict, Invalid
from drumbeat.services.checking import raise_if_any, zone_faults
from drumbeat.store import clock_positions


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """How enrollments begin, as it was typed."""

    sequence_id: int
    user: str
    sender: str | None
    start_at: str | None
    start_step: int
    timezone: str | None

    def user_in(self, engine: Engine, account: int | None) -> User:
        """Whose enrollments they are. Raises Conflict where this database has its own time."""
        refuse_movable_clock(engine)
        return user_of(engine, account_of(engine, account), self.user)

    def sender_of(self, user: User) -> str:
        return self.sender or user.email

    def zone_of(self, user: User) -> ZoneInfo:
        """On whose clock times are meant and shown. Raises Invalid."""
        name = self.timezone or user.timezone
        raise_if_any("--timezone cannot be used", zone_faults(name, field="timezone"))
        return ZoneInfo(name)

    def start_in(self, zone: ZoneInfo) -> datetime | None:
        """When they begin; a time without a zone is meant in this one. Raises Invalid."""
        if self.start_at is None:
            return None
        try:
            moment = datetime.fromisoformat(self.start_at)
            zoned = moment if moment.tzinfo else moment.replace(tzinfo=zone)
            return whole_millis(zoned.astimezone(UTC))
        except (ValueError, OverflowError):
            raise Invalid(
                f"--start-at {self.start_at} is not a time; write 2026-03-05T09:00, or with a "
                "zone 2026-03-05T09:00+01:00"
            ) from None


def refuse_movable_clock(engine: Engine) -> None:
    with engine.database.reading() as tx:
        position = clock_positions.find(tx)
    if position is not None:
        raise Conflict(
            f"this database has a clock of its own, which stands at {position:%Y-%m-%dT%H:%M:%SZ}; "
            "ask its server: POST /drumbeat/v1/enrollments/batch or /drumbeat/v1/calendar"
        )
