"""The commands for running the program: a worker, a look at everything, a backup, more users."""

from __future__ import annotations

import typer

from drumbeat.cli import options
from drumbeat.cli.given import settings_of

users = typer.Typer(help="The people on our side, who enroll others.", no_args_is_help=True)


def work(
    data: options.Data = None,
    database: options.Database = None,
    mail: options.Mail = None,
    public_url: options.PublicUrl = None,
) -> None:
    """Do what falls due, and answer no requests, until SIGTERM or Ctrl-C.

    As many as you like on PostgreSQL, beside `serve --role web`; on SQLite one, and none beside
    a `serve` that works too.
    """
    from drumbeat.cli.work import work

    work(settings_of(data, database, mail=mail, public_url=public_url, role="worker"))


def doctor(
    offline: options.Offline = False,
    resolver: options.Resolver = None,
    dkim_selector: options.DkimSelectors = None,
    timeout: options.Patience = 10,
    public_url: options.PublicUrl = None,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Look at settings, database, keys, inboxes and domains, and say what to change.

    Nothing is changed and no mail is sent. Ends with status 3 where there is a fault.
    """
    from drumbeat.cli.doctor import Scope, doctor

    scope = Scope(
        is_offline=offline,
        resolver=resolver,
        selectors=tuple(dkim_selector or ()),
        patience=timeout,
    )
    doctor({"data": data, "database": database, "public_url": public_url}, scope, as_json=as_json)


def backup(
    to: options.BackupPlace,
    force: options.Replace = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Copy the database and the key file while the server runs, and check the copy."""
    from drumbeat.cli.backup import back_up

    back_up(settings_of(data, database), to=to, replaces=force)


@users.command("add")
def add_user(
    email: options.NewEmail,
    name: options.NewName = None,
    timezone: options.UserTimezone = None,
    account: options.Account = None,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Add one more user to an account; an inbox and a token come after."""
    from drumbeat.cli.user import add_user

    add_user(
        settings_of(data, database),
        account=account,
        email=email,
        name=name,
        timezone=timezone,
        as_json=as_json,
    )
