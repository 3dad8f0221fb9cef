"""Opening the engine for one command, and finding whom the command is about."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from drumbeat import log
from drumbeat.app import Engine
from drumbeat.cli.saying import as_called
from drumbeat.domain.user import User
from drumbeat.errors import Conflict, NotFound
from drumbeat.settings import Settings
from drumbeat.store import users
from drumbeat.store.database import Database

# What they tell at info is of no use to who runs the program.
CHATTY = ("alembic", "mail.log", "uvicorn")


@contextmanager
def opened(settings: Settings, *, may_make_database: bool = False) -> Iterator[Engine]:
    """The engine, for a command that may run beside a server on the same database.

    Raises Conflict where there is no database yet and the command is not to make one: its
    address is then more likely mistyped.
    """
    # A command tells its result; what an operator follows in a server's log is beside it.
    set_up_log("warning" if settings.log_level == "info" else settings.log_level, "console")
    if not may_make_database:
        refuse_missing(settings)
    # The clock is the server's to move and the mail the server's to catch.
    own = settings.model_copy(update={"clock": "system", "mail": "real"})
    with closing(Engine.start(own)) as engine:
        yield engine


def set_up_log(level: str, form: Literal["console", "json"]) -> None:
    log.set_up(level, form)
    if level != "debug":
        for package in CHATTY:
            logging.getLogger(package).setLevel(logging.WARNING)


def refuse_missing(settings: Settings) -> None:
    with closing(Database(settings.database_url)) as database:
        file = database.engine.url.database
        if database.is_sqlite and file and not Path(file).exists():
            raise Conflict(f"there is no database at {file}; {how_to_begin()}")


def account_of(engine: Engine, given: int | None) -> int:
    """The account a command is about: the one given, or the only one there is."""
    with engine.database.reading() as tx:
        accounts = users.all_accounts(tx)
    refuse_without_account(engine)
    if given is not None and given not in accounts:
        raise NotFound("account", given)
    if given is None and len(accounts) > 1:
        listed = ", ".join(str(account) for account in accounts)
        raise Conflict(f"there are several accounts ({listed}); say which one with --account")
    return accounts[0] if given is None else given


def refuse_without_account(engine: Engine) -> None:
    if not engine.access.has_account():
        raise Conflict(f"the database has no account yet; {how_to_begin()}")


def user_of(engine: Engine, account_id: int, email: str) -> User:
    with engine.database.reading() as tx:
        user = users.by_email(tx, account_id, email)
    if user is None:
        raise NotFound("user", email)
    return user


def how_to_begin() -> str:
    return f"`{as_called()} init --email YOU@example.com` makes one"
