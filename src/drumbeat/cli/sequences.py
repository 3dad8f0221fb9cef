"""`drumbeat sequences …`: sequences as files, out of an account and into it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console
from rich.table import Table

from drumbeat.app import Engine
from drumbeat.cli.opening import account_of, opened, user_of
from drumbeat.cli.saying import as_called, counted, in_words, remark, say, say_json
from drumbeat.cli.sequence_files import files_in, write_all
from drumbeat.cli.telling_plans import (
    facts_of_applied,
    facts_of_faults,
    facts_of_plan,
    lines_of_applied,
    lines_of_plan,
)
from drumbeat.errors import Invalid
from drumbeat.settings import Settings
from drumbeat.store import accounts, sequences, users

FAILED = 1
SOMETHING_WOULD_CHANGE = 2

Done = TypeVar("Done")


def show_all(settings: Settings, *, account: int | None, as_json: bool) -> None:
    with opened(settings) as engine:
        account_id = account_of(engine, account)
        with engine.database.reading() as tx:
            mark = accounts.get(tx, account_id).mark
            rows = sequences.listed(tx, account_id, after=0, limit=sys.maxsize)
            owners = {user.id: user.email for user in users.page(tx, account_id, limit=sys.maxsize)}
    if as_json:
        results = [
            {
                "id": str(row.id),
                "name": row.name,
                "version": row.version,
                "userId": str(row.user_id),
            }
            for row in rows
        ]
        say_json({"mark": mark, "results": results})
        return
    table = Table("id", "sequence", "version", "user", "changed", box=None, pad_edge=False)
    for row in rows:
        changed = f"{row.updated_at:%Y-%m-%d %H:%M} UTC"
        table.add_row(str(row.id), row.name, str(row.version), owners.get(row.user_id, ""), changed)
    if rows:
        Console().print(table)
    say(f"{counted(len(rows), 'sequence')}. Files know this account as {mark}.")


def export(
    settings: Settings,
    *,
    account: int | None,
    directory: Path,
    only: Sequence[int],
    as_json: bool,
) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    with opened(settings) as engine:
        account_id = account_of(engine, account)
        files = files_in(directory)
        texts = telling_faults(
            lambda: engine.publishing.export(account_id, files, only=only), as_json=as_json
        )
    write_all(directory, texts)
    if as_json:
        say_json({"written": [text.path for text in texts]})
        return
    for text in texts:
        say(f"{text.path}: {'written over' if text.path in files else 'written'}")
    say(f"{counted(len(texts), 'file')} written into {directory}.")


def plan(settings: Settings, *, account: int | None, directory: Path, as_json: bool) -> None:
    """Show what applying the files would change; ends with status 2 if it is something."""
    files = files_in(directory)
    with opened(settings) as engine:
        account_id = account_of(engine, account)
        planned = telling_faults(lambda: engine.publishing.plan(account_id, files), as_json=as_json)
    if as_json:
        say_json(facts_of_plan(planned))
    else:
        say("\n".join(lines_of_plan(planned)))
    if planned.changes_something:
        raise typer.Exit(SOMETHING_WOULD_CHANGE)


def apply(
    settings: Settings,
    *,
    account: int | None,
    user: str | None,
    directory: Path,
    as_json: bool,
) -> None:
    files = files_in(directory)
    with opened(settings) as engine:
        account_id = account_of(engine, account)
        owner = owner_of_new(engine, account_id, user)
        with engine.writing():
            applied = telling_faults(
                lambda: engine.publishing.apply(account_id, owner, files), as_json=as_json
            )
    try:
        write_all(directory, applied.texts)
    except OSError as error:
        [why] = in_words(error)
        raise Invalid(
            f"the account has what the files say, but they could not be told so ({why}); "
            f"mend that and run `{as_called()} sequences apply` again"
        ) from error
    if as_json:
        say_json(facts_of_applied(applied))
    else:
        say("\n".join(lines_of_applied(applied)))


def owner_of_new(engine: Engine, account_id: int, email: str | None) -> int | None:
    """Whose it is what is new; None where that has to be said and was not."""
    if email is not None:
        return user_of(engine, account_id, email).id
    with engine.database.reading() as tx:
        few = users.page(tx, account_id, limit=2)
    return few[0].id if len(few) == 1 else None


def telling_faults(act: Callable[[], Done], *, as_json: bool) -> Done:
    """What *act* gives. Where it finds faults in files, they are told, and the status is 1."""
    try:
        return act()
    except Invalid as error:
        if as_json:
            say_json(facts_of_faults(error))
            raise typer.Exit(FAILED) from None
        for line in in_words(error):
            remark(line)
        raise typer.Exit(FAILED) from None
