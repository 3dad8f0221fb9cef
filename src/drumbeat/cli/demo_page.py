"""How the demo shows its story: lines that read well with colours and without."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from drumbeat.cli.demo_facts import DAY, REP_NAME
from drumbeat.cli.saying import counted
from drumbeat.services.importing import ImportReport

Row: TypeAlias = dict[str, Any]

NORA = REP_NAME.partition(" ")[0]
INDENT = "  "
DAY_WIDTH = 12
LABEL_WIDTH = 10
# A space at which no line is wrapped, until it is shown.
GLUE = "\xa0"
# Longer lines are harder to read, however wide the window.
WIDEST = 100
STYLES = {
    "sent": "green",
    "created": "cyan",
    "held": "bold yellow",
    "finished": "blue",
    NORA: "magenta",
    "waiting": "dim",
}
SATURDAY = 5
TASKS = {"CALL": "call", "EMAIL": "e-mail by hand"}


class Page:
    """What the user sees. Times are shown as the clock on Nora's wall shows them."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.console = Console(highlight=False)
        self.day = ""
        """The day that has begun and of which no line has been shown yet."""

    # Before the two weeks ------------------------------------------------------------------

    def begin(self, url: str) -> None:
        self.head("Drumbeat: two weeks of outreach in a few seconds")
        self.tell(
            f"{NORA} puts people into sequences: e-mails that go out by themselves, and tasks "
            "that wait for her, each at its hour in her time zone. A server of this "
            f"demo's own runs them at {url}. Its clock is moved by a day at a time, and what it "
            "sends is caught before it leaves this machine."
        )
        self.console.print()

    def say_imported(self, report: ImportReport) -> None:
        self.tell(f"{counted(report.created, 'contact')} imported from a CSV file")

    def say_written(self, templates: int, sequences: Sequence[Row]) -> None:
        written = f"{counted(templates, 'template')} and {counted(len(sequences), 'sequence')}"
        self.tell(f"{written} written through HubSpot's API:")
        for sequence in sequences:
            self.tell(f"  “{sequence['name']}”: {in_words(sequence['steps'])}")

    def say_enrolled(self, people: int, sequence: Row) -> None:
        self.tell(f"{people} contacts enrolled in “{sequence['name']}”, a request for each")

    # Day by day ----------------------------------------------------------------------------

    def begin_day(self, now: str) -> None:
        self.day = self.date(now)
        self.console.print()

    def say_sent(self, captured: Sequence[Row], people: Sequence[Row]) -> None:
        first = [email for email in captured if email["inReplyTo"] is None]
        follow_ups = [email for email in captured if email["inReplyTo"] is not None]
        if first:
            self.line("sent", f"{counted(len(first), 'e-mail')}, {self.times(first)}, 30 s apart")
            self.explain(self.sample(first[0]))
            self.explain_nameless(first, people)
        if follow_ups:
            threads = "its thread" if len(follow_ups) == 1 else "their threads"
            said = f"{counted(len(follow_ups), 'follow-up')} in {threads}, {self.times(follow_ups)}"
            self.line("sent", said)
            self.explain(self.sample(follow_ups[0]))

    def sample(self, email: Row) -> str:
        greeting = textwrap.shorten(email["text"], width=54, placeholder=" …")
        return f"“{email['subject']}”: {greeting}"

    def explain_nameless(self, emails: Sequence[Row], people: Sequence[Row]) -> None:
        nameless = {
            person["properties"]["email"]
            for person in people
            if not person["properties"]["firstname"]
        }
        for email in emails:
            if email["to"][0] in nameless:
                greeting = email["text"].partition(",")[0]
                self.explain(f"{email['to'][0]} has no name, and reads “{greeting},”")

    def say_created(self, tasks: Sequence[Row]) -> None:
        kinds = Counter(task["type"] for task in tasks)
        if kinds:
            made = " and ".join(counted_tasks(kind, count) for kind, count in kinds.items())
            self.line("created", f"{made} for {NORA}, {self.clock(tasks[0]['dueAt'])}")

    def say_held(self, messages: Sequence[Row], people: Sequence[Row]) -> None:
        if not messages:
            return
        names = {person["id"]: full_name(person) for person in people}
        whose = " and ".join(names[message["contactId"]] for message in messages)
        token = messages[0]["reason"].rpartition(": ")[2]
        self.line("held", f"{counted(len(messages), 'follow-up')} to {whose}")
        self.explain(
            f"Needs attention: {{{{ {token} }}}} is not known, and an e-mail with a hole in it is "
            "never sent."
        )

    def say_finished(self, enrollments: Sequence[Row]) -> None:
        if enrollments:
            self.line("finished", counted(len(enrollments), "enrollment"))

    def say_worked(self, tasks: Mapping[str, int]) -> None:
        if tasks:
            done = " and ".join(counted_tasks(kind, count) for kind, count in tasks.items())
            self.line(NORA, f"completes {done}")

    def say_taken_out(self, person: Row) -> None:
        self.line(NORA, f"unenrolls {full_name(person)}: they have met")

    def say_completed(self, person: Row, company: str) -> None:
        self.line(NORA, f"fills in {full_name(person)}'s company, “{company}”, and tries again")

    def say_waiting(self, enrollments: Sequence[Row], now: str) -> None:
        if self.day and self.at(now).weekday() >= SATURDAY:
            self.explain("nothing: both sequences keep to business days")
            return
        for_tasks = sum(row["waitingFor"] == "TASK" for row in enrollments)
        held = sum(row["waitingFor"] == "MESSAGE" for row in enrollments)
        days = Counter(self.at(row["dueAt"]).date() for row in enrollments if row["dueAt"])
        told = [f"{count} for {day:%a} {day.day} {day:%b}" for day, count in sorted(days.items())]
        told += [f"{for_tasks} for a task"] if for_tasks else []
        told += [f"{held} for attention"] if held else []
        # Wrapped between them, and not within.
        self.line("waiting", " · ".join(each.replace(" ", GLUE) for each in told) or "nobody")

    # After them ----------------------------------------------------------------------------

    def show_sequences(self, counts: Sequence[tuple[str, Mapping[str, int | str]]]) -> None:
        """A row for each sequence: its name, and what came of it."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column("After two weeks", no_wrap=True)
        for head in counts[0][1]:
            table.add_column(head, justify="right")
        for name, counted_so in counts:
            table.add_row(name, *(str(count) for count in counted_so.values()))
        self.console.print()
        self.console.print(table)

    def show_timeline(self, person: Row, timeline: Sequence[Row]) -> None:
        self.head(f"Every decision is kept with its reason, here for {full_name(person)}")
        for event in timeline:
            kind = event["kind"].replace("_", " ").replace("email", "e-mail")
            step = "" if event["stepOrder"] is None else f"step {event['stepOrder']}"
            why = " ".join(filter(None, [event["reason"], event.get("tokens")]))
            at = f"{self.date(event['at'])} {self.clock(event['at'])}"
            self.console.print(f"{INDENT}{at}  {kind:<17}  {step:<6}  {why}".rstrip())

    def invite(self, url: str, token: str, user_id: str) -> None:
        """What to try, now that the server goes on serving what the story left."""
        curl = 'curl -H "Authorization: Bearer $TOKEN"'
        self.head("It serves on until Ctrl-C. In another terminal:")
        for command in (
            f"TOKEN={token}",
            f"{curl} '{url}/automation/v4/sequences?userId={user_id}'",
            f"{curl} '{url}/drumbeat/v1/captured?limit=1'",
            f'{curl} --json \'{{"advance": "P1D"}}\' {url}/drumbeat/v1/clock',
        ):
            # One line each, however narrow the window: they are there to be copied.
            self.console.print(f"{INDENT}{command}", soft_wrap=True, markup=False)
        self.tell(f"All that it can be asked: {url}/drumbeat/v1/docs")

    def say_goodbye(self) -> None:
        self.console.print("\nThe demo has ended, and what it kept is removed.")

    # How things are put --------------------------------------------------------------------

    @property
    def width(self) -> int:
        return min(self.console.width, WIDEST)

    def head(self, text: str) -> None:
        self.console.print()
        self.console.print(text, style="bold")

    def tell(self, text: str) -> None:
        indent = INDENT + " " * (len(text) - len(text.lstrip()))
        for line in textwrap.wrap(text.strip(), self.width - len(indent)):
            self.console.print(f"{indent}{line}", markup=False)

    def line(self, label: str, text: str, *, style: str = "") -> None:
        """A line of the day; the first one has its name before it."""
        wrapped = textwrap.wrap(text, self.width - DAY_WIDTH - LABEL_WIDTH)
        for position, part in enumerate(wrapped):
            here = label if position == 0 else ""
            shown = Text.assemble(
                (f"{self.day:<{DAY_WIDTH}}", "bold"),
                (f"{here:<{LABEL_WIDTH}}", STYLES.get(label, "")),
                (part.replace(GLUE, " "), style),
            )
            self.console.print(shown)
            self.day = ""

    def explain(self, text: str) -> None:
        self.line("", text, style="dim")

    def times(self, emails: Sequence[Row]) -> str:
        first, last = self.clock(emails[0]["at"]), self.clock(emails[-1]["at"])
        return first if first == last else f"{first} to {last}"

    def at(self, moment: str) -> datetime:
        return datetime.fromisoformat(moment).astimezone(self.zone)

    def clock(self, moment: str) -> str:
        return f"{self.at(moment):%H:%M}"

    def date(self, moment: str) -> str:
        at = self.at(moment)
        return f"{at:%a} {at.day:2d} {at:%b}"


def in_words(steps: Sequence[Row]) -> str:
    """A sequence in one line: call, 1 day later e-mail by hand."""
    told: list[str] = []
    for step in steps:
        days = step["delayMillis"] // DAY
        later = f"{counted(days, 'day')} later " if days else ""
        if step["actionType"] == "TASK":
            told.append(later + TASKS[step["taskPattern"]["taskType"]])
        elif step["actionType"] == "EMAIL":
            told.append(later + ("follow-up" if told else "e-mail"))
    return ", ".join(told)


def counted_tasks(kind: str, count: int) -> str:
    noun, _, rest = TASKS[kind].partition(" ")
    return f"{counted(count, noun)} {rest}".rstrip()


def full_name(person: Row) -> str:
    names = person["properties"]
    return f"{names['firstname'] or ''} {names['lastname'] or ''}".strip() or names["email"]
