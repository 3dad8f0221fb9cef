"""Many rows at once, past SQLAlchemy: what comes out is what went in, however many they are."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from drumbeat.domain.enrollment import Enrollment, Reason, State, WaitingFor
from drumbeat.domain.planner import Because
from drumbeat.domain.sequence import TaskPriority, TaskType
from drumbeat.domain.task import NewTask
from drumbeat.domain.timeline import Kind, TimelineEvent
from drumbeat.errors import Unavailable
from drumbeat.store import enrollments, tasks, timeline
from drumbeat.store.database import BULK_ROWS, Database
from drumbeat.store.tables import timeline_events
from tests.office import Office, only_a_call

NOW = datetime(2026, 3, 2, 9, 0, 0, 123_000, tzinfo=UTC)
COUNTS = (1, BULK_ROWS - 1, BULK_ROWS, 3 * BULK_ROWS)
AWKWARD = ("plain", "tab\tand\nline", "back\\slash \\N", "it's “quoted”", "Grüße 🎉", "")


def event(number: int, text: str = "plain") -> TimelineEvent:
    return TimelineEvent(
        account_id=1,
        enrollment_id=number,
        contact_id=number,
        at=NOW + timedelta(milliseconds=number),
        kind=Kind.EMAIL_HELD,
        step_order=number or None,
        reason=text,
        facts={"answer": text, "attempts": number, "none": None},
    )


def task(number: int) -> NewTask:
    return NewTask(
        account_id=1,
        enrollment_id=number,
        contact_id=number,
        user_id=1,
        version=1,
        step_order=0,
        type=TaskType.CALL,
        priority=TaskPriority.HIGH,
        subject="Call",
        notes=None,
        queue_id=None,
        template_id=None,
        due_at=NOW,
        reminder_at=None,
        created_at=NOW,
        updated_at=NOW,
    )


@pytest.mark.parametrize("count", COUNTS)
def test_rows_come_out_as_they_went_in(database: Database, count: int) -> None:
    events = [event(number, AWKWARD[number % len(AWKWARD)]) for number in range(count)]

    with database.transaction() as tx:
        timeline.add_all(tx, events)

    with database.reading() as tx:
        kept = [timeline.of_enrollment(tx, 1, number)[0] for number in range(count)]
    assert kept == events


def test_no_rows_at_all_are_no_trouble(database: Database) -> None:
    with database.transaction() as tx:
        timeline.add_all(tx, [])
        enrollments.update_all(tx, [])


@pytest.mark.parametrize("count", COUNTS)
def test_every_changed_row_stands_as_it_was_given_and_no_other_does(
    office: Office, count: int
) -> None:
    standing = enrolled(office, count + 1)
    changed = [moved(enrollment) for enrollment in standing[1:]]

    with office.database.transaction() as tx:
        enrollments.update_all(tx, changed)

    assert [office.enrollment(each.id) for each in standing] == [standing[0], *changed]


@pytest.mark.parametrize("count", COUNTS)
def test_a_row_that_an_index_refuses_is_the_same_fault_however_many_there_are(
    database: Database, count: int
) -> None:
    twice = [task(0), *(task(number) for number in range(count))]

    with pytest.raises(IntegrityError), database.transaction() as tx:
        tasks.add_all(tx, twice)

    with database.reading() as tx:
        assert tasks.page(tx, 1, limit=10) == []


@pytest.mark.parametrize("count", COUNTS)
def test_a_server_that_goes_away_meanwhile_is_unavailable_and_then_there_again(
    postgresql_url: str, count: int
) -> None:
    events = [event(number) for number in range(count)]
    with closing(Database(postgresql_url)) as database:
        with pytest.raises(Unavailable):
            add_while_thrown_out(database, postgresql_url, events)

        with database.transaction() as tx:
            timeline.add_all(tx, events)
            kept = tx.execute(sa.select(sa.func.count()).select_from(timeline_events)).scalar_one()

    assert kept == count


def enrolled(office: Office, count: int) -> list[Enrollment]:
    sequence_id = office.sequence(only_a_call())
    people = [office.contact(f"person{number}@example.org") for number in range(count)]
    return [office.enrollment(office.enroll(person, sequence_id)) for person in people]


def moved(enrollment: Enrollment) -> Enrollment:
    """Every column that moves, moved; with None where there was a value and the other way."""
    return replace(
        enrollment,
        state=State.PAUSED,
        reason=Reason.BY_HAND,
        step_order=1,
        due_at=None,
        waiting_for=WaitingFor.TASK,
        base_at=NOW,
        remaining=timedelta(days=enrollment.id),
        updated_at=NOW,
        ended_at=NOW,
        version=2,
        because=Because.RETRY,
    )


def add_while_thrown_out(database: Database, url: str, events: list[TimelineEvent]) -> None:
    with database.transaction() as tx:
        pid = tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with psycopg.connect(url) as another:
            another.execute("SELECT pg_terminate_backend(%s)", (pid,))
        timeline.add_all(tx, events)
