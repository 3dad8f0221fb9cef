"""Looking at a database and changing nothing: can it be used, and for how long yet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from drumbeat.domain.findings import Finding, Verdict
from drumbeat.errors import Unavailable
from drumbeat.settings import Settings
from drumbeat.store import accounts, clock_positions, schema
from drumbeat.store.database import Database, Tx

MIGRATE = "run `drumbeat migrate`; `serve` does it too when it starts"
KIB = 2**10
MIB = 2**20
GIB = 2**30
LITTLE_SPACE = GIB
NO_SPACE = 100 * MIB
# SQLite folds it back into the database at some 4 MB, unless somebody keeps reading.
LONG_LOG = 100 * MIB


def examine_database(settings: Settings) -> Iterator[Finding]:
    """What is to be said of the database. One with a fault in it cannot be asked for anything."""
    with closing(Database(settings.database_url)) as database:
        shown = settings.shown()["database"]
        if database.is_sqlite:
            faults = list(faults_of_file(database.file))
            if faults:
                yield from faults
                return
        try:
            with database.reading() as tx:
                found = [*of_server(tx, shown, size_of(database)), *of_schema(tx)]
                if all(each.verdict is not Verdict.FAULT for each in found):
                    found += of_contents(tx, settings)
        except Unavailable as fault:
            found = [away(shown, fault, is_sqlite=database.is_sqlite)]
        yield from found
        if database.is_sqlite:
            yield of_disk(database.file)
            yield from of_log(database.file)


def faults_of_file(file: Path) -> Iterator[Finding]:
    if not file.exists():
        text = f"there is no database at {file}"
        remedy = "`drumbeat init --email YOU@example.com` makes one; or is --data another?"
        yield finding("database", Verdict.FAULT, text, remedy)
    elif not os.access(file, os.R_OK | os.W_OK):
        text = f"{file} may not be read and written by this user"
        yield finding("database", Verdict.FAULT, text, "give it to the user who runs Drumbeat")
    elif not os.access(file.parent, os.W_OK | os.X_OK):
        text = f"nothing may be written to {file.parent}, and SQLite keeps files beside its own"
        yield finding(
            "database", Verdict.FAULT, text, "give the directory to the user who runs Drumbeat"
        )


def of_server(tx: Tx, shown: str, size: str) -> Iterator[Finding]:
    yield finding("database", Verdict.OK, f"{shown}, {schema.product(tx)}{size}")
    if schema.is_standby(tx):
        text = "this server follows another one and takes no changes"
        yield finding("database", Verdict.FAULT, text, "give the address of the other one")
    if not schema.keeps_write_ahead_log(tx):
        text = "there is no write-ahead log where this file is, and readers hold up the writer"
        remedy = "put the file on a disk of this machine: SQLite does not suit network shares"
        yield finding("database", Verdict.WARNING, text, remedy)


def of_schema(tx: Tx) -> Iterator[Finding]:
    known, applied = schema.known(), schema.applied(tx)
    if applied == known[0]:
        yield finding("schema", Verdict.OK, f"up to date ({applied})")
    elif applied is None:
        yield finding("schema", Verdict.FAULT, "the database is empty", MIGRATE)
    elif applied in known:
        text = f"it is at {applied}, and this release wants {known[0]}"
        yield finding("schema", Verdict.FAULT, text, MIGRATE)
    else:
        text = f"it is at {applied}, which a newer release has made; this one knows {known[0]}"
        yield finding("schema", Verdict.FAULT, text, "run the newer release")


def of_contents(tx: Tx, settings: Settings) -> Iterator[Finding]:
    if not accounts.all_ids(tx):
        remedy = "`drumbeat init --email YOU@example.com` makes one"
        yield finding("account", Verdict.WARNING, "there is none yet", remedy)
    stands_at = clock_positions.find(tx)
    if stands_at is not None and not settings.has_movable_clock:
        text = f"the database has a clock that was moved, and stands at {stands_at:%Y-%m-%d %H:%MZ}"
        remedy = (
            "go on with --clock movable; by the time of day, all that is due since then would be "
            "sent at once"
        )
        yield finding("clock", Verdict.WARNING, text, remedy)


def of_disk(file: Path) -> Finding:
    free = shutil.disk_usage(file.parent).free
    text = f"{bytes_in_words(free)} free where {file.parent} is"
    remedy = "make room: without any, nothing can be sent and no request answered"
    if free < NO_SPACE:
        return finding("disk", Verdict.FAULT, text, remedy)
    if free < max(LITTLE_SPACE, file.stat().st_size):
        return finding("disk", Verdict.WARNING, text, remedy)
    return finding("disk", Verdict.OK, text)


def of_log(file: Path) -> Iterator[Finding]:
    log = file.with_name(f"{file.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size > LONG_LOG:
        text = f"the write-ahead log has grown to {bytes_in_words(size)}: somebody keeps reading"
        remedy = "end what reads the database, such as an open sqlite3 or a backup that hangs"
        yield finding("log", Verdict.WARNING, text, remedy)


def away(shown: str, fault: Unavailable, *, is_sqlite: bool) -> Finding:
    remedy = (
        "put a backup in its place"
        if is_sqlite
        else "start it, or correct host, user, password and name in the address"
    )
    return finding("database", Verdict.FAULT, f"{shown}: {' '.join(str(fault).split())}", remedy)


def size_of(database: Database) -> str:
    return f", {bytes_in_words(database.file.stat().st_size)}" if database.is_sqlite else ""


def bytes_in_words(size: int) -> str:
    if size < MIB:
        return f"{size / KIB:.0f} KB"
    return f"{size / GIB:.1f} GB" if size >= GIB else f"{size / MIB:.1f} MB"


def finding(check: str, verdict: Verdict, text: str, remedy: str | None = None) -> Finding:
    return Finding(check=check, verdict=verdict, text=text, remedy=remedy)
