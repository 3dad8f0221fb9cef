"""Captured mail that goes out, and that comes in.

What was captured before went out.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from drumbeat.store.tables import RowId, RowKey, UTCMillis

revision = "0003"
down_revision = "0002"

TABLE = "captured_messages"
INDEX = "captured_messages_by_recipient"
KEPT = "account_id, id, at, from_email, to_email, raw"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        make_anew()
    else:
        change_in_place()


def make_anew() -> None:
    # SQLite adds no column that must have a value to a table that stands.
    op.drop_index(INDEX, table_name=TABLE)
    op.rename_table(TABLE, "before")
    op.create_table(
        TABLE,
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("id", RowId, nullable=False),
        sa.Column("at", UTCMillis, nullable=False),
        sa.Column("from_email", sa.Text, nullable=False),
        sa.Column("to_email", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Index(INDEX, "account_id", "to_email", "id"),
        RowKey("account_id", "id", name=f"{TABLE}_key"),
    )
    op.execute(f"INSERT INTO {TABLE} ({KEPT}, direction) SELECT {KEPT}, 'out' FROM before")
    op.drop_table("before")


def change_in_place() -> None:
    op.add_column(TABLE, sa.Column("direction", sa.Text))
    op.execute(f"UPDATE {TABLE} SET direction = 'out'")
    op.alter_column(TABLE, "direction", nullable=False)
