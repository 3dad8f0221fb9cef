"""The databases to measure on: SQLite, and PostgreSQL as it is when nobody has tuned it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg.sql import SQL, Identifier

from drumbeat.store.database import Database
from tests.databases import PostgresDatabases, SqliteDatabases, postgresql_server

# What decides how much of a commit is on the disk, and how much of the data in memory.
SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One kind of database, and where a run may put what it makes."""

    name: str
    about: str
    """Its version, and how durable what it commits is."""
    directory: Path
    databases: SqliteDatabases | PostgresDatabases

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a database with the schema and no rows."""
        with self.databases.fresh() as url:
            yield url


@contextmanager
def sqlite_place(directory: Path) -> Iterator[Place]:
    databases = SqliteDatabases(directory)
    with databases.fresh() as url, closing(Database(url)) as database, database.reading() as tx:
        journal, synchronous = (
            tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous")
        )
    level = ("OFF", "NORMAL", "FULL", "EXTRA")[synchronous]
    about = f"SQLite: journal_mode {journal}, synchronous {level}"
    yield Place(name="SQLite", about=about, directory=directory, databases=databases)


@contextmanager
def postgresql_place(directory: Path) -> Iterator[Place]:
    with postgresql_server(durable=True) as url, closing(PostgresDatabases(url)) as databases:
        about = f"PostgreSQL {', '.join(settings_of(url))}"
        yield Place(name="PostgreSQL", about=about, directory=directory, databases=databases)


PLACES = {"sqlite": sqlite_place, "postgresql": postgresql_place}


def settings_of(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        version, *values = (
            connection.execute(SQL("SHOW {}").format(Identifier(name))).fetchall()[0][0]
            for name in ("server_version", *SETTINGS)
        )
    told = [f"{name} {value}" for name, value in zip(SETTINGS, values, strict=True)]
    return [f"{version}: {told[0]}", *told[1:]]


def settle(url: str) -> None:
    """Let PostgreSQL tidy up after many rows at once now, rather than while it is measured."""
    plain = sa.make_url(url)
    if plain.get_backend_name() == "postgresql":
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")
