"""`drumbeat init`: an account, its first user, and a token to begin with."""

from __future__ import annotations

import os
import re

from drumbeat.cli.opening import opened
from drumbeat.cli.saying import as_called, say, say_json
from drumbeat.errors import Conflict
from drumbeat.services.access import NewAccount, refuse_faulty_user
from drumbeat.settings import Settings


def init(
    settings: Settings,
    *,
    email: str,
    name: str | None,
    timezone: str,
    is_new_account: bool,
    as_json: bool,
) -> None:
    """Make an account. Raises Conflict where there is one, unless one more is asked for."""
    name = name_in(email) if name is None else name
    # Before the database is made: what is mistyped is to leave nothing behind.
    refuse_faulty_user(email, name, timezone)
    with opened(settings, may_make_database=True) as engine:
        if engine.access.has_account() and not is_new_account:
            raise Conflict(
                f"{settings.shown()['database']} has an account already; "
                f"`{as_called()} init --new-account …` adds one more, and "
                f"`{as_called()} token create --user EMAIL` makes another token"
            )
        created = engine.access.create_account(email=email, name=name, timezone=timezone)
    if as_json:
        say_json(facts_of(created))
    else:
        say(welcome(settings, created))


def facts_of(created: NewAccount) -> dict[str, object]:
    return {
        "accountId": str(created.account_id),
        "userId": str(created.user.id),
        "email": created.user.email,
        "token": created.token,
    }


def name_in(email: str) -> str:
    """What someone with this address may be called: ada.lovelace@… is Ada Lovelace."""
    words = re.split(r"[._\-+\d]+", email.partition("@")[0])
    return " ".join(word.capitalize() for word in words if word) or email


def welcome(settings: Settings, created: NewAccount) -> str:
    user = created.user
    name = f"{user.first_name} {user.last_name}".strip()
    where = same_place(settings)
    command = as_called()
    return f"""\
Account {created.account_id} is ready in {settings.shown()["database"]}.
Its first user is {name} <{user.email}>, who works in {user.timezone} time.

  Token   {created.token}
          It is shown only now. Programs send it with every request:
          Authorization: Bearer TOKEN

Next, start the server. With --mail capture it keeps what it sends, and nothing leaves:

  {command} serve{where} --mail capture

Or let mail go out through {user.first_name}'s own mailbox:

  {command} inbox connect{where} --user {user.email} --smtp smtp://USER:PASSWORD@HOST:587
  {command} serve{where}"""


def same_place(settings: Settings) -> str:
    """The options with which another command finds this database too, from the same shell."""
    found = Settings.load({}, os.environ)
    data = f" --data {settings.data}" if settings.data != found.data else ""
    if settings.database == found.database:
        return data
    return f"{data} --database {settings.shown()['database']}"
