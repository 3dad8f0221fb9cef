"""`drumbeat holidays …`: the days on which nothing is sent and no task is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import typer
from rich.console import Console
from rich.table import Table

from drumbeat.app import Engine
from drumbeat.cli.opening import account_of, opened, user_of
from drumbeat.cli.saying import as_called, counted, say, say_json
from drumbeat.domain.holidays import HolidayCalendar, HolidayScope, Region, day_of
from drumbeat.errors import Fault, Invalid
from drumbeat.services.holiday_keeping import days_in
from drumbeat.settings import Settings
from drumbeat.store.holiday_calendars import OF_ACCOUNT, Owner


def set_holidays(
    settings: Settings,
    *,
    account: int | None,
    user: str | None,
    sequence: int | None,
    regions: Sequence[str],
    dates: Sequence[str],
) -> None:
    """Keep these regions and dates in place of those before."""
    refuse_two_owners(user, sequence)
    if not regions and not dates:
        raise typer.BadParameter("give at least one --region or --date; remove takes them away")
    wanted = [region_of(written) for written in regions]
    days = [as_day(written) for written in dates]
    with opened(settings) as engine:
        account_id = account_of(engine, account)
        owner = owner_of(engine, account_id, user, sequence)
        with engine.writing():
            calendar = engine.holidays.set(account_id, owner, regions=wanted, dates=days)
    say(f"{said(user, sequence)} keeps {in_short(calendar)}.")


def show(
    settings: Settings,
    *,
    account: int | None,
    user: str | None,
    sequence: int | None,
    year: int | None,
    as_json: bool,
) -> None:
    """Print what is kept, and the days it comes to in a year."""
    refuse_two_owners(user, sequence)
    with opened(settings) as engine:
        account_id = account_of(engine, account)
        calendar = engine.holidays.get(account_id, owner_of(engine, account_id, user, sequence))
        shown_year = engine.clock.now().year if year is None else year
    days = days_in(shown_year, calendar)
    if as_json:
        say_json(facts_of(calendar, days))
    elif calendar.regions or calendar.dates:
        say(f"{said(user, sequence)} keeps {in_short(calendar)}. In {shown_year}:\n")
        Console().print(table_of(days))
    else:
        say(f"{said(user, sequence)} keeps no holidays; `{as_called()} holidays set` sets them.")


def remove(
    settings: Settings, *, account: int | None, user: str | None, sequence: int | None
) -> None:
    """Keep none any more."""
    refuse_two_owners(user, sequence)
    with opened(settings) as engine:
        account_id = account_of(engine, account)
        owner = owner_of(engine, account_id, user, sequence)
        with engine.writing():
            engine.holidays.remove(account_id, owner)
    say(f"{said(user, sequence)} keeps no holidays any more.")


def refuse_two_owners(user: str | None, sequence: int | None) -> None:
    if user is not None and sequence is not None:
        raise typer.BadParameter("give either --user or --sequence; with neither, it is everyone's")


def owner_of(engine: Engine, account_id: int, user: str | None, sequence: int | None) -> Owner:
    if user is not None:
        return HolidayScope.USER, user_of(engine, account_id, user).id
    return OF_ACCOUNT if sequence is None else (HolidayScope.SEQUENCE, sequence)


def region_of(written: str) -> Region:
    """The region in one word, as ISO 3166-2 writes it: DE, DE-BY."""
    country, _, part = written.strip().partition("-")
    return Region(country=country, part=part or None)


def as_day(written: str) -> date:
    try:
        return day_of(written.strip())
    except ValueError as fault:
        raise Invalid(str(fault), [Fault(field="date", message=str(fault))]) from None


def said(user: str | None, sequence: int | None) -> str:
    if user is not None:
        return user
    return "The account" if sequence is None else f"Sequence {sequence}"


def in_short(calendar: HolidayCalendar) -> str:
    regions = [written(region) for region in calendar.regions]
    own = [counted(len(calendar.dates), "date") + " of its own"] if calendar.dates else []
    return " and ".join([", ".join(regions), *own] if regions else own) or "no holidays"


def written(region: Region) -> str:
    return f"{region.country}-{region.part}" if region.part else region.country


def facts_of(calendar: HolidayCalendar, days: Mapping[date, str | None]) -> dict[str, object]:
    """The calendar as our own API words it."""
    return {
        "regions": [{"country": each.country, "part": each.part} for each in calendar.regions],
        "dates": [day.isoformat() for day in sorted(calendar.dates)],
        "days": [{"date": day.isoformat(), "name": days[day]} for day in days],
    }


def table_of(days: Mapping[date, str | None]) -> Table:
    table = Table("day", "holiday", box=None, pad_edge=False)
    for day, name in days.items():
        table.add_row(f"{day:%a %Y-%m-%d}", name or "a day of its own")
    return table
