"""Suppressions, as rows: addresses that are not to be mailed. The first reason stays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from drumbeat.store.database import Tx, insert_if_new, is_one_of
from drumbeat.store.tables import suppressions

# What every enrollment asks is put together once: that takes longer than running it.
IN_ACCOUNT = sa.select(suppressions.c.email, suppressions.c.reason).where(
    suppressions.c.account_id == sa.bindparam("account_id")
)
OF_ADDRESS = IN_ACCOUNT.where(suppressions.c.email == sa.bindparam("email"))


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
    reasons = reasons_of(tx, account_id, set(given.values()))
    return {email: reasons[lower] for email, lower in given.items() if lower in reasons}


def reasons_of(tx: Tx, account_id: int, emails: set[str]) -> dict[str, str]:
    asked: dict[str, int | str] = {"account_id": account_id}
    statement = OF_ADDRESS
    if len(emails) == 1:
        asked["email"] = next(iter(emails))
    else:
        statement = IN_ACCOUNT.where(is_one_of(tx, suppressions.c.email, emails))
    return {row.email: row.reason for row in tx.execute(statement, asked)}


def is_suppressed(tx: Tx, account_id: int, email: str) -> bool:
    return bool(among(tx, account_id, [email]))
