"""How far a database's schema has come, and what the database itself says of its state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from drumbeat.store.database import MIGRATIONS, Tx


def applied(tx: Tx) -> str | None:
    """The newest migration that has been run; None where none has, as in a new database."""
    return MigrationContext.configure(tx).get_current_revision()


def known() -> list[str]:
    """The migrations this release has, the newest first."""
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    return [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]


def product(tx: Tx) -> str:
    """Which database this is, in which version."""
    if tx.dialect.name == "sqlite":
        return f"SQLite {tx.execute(sa.text('SELECT sqlite_version()')).scalar_one()}"
    version: str = tx.execute(sa.text("SHOW server_version")).scalar_one()
    return f"PostgreSQL {version.partition(' ')[0]}"


def keeps_write_ahead_log(tx: Tx) -> bool:
    """Whether readers and the writer leave each other alone: SQLite cannot everywhere."""
    if tx.dialect.name != "sqlite":
        return True
    return bool(tx.execute(sa.text("PRAGMA journal_mode")).scalar_one() == "wal")


def is_standby(tx: Tx) -> bool:
    """Whether this is a copy that follows another server and takes no changes."""
    if tx.dialect.name == "sqlite":
        return False
    return bool(tx.execute(sa.text("SELECT pg_is_in_recovery()")).scalar_one())
