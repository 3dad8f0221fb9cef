"""`drumbeat user add`: one more user of an account that is there."""

from __future__ import annotations

from drumbeat.app import Engine
from drumbeat.cli.init import name_in, same_place
from drumbeat.cli.opening import account_of, opened
from drumbeat.cli.saying import as_called, say, say_json
from drumbeat.domain.user import User
from drumbeat.errors import AlreadyExists, Conflict
from drumbeat.settings import Settings
from drumbeat.store import accounts


def add_user(
    settings: Settings,
    *,
    account: int | None,
    email: str,
    name: str | None,
    timezone: str | None,
    as_json: bool,
) -> None:
    """Add a user, and say what comes next: neither an inbox nor a token comes with one.

    Raises Conflict where the account has a user with this address.
    """
    with opened(settings) as engine:
        account_id = account_of(engine, account)
        try:
            user = engine.access.add_user(
                account_id,
                email=email,
                name=name_in(email) if name is None else name,
                timezone=timezone or timezone_of(engine, account_id),
            )
        except AlreadyExists as standing:
            message = f"{email} is a user already, with id {standing.existing_id}"
            raise Conflict(message) from standing
    say_json(facts_of(user)) if as_json else say(welcome(settings, user, account))


def timezone_of(engine: Engine, account_id: int) -> str:
    with engine.database.reading() as tx:
        return accounts.get(tx, account_id).timezone


def facts_of(user: User) -> dict[str, object]:
    return {
        "accountId": str(user.account_id),
        "userId": str(user.id),
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "timezone": user.timezone,
    }


def welcome(settings: Settings, user: User, account: int | None) -> str:
    name = f"{user.first_name} {user.last_name}".strip()
    whose = f"{same_place(settings)}{f' --account {account}' if account else ''}"
    command = as_called()
    return f"""\
{name} <{user.email}> is user {user.id} of account {user.account_id}, \
and works in {user.timezone} time.

A mailbox for their e-mails, and a token for a program of theirs:

  {command} inbox connect{whose} --user {user.email} --smtp-file FILE
  {command} token create{whose} --user {user.email}

FILE holds one line, smtps://USER:PASSWORD@HOST:465."""
