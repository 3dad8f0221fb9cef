"""A connection to SQLite or PostgreSQL, and where the two differ.

Nothing outside this module and the migrations asks which database it is speaking to.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.dml import ReturningInsert

from drumbeat.errors import Conflict, Invalid, Unavailable

Tx: TypeAlias = sa.Connection
"""A connection with a transaction open on it: what every function in the store takes."""

MIGRATIONS = "drumbeat.store:migrations"
# One connection for each of the server's request threads, and some for the worker's.
POOL_SIZE = 56
POOL_TIMEOUT_SECONDS = 10
SQLITE_BUSY_MILLIS = 10_000
# 16 MB. With the usual 1,000 pages, every batch of the worker would wait for the disk twice.
SQLITE_CHECKPOINT_PAGES = 4_000
# Any number does that no other program on the same PostgreSQL uses.
MIGRATION_LOCK = 0x44_52_55_4D
# What PostgreSQL calls insufficient_privilege.
NOT_ALLOWED = "42501"
ROW_KEY = ("account_id", "id")
# From so many rows on, what is done for all of them together pays.
BULK_ROWS = 20
EMPTY: dict[type, str] = {dict: "{}", list: "[]", tuple: "[]"}


class Database:
    """Where everything is kept. *url* is ``sqlite:///FILE`` or ``postgresql://…``."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(
            normalised(url),
            poolclass=QueuePool,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            # What was used last has its statements prepared and its pages in memory.
            pool_use_lifo=True,
            connect_args=connect_args(url),
        )
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.file = Path(self.engine.url.database or "")
        """Where SQLite keeps it; of no meaning on PostgreSQL."""
        # SQLite lets one writer in at a time. Waiting our turn in the process is fair and
        # wakes at once; its own waiting polls, and starves under load.
        self._writing = threading.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", prepare_sqlite)
            sa.event.listen(self.engine, "begin", begin_sqlite)

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[Tx]:
        """Changes that all happen, or none of them.

        A *durable* one has reached the disk when it ends, even if the power fails then.
        Raises Unavailable where the database cannot be reached or written.
        """
        with (
            unavailable_where_it_fails(),
            self._writing,
            self.engine.connect() as tx,
            self._synchronous(tx, durable=durable),
            tx.execution_options(writes=True).begin(),
        ):
            yield tx

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """One consistent look at the data, which holds up no writer."""
        with unavailable_where_it_fails(), self.engine.connect() as tx, tx.begin():
            yield tx

    def migrate(self, to: str = "head") -> None:
        """Bring the schema up to date; two processes that try at once wait for each other."""
        with (
            unavailable_where_it_fails(),
            self._writing,
            self.engine.connect() as connection,
            connection.execution_options(writes=True).begin(),
        ):
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            run_migrations(connection, to)

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _synchronous(self, connection: Tx, *, durable: bool) -> Iterator[None]:
        if not (durable and self.is_sqlite):
            yield
            return
        # It cannot be changed inside a transaction, so around SQLAlchemy's back.
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA synchronous = FULL")
        try:
            yield
        finally:
            if not connection.invalidated:
                driver.execute("PRAGMA synchronous = NORMAL")


def insert_many(
    tx: Tx, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add rows: of each, the values of these *columns*.

    It goes past SQLAlchemy, which looks at every value by itself and takes several times as long.
    """
    values = for_driver(tx, table, columns, rows)
    names = ", ".join(columns)
    if is_bulk(tx, values):
        copy(tx, f"COPY {table.name} ({names}) FROM STDIN", values)
    else:
        places = ", ".join([place(tx)] * len(columns))
        run(tx, f"INSERT INTO {table.name} ({names}) VALUES ({places})", values)


def update_many(
    tx: Tx, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Change rows: of each, the values of these *columns*, none of them JSON, followed by its
    account and its id."""
    names = (*columns, *ROW_KEY)
    values = for_driver(tx, table, names, rows)
    if is_bulk(tx, values):
        changes = ", ".join(f"{name} = new.{name}" for name in columns)
        same = " AND ".join(f"{table.name}.{name} = new.{name}" for name in ROW_KEY)
        # Copied into a temporary table they would take longer, and swell the catalogue.
        new = f"json_populate_recordset(NULL::{table.name}, {place(tx)}) AS new"
        objects = json.dumps([dict(zip(names, row, strict=True)) for row in values])
        run(tx, f"UPDATE {table.name} SET {changes} FROM {new} WHERE {same}", [(objects,)])
    else:
        changes = ", ".join(f"{name} = {place(tx)}" for name in columns)
        same = " AND ".join(f"{name} = {place(tx)}" for name in ROW_KEY)
        run(tx, f"UPDATE {table.name} SET {changes} WHERE {same}", values)


def is_bulk(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> bool:
    """Whether these are so many that PostgreSQL is better given them in one piece."""
    return tx.dialect.name == "postgresql" and len(rows) >= BULK_ROWS


def place(tx: Tx) -> str:
    """What stands for a value in a statement that goes to the driver as it is."""
    return "?" if tx.dialect.name == "sqlite" else "%s"


def run(tx: Tx, statement: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        tx.exec_driver_sql(statement, rows if len(rows) > 1 else rows[0])


def for_driver(
    tx: Tx, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> list[tuple[Any, ...]]:
    """The rows as the driver takes them, each value as the type of its column has it."""
    by_column = list(zip(*rows, strict=True))
    if not by_column:
        return []
    converted = [
        converted_as(table.c[name].type, values, tx.dialect)
        for name, values in zip(columns, by_column, strict=True)
    ]
    return list(zip(*converted, strict=True))


def converted_as(
    kind: sa.types.TypeEngine[Any], values: Sequence[Any], dialect: sa.Dialect
) -> Iterable[Any]:
    if isinstance(kind, sa.JSON):
        return map(in_json, values)
    if isinstance(kind, sa.Text):
        # SQLite's driver takes a while to see that a member of a StrEnum is a string.
        return [value if type(value) is str or value is None else str(value) for value in values]
    convert = kind.bind_processor(dialect)
    return values if convert is None else map(convert, values)


def in_json(value: Any) -> str:
    # Most events have no facts.
    return json.dumps(value) if value or value is None else EMPTY[type(value)]


def copy(tx: Tx, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """PostgreSQL's own way to take in many rows; faults are those that SQLAlchemy would raise."""
    connection: Any = tx.connection.driver_connection
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copying:
            for row in rows:
                copying.write_row(row)
    except psycopg.Error as fault:
        raise sa.exc.DBAPIError.instance(
            statement, None, fault, psycopg.Error, dialect=tx.dialect
        ) from fault


def is_one_of(
    tx: Tx, column: sa.Column[Any], values: Iterable[int | str]
) -> sa.ColumnElement[bool]:
    """Whether the column has one of these values. They go to the database in one piece: where
    there are many, IN would spend more time on naming each of them than on finding it."""
    if tx.dialect.name == "sqlite":
        each = sa.func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(sa.select(each.c.value))
    kind = postgresql.ARRAY(sa.BigInteger if column.type.python_type is int else sa.Text)
    return column == sa.any_(sa.literal(list(values), kind))


def insert_if_new(tx: Tx, table: sa.Table) -> ReturningInsert[Any]:
    """An insert that answers with the new row, or does nothing and answers with none where a row
    with the same key stands already."""
    return insert_into(table, tx.dialect.name)


# Put together once: that takes longer than running it.
@cache
def insert_into(table: sa.Table, dialect: str) -> ReturningInsert[Any]:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing().returning(table)


@contextmanager
def unavailable_where_it_fails() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("the database is too busy; try again in a moment") from error
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(f"the database is not available: {error.orig}") from error
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != NOT_ALLOWED:
            raise
        raise Unavailable(f"the database does not let us: {error.orig}") from error
    except DatabaseError as error:
        # Of a file that is damaged, or not its own, SQLite says no more than this.
        if type(error) is not DatabaseError:
            raise
        raise Unavailable(f"the database cannot be used: {error.orig}") from error


def normalised(url: str) -> sa.URL:
    """The URL with the driver we use. Raises Invalid for what is neither of our databases."""
    try:
        parsed = sa.make_url(url)
    # A port that is no number is a ValueError.
    except (sa.exc.ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.get_backend_name() not in (
        "sqlite",
        "postgresql",
        "postgres",
    ):
        raise Invalid("the database is given as sqlite:///FILE or postgresql://USER@HOST/NAME")
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite+pysqlite")
    return parsed.set(drivername="postgresql+psycopg")


def connect_args(url: str) -> dict[str, Any]:
    if normalised(url).get_backend_name() == "sqlite":
        # The pool hands a connection to one thread at a time.
        return {"check_same_thread": False, "timeout": SQLITE_BUSY_MILLIS / 1000}
    return {"connect_timeout": 5}


def prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, below
    connection.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_MILLIS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {SQLITE_CHECKPOINT_PAGES}")
    # Its own lower() knows the letters of English only.
    connection.create_function("lower", 1, lowered, deterministic=True)


def lowered(text: str | None) -> str | None:
    return None if text is None else text.lower()


def begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later cannot always be let in when it comes
    # to write, and fails at once, however long the timeout. So writers take the lock first.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def run_migrations(connection: Tx, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise Conflict(
            "the database has a schema that this release does not know, so that a newer one has "
            f"made it: run that one, or go back to a copy from before ({error})"
        ) from error
