"""What a database of an earlier release holds is there after its migration, and means the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
import sqlalchemy as sa

from drumbeat.domain.message import Direction
from drumbeat.store import captured
from drumbeat.store.database import Database

ENROLLED = """
INSERT INTO enrollments (
    account_id, id, sequence_id, version, contact_id, user_id, sender_id, sender_email,
    from_email, to_email, timezone, state, step_order, due_at, base_at, enrolled_at, updated_at
) VALUES (1, 7, 1, 3, 1, 1, 1, 'r@x.example', 'r@x.example', 'a@x.example', 'UTC', 'EXECUTING',
    2, 5000, 1000, 1000, 1000)
"""
EXECUTED = "INSERT INTO step_executions VALUES (1, 7, 0, 1000)"
TASK = """
INSERT INTO tasks (
    account_id, id, enrollment_id, contact_id, user_id, step_order, type, priority, subject,
    status, due_at, created_at, updated_at
) VALUES (1, 4, 7, 1, 1, 1, 'CALL', 'HIGH', 'Call Ada', 'NOT_STARTED', 1000, 1000, 1000)
"""
MESSAGE = """
INSERT INTO messages (
    account_id, id, enrollment_id, contact_id, sender_id, step_order, generation, template_id,
    message_id, from_email, to_email, reference_ids, state, attempts, claim_token, created_at,
    updated_at
) VALUES (1, 9, 7, 1, 1, 0, 0, 1, '<a@x.example>', 'r@x.example', 'a@x.example', '[]', 'sent',
    1, 1, 1000, 1000)
"""
CAPTURED = """
INSERT INTO captured_messages (account_id, id, at, from_email, to_email, raw)
VALUES (1, 3, 1000, 'r@x.example', 'a@x.example', CAST('Subject: Hi' AS {bytes}))
"""


@pytest.fixture
def old(blank_database_url: str) -> Iterator[Database]:
    """A database as the first release left it, with one contact on its way."""
    with closing(Database(blank_database_url)) as database:
        database.migrate("0001")
        with database.transaction() as tx:
            as_bytes = CAPTURED.format(bytes="BLOB" if database.is_sqlite else "BYTEA")
            for statement in (ENROLLED, EXECUTED, TASK, MESSAGE, as_bytes):
                tx.execute(sa.text(statement))
        yield database


def rows(database: Database, statement: str) -> list[tuple[object, ...]]:
    with database.reading() as tx:
        return [tuple(row) for row in tx.execute(sa.text(statement))]


def test_what_has_run_is_known_to_have_run_in_its_enrollments_version(old: Database) -> None:
    old.migrate()

    for table in ("step_executions", "tasks", "messages"):
        kept = rows(old, f"SELECT enrollment_id, version FROM {table}")
        assert kept == [(7, 3)], table


def test_whoever_is_on_the_way_stays_there_and_began_at_the_start(old: Database) -> None:
    old.migrate()

    kept = rows(old, "SELECT id, step_order, due_at, start_order, because FROM enrollments")
    assert kept == [(7, 2, 5000, 0, None)]


def test_what_was_captured_before_there_was_a_choice_went_out(old: Database) -> None:
    old.migrate()

    with old.reading() as tx:
        [kept] = captured.page(tx, 1, limit=10)
    assert (kept.id, kept.direction, kept.to_email) == (3, Direction.OUT, "a@x.example")
    assert kept.raw == b"Subject: Hi"
