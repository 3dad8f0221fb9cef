"""The commands for holiday calendars."""

from __future__ import annotations

import typer

from drumbeat.cli import options
from drumbeat.cli.given import settings_of

holidays = typer.Typer(help="Days on which nothing is sent.", no_args_is_help=True)


@holidays.command("set")
def set_holidays(
    region: options.Regions = None,
    date: options.Dates = None,
    user: options.OfUser = None,
    sequence: options.OfSequence = None,
    account: options.Account = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Skip the public holidays of regions, and days of your own, in place of those before."""
    from drumbeat.cli.holidays import set_holidays

    set_holidays(
        settings_of(data, database),
        account=account,
        user=user,
        sequence=sequence,
        regions=region or (),
        dates=date or (),
    )


@holidays.command("show")
def show_holidays(
    year: options.Year = None,
    user: options.OfUser = None,
    sequence: options.OfSequence = None,
    account: options.Account = None,
    as_json: options.AsJson = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Show whose holidays are skipped, and which days that are in a year."""
    from drumbeat.cli.holidays import show

    show(
        settings_of(data, database),
        account=account,
        user=user,
        sequence=sequence,
        year=year,
        as_json=as_json,
    )


@holidays.command("remove")
def remove_holidays(
    user: options.OfUser = None,
    sequence: options.OfSequence = None,
    account: options.Account = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Skip no holidays any more."""
    from drumbeat.cli.holidays import remove

    remove(settings_of(data, database), account=account, user=user, sequence=sequence)
