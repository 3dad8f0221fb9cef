"""`drumbeat backup`: a copy of everything, made while the server runs."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from drumbeat.cli.opening import refuse_missing, set_up_log
from drumbeat.cli.saying import remark, say
from drumbeat.clock import SystemClock
from drumbeat.services.backing_up import BackingUp, Backup, Place
from drumbeat.services.examining_database import bytes_in_words
from drumbeat.services.sealing import KEY_FILE
from drumbeat.settings import Settings
from drumbeat.store import copying
from drumbeat.store.database import Database

ONLY_THE_KEY = 3


def back_up(settings: Settings, *, to: Path, replaces: bool) -> None:
    """Copy database and key, and say what is where.

    Ends with status 3 where the key could be copied and the database could not.
    """
    set_up_log("error", "console")
    refuse_missing(settings)
    with closing(Database(settings.database_url)) as database:
        place = Place.at(to, is_sqlite=database.is_sqlite)
        backing_up = BackingUp(
            database=database,
            clock=SystemClock(),
            key_file=settings.data / KEY_FILE if settings.secret_keys is None else None,
        )
        if not database.is_sqlite and not copying.can_dump():
            only_the_key(backing_up, place, replaces=replaces)
        with ended_by_sigterm_as_by_ctrl_c(), progress_bar(place.database.name) as on_progress:
            backup = backing_up.back_up(place, replaces=replaces, on_progress=on_progress)
    tell(settings, backup)


def only_the_key(backing_up: BackingUp, place: Place, *, replaces: bool) -> None:
    has_key = backing_up.back_up_key(place, replaces=replaces)
    command = shlex.join(copying.dump_command(backing_up.database, place.database))
    remark("The database is not backed up: pg_dump does that, and is not on this machine's PATH.")
    remark("Where it is, with the password in PGPASSWORD or ~/.pgpass:")
    remark(f"  {command}")
    say(f"{place.key} is copied." if has_key else "There is no key file to copy.")
    raise typer.Exit(ONLY_THE_KEY)


def tell(settings: Settings, backup: Backup) -> None:
    place = backup.place
    made_at = f"{backup.made_at:%Y-%m-%d %H:%M:%S}Z"
    say(f"A copy of {settings.shown()['database']} as of {made_at}, complete and checked:")
    say(f"  {place.database}  {bytes_in_words(backup.size)}, schema {backup.schema}")
    if backup.has_key:
        say(f"  {place.key}  opens the passwords in it")
    say(f"  {place.manifest}  says what this is")
    if backup.has_key:
        remark("Together they open your inboxes: keep them where nobody else reads.")
    elif settings.secret_keys is not None:
        remark("The keys are what DRUMBEAT_SECRET_KEYS gives, and not in it: keep them, too.")
    else:
        remark(f"There is no key file at {settings.data / KEY_FILE}, and so none in it.")


@contextmanager
def progress_bar(name: str) -> Iterator[Callable[[int, int], None]]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    columns = (TextColumn(name), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def ended_by_sigterm_as_by_ctrl_c() -> Iterator[None]:
    """Else what is not complete would be left lying about."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
