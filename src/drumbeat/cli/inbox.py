"""`drumbeat inbox …`: the mailboxes that e-mails leave through."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from drumbeat.app import Engine
from drumbeat.cli.opening import account_of, opened, user_of
from drumbeat.cli.saying import as_called, say, say_json
from drumbeat.domain.sender import Sender, SmtpSecurity, SmtpServer
from drumbeat.errors import NotFound
from drumbeat.mail.smtp_url import parse_smtp_url
from drumbeat.services.connecting import SenderChanges
from drumbeat.settings import Settings
from drumbeat.store import senders, users

SECURITY = {
    SmtpSecurity.TLS: "TLS",
    SmtpSecurity.IF_OFFERED: "STARTTLS where it is offered",
    SmtpSecurity.NONE: "in the clear",
}


def connect(
    settings: Settings,
    *,
    account: int | None,
    user: str,
    email: str | None,
    smtp_url: str,
    changes: SenderChanges,
    as_json: bool,
) -> None:
    """Let mail of a user go out through a server of their own."""
    server = parse_smtp_url(smtp_url.strip())
    with opened(settings) as engine:
        account_id = account_of(engine, account)
        owner = user_of(engine, account_id, user)
        with engine.writing():
            sender = engine.connecting.connect(
                account_id, user_id=owner.id, email=email, server=server, **changes
            )
    if as_json:
        say_json(facts_of(sender))
    else:
        say(f"{sender.email} is connected to {shown(server)}.")
        say(f"{pace_of(sender)}. The server is first spoken to when the first e-mail goes out.")


def change(settings: Settings, *, account: int | None, email: str, changes: SenderChanges) -> None:
    with opened(settings) as engine:
        sender = sender_of(engine, account, email)
        with engine.writing():
            sender = engine.connecting.change(sender.account_id, sender.id, **changes)
    say(f"{sender.email}: {pace_of(sender)}.")


def disconnect(settings: Settings, *, account: int | None, email: str) -> None:
    with opened(settings) as engine:
        sender = sender_of(engine, account, email)
        with engine.writing():
            sender = engine.connecting.disconnect(sender.account_id, sender.id)
    say(f"{sender.email} is disconnected, and its password forgotten. What waits for it is held.")


def show_all(settings: Settings, *, account: int | None, as_json: bool) -> None:
    with opened(settings) as engine:
        account_id = account_of(engine, account)
        with engine.database.reading() as tx:
            found = senders.listed(tx, account_id)
            owners = {user.id: user.email for user in users.page(tx, account_id, limit=sys.maxsize)}
    if as_json:
        say_json({"results": [facts_of(sender) for sender in found]})
    elif found:
        Console().print(table_of(found, owners))
    else:
        say(f"No inbox is connected; `{as_called()} inbox connect` does it.")


def changes_of(
    *,
    name: str | None,
    aliases: Sequence[str] | None,
    daily_cap: int | None,
    gap: float | None,
) -> SenderChanges:
    """What was said of a sender, in the words of the service; what was not said is left out."""
    changes: SenderChanges = {}
    if name is not None:
        changes["name"] = name
    if aliases:
        changes["aliases"] = aliases
    if daily_cap is not None:
        changes["daily_cap"] = daily_cap
    if gap is not None:
        changes["gap"] = timedelta(seconds=gap)
    return changes


def sender_of(engine: Engine, account: int | None, email: str) -> Sender:
    with engine.database.reading() as tx:
        sender = senders.by_email(tx, account_of(engine, account), email)
    if sender is None:
        raise NotFound("inbox", email)
    return sender


def facts_of(sender: Sender) -> dict[str, object]:
    """The sender as our own API words it, as far as the command line knows it."""
    return {
        "id": str(sender.id),
        "userId": str(sender.user_id),
        "email": sender.email,
        "aliases": list(sender.aliases),
        "dailyCap": sender.daily_cap,
        "gapSeconds": sender.gap.total_seconds(),
        "connected": is_connected(sender),
        "trouble": sender.trouble,
    }


def table_of(found: Sequence[Sender], owners: dict[int, str]) -> Table:
    table = Table("inbox", "user", "server", "pace", "state", box=None, pad_edge=False)
    for sender in found:
        state = "connected" if is_connected(sender) else "disconnected"
        table.add_row(
            sender.email,
            owners.get(sender.user_id, ""),
            f"{sender.server.host}:{sender.server.port}" if sender.server else "",
            pace_of(sender),
            f"{state}; {sender.trouble}" if sender.trouble else state,
        )
    return table


def is_connected(sender: Sender) -> bool:
    return sender.connected_at is not None and sender.disconnected_at is None


def shown(server: SmtpServer) -> str:
    how = SECURITY[server.security]
    return f"{server.host}:{server.port}, {how}" + (
        f", as {server.username}" if server.username else ""
    )


def pace_of(sender: Sender) -> str:
    return (
        f"At most {sender.daily_cap:,} e-mails in 24 hours, {sender.gap.total_seconds():g} s apart"
    )
