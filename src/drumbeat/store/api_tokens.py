"""API tokens, as rows: only their hashes, so that a copy of the database opens no door."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from drumbeat.domain.user import Caller
from drumbeat.store.database import Tx
from drumbeat.store.tables import api_tokens

# Every request begins with this, so it is put together once.
CALLER = sa.select(
    api_tokens.c.account_id, api_tokens.c.user_id, api_tokens.c.id, api_tokens.c.scopes
).where(api_tokens.c.token_hash == sa.bindparam("token_hash"), api_tokens.c.revoked_at.is_(None))


def add(
    tx: Tx,
    account_id: int,
    user_id: int,
    *,
    token_hash: str,
    scopes: Collection[str],
    now: datetime,
) -> int:
    statement = api_tokens.insert().values(
        account_id=account_id,
        user_id=user_id,
        token_hash=token_hash,
        scopes=sorted(scopes),
        created_at=now,
    )
    return int(tx.execute(statement.returning(api_tokens.c.id)).scalar_one())


def caller_of(tx: Tx, token_hash: str) -> Caller | None:
    """Whose token this is, unless it was revoked. It is what says which account is asked for."""
    row = tx.execute(CALLER, {"token_hash": token_hash}).one_or_none()
    if row is None:
        return None
    return Caller(
        account_id=row.account_id,
        user_id=row.user_id,
        token_id=row.id,
        scopes=frozenset(row.scopes),
    )


def revoke(tx: Tx, account_id: int, token_id: int, now: datetime) -> bool:
    """Let the token open nothing any more; False where it is not there. The first time stays."""
    at = api_tokens.c.revoked_at
    statement = (
        api_tokens.update()
        .where(api_tokens.c.account_id == account_id, api_tokens.c.id == token_id)
        .values(revoked_at=sa.func.coalesce(at, sa.literal(now, at.type)))
    )
    return tx.execute(statement).rowcount == 1
