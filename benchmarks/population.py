"""What a case works on: an account whose people, senders and enrollments are made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from benchmarks.places import Place, settle
from benchmarks.scale import Scale
from drumbeat.app import Engine
from drumbeat.domain.enrollment import State
from drumbeat.domain.planner import Because
from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.domain.sender import Sender, SmtpSecurity, SmtpServer
from drumbeat.domain.sequence import (
    Definition,
    EmailContent,
    EmailStep,
    FinishStep,
    SequenceSettings,
    TaskContent,
    TaskPriority,
    TaskStep,
    TaskType,
)
from drumbeat.settings import Settings
from drumbeat.store.tables import contacts, enrollments

ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Sydney")
FIRST_NAMES = ("Ada", "Grace", "Linus", "Margaret", "Dennis", "Barbara", "Ken", "Frances")
LAST_NAMES = ("Lovelace", "Hopper", "Torvalds", "Hamilton", "Ritchie", "Liskov", "Thompson")
SERVER = SmtpServer(host="localhost", port=2525, security=SmtpSecurity.NONE)
OFFICE_HOURS = SequenceSettings(
    window=SendWindow(480, 1080),
    days=EligibleDays.BUSINESS_DAYS,
    task_creation_minute=480,
    task_reminder_minute=540,
    has_task_reminders=True,
    threads_follow_ups=True,
)
ONE_DAY = timedelta(days=1)
CHUNK = 10_000
WAITING_CHUNK = 100_000
# Above the ids of all contacts that there are: who only waits need not be there.
NOBODY = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Population:
    """One account with a user and senders; its database, and the directory beside it."""

    url: str
    data: Path
    engine: Engine
    account_id: int
    user_id: int
    token: str
    senders: Sequence[Sender]
    template_id: int

    @classmethod
    @contextmanager
    def at(cls, place: Place, scale: Scale) -> Iterator[Population]:
        """One in a fresh database, which is gone at the end."""
        with place.fresh() as url:
            data = place.directory / uuid4().hex
            with closing(Engine.start(Settings(data=data, database=url))) as engine:
                yield cls.founded(engine, url, scale)

    @classmethod
    def founded(cls, engine: Engine, url: str, scale: Scale) -> Population:
        account = engine.access.create_account(
            email="rep@example.com", name="Rita Rep", timezone=ZONES[0]
        )
        account_id, user_id = account.account_id, account.user.id
        senders = [
            engine.connecting.connect(
                account_id, user_id=user_id, email=f"rep{number}@example.com", server=SERVER
            )
            for number in range(scale.senders)
        ]
        template = engine.authoring.create_template(
            account_id,
            user_id,
            name="Hello",
            subject="Hello {{ contact.firstname|default('there') }}",
            body="<p>Good day</p>",
            folder_id=None,
        )
        return cls(
            url=url,
            data=engine.settings.data,
            engine=engine,
            account_id=account_id,
            user_id=user_id,
            token=account.token,
            senders=senders,
            template_id=template.id,
        )

    def email(self, order: int, days: int) -> EmailStep:
        return EmailStep(
            order=order, delay=days * ONE_DAY, email=EmailContent(template_id=self.template_id)
        )

    def sequence(self, *, first_days: int = 0) -> int:
        """E-mail, call, e-mail, finish; the first of them after so many days."""
        call = TaskContent(type=TaskType.CALL, priority=TaskPriority.HIGH)
        definition = Definition(
            steps=(
                self.email(0, first_days),
                TaskStep(order=1, delay=ONE_DAY, task=call),
                self.email(2, 2),
                FinishStep(order=3, delay=ONE_DAY),
            ),
            dependencies=(),
            settings=OFFICE_HOURS,
        )
        created = self.engine.authoring.create_sequence(
            self.account_id, self.user_id, name="Outreach", folder_id=None, definition=definition
        )
        return created.id

    def contacts(self, count: int) -> range:
        """So many more contacts; their ids."""
        now = self.engine.clock.now()
        rows = [
            {
                "account_id": self.account_id,
                "email": f"person{number}@example.org",
                "properties": properties_of(number),
                "created_at": now,
                "updated_at": now,
            }
            for number in range(count)
        ]
        return self.fill(contacts, rows)

    def enrolled(self, sequence_id: int, people: range, *, due_in: timedelta) -> range:
        """These contacts, enrolled and spread evenly over the four steps; the ids of that."""
        last_due_at = self.engine.clock.now() + due_in
        rows = [
            {
                **self.standing(sequence_id, ZONES[number % len(ZONES)]),
                **self.sender_of(number),
                "contact_id": contact_id,
                "to_email": f"person{number}@example.org",
                "step_order": number % 4,
                "due_at": last_due_at - timedelta(seconds=len(people) - number),
            }
            for number, contact_id in enumerate(people)
        ]
        return self.fill(enrollments, rows)

    def sender_of(self, number: int) -> dict[str, Any]:
        sender = self.senders[number % len(self.senders)]
        return {
            "sender_id": sender.id,
            "sender_email": sender.email,
            "from_email": sender.email,
        }

    def enrollment(self, sequence_id: int, contact_id: int, sender: int) -> dict[str, str]:
        """What is sent to enroll the contact, with a sender of this number."""
        return {
            "sequenceId": str(sequence_id),
            "contactId": str(contact_id),
            "senderEmail": self.sender_of(sender)["sender_email"],
        }

    def standing(self, sequence_id: int, zone: str) -> dict[str, Any]:
        """What the rows of enrollments have in common, whichever the contact."""
        yesterday = self.engine.clock.now() - ONE_DAY
        return {
            "account_id": self.account_id,
            "sequence_id": sequence_id,
            "version": 1,
            "user_id": self.user_id,
            "timezone": zone,
            "state": State.EXECUTING,
            "start_order": 0,
            "because": Because.DELAY,
            "base_at": yesterday,
            "enrolled_at": yesterday,
            "updated_at": yesterday,
        }

    def waiting(self, sequence_id: int, count: int, *, after: int = 0) -> None:
        """So many more enrollments that are due from tomorrow on, made by the database itself;
        *after* as many that there are."""
        fixed = {
            **self.standing(sequence_id, ZONES[0]),
            **self.sender_of(0),
            "to_email": "nobody@example.org",
            "step_order": 1,
        }
        number = counted()
        varying = {
            "contact_id": NOBODY + number.c.n,
            "due_at": millis(fixed["updated_at"] + 2 * ONE_DAY) + number.c.n * 250,
        }
        values = {
            name: sa.literal(value, enrollments.c[name].type) for name, value in fixed.items()
        }
        columns = [*values, *varying]
        chosen = sa.select(*values.values(), *varying.values()).select_from(number)
        statement = enrollments.insert().from_select(columns, chosen)
        for first in range(after, after + count, WAITING_CHUNK):
            last = min(first + WAITING_CHUNK, after + count) - 1
            with self.engine.database.transaction() as tx:
                tx.execute(statement, {"first": first, "last": last})
        settle(self.url)

    def fill(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> range:
        """Add the rows to the table, in this order; the ids that they got."""
        for start in range(0, len(rows), CHUNK):
            with self.engine.database.transaction() as tx:
                tx.execute(table.insert(), [*rows[start : start + CHUNK]])
        with self.engine.database.reading() as tx:
            last = tx.execute(sa.select(sa.func.max(table.c.id))).scalar_one()
        settle(self.url)
        return range(last - len(rows) + 1, last + 1)


def properties_of(number: int) -> dict[str, str]:
    return {
        "email": f"person{number}@example.org",
        "firstname": FIRST_NAMES[number % len(FIRST_NAMES)],
        "lastname": LAST_NAMES[number % len(LAST_NAMES)],
        "company": f"Company {number // 10}",
        "jobtitle": "Engineer",
    }


def counted() -> sa.CTE:
    """The numbers from :first to :last."""
    first = sa.select(sa.bindparam("first", type_=sa.BigInteger).label("n")).cte(recursive=True)
    following = sa.select(first.c.n + 1).where(first.c.n < sa.bindparam("last"))
    return first.union_all(following)


def millis(moment: Any) -> int:
    return int(moment.timestamp() * 1000)
