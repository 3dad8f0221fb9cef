"""`drumbeat calendar`: what enrolling people would bring about, as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from drumbeat.app import Engine
from drumbeat.cli.beginnings import Beginning
from drumbeat.cli.contacts import lines_of
from drumbeat.cli.opening import opened
from drumbeat.cli.saying import counted, in_words, remark, say, say_json
from drumbeat.domain.calendar import Planned
from drumbeat.domain.contact import in_millis
from drumbeat.domain.sequence import Action
from drumbeat.domain.user import User
from drumbeat.errors import Invalid
from drumbeat.services.importing import people_in
from drumbeat.services.planning import Asked, Foreseen
from drumbeat.settings import Settings
from drumbeat.store import contacts

# Wide enough for any address and reason; a terminal's own width counts where there is one.
WIDTH_OF_A_PIPE = 160
IN_WORDS = {
    "AT_ONCE": "at once",
    "START_TIME": "begins then",
    "DELAY": "after its delay",
    "HOLIDAY": "after a holiday",
    "WINDOW": "when the window opens",
    "TASK_MINUTE": "when tasks are made",
    "SENDER_GAP": "after the sender's others",
    "SENDER_CAP": "when the cap has room",
    "TASK": "waits for a task",
    "PERSON": "waits for someone",
}


def show_calendar(
    settings: Settings,
    *,
    account: int | None,
    emails: Sequence[str],
    file: Path | None,
    beginning: Beginning,
    is_by_day: bool,
    as_json: bool,
) -> None:
    """Show every e-mail and task that enrolling these contacts now would bring about."""
    with opened(settings) as engine:
        user = beginning.user_in(engine, account)
        zone = beginning.zone_of(user)
        people = known_people(engine, user, [*emails, *addresses_in(file)])
        asked = Asked(
            sequence_id=beginning.sequence_id,
            contact_ids=list(people),
            sender_email=beginning.sender_of(user),
            start_at=beginning.start_in(zone),
            start_order=beginning.start_step,
            timezone=zone.key,
        )
        foreseen = engine.planning.calendar(user.account_id, user.id, asked)
    if as_json:
        say_json(facts_of(foreseen, people))
        return
    for position, refusal in sorted(foreseen.refusals.items()):
        email = people[asked.contact_ids[position]]
        remark(f"{email} is left out: {'; '.join(in_words(refusal))}")
    table = table_of_days if is_by_day else table_of_steps
    if foreseen.planned:
        show(table(foreseen.planned, people, zone))
    say(summary(foreseen, zone))


def addresses_in(file: Path | None) -> list[str]:
    if file is None:
        return []
    with lines_of(file) as lines:
        people, bad_rows = people_in(lines)
    for bad in bad_rows:
        remark(f"line {bad.line}: {bad.reason}")
    return [person.properties["email"] for person in people]


def known_people(engine: Engine, user: User, emails: Sequence[str]) -> dict[int, str]:
    """The contacts with these addresses, in their order. Raises Invalid where there is none."""
    if not emails:
        raise Invalid("nobody is named; give --csv FILE or --contact ADDRESS")
    with engine.database.reading() as tx:
        found = contacts.by_emails(tx, user.account_id, emails)
    known: dict[int, str] = {}
    for email in emails:
        contact = found.get(email.strip().lower())
        if contact is None:
            remark(f"{email} is left out: no contact has this address yet")
        else:
            known[contact.id] = contact.email or email
    if not known:
        raise Invalid("none of these is a contact yet; `contacts import FILE.csv` makes them so")
    return known


def facts_of(foreseen: Foreseen, people: dict[int, str]) -> dict[str, object]:
    last = foreseen.last_first_email_at
    ids = list(people)
    return {
        "results": [
            {
                "contactId": str(each.contact_id),
                "email": people[each.contact_id],
                "stepOrder": each.step_order,
                "actionType": each.action,
                "at": each.at and in_millis(each.at),
                "because": each.because,
            }
            for each in foreseen.planned
        ],
        "lastFirstEmailAt": last and in_millis(last),
        "errors": [
            {"contactId": str(ids[position]), "message": "; ".join(in_words(refusal))}
            for position, refusal in sorted(foreseen.refusals.items())
        ],
    }


def show(table: Table) -> None:
    console = Console()
    console.print(table) if console.is_terminal else Console(width=WIDTH_OF_A_PIPE).print(table)


def table_of_steps(planned: Sequence[Planned], people: dict[int, str], zone: ZoneInfo) -> Table:
    table = Table("when", "what", "step", "to", "because", box=None, pad_edge=False)
    for each in by_time(planned):
        table.add_row(
            f"{each.at.astimezone(zone):%a %d %b %Y %H:%M:%S}" if each.at else "later",
            "e-mail" if each.action is Action.EMAIL else "task",
            str(each.step_order),
            people[each.contact_id],
            IN_WORDS.get(each.because or "", ""),
        )
    return table


def table_of_days(planned: Sequence[Planned], people: dict[int, str], zone: ZoneInfo) -> Table:
    table = Table("day", "e-mails", "first", "last", "tasks", "people", box=None, pad_edge=False)
    timed = [each for each in by_time(planned) if each.at]
    for day, group in groupby(timed, key=lambda each: local(each, zone).date()):
        of_day = list(group)
        emails = [local(each, zone) for each in of_day if each.action is Action.EMAIL]
        table.add_row(
            f"{day:%a %d %b %Y}",
            str(len(emails)),
            f"{emails[0]:%H:%M:%S}" if emails else "",
            f"{emails[-1]:%H:%M:%S}" if emails else "",
            str(len(of_day) - len(emails)),
            str(len({people[each.contact_id] for each in of_day})),
        )
    return table


def by_time(planned: Iterable[Planned]) -> list[Planned]:
    """What has a time in its order, and then what has none."""
    return sorted(planned, key=lambda each: (each.at is None, each.at and each.at.timestamp()))


def local(planned: Planned, zone: ZoneInfo) -> datetime:
    assert planned.at is not None, "only what has a time is asked for it"
    return planned.at.astimezone(zone)


def summary(foreseen: Foreseen, zone: ZoneInfo) -> str:
    emails = sum(each.action is Action.EMAIL for each in foreseen.planned)
    told = f"{counted(emails, 'e-mail')}, {counted(len(foreseen.planned) - emails, 'task')}"
    waiting = sum(each.at is None for each in foreseen.planned)
    if waiting:
        told += f", {waiting:,} of them when someone has done a task or pressed on"
    last = foreseen.last_first_email_at
    if last is not None:
        told += f"; the last first e-mail on {last.astimezone(zone):%a %d %b %Y at %H:%M}"
    return f"{told}. Times are those of {zone.key}."
