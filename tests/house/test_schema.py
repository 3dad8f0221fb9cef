"""The migrations and the tables say the same."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

import sqlalchemy as sa

from drumbeat.store.database import Database
from drumbeat.store.tables import metadata

MIGRATIONS_OWN = "alembic_version"


def test_a_migrated_database_is_what_the_tables_describe(blank_database_url: str) -> None:
    with closing(Database(blank_database_url)) as database:
        database.migrate()
        migrated = schema_of(database)
        empty(database)
        metadata.create_all(database.engine)
        described = schema_of(database)

    assert migrated == described


def schema_of(database: Database) -> dict[str, dict[str, Any]]:
    inspector = sa.inspect(database.engine)
    return {
        name: {
            "columns": comparable(inspector.get_columns(name)),
            "key": comparable(inspector.get_pk_constraint(name)),
            "unique": sorted(comparable(inspector.get_unique_constraints(name)), key=str),
            "indexes": sorted(comparable(inspector.get_indexes(name)), key=str),
            "sql": sql_of(database, name),
        }
        for name in inspector.get_table_names()
        if name != MIGRATIONS_OWN
    }


def comparable(found: Any) -> Any:
    """What an inspection found, with types and conditions in words: no two of these are equal."""
    if isinstance(found, Mapping):
        return {name: comparable(part) for name, part in found.items()}
    if isinstance(found, list):
        return [comparable(part) for part in found]
    return str(found)


def sql_of(database: Database, table: str) -> list[str]:
    """What SQLite was told, word for word: AUTOINCREMENT and the like are in no inspection."""
    if not database.is_sqlite:
        return []
    written = sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL")
    with database.reading() as tx:
        texts = tx.execute(written, {"table": table}).scalars()
        return sorted(" ".join(text.split()) for text in texts)


def empty(database: Database) -> None:
    everything = sa.MetaData()
    everything.reflect(database.engine)
    everything.drop_all(database.engine)
