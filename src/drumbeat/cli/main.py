"""The command `drumbeat`: its tree, and the one edge where what went wrong becomes a line.

Each command imports what it runs when it is run, so that `--help` and a mistyped option
answer at once.
"""

from __future__ import annotations

import os
import sys

import typer

import drumbeat
from drumbeat.cli import days_off, operating, options, sequence_commands
from drumbeat.cli.given import settings_of
from drumbeat.cli.saying import in_words, remark, say, unforeseen
from drumbeat.errors import DrumbeatError
from drumbeat.settings import WrongSettings

FAILED = 1

app = typer.Typer(
    help="Sales sequences on your own machine, spoken to as HubSpot is.",
    epilog="Options may also be given as DRUMBEAT_… in the environment: DRUMBEAT_DATABASE.",
    no_args_is_help=True,
    add_completion=False,
    # Its tracebacks would show the values of variables, and passwords with them.
    pretty_exceptions_enable=False,
)
tokens = typer.Typer(help="Tokens, which programs come with.", no_args_is_help=True)
inboxes = typer.Typer(help="The mailboxes that e-mails leave through.", no_args_is_help=True)
people = typer.Typer(help="The people who may be enrolled.", no_args_is_help=True)
app.add_typer(operating.users, name="user")
app.add_typer(tokens, name="token")
app.add_typer(inboxes, name="inbox")
app.add_typer(people, name="contacts")
app.add_typer(sequence_commands.app, name="sequences")
app.add_typer(days_off.holidays, name="holidays")


def main() -> None:
    """Run the command that was typed; a fault is one line on standard error, and status 1."""
    try:
        app(prog_name="drumbeat")
    except (WrongSettings, DrumbeatError, OSError) as fault:
        for line in in_words(fault):
            remark(f"drumbeat: {line}")
        sys.exit(FAILED)
    except Exception as fault:
        # The edge of the command line: a traceback helps those who read code, and hides from
        # all others that it was not their mistake.
        if os.environ.get("DRUMBEAT_LOG_LEVEL", "").lower() == "debug":
            raise
        remark(f"drumbeat: {unforeseen(fault)}")
        sys.exit(FAILED)


def show_version(wanted: bool) -> None:
    if wanted:
        say(f"Drumbeat {drumbeat.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False,
        "--version",
        metavar=options.FLAG,
        help="Show the version and exit.",
        is_eager=True,
        callback=show_version,
    ),
) -> None:
    pass


@app.command()
def init(
    email: options.NewEmail,
    name: options.NewName = None,
    timezone: options.Timezone = "UTC",
    new_account: options.NewAccount = False,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Make an account with its first user, and a token."""
    from drumbeat.cli.init import init

    init(
        settings_of(data, database),
        email=email,
        name=name,
        timezone=timezone,
        is_new_account=new_account,
        as_json=as_json,
    )


@app.command()
def serve(
    data: options.Data = None,
    database: options.Database = None,
    host: options.Host = None,
    port: options.Port = None,
    clock: options.ClockKind = None,
    mail: options.Mail = None,
    role: options.Role = None,
    public_url: options.PublicUrl = None,
    force: options.Force = False,
) -> None:
    """Answer requests, and do what falls due, until SIGTERM or Ctrl-C."""
    from drumbeat.cli.serve import serve

    settings = settings_of(
        data,
        database,
        host=host,
        port=port,
        clock=clock,
        mail=mail,
        role=role,
        public_url=public_url,
        allow_real_mail_at_movable_clock=force or None,
    )
    serve(settings)


app.command()(operating.work)


@app.command()
def migrate(data: options.Data = None, database: options.Database = None) -> None:
    """Bring the database's schema up to date. init and serve do it too."""
    from drumbeat.cli.migrate import migrate

    migrate(settings_of(data, database))


app.command()(operating.doctor)
app.command()(operating.backup)


@app.command()
def demo(ends: options.Exit = False, port: options.DemoPort = 0) -> None:
    """Two weeks of outreach in a few seconds, on a database of its own that is then removed."""
    from drumbeat.cli.demo import demo

    demo(port=port, serves_on=not ends)


@tokens.command("create")
def create_token(
    user: options.User,
    scopes: options.Scopes = "all",
    account: options.Account = None,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Make one more token for a user. Standard output is the token and nothing else."""
    from drumbeat.cli.token import create_token

    create_token(
        settings_of(data, database), account=account, email=user, scopes=scopes, as_json=as_json
    )


@inboxes.command("connect")
def connect_inbox(
    user: options.User,
    smtp: options.Smtp = None,
    smtp_file: options.SmtpFile = None,
    email: options.InboxEmail = None,
    alias: options.Aliases = None,
    name: options.SenderName = None,
    daily_cap: options.DailyCap = None,
    gap: options.Gap = None,
    account: options.Account = None,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Let mail go out through a user's own mailbox; again, to change what was given."""
    from drumbeat.cli.inbox import changes_of, connect

    connect(
        settings_of(data, database),
        account=account,
        user=user,
        email=email,
        smtp_url=smtp_url_of(smtp, smtp_file),
        changes=changes_of(name=name, aliases=alias, daily_cap=daily_cap, gap=gap),
        as_json=as_json,
    )


@inboxes.command("list")
def list_inboxes(
    account: options.Account = None,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Show every inbox, with its pace and what troubles it."""
    from drumbeat.cli.inbox import show_all

    show_all(settings_of(data, database), account=account, as_json=as_json)


@inboxes.command("change")
def change_inbox(
    email: options.Inbox,
    alias: options.Aliases = None,
    name: options.SenderName = None,
    daily_cap: options.DailyCap = None,
    gap: options.Gap = None,
    account: options.Account = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Change what mail goes out as, and how fast; what is not given stays."""
    from drumbeat.cli.inbox import change, changes_of

    changes = changes_of(name=name, aliases=alias, daily_cap=daily_cap, gap=gap)
    change(settings_of(data, database), account=account, email=email, changes=changes)


@inboxes.command("disconnect")
def disconnect_inbox(
    email: options.Inbox,
    account: options.Account = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Let no more mail go out through an inbox, and forget its password."""
    from drumbeat.cli.inbox import disconnect

    disconnect(settings_of(data, database), account=account, email=email)


@people.command("import")
def import_people(
    file: options.Csv,
    account: options.Account = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Import contacts from a CSV file with a column named email.

    Good rows are kept, bad ones named with their line; ends with status 3 where there were any.
    """
    from drumbeat.cli.contacts import import_contacts

    import_contacts(settings_of(data, database), account=account, file=file)


@app.command()
def enroll(
    sequence: options.Sequence,
    file: options.People,
    user: options.User,
    sender: options.SenderEmail = None,
    start_at: options.StartAt = None,
    start_step: options.StartStep = 0,
    timezone: options.BeginningZone = None,
    account: options.Account = None,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Enroll everybody in a CSV file, whose rows become contacts first, with a line for each.

    Ends with status 3 where there was somebody who could not be enrolled.
    """
    from drumbeat.cli.beginnings import Beginning
    from drumbeat.cli.enroll import enroll

    beginning = Beginning(
        sequence_id=sequence,
        user=user,
        sender=sender,
        start_at=start_at,
        start_step=start_step,
        timezone=timezone,
    )
    enroll(
        settings_of(data, database),
        account=account,
        file=file,
        beginning=beginning,
        as_json=as_json,
    )


@app.command()
def calendar(
    sequence: options.Sequence,
    user: options.User,
    file: options.SomePeople = None,
    contact: options.Contacts = None,
    sender: options.SenderEmail = None,
    start_at: options.StartAt = None,
    start_step: options.StartStep = 0,
    timezone: options.BeginningZone = None,
    by_day: options.ByDay = False,
    account: options.Account = None,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Show what enrolling people now would bring about: every e-mail and task, and when.

    Nothing is kept, and nobody is enrolled.
    """
    from drumbeat.cli.beginnings import Beginning
    from drumbeat.cli.calendar import show_calendar

    beginning = Beginning(
        sequence_id=sequence,
        user=user,
        sender=sender,
        start_at=start_at,
        start_step=start_step,
        timezone=timezone,
    )
    show_calendar(
        settings_of(data, database),
        account=account,
        emails=contact or [],
        file=file,
        beginning=beginning,
        is_by_day=by_day,
        as_json=as_json,
    )


def smtp_url_of(url: str | None, file: typer.FileText | None) -> str:
    if url is not None and file is None:
        return url
    if file is not None and url is None:
        return file.read()
    raise typer.BadParameter("give either --smtp or --smtp-file")
