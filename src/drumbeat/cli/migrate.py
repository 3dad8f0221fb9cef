"""`drumbeat migrate`: the database's schema as this release wants it."""

from __future__ import annotations

from contextlib import closing

from drumbeat.cli.saying import say
from drumbeat.settings import Settings
from drumbeat.store.database import Database


def migrate(settings: Settings) -> None:
    """Bring the schema up to date. Twice is as good as once."""
    if settings.database is None:
        settings.data.mkdir(parents=True, exist_ok=True)
    with closing(Database(settings.database_url)) as database:
        database.migrate()
    say(f"{settings.shown()['database']} is up to date.")
