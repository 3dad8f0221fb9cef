"""Holidays, edited e-mails, and what a step ran for.

A contact can be moved to another version of its sequence, so what a step has brought about is
known by the version too, and never counted twice.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from drumbeat.store.tables import Json, Millis, RowId, RowKey, UTCMillis, partial_index

revision = "0002"
down_revision = "0001"

# Of rows that there are already: they ran in the version that their enrollment is in.
OF_ENROLLMENT = (
    "(SELECT version FROM enrollments WHERE enrollments.account_id = {0}.account_id "
    "AND enrollments.id = {0}.enrollment_id)"
)
BECOMING = {
    "enrollments": {"start_order": "0"},
    "step_executions": {"version": OF_ENROLLMENT},
    "tasks": {"version": OF_ENROLLMENT},
    "messages": {"version": OF_ENROLLMENT},
}


def upgrade() -> None:
    add_tables()
    if op.get_bind().dialect.name == "sqlite":
        # SQLite changes no key of a table that stands, so each is made anew.
        for name, create in CREATE.items():
            make_anew(name, create)
    else:
        change_in_place()


def noun(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("id", RowId, nullable=False),
        *parts,
        RowKey("account_id", "id", name=f"{name}_key"),
    )


def add_tables() -> None:
    op.create_table(
        "edited_emails",
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("enrollment_id", sa.BigInteger, nullable=False),
        sa.Column("step_order", sa.Integer, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("updated_at", UTCMillis, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "enrollment_id", "step_order"),
    )
    op.create_table(
        "holiday_calendars",
        sa.Column("account_id", sa.BigInteger, nullable=False),
        # account, user or sequence, and which of them; for the account itself 0.
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("of_id", sa.BigInteger, nullable=False),
        sa.Column("regions", Json, nullable=False),
        sa.Column("dates", Json, nullable=False),
        sa.Column("updated_at", UTCMillis, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "kind", "of_id"),
    )


def make_anew(name: str, create: Callable[[], None]) -> None:
    inspector = sa.inspect(op.get_bind())
    columns = [column["name"] for column in inspector.get_columns(name)]
    for index in inspector.get_indexes(name):
        op.drop_index(str(index["name"]), table_name=name)
    op.rename_table(name, "before")
    create()
    becoming = {column: how.format("before") for column, how in BECOMING[name].items()}
    into = ", ".join([*columns, *becoming])
    values = ", ".join([*columns, *becoming.values()])
    op.execute(f"INSERT INTO {name} ({into}) SELECT {values} FROM before")
    op.drop_table("before")


def change_in_place() -> None:
    add_needed("enrollments", "start_order")
    op.add_column("enrollments", sa.Column("because", sa.Text))
    add_needed("step_executions", "version")
    op.add_column("step_executions", sa.Column("due_at", UTCMillis))
    op.add_column("step_executions", sa.Column("because", sa.Text))
    add_needed("tasks", "version")
    add_needed("messages", "version")
    op.add_column("messages", sa.Column("because", sa.Text))
    op.drop_constraint("step_executions_pkey", "step_executions")
    key = ["account_id", "enrollment_id", "version", "step_order"]
    op.create_primary_key("step_executions_pkey", "step_executions", key)
    for name in ("tasks", "messages"):
        op.drop_constraint(f"{name}_one_per_step", name)
        op.create_unique_constraint(f"{name}_one_per_step", name, key)
    op.drop_index("enrollments_starting")
    op.create_index(
        "enrollments_starting",
        "enrollments",
        ["account_id", "sender_id", "due_at"],
        postgresql_where=sa.text("step_order = start_order AND due_at IS NOT NULL"),
    )
    op.create_index(
        "enrollments_of_sender",
        "enrollments",
        ["account_id", "sender_id"],
        postgresql_where=sa.text("state IN ('EXECUTING', 'PAUSED')"),
    )


def add_needed(table: str, column: str) -> None:
    op.add_column(table, sa.Column(column, sa.Integer))
    op.execute(f"UPDATE {table} SET {column} = {BECOMING[table][column].format(table)}")
    op.alter_column(table, column, nullable=False)


def create_enrollments() -> None:
    noun(
        "enrollments",
        sa.Column("sequence_id", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("contact_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("sender_id", sa.BigInteger, nullable=False),
        sa.Column("sender_email", sa.Text, nullable=False),
        sa.Column("from_email", sa.Text, nullable=False),
        sa.Column("to_email", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("step_order", sa.Integer, nullable=False),
        sa.Column("due_at", UTCMillis),
        sa.Column("waiting_for", sa.Text),
        sa.Column("base_at", UTCMillis, nullable=False),
        sa.Column("remaining", Millis),
        sa.Column("enrolled_at", UTCMillis, nullable=False),
        sa.Column("updated_at", UTCMillis, nullable=False),
        sa.Column("ended_at", UTCMillis),
        sa.Column("start_order", sa.Integer, nullable=False),
        sa.Column("because", sa.Text),
        partial_index(
            "enrollments_one_active_per_contact",
            "account_id",
            "contact_id",
            where="state IN ('EXECUTING', 'PAUSED')",
            unique=True,
        ),
        partial_index(
            "enrollments_starting",
            "account_id",
            "sender_id",
            "due_at",
            where="step_order = start_order AND due_at IS NOT NULL",
        ),
        partial_index(
            "enrollments_of_sender",
            "account_id",
            "sender_id",
            where="state IN ('EXECUTING', 'PAUSED')",
        ),
        partial_index("enrollments_due", "due_at", "id", where="due_at IS NOT NULL"),
        sa.Index("enrollments_by_sequence", "account_id", "sequence_id", "id"),
        sa.Index("enrollments_by_contact", "account_id", "contact_id", "id"),
    )


def create_step_executions() -> None:
    op.create_table(
        "step_executions",
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("enrollment_id", sa.BigInteger, nullable=False),
        sa.Column("step_order", sa.Integer, nullable=False),
        sa.Column("executed_at", UTCMillis, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("due_at", UTCMillis),
        sa.Column("because", sa.Text),
        sa.PrimaryKeyConstraint("account_id", "enrollment_id", "version", "step_order"),
    )


def create_tasks() -> None:
    noun(
        "tasks",
        sa.Column("enrollment_id", sa.BigInteger, nullable=False),
        sa.Column("contact_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("step_order", sa.Integer, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("notes", sa.Text),
        sa.Column("queue_id", sa.Integer),
        sa.Column("template_id", sa.BigInteger),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("due_at", UTCMillis, nullable=False),
        sa.Column("reminder_at", UTCMillis),
        sa.Column("completed_at", UTCMillis),
        sa.Column("created_at", UTCMillis, nullable=False),
        sa.Column("updated_at", UTCMillis, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint(
            "account_id", "enrollment_id", "version", "step_order", name="tasks_one_per_step"
        ),
        sa.Index("tasks_by_contact", "account_id", "contact_id", "id"),
    )


def create_messages() -> None:
    noun(
        "messages",
        sa.Column("enrollment_id", sa.BigInteger, nullable=False),
        sa.Column("contact_id", sa.BigInteger, nullable=False),
        sa.Column("sender_id", sa.BigInteger, nullable=False),
        sa.Column("step_order", sa.Integer, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("template_id", sa.BigInteger, nullable=False),
        sa.Column("thread_to", sa.Integer),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("from_email", sa.Text, nullable=False),
        sa.Column("to_email", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("in_reply_to", sa.Text),
        sa.Column("reference_ids", Json, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("send_at", UTCMillis),
        sa.Column("sending_at", UTCMillis),
        sa.Column("sent_at", UTCMillis),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claimed_until", UTCMillis),
        sa.Column("claim_token", sa.BigInteger, nullable=False),
        sa.Column("created_at", UTCMillis, nullable=False),
        sa.Column("updated_at", UTCMillis, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("because", sa.Text),
        sa.UniqueConstraint(
            "account_id", "enrollment_id", "version", "step_order", name="messages_one_per_step"
        ),
        sa.UniqueConstraint("account_id", "message_id", name="messages_one_per_message_id"),
        partial_index("messages_due", "send_at", "id", where="state = 'scheduled'"),
        partial_index("messages_claimed", "claimed_until", where="claimed_until IS NOT NULL"),
        sa.Index("messages_by_sender", "account_id", "sender_id", "sending_at"),
        partial_index(
            "messages_queued",
            "account_id",
            "sender_id",
            "send_at",
            where="state = 'scheduled'",
        ),
    )


CREATE: dict[str, Callable[[], None]] = {
    # First those that look their enrollment up.
    "step_executions": create_step_executions,
    "tasks": create_tasks,
    "messages": create_messages,
    "enrollments": create_enrollments,
}
