"""Suppressions, as rows: addresses that are not to be mailed. The first reason stays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from drumbeat.store.database import Tx, insert_if_new
from drumbeat.store.tables import suppressions

# What every enrollment asks is put together once: that takes longer than running it.
AMONG = sa.select(suppressions.c.email, suppressions.c.reason).where(
    suppressions.c.account_id == sa.bindparam("account_id"),
    suppressions.c.email.in_(sa.bindparam("emails", expanding=True)),
)


def add(tx: Tx, account_id: int, email: str, reason: str, now: datetime) -> None:
    """Keep the address from being mailed; where it is kept from that already, nothing changes."""
    row = {
        "account_id": account_id,
        "email": email.strip().lower(),
        "reason": reason,
        "created_at": now,
    }
    tx.execute(insert_if_new(tx, suppressions), row)


def among(tx: Tx, account_id: int, emails: Collection[str]) -> dict[str, str]:
    """Those of the addresses that are not to be mailed, as they were given, each with why."""
    given = {email: email.strip().lower() for email in emails}
    asked = {"account_id": account_id, "emails": sorted(set(given.values()))}
    reasons = {row.email: row.reason for row in tx.execute(AMONG, asked)}
    return {email: reasons[lower] for email, lower in given.items() if lower in reasons}


def is_suppressed(tx: Tx, account_id: int, email: str) -> bool:
    return bool(among(tx, account_id, [email]))
