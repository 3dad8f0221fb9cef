"""An account with one user, and the services that keep its records, without the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cryptography.fernet import Fernet

from drumbeat.domain.contact import Contact
from drumbeat.domain.enrollment import Enrollment, State
from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.domain.sender import SmtpSecurity, SmtpServer
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
from drumbeat.domain.template import Template
from drumbeat.domain.user import User
from drumbeat.services.access import Access
from drumbeat.services.authoring import Authoring
from drumbeat.services.connecting import Connecting
from drumbeat.services.contact_keeping import ContactKeeping
from drumbeat.services.holiday_keeping import HolidayKeeping
from drumbeat.services.importing import Importing
from drumbeat.services.publishing import Publishing
from drumbeat.services.sealing import Vault
from drumbeat.services.suppressing import Suppressing
from drumbeat.store import contacts, enrollments
from drumbeat.store.database import Database
from tests.clocks import StoppedClock

NO_TIME = timedelta(0)
ONE_DAY = timedelta(days=1)
SERVER = SmtpServer(
    host="mail.example.com",
    port=587,
    security=SmtpSecurity.TLS,
    username="ada",
    password="correct horse",
)
OFFICE_HOURS = SequenceSettings(
    window=SendWindow(540, 1020),
    days=EligibleDays.BUSINESS_DAYS,
    task_creation_minute=480,
    task_reminder_minute=540,
    has_task_reminders=False,
    threads_follow_ups=True,
)
A_CALL = TaskContent(type=TaskType.CALL, priority=TaskPriority.HIGH)


@dataclass
class Office:
    database: Database
    clock: StoppedClock
    vault: Vault
    user: User
    token: str

    @classmethod
    def on(cls, database: Database, email: str = "rep@example.com") -> Office:
        clock = StoppedClock()
        access = Access(database=database, clock=clock)
        account = access.create_account(email=email, name="Rita Rep", timezone="Europe/Lisbon")
        vault = Vault((Fernet.generate_key().decode(),))
        return cls(database, clock, vault, account.user, account.token)

    @property
    def account_id(self) -> int:
        return self.user.account_id

    @property
    def access(self) -> Access:
        return Access(database=self.database, clock=self.clock)

    @property
    def contacts(self) -> ContactKeeping:
        return ContactKeeping(database=self.database, clock=self.clock)

    @property
    def authoring(self) -> Authoring:
        return Authoring(database=self.database, clock=self.clock)

    @property
    def publishing(self) -> Publishing:
        return Publishing(database=self.database, clock=self.clock)

    @property
    def connecting(self) -> Connecting:
        return Connecting(database=self.database, clock=self.clock, vault=self.vault)

    @property
    def importing(self) -> Importing:
        return Importing(database=self.database, clock=self.clock)

    @property
    def holidays(self) -> HolidayKeeping:
        return HolidayKeeping(database=self.database, clock=self.clock)

    @property
    def suppressing(self) -> Suppressing:
        return Suppressing(
            database=self.database,
            clock=self.clock,
            vault=self.vault,
            link_base="https://mail.example.com",
        )

    def contact(self, email: str = "ada@example.org", **properties: str) -> Contact:
        return self.contacts.create(self.account_id, {"email": email, **properties})

    def contact_with(self, email: str) -> Contact | None:
        with self.database.reading() as tx:
            return contacts.by_email(tx, self.account_id, email)

    def template(self, subject: str = "Hello") -> Template:
        return self.authoring.create_template(
            self.account_id,
            self.user.id,
            name="Opener",
            subject=subject,
            body="<p>Good day</p>",
            folder_id=None,
        )

    def sequence(self, definition: Definition, name: str = "Outreach") -> int:
        created = self.authoring.create_sequence(
            self.account_id, self.user.id, name=name, folder_id=None, definition=definition
        )
        return created.id

    def enroll(self, contact: Contact, sequence_id: int) -> int:
        """Put the contact on its way, as a row; nothing works on it here."""
        now = self.clock.now()
        values = {
            "account_id": self.account_id,
            "sequence_id": sequence_id,
            "version": 1,
            "contact_id": contact.id,
            "user_id": self.user.id,
            "sender_id": 1,
            "sender_email": self.user.email,
            "from_email": self.user.email,
            "to_email": contact.email,
            "timezone": self.user.timezone,
            "state": State.EXECUTING,
            "step_order": 0,
            "start_order": 0,
            "due_at": now,
            "base_at": now,
            "enrolled_at": now,
            "updated_at": now,
        }
        with self.database.transaction() as tx:
            return enrollments.add(tx, values).id

    def enrollment(self, enrollment_id: int) -> Enrollment:
        with self.database.reading() as tx:
            return enrollments.get(tx, self.account_id, enrollment_id)


def call_then_email(template_id: int, settings: SequenceSettings = OFFICE_HOURS) -> Definition:
    """A call at once, an e-mail a day later, and the end."""
    return Definition(
        steps=(
            TaskStep(order=0, delay=NO_TIME, task=A_CALL),
            EmailStep(order=1, delay=ONE_DAY, email=EmailContent(template_id=template_id)),
            FinishStep(order=2, delay=NO_TIME),
        ),
        dependencies=(),
        settings=settings,
    )


def only_a_call(content: TaskContent = A_CALL) -> Definition:
    return Definition(
        steps=(
            TaskStep(order=0, delay=NO_TIME, task=content),
            FinishStep(order=1, delay=NO_TIME),
        ),
        dependencies=(),
        settings=OFFICE_HOURS,
    )
