"""The demo's story: written, enrolled and walked through, all of it over HTTP."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from drumbeat.cli import demo_facts
from drumbeat.cli.demo_client import Client
from drumbeat.cli.demo_facts import AtFive
from drumbeat.cli.demo_page import Page

Row: TypeAlias = dict[str, Any]

SEQUENCES = "/automation/v4/sequences"
WRITING = "/automation/sequences/2026-09-beta/serviceaccounts/sequences"
TEMPLATES = "/automation/email-templates/2026-09-beta"
CONTACTS = "/crm/v3/objects/contacts"
OURS = "/drumbeat/v1"
# The most that one page has, and more than the story ever makes.
ALL = 100


@dataclass
class Story:
    client: Client
    page: Page
    user_id: str
    sequences: dict[str, Row] = field(default_factory=dict)
    """The two sequences as they were answered, by their ids."""
    last_captured: str = "0"
    last_task: str = "0"
    told: set[str] = field(default_factory=set)
    """The held messages and the ended enrollments that the page has shown already."""

    def tell(self) -> None:
        calls, emails = self.write()
        called = self.people[: demo_facts.HOW_MANY_ARE_CALLED]
        mailed = self.people[demo_facts.HOW_MANY_ARE_CALLED :]
        self.enroll(calls, called)
        self.enroll(emails, mailed)
        for day in range(demo_facts.DAYS):
            self.live(day)
        self.close()

    def write(self) -> tuple[str, str]:
        """Three templates and two sequences; the ids of the sequences."""
        hello, example, last = (
            self.client.post(TEMPLATES, template)["id"]
            for template in (demo_facts.HELLO, demo_facts.EXAMPLE, demo_facts.LAST_ONE)
        )
        for asked in (
            demo_facts.call_then_write(hello),
            demo_facts.three_emails(hello, example, last),
        ):
            created = self.client.post(WRITING, asked)["sequence"]
            self.sequences[created["id"]] = created
        self.page.say_written(3, list(self.sequences.values()))
        calls, emails = self.sequences
        return calls, emails

    @cached_property
    def people(self) -> list[Row]:
        properties = "email,firstname,lastname,company"
        found: list[Row] = self.client.get(CONTACTS, limit=ALL, properties=properties)["results"]
        return found

    def enroll(self, sequence_id: str, people: list[Row]) -> None:
        """As HubSpot's users do it today, one contact at a time."""
        for person in people:
            self.client.post(
                f"{SEQUENCES}/enrollments?userId={self.user_id}",
                {
                    "sequenceId": sequence_id,
                    "contactId": person["id"],
                    "senderEmail": demo_facts.REP_EMAIL,
                },
            )
        self.page.say_enrolled(len(people), self.sequences[sequence_id])

    def live(self, day: int) -> None:
        """One day: time goes by until five, then Nora does what her diary says."""
        moved = self.client.post(
            f"{OURS}/clock", {"advance": demo_facts.ONE_DAY if day else demo_facts.FIRST_DAY}
        )
        self.page.begin_day(moved["now"])
        self.tell_news()
        if day in demo_facts.DIARY:
            self.work(demo_facts.DIARY[day])
            self.tell_news()
        self.page.say_waiting(self.enrollments("EXECUTING"), moved["now"])

    def tell_news(self) -> None:
        """What has happened since this was last asked."""
        captured = self.ours("captured", after=self.last_captured)
        tasks = self.ours("tasks", after=self.last_task)
        self.page.say_sent(captured, self.people)
        self.page.say_created(tasks)
        self.page.say_held(self.untold(self.ours("messages", state="held")), self.people)
        self.page.say_finished(self.untold(self.enrollments("FINISHED")))
        if captured:
            self.last_captured = captured[-1]["id"]
        if tasks:
            self.last_task = tasks[-1]["id"]

    def untold(self, rows: list[Row]) -> list[Row]:
        """Those that have not been told of; messages and enrollments count their ids apart."""
        marks = {f"{row['state']} {row['id']}": row for row in rows}
        new = [row for mark, row in marks.items() if mark not in self.told]
        self.told |= marks.keys()
        return new

    def work(self, diary: AtFive) -> None:
        for kind, count in diary.tasks.items():
            open_tasks = self.ours("tasks", status="NOT_STARTED")
            for task in [task for task in open_tasks if task["type"] == kind][:count]:
                self.client.post(f"{OURS}/tasks/{task['id']}/completion")
        self.page.say_worked(diary.tasks)
        if diary.takes_out is not None:
            person = self.named(diary.takes_out)
            enrollment = self.enrollment_of(person)
            self.client.post(f"{OURS}/enrollments/{enrollment['id']}/unenrollment")
            self.page.say_taken_out(person)
        if diary.completes is not None:
            self.complete_contact(*diary.completes)

    def complete_contact(self, email: str, company: str) -> None:
        """Give a contact its company, and try again what was held for the lack of it."""
        person = self.named(email)
        self.client.patch(f"{CONTACTS}/{person['id']}", {"properties": {"company": company}})
        self.page.say_completed(person, company)
        for message in self.ours("messages", state="held"):
            if message["contactId"] == person["id"]:
                self.client.post(f"{OURS}/messages/{message['id']}/retry")

    def close(self) -> None:
        """What came of each sequence, and one enrollment from its beginning to its end."""
        tasks, sent = self.ours("tasks"), self.ours("messages", state="sent")
        held = self.ours("messages", state="held")
        counts: list[tuple[str, dict[str, int | str]]] = []
        for sequence in self.sequences.values():
            enrolled = self.ours("enrollments", sequenceId=sequence["id"])
            states = Counter(enrollment["state"] for enrollment in enrolled)
            own_tasks = of(enrolled, tasks)
            done = [task for task in own_tasks if task["status"] == "COMPLETED"]
            waiting = [row for row in enrolled if row["waitingFor"] == "TASK"]
            outcome: dict[str, int | str] = {
                "people": len(enrolled),
                "e-mails": len(of(enrolled, sent)),
                "tasks": f"{len(done)}/{len(own_tasks)}",
                "finished": states["FINISHED"],
                "unenrolled": states["UNENROLLED"],
                "held": len(of(enrolled, held)),
                "waiting": len(waiting),
            }
            counts.append((sequence["name"], outcome))
        self.page.show_sequences(counts)
        [completed] = [diary.completes for diary in demo_facts.DIARY.values() if diary.completes]
        person = self.named(completed[0])
        enrollment = self.client.get(f"{OURS}/enrollments/{self.enrollment_of(person)['id']}")
        self.page.show_timeline(person, enrollment["timeline"])

    def enrollments(self, state: str | None = None) -> list[Row]:
        return self.ours("enrollments", **({"state": state} if state else {}))

    def enrollment_of(self, person: Row) -> Row:
        [enrollment] = self.ours("enrollments", contactId=person["id"])
        return enrollment

    def named(self, email: str) -> Row:
        return next(each for each in self.people if each["properties"]["email"] == email)

    def ours(self, noun: str, **query: str) -> list[Row]:
        rows: list[Row] = self.client.get(f"{OURS}/{noun}", limit=ALL, **query)["results"]
        return rows


def of(enrolled: list[Row], rows: list[Row]) -> list[Row]:
    """Those of the tasks or messages that belong to one of these enrollments."""
    ids = {enrollment["id"] for enrollment in enrolled}
    return [row for row in rows if row["enrollmentId"] in ids]
