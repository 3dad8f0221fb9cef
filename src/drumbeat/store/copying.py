"""Copies of a whole database, as it stands at one moment, while others go on writing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from drumbeat.errors import Unavailable
from drumbeat.store.database import SQLITE_BUSY_MILLIS, Database, lowered

PAGES_AT_ONCE = 1024
# So often SQLite lets a signal through while it looks at a copy; it counts its own steps.
STEPS_AT_ONCE = 1_000_000
PG_DUMP = "pg_dump"
PG_RESTORE = "pg_restore"
CONNECT_SECONDS = 10


def copy_of_sqlite(database: Database, to: Path, on_progress: Callable[[int, int], None]) -> None:
    """Copy the database to the file *to*, and check the copy; nobody has to wait for it.

    *on_progress* is told how many pages are done, and of how many.
    """

    def tell(_status: int, remaining: int, total: int) -> None:
        on_progress(total - remaining, total)

    with told_where_it_fails(), opened(database.file, "rw") as source:
        # Whoever reads inside a transaction goes on seeing the moment it began. Without one,
        # each change by another process would make the copy begin anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with opened(to, "rwc") as copy:
            source.backup(copy, pages=PAGES_AT_ONCE, progress=tell)
            # All in one file from here on, until somebody serves from it.
            copy.execute("PRAGMA journal_mode = DELETE")
    refuse_damaged(to)


def refuse_damaged(file: Path) -> None:
    """Raises Unavailable where SQLite finds anything wrong with the file."""
    with told_where_it_fails(), opened(file, "ro") as copy:
        copy.set_progress_handler(lambda: 0, STEPS_AT_ONCE)
        found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise Unavailable(f"the copy is damaged, and so may the database be: {'; '.join(found)}")


@contextmanager
def opened(file: Path, mode: str) -> Iterator[sqlite3.Connection]:
    address = f"{file.absolute().as_uri()}?mode={mode}"
    seconds = SQLITE_BUSY_MILLIS / 1000
    with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=seconds)) as one:
        # Indexes may be made by it.
        one.create_function("lower", 1, lowered, deterministic=True)
        yield one


@contextmanager
def told_where_it_fails() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            # Nobody but a signal interrupts it, and SQLite forgets which.
            raise KeyboardInterrupt from error
        raise Unavailable(f"the database cannot be copied: {error}") from error


def can_dump() -> bool:
    """Whether this machine has what copies a PostgreSQL database."""
    return shutil.which(PG_DUMP) is not None


def dump_command(database: Database, to: Path) -> list[str]:
    """What copies the database to *to*, the password left out."""
    return [
        PG_DUMP,
        "--format=custom",
        "--no-password",
        f"--file={to}",
        f"--dbname={without_password(database.engine.url)}",
    ]


def copy_of_postgresql(database: Database, to: Path) -> None:
    """Have pg_dump copy the database to *to*. Raises Unavailable with what it says against it."""
    run(dump_command(database, to), environment(database.engine.url))
    if shutil.which(PG_RESTORE) is not None:
        run([PG_RESTORE, "--list", str(to)], dict(os.environ))


def run(command: list[str], environ: dict[str, str]) -> None:
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = " ".join(done.stderr.split()) or f"it ended with {done.returncode}"
        raise Unavailable(f"the database cannot be copied: {said}")


def environment(url: sa.URL) -> dict[str, str]:
    # The command line of a process can be seen by everybody.
    password = url.password or url.query.get("password")
    environ = {**os.environ, "PGCONNECT_TIMEOUT": str(CONNECT_SECONDS)}
    return {**environ, "PGPASSWORD": str(password)} if password else environ


def without_password(url: sa.URL) -> str:
    return sa.URL.create(
        "postgresql",
        username=url.username or None,
        host=url.host,
        port=url.port,
        database=url.database,
        query={name: value for name, value in url.query.items() if name != "password"},
    ).render_as_string()
