"""Copies of an SQLite database that is being written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from drumbeat.errors import Unavailable
from drumbeat.store.copying import PAGES_AT_ONCE, copy_of_sqlite, refuse_damaged
from drumbeat.store.database import Database

PAGE = 4096


def test_what_is_written_while_it_is_copied_neither_gets_in_nor_holds_it_up(
    sqlite_url: str, tmp_path: Path
) -> None:
    told: list[int] = []
    with closing(Database(sqlite_url)) as database, closing(sqlite3.connect(database.file)) as one:
        one.execute("CREATE TABLE blobs (content BLOB)")
        one.execute(f"INSERT INTO blobs VALUES (zeroblob({3 * PAGES_AT_ONCE * PAGE}))")
        one.commit()

        def write(done: int, _of: int) -> None:
            told.append(done)
            one.execute("INSERT INTO blobs VALUES (x'00')")
            one.commit()

        copy_of_sqlite(database, tmp_path / "copy.db", write)

    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        [count] = copy.execute("SELECT count(*) FROM blobs").fetchone()
    assert count == 1
    assert told == sorted(set(told))
    assert len(told) > 3


def test_a_copy_is_one_file_that_can_be_read_where_nothing_may_be_written(
    sqlite_url: str, tmp_path: Path
) -> None:
    with closing(Database(sqlite_url)) as database:
        copy_of_sqlite(database, tmp_path / "copy.db", lambda _done, _of: None)

    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert [each.name for each in tmp_path.iterdir()] == ["copy.db"]


def test_a_file_in_which_sqlite_finds_a_fault_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    with closing(sqlite3.connect(file)) as one:
        one.execute("CREATE TABLE numbers (number INTEGER)")
        one.execute("CREATE INDEX by_number ON numbers (number)")
        one.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(100)])
        one.commit()
        # What no SQL does: an index that has not all of it.
        one.execute("PRAGMA writable_schema = ON")
        one.execute("DELETE FROM sqlite_master WHERE name = 'by_number'")
        one.commit()

    with pytest.raises(Unavailable, match="damaged"):
        refuse_damaged(file)


def test_a_disk_that_is_full_is_told(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "copy.db").symlink_to("/dev/full")

    with closing(Database(sqlite_url)) as database, pytest.raises(Unavailable, match="be copied"):
        copy_of_sqlite(database, tmp_path / "copy.db", lambda _done, _of: None)
