"""`drumbeat enroll`: the people in a CSV file, into a sequence, with a line for each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import typer

from drumbeat.app import Engine
from drumbeat.cli.beginnings import Beginning
from drumbeat.cli.contacts import SOME_ROWS_WERE_BAD, lines_of, progress_bar, tell_skipped
from drumbeat.cli.opening import opened
from drumbeat.cli.saying import counted, in_words, say, say_json
from drumbeat.domain.user import User
from drumbeat.services.batch_enrolling import Wanted
from drumbeat.services.importing import Person
from drumbeat.settings import Settings
from drumbeat.store import contacts


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row."""

    line: int
    email: str
    enrollment_id: int | None = None
    trouble: str | None = None

    def facts(self) -> dict[str, object]:
        id = None if self.enrollment_id is None else str(self.enrollment_id)
        return {
            "line": self.line,
            "email": self.email or None,
            "enrollmentId": id,
            "error": self.trouble,
        }

    def __str__(self) -> str:
        told = f"enrolled, {self.enrollment_id}" if self.enrollment_id else f"not: {self.trouble}"
        return f"line {self.line}  {self.email or '-'}  {told}"


@dataclass(slots=True)
class Register:
    """Enrolls whom it is given, and keeps what became of each."""

    engine: Engine
    user: User
    beginning: Beginning
    is_quiet: bool
    outcomes: list[Outcome] = field(default_factory=list)

    def enroll(self, people: Sequence[Person]) -> None:
        account_id = self.user.account_id
        emails = [person.properties["email"] for person in people]
        with self.engine.database.reading() as tx:
            found = contacts.by_emails(tx, account_id, emails)
        wanted = {
            number: self.wanted(found[email].id)
            for number, email in enumerate(emails)
            # One that somebody archived in between is no longer there.
            if email in found
        }
        with self.engine.writing():
            done = self.engine.batch_enrolling.enroll_all(account_id, self.user.id, wanted)
        for number, person in enumerate(people):
            enrollment = done.enrollments.get(number)
            refusal = done.refusals.get(number)
            trouble = "; ".join(in_words(refusal)) if refusal else "the contact is gone"
            self.tell(
                Outcome(person.line, emails[number], enrollment.id)
                if enrollment
                else Outcome(person.line, emails[number], trouble=trouble)
            )

    def wanted(self, contact_id: int) -> Wanted:
        zone = self.beginning.zone_of(self.user)
        return Wanted(
            sequence_id=self.beginning.sequence_id,
            contact_id=contact_id,
            sender_email=self.beginning.sender_of(self.user),
            timezone=zone.key,
            start_order=self.beginning.start_step,
            start_at=self.beginning.start_in(zone),
        )

    def tell(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        if not self.is_quiet:
            say(str(outcome))


def enroll(
    settings: Settings, *, account: int | None, file: Path, beginning: Beginning, as_json: bool
) -> None:
    """Enroll every row's contact; ends with status 3 where there were some that could not be."""
    with opened(settings) as engine, lines_of(file) as lines:
        user = beginning.user_in(engine, account)
        register = Register(engine, user, beginning, is_quiet=as_json)
        # Before a contact is kept: what is mistyped is to leave nothing behind.
        engine.batch_enrolling.refuse_hopeless(user.account_id, user.id, register.wanted(0))
        with progress_where_rows_are_not_seen(file) as on_progress:
            report = engine.importing.import_contacts(
                user.account_id, lines, on_progress=on_progress, on_kept=register.enroll
            )
        for bad in report.bad_rows:
            register.tell(Outcome(bad.line, "", trouble=bad.reason))
        tell_skipped(report)
    finish(register.outcomes, as_json=as_json)


def progress_where_rows_are_not_seen(
    file: Path,
) -> AbstractContextManager[Callable[[int], None]]:
    if sys.stdout.isatty():
        return nullcontext(lambda _rows: None)
    return progress_bar(file)


def finish(outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    enrolled = sum(outcome.enrollment_id is not None for outcome in outcomes)
    left_out = len(outcomes) - enrolled
    if as_json:
        rows = sorted(outcomes, key=lambda outcome: outcome.line)
        told = {"results": [row.facts() for row in rows]}
        say_json({"enrolled": enrolled, "notEnrolled": left_out, **told})
    else:
        say(f"{counted(enrolled, 'contact')} enrolled, {left_out:,} not.")
    if left_out:
        raise typer.Exit(SOME_ROWS_WERE_BAD)
