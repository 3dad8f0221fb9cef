"""The whole engine on an empty database, with the clock and the mail in the test's hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from drumbeat.app import Engine
from drumbeat.clock import Clock, MovableClock
from drumbeat.domain.enrollment import Enrollment
from drumbeat.domain.message import Message
from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.domain.sender import Sender, SmtpSecurity, SmtpServer
from drumbeat.domain.sequence import (
    Definition,
    Dependency,
    DependencyType,
    EmailContent,
    EmailStep,
    FinishStep,
    SequenceSettings,
    Step,
    TaskContent,
    TaskPriority,
    TaskStep,
    TaskType,
)
from drumbeat.domain.task import Task
from drumbeat.services.access import NewAccount
from drumbeat.services.clock_moving import ClockMoving
from drumbeat.services.migrating import Migration
from drumbeat.settings import Settings
from drumbeat.store import enrollments, messages, suppressions, tasks, timeline
from drumbeat.store.tables import enrollments as enrollments_table
from tests.memory_outbox import MemoryOutbox
from tests.wall_clock import NEW_YORK, at, shown

SERVER = SmtpServer(host="mail.example.com", port=587, security=SmtpSecurity.TLS)
OFFICE_HOURS = SequenceSettings(
    window=SendWindow(480, 1080),
    days=EligibleDays.BUSINESS_DAYS,
    task_creation_minute=480,
    task_reminder_minute=540,
    has_task_reminders=True,
    threads_follow_ups=True,
)
ONE_DAY = timedelta(days=1)


@dataclass
class World:
    engine: Engine
    outbox: MemoryOutbox
    clock: Clock
    account_id: int
    user_id: int
    zone: ZoneInfo
    template_id: int = field(init=False)

    @classmethod
    def on(
        cls, database_url: str, data: Path, *, zone: ZoneInfo = NEW_YORK, start: datetime
    ) -> World:
        clock, outbox = MovableClock(start), MemoryOutbox()
        settings = Settings(data=data, database=database_url)
        engine = Engine.start(settings, clock=clock, outbox=outbox)
        account = engine.access.create_account(
            email="rep@example.com", name="Rita Rep", timezone=zone.key
        )
        return cls.around(engine, outbox, account)

    @classmethod
    def around(cls, engine: Engine, outbox: MemoryOutbox, account: NewAccount) -> World:
        zone = ZoneInfo(account.user.timezone)
        world = cls(engine, outbox, engine.clock, account.account_id, account.user.id, zone)
        world.connect(daily_cap=1000, gap=timedelta(seconds=30))
        world.template_id = world.template("Hello {{ contact.firstname|default('there') }}")
        return world

    @property
    def moving(self) -> ClockMoving:
        assert self.engine.clock_moving is not None
        return self.engine.clock_moving

    def connect(self, *, daily_cap: int | None = None, gap: timedelta | None = None) -> Sender:
        return self.engine.connecting.connect(
            self.account_id,
            user_id=self.user_id,
            email=None,
            server=SERVER,
            daily_cap=daily_cap,
            gap=gap,
        )

    def template(self, subject: str, body: str = "<p>Good day</p>") -> int:
        created = self.engine.authoring.create_template(
            self.account_id, self.user_id, name=subject, subject=subject, body=body, folder_id=None
        )
        return created.id

    def contact(self, email: str = "ada@example.org", **properties: str) -> int:
        created = self.engine.contacts.create(self.account_id, {"email": email, **properties})
        return created.id

    def email(self, days: float = 0, *, thread_to: int | None = None, template: int = 0) -> Step:
        content = EmailContent(template_id=template or self.template_id, thread_to=thread_to)
        return EmailStep(order=0, delay=days * ONE_DAY, email=content)

    def task(self, days: float = 0, *, kind: TaskType = TaskType.CALL) -> Step:
        content = TaskContent(type=kind, priority=TaskPriority.HIGH)
        return TaskStep(order=0, delay=days * ONE_DAY, task=content)

    def sequence(
        self,
        *steps: Step,
        settings: SequenceSettings = OFFICE_HOURS,
        waits: tuple[tuple[int, int], ...] = (),
        pauses: tuple[tuple[int, int], ...] = (),
    ) -> int:
        """A sequence of these steps and a finish; *waits* and *pauses* are (relies on, required
        by)."""
        definition = Definition(
            steps=tuple(ordered([*steps, FinishStep(order=0, delay=timedelta(0))])),
            dependencies=(
                *dependencies(DependencyType.TASK_COMPLETION, waits),
                *dependencies(DependencyType.MANUAL_PAUSE, pauses),
            ),
            settings=settings,
        )
        created = self.engine.authoring.create_sequence(
            self.account_id, self.user_id, name="Outreach", folder_id=None, definition=definition
        )
        return created.id

    def edit(
        self,
        sequence_id: int,
        *steps: Step,
        settings: SequenceSettings = OFFICE_HOURS,
        waits: tuple[tuple[int, int], ...] = (),
    ) -> None:
        """Put other steps into the sequence; whoever is on the way keeps the old ones."""
        definition = Definition(
            steps=tuple(ordered([*steps, FinishStep(order=0, delay=timedelta(0))])),
            dependencies=dependencies(DependencyType.TASK_COMPLETION, waits),
            settings=settings,
        )
        self.engine.authoring.replace_sequence(
            self.account_id, sequence_id, name="Edited", folder_id=None, definition=definition
        )

    def enroll(
        self,
        sequence_id: int,
        contact_id: int | None = None,
        *,
        user_id: int | None = None,
        sender_email: str = "rep@example.com",
    ) -> int:
        if contact_id is None:
            contact_id = self.contact()
        with self.engine.writing():
            enrollment = self.engine.enrolling.enroll(
                self.account_id,
                user_id=user_id or self.user_id,
                sequence_id=sequence_id,
                contact_id=contact_id,
                sender_email=sender_email,
            )
        return enrollment.id

    def unenroll(self, enrollment_id: int) -> None:
        with self.engine.writing():
            self.engine.enrolling.unenroll(self.account_id, enrollment_id)

    def pause(self, enrollment_id: int) -> None:
        with self.engine.writing():
            self.engine.enrolling.pause(self.account_id, enrollment_id)

    def resume(self, enrollment_id: int) -> None:
        with self.engine.writing():
            self.engine.enrolling.resume(self.account_id, enrollment_id)

    def complete(self, task: Task) -> None:
        with self.engine.writing():
            self.engine.tasks.complete(self.account_id, task.id)

    def edit_email(
        self,
        enrollment_id: int,
        step_order: int,
        *,
        subject: str = "",
        body: str = "<p>For you</p>",
    ) -> None:
        with self.engine.writing():
            self.engine.editing.edit(
                self.account_id,
                enrollment_id,
                step_order,
                user_id=self.user_id,
                subject=subject,
                body=body,
            )

    def restore_email(self, enrollment_id: int, step_order: int) -> None:
        with self.engine.writing():
            self.engine.editing.restore(
                self.account_id, enrollment_id, step_order, user_id=self.user_id
            )

    def migrate(
        self,
        sequence_id: int,
        *,
        to_version: int | None = None,
        from_version: int | None = None,
        dry_run: bool = False,
    ) -> Migration:
        with self.engine.writing():
            return self.engine.migrating.migrate(
                self.account_id,
                sequence_id,
                to_version=to_version,
                from_version=from_version,
                dry_run=dry_run,
            )

    def advance(self, **duration: float) -> None:
        self.moving.move_by(timedelta(**duration))

    def until(self, wall: str) -> None:
        self.moving.move_to(at(wall, self.zone))

    def outage(self, **duration: float) -> None:
        """Time goes by and nobody is there to do what falls due."""
        self.moving.clock.set(self.clock.now() + timedelta(**duration))

    def work(self) -> None:
        """Do what is due now, as a worker that has just come back does."""
        self.advance(seconds=0)

    def damage(self, *, enrollment_id: int) -> None:
        """What no code of ours writes: a zone that does not exist."""
        damaged = (
            enrollments_table.update()
            .where(enrollments_table.c.id == enrollment_id)
            .values(timezone="Mars/Olympus")
        )
        with self.engine.database.transaction() as tx:
            tx.execute(damaged)

    def suppress(self, email: str) -> None:
        """Keep the address from being mailed, and tell no enrollment of it."""
        with self.engine.database.transaction() as tx:
            suppressions.add(tx, self.account_id, email, "UNSUBSCRIBED", self.clock.now())

    def sent(self) -> list[str]:
        """When each e-mail left, as the wall in the rep's zone showed it."""
        return [shown(email.date, self.zone) for email in self.outbox.sent]

    def standing(self, enrollment_id: int) -> Enrollment:
        with self.engine.database.reading() as tx:
            return enrollments.get(tx, self.account_id, enrollment_id)

    def tasks(self) -> list[Task]:
        with self.engine.database.reading() as tx:
            return tasks.page(tx, self.account_id, limit=1000)

    def messages(self) -> list[Message]:
        with self.engine.database.reading() as tx:
            return messages.page(tx, self.account_id, limit=1000)

    def story(self, enrollment_id: int) -> list[str]:
        """What the timeline tells, in its own words."""
        with self.engine.database.reading() as tx:
            events = timeline.of_enrollment(tx, self.account_id, enrollment_id)
        return [event.kind.value for event in events]


def ordered(steps: list[Step]) -> list[Step]:
    return [replace(step, order=order) for order, step in enumerate(steps)]


def dependencies(
    kind: DependencyType, pairs: tuple[tuple[int, int], ...]
) -> tuple[Dependency, ...]:
    return tuple(
        Dependency(type=kind, relies_on=relies_on, required_by=required_by)
        for relies_on, required_by in pairs
    )
