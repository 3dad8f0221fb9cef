"""Sequences, as rows, and their versions, which are added and never changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa

from drumbeat.domain.sequence import Definition, StandingSequence
from drumbeat.errors import NotFound
from drumbeat.store import definitions
from drumbeat.store.database import Tx
from drumbeat.store.tables import sequence_versions, sequences

FIRST_VERSION = 1

VersionKey: TypeAlias = tuple[int, int, int]
"""Account, sequence, version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceRow:
    """A sequence as a list shows it."""

    id: int
    user_id: int
    name: str
    folder_id: int | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version as a list shows it."""

    version: int
    created_at: datetime


ROW_COLUMNS = (
    sequences.c.id,
    sequences.c.user_id,
    sequences.c.name,
    sequences.c.folder_id,
    sequences.c.version,
    sequences.c.created_at,
    sequences.c.updated_at,
)

# As the text it is kept as: what was read before need not be read again.
DEFINITION = sa.cast(sequence_versions.c.definition, sa.Text).label("definition")

WITH_VERSION = sa.select(sequences, DEFINITION).join_from(
    sequences,
    sequence_versions,
    sa.and_(
        sequence_versions.c.account_id == sequences.c.account_id,
        sequence_versions.c.sequence_id == sequences.c.id,
        sequence_versions.c.version == sequences.c.version,
    ),
)

# What every enrollment asks is put together once: that takes longer than running it.
BY_ID = WITH_VERSION.where(
    sequences.c.account_id == sa.bindparam("account_id"),
    sequences.c.id == sa.bindparam("sequence_id"),
    sequences.c.deleted_at.is_(None),
)
HELD = BY_ID.with_for_update(read=True, key_share=True, of=sequences)


def add(
    tx: Tx,
    account_id: int,
    user_id: int,
    *,
    name: str,
    folder_id: int | None,
    definition: Definition,
    now: datetime,
) -> StandingSequence:
    row: dict[str, Any] = {
        "account_id": account_id,
        "user_id": user_id,
        "name": name,
        "folder_id": folder_id,
        "version": FIRST_VERSION,
        "created_at": now,
        "updated_at": now,
    }
    statement = sequences.insert().values(row).returning(sequences.c.id)
    sequence_id = tx.execute(statement).scalar_one()
    sequence = StandingSequence(id=sequence_id, definition=definition, **row)
    add_version(tx, sequence)
    return sequence


def replace(tx: Tx, sequence: StandingSequence) -> None:
    """Let the sequence stand as it is given, whose version must be a new one."""
    statement = (
        sequences.update()
        .where(sequences.c.account_id == sequence.account_id, sequences.c.id == sequence.id)
        .values(
            name=sequence.name,
            folder_id=sequence.folder_id,
            version=sequence.version,
            updated_at=sequence.updated_at,
        )
    )
    tx.execute(statement)
    add_version(tx, sequence)


def add_version(tx: Tx, sequence: StandingSequence) -> None:
    statement = sequence_versions.insert().values(
        account_id=sequence.account_id,
        sequence_id=sequence.id,
        version=sequence.version,
        definition=definitions.to_json(sequence.definition),
        created_at=sequence.updated_at,
    )
    tx.execute(statement)


def delete(tx: Tx, account_id: int, sequence_id: int, now: datetime) -> None:
    """Take the sequence away from all lists; its versions stay for what refers to them."""
    statement = (
        sequences.update()
        .where(*standing(account_id), sequences.c.id == sequence_id)
        .values(deleted_at=now)
    )
    tx.execute(statement)


def get(tx: Tx, account_id: int, sequence_id: int) -> StandingSequence:
    """The sequence with its current version. Raises NotFound for one that was deleted."""
    asked = {"account_id": account_id, "sequence_id": sequence_id}
    row = tx.execute(BY_ID, asked).one_or_none()
    if row is None:
        raise NotFound("sequence", sequence_id)
    return from_row(row)


def get_held(tx: Tx, account_id: int, sequence_id: int) -> StandingSequence:
    """The sequence, kept from being deleted until the transaction ends; others may hold it too."""
    asked = {"account_id": account_id, "sequence_id": sequence_id}
    row = tx.execute(HELD, asked).one_or_none()
    if row is None:
        raise NotFound("sequence", sequence_id)
    return from_row(row)


def many_held(tx: Tx, account_id: int, ids: Collection[int]) -> dict[int, StandingSequence]:
    """Those of the sequences that there are, held as `get_held` does."""
    found: dict[int, StandingSequence] = {}
    # In one order for all, so that no two wait for each other.
    for sequence_id in sorted(ids):
        row = tx.execute(HELD, {"account_id": account_id, "sequence_id": sequence_id}).one_or_none()
        if row is not None:
            found[sequence_id] = from_row(row)
    return found


def every(tx: Tx, account_id: int) -> list[StandingSequence]:
    """All sequences with their current versions, in the order of their ids."""
    statement = WITH_VERSION.where(*standing(account_id)).order_by(sequences.c.id)
    return [from_row(row) for row in tx.execute(statement)]


# Written once, because to write it takes longer than to run it.
CURRENT = sa.select(sequences.c.version, sequences.c.name).where(
    sequences.c.account_id == sa.bindparam("account_id"),
    sequences.c.id == sa.bindparam("sequence_id"),
    sequences.c.deleted_at.is_(None),
)


def current(tx: Tx, account_id: int, sequence_id: int) -> tuple[int, str]:
    """The number of the sequence's version, and its name; NotFound for one that was deleted."""
    keys = {"account_id": account_id, "sequence_id": sequence_id}
    row = tx.execute(CURRENT, keys).one_or_none()
    if row is None:
        raise NotFound("sequence", sequence_id)
    return row.version, row.name


def get_for_update(tx: Tx, account_id: int, sequence_id: int) -> StandingSequence:
    """The sequence, and the right to change it until the transaction ends."""
    chosen = sa.select(sequences.c.id).where(*standing(account_id), sequences.c.id == sequence_id)
    tx.execute(chosen.with_for_update())
    return get(tx, account_id, sequence_id)


def page(
    tx: Tx, account_id: int, *, name: str | None, offset: int, limit: int
) -> tuple[list[SequenceRow], int]:
    """Sequences whose name contains *name* in any case, by name, and how many there are."""
    chosen = standing(account_id)
    if name:
        chosen.append(sa.func.lower(sequences.c.name).contains(name.lower(), autoescape=True))
    total = tx.execute(sa.select(sa.func.count()).select_from(sequences).where(*chosen))
    rows = tx.execute(
        sa.select(*ROW_COLUMNS)
        .where(*chosen)
        .order_by(sa.func.lower(sequences.c.name), sequences.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [SequenceRow(**row._mapping) for row in rows], total.scalar_one()


def listed(tx: Tx, account_id: int, *, after: int, limit: int) -> list[SequenceRow]:
    """Sequences in the order of their ids, from the first one above *after*."""
    chosen = sa.select(*ROW_COLUMNS).where(*standing(account_id), sequences.c.id > after)
    rows = tx.execute(chosen.order_by(sequences.c.id).limit(limit))
    return [SequenceRow(**row._mapping) for row in rows]


def version_rows(tx: Tx, account_id: int, sequence_id: int) -> list[VersionRow]:
    """Every version of the sequence, the newest first."""
    chosen = versions_of(account_id, sequence_id).order_by(sequence_versions.c.version.desc())
    return [VersionRow(**row._mapping) for row in tx.execute(chosen)]


def version_row(tx: Tx, account_id: int, sequence_id: int, version: int) -> VersionRow:
    chosen = versions_of(account_id, sequence_id).where(sequence_versions.c.version == version)
    row = tx.execute(chosen).one_or_none()
    if row is None:
        raise no_version(sequence_id, version)
    return VersionRow(**row._mapping)


def versions_of(account_id: int, sequence_id: int) -> sa.Select[Any]:
    table = sequence_versions.c
    return sa.select(table.version, table.created_at).where(
        table.account_id == account_id, table.sequence_id == sequence_id
    )


def version(tx: Tx, account_id: int, sequence_id: int, version: int) -> Definition:
    key = (account_id, sequence_id, version)
    found = versions(tx, [key])
    if key not in found:
        raise no_version(sequence_id, version)
    return found[key]


def no_version(sequence_id: int, version: int) -> NotFound:
    return NotFound(f"version {version} of sequence", sequence_id)


def versions(tx: Tx, keys: Collection[VersionKey]) -> dict[VersionKey, Definition]:
    """What each of these versions says, of whichever account, deleted sequences' too."""
    table = sequence_versions.c
    key = sa.tuple_(table.account_id, table.sequence_id, table.version)
    chosen = sa.select(table.account_id, table.sequence_id, table.version, DEFINITION).where(
        key.in_(sorted(set(keys)))
    )
    return {
        (row.account_id, row.sequence_id, row.version): definitions.from_text(row.definition)
        for row in tx.execute(chosen)
    }


def standing(account_id: int) -> list[sa.ColumnElement[bool]]:
    return [sequences.c.account_id == account_id, sequences.c.deleted_at.is_(None)]


def from_row(row: sa.Row[Any]) -> StandingSequence:
    values = {name: value for name, value in row._mapping.items() if name != "deleted_at"}
    values["definition"] = definitions.from_text(values["definition"])
    return StandingSequence(**values)
