"""The commands `drumbeat sequences …`: their part of the tree."""

from __future__ import annotations

import typer

from drumbeat.cli import options
from drumbeat.cli.given import settings_of

app = typer.Typer(help="Sequences, and the files they can be kept in.", no_args_is_help=True)


@app.command("list")
def list_sequences(
    account: options.Account = None,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Show every sequence of an account, and the mark that files know the account by."""
    from drumbeat.cli.sequences import show_all

    show_all(settings_of(data, database), account=account, as_json=as_json)


@app.command()
def export(
    directory: options.NewDirectory,
    sequence: options.SomeSequences = None,
    account: options.Account = None,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Write every sequence into a file, and the templates they use beside it.

    Files of these sequences that are there already are written over where they say something else.
    """
    from drumbeat.cli.sequences import export

    export(
        settings_of(data, database),
        account=account,
        directory=directory,
        only=sequence or [],
        as_json=as_json,
    )


@app.command()
def plan(
    directory: options.Directory,
    account: options.Account = None,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Show what applying the files would change. Nothing is changed.

    Ends with status 0 if that is nothing, 2 if it is something, and 1 if there is a fault in them.
    """
    from drumbeat.cli.sequences import plan

    plan(settings_of(data, database), account=account, directory=directory, as_json=as_json)


@app.command()
def apply(
    directory: options.Directory,
    user: options.OwnerOfNew = None,
    account: options.Account = None,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Make an account have what the files say: all of it, or nothing if there is a fault in them.

    Nothing is deleted. Files of what is new are written, to say what it is in this account.
    """
    from drumbeat.cli.sequences import apply

    apply(
        settings_of(data, database),
        account=account,
        user=user,
        directory=directory,
        as_json=as_json,
    )
