"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from drumbeat.store.tables import Json, Millis, RowId, RowKey, UTCMillis, partial_index

revision = "0001"
down_revision = None


def noun(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("id", RowId, nullable=False),
        *parts,
        RowKey("account_id", "id", name=f"{name}_key"),
    )


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("next_wire_id", sa.BigInteger, nullable=False),
        sa.Column("created_at", UTCMillis, nullable=False),
        RowKey("id", name="accounts_key"),
    )
    op.create_table(
        "clock_positions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("stands_at", UTCMillis, nullable=False),
    )
    noun(
        "users",
        sa.Column("owner_id", sa.BigInteger, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("first_name", sa.Text, nullable=False),
        sa.Column("last_name", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("created_at", UTCMillis, nullable=False),
        sa.Column("updated_at", UTCMillis, nullable=False),
        sa.UniqueConstraint("account_id", "email", name="users_one_per_email"),
        sa.UniqueConstraint("account_id", "owner_id", name="users_one_per_owner"),
    )
    noun(
        "api_tokens",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        # SHA-256 in hex: the token is 32 random bytes, so a slow hash would protect nothing.
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("created_at", UTCMillis, nullable=False),
        sa.Column("revoked_at", UTCMillis),
        sa.Index("api_tokens_by_hash", "token_hash", unique=True),
    )
    noun(
        "contacts",
        sa.Column("email", sa.Text),
        sa.Column("properties", Json, nullable=False),
        sa.Column("created_at", UTCMillis, nullable=False),
        sa.Column("updated_at", UTCMillis, nullable=False),
        sa.Column("archived_at", UTCMillis),
        partial_index(
            "contacts_one_per_email",
            "account_id",
            "email",
            where="archived_at IS NULL AND email IS NOT NULL",
            unique=True,
        ),
    )
    noun(
        "senders",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("aliases", Json, nullable=False),
        sa.Column("signature", sa.Text),
        sa.Column("daily_cap", sa.Integer, nullable=False),
        sa.Column("gap", Millis, nullable=False),
        sa.Column("next_slot_at", UTCMillis, nullable=False),
        sa.Column("host", sa.Text),
        sa.Column("port", sa.Integer),
        sa.Column("security", sa.Text),
        sa.Column("username", sa.Text),
        sa.Column("sealed_password", sa.Text),
        sa.Column("connected_at", UTCMillis),
        sa.Column("disconnected_at", UTCMillis),
        sa.Column("trouble", sa.Text),
        sa.Column("trouble_at", UTCMillis),
        sa.Column("trouble_count", sa.Integer, nullable=False),
        sa.Column("created_at", UTCMillis, nullable=False),
        sa.Column("updated_at", UTCMillis, nullable=False),
        sa.UniqueConstraint("account_id", "email", name="senders_one_per_email"),
    )
    noun(
        "templates",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("folder_id", sa.BigInteger),
        sa.Column("created_at", UTCMillis, nullable=False),
        sa.Column("updated_at", UTCMillis, nullable=False),
    )
    noun(
        "sequences",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folder_id", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", UTCMillis, nullable=False),
        sa.Column("updated_at", UTCMillis, nullable=False),
        sa.Column("deleted_at", UTCMillis),
    )
    op.create_table(
        "sequence_versions",
        sa.Column("account_id", sa.BigInteger, primary_key=True),
        sa.Column("sequence_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("definition", Json, nullable=False),
        sa.Column("created_at", UTCMillis, nullable=False),
    )
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
            where="step_order = 0 AND due_at IS NOT NULL",
        ),
        partial_index("enrollments_due", "due_at", "id", where="due_at IS NOT NULL"),
        sa.Index("enrollments_by_sequence", "account_id", "sequence_id", "id"),
        sa.Index("enrollments_by_contact", "account_id", "contact_id", "id"),
    )
    op.create_table(
        "step_executions",
        sa.Column("account_id", sa.BigInteger, primary_key=True),
        sa.Column("enrollment_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("step_order", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("executed_at", UTCMillis, nullable=False),
    )
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
        sa.UniqueConstraint("account_id", "enrollment_id", "step_order", name="tasks_one_per_step"),
        sa.Index("tasks_by_contact", "account_id", "contact_id", "id"),
    )
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
        sa.UniqueConstraint(
            "account_id", "enrollment_id", "step_order", name="messages_one_per_step"
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
    noun(
        "timeline_events",
        sa.Column("enrollment_id", sa.BigInteger, nullable=False),
        sa.Column("contact_id", sa.BigInteger, nullable=False),
        sa.Column("at", UTCMillis, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("step_order", sa.Integer),
        sa.Column("reason", sa.Text),
        sa.Column("facts", Json, nullable=False),
        sa.Index("timeline_events_by_enrollment", "account_id", "enrollment_id", "id"),
    )
    noun(
        "suppressions",
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", UTCMillis, nullable=False),
        sa.UniqueConstraint("account_id", "email", name="suppressions_one_per_email"),
    )
    noun(
        "captured_messages",
        sa.Column("at", UTCMillis, nullable=False),
        sa.Column("from_email", sa.Text, nullable=False),
        sa.Column("to_email", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Index("captured_messages_by_recipient", "account_id", "to_email", "id"),
    )
