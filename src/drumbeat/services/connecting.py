"""Connecting the inboxes that mail goes out through, and saying which may be used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from drumbeat.clock import Clock
from drumbeat.domain.sender import DEFAULT_GAP, Sender, SmtpServer, default_daily_cap
from drumbeat.domain.user import User
from drumbeat.errors import AlreadyExists, Conflict, Fault
from drumbeat.services import settling
from drumbeat.services.checking import (
    checked_email,
    email_faults,
    id_faults,
    raise_if_any,
    text_faults,
)
from drumbeat.services.sealing import Vault
from drumbeat.store import senders, users
from drumbeat.store.database import Database, Tx

MAX_NAME = 255
MAX_ALIASES = 50
MAX_SIGNATURE = 65_536
MAX_DAILY_CAP = 1_000_000
LONGEST_GAP = timedelta(days=1)
MAX_PORT = 65_535


class SenderChanges(TypedDict, total=False):
    """What can be changed of a sender; what is left out stays."""

    name: str | None
    aliases: Sequence[str]
    signature: str | None
    daily_cap: int
    gap: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    database: Database
    clock: Clock
    vault: Vault
    captures: bool = False
    """Whether all mail is captured: each user's own address then counts as connected."""

    def connect(
        self,
        account_id: int,
        *,
        user_id: int,
        email: str | None,
        server: SmtpServer,
        name: str | None = None,
        aliases: Sequence[str] = (),
        signature: str | None = None,
        daily_cap: int | None = None,
        gap: timedelta | None = None,
    ) -> Sender:
        """Let mail go out as *email*, the user's own address if None, through *server*.

        An address that was connected before keeps what is not given anew. Raises Conflict
        where it is connected to another user.
        """
        changes = not_none(name=name, signature=signature, daily_cap=daily_cap, gap=gap)
        changes |= not_none(aliases=list(aliases) or None)
        faults = [*server_faults(server), *change_faults(changes)]
        raise_if_any("the inbox cannot be connected as given", faults)
        now = self.clock.now()
        with self.database.transaction() as tx:
            user = users.get(tx, account_id, user_id)
            address = checked_email(email or user.email, field="email")
            values = kept(changes) | self.sealed(account_id, address, server) | connected(now)
            return keep(tx, user, address, values, now)

    def change(self, account_id: int, sender_id: int, **changes: Unpack[SenderChanges]) -> Sender:
        """Change how mail of this sender goes out; what is not given stays."""
        given = dict(changes)
        raise_if_any("the sender cannot be changed so", change_faults(given))
        now = self.clock.now()
        with self.database.transaction() as tx:
            return senders.change(tx, account_id, sender_id, kept(given), now)

    def disconnect(self, account_id: int, sender_id: int) -> Sender:
        """Let no more mail go out, and forget the password. Twice is as good as once."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            sender = senders.get(tx, account_id, sender_id)
            if sender.disconnected_at is not None:
                return sender
            values = {"disconnected_at": now, "sealed_password": None}
            return senders.change(tx, account_id, sender_id, values, now)

    def server_of(self, sender: Sender) -> SmtpServer:
        """Where to hand this sender's mail over, its password opened.

        Raises Conflict where the sender is not connected, and Invalid where the password
        cannot be opened.
        """
        if not is_connected(sender) or sender.server is None:
            raise Conflict(f"{sender.email} is not connected; connect it and try again")
        with self.database.reading() as tx:
            sealed = senders.sealed_password(tx, sender.account_id, sender.id)
        if sealed is None:
            return sender.server
        password = self.vault.unseal(context_of(sender.account_id, sender.email), sealed)
        return replace(sender.server, password=password)

    def usable(self, tx: Tx, account_id: int, email: str, user_id: int | None) -> Sender | None:
        """The connected sender with this address, if *user_id* may use it; None is anyone."""
        sender = senders.by_email(tx, account_id, email)
        if self.captures and (sender is None or not is_connected(sender)):
            return self.of_own_address(tx, account_id, email, user_id)
        if sender is None or not is_connected(sender):
            return None
        return sender if user_id in (None, sender.user_id) else None

    def would_use(self, tx: Tx, account_id: int, email: str, user_id: int) -> Sender | None:
        """The sender that `usable` would give, without keeping one that is not there yet."""
        sender = senders.by_email(tx, account_id, email)
        if sender is not None and is_connected(sender):
            return sender if sender.user_id == user_id else None
        user = users.by_email(tx, account_id, email) if self.captures else None
        if user is None or user.id != user_id:
            return None
        return sender or unkept(user, self.clock.now())

    def of_own_address(
        self, tx: Tx, account_id: int, email: str, user_id: int | None
    ) -> Sender | None:
        """A sender without a server, for the address of a user: enough where mail is captured."""
        user = users.by_email(tx, account_id, email)
        if user is None or user_id not in (None, user.id):
            return None
        now = self.clock.now()
        standing = senders.by_email(tx, account_id, email)
        if standing is not None:
            return senders.change(tx, account_id, standing.id, {"disconnected_at": None}, now)
        values = with_defaults(user.email, {"user_id": user.id})
        try:
            return senders.add(tx, account_id, values, now)
        except AlreadyExists as another:
            # Another request was the first to need it, a moment ago.
            return senders.get(tx, account_id, another.existing_id)

    def sealed(self, account_id: int, email: str, server: SmtpServer) -> dict[str, Any]:
        context = context_of(account_id, email)
        password = server.password
        return {
            "host": server.host,
            "port": server.port,
            "security": server.security,
            "username": server.username,
            "sealed_password": self.vault.seal(context, password) if password else None,
        }


def not_none(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def connected(now: datetime) -> dict[str, Any]:
    no_trouble = {"trouble": None, "trouble_at": None, "trouble_count": 0}
    return {"connected_at": now, "disconnected_at": None, **no_trouble}


def keep(tx: Tx, user: User, email: str, values: dict[str, Any], now: datetime) -> Sender:
    values = {"user_id": user.id, **values}
    standing = senders.by_email(tx, user.account_id, email)
    if standing is None:
        return senders.add(tx, user.account_id, with_defaults(email, values), now)
    refuse_of_another(standing, user.id)
    # The messages before the sender, as everywhere where both are locked.
    settling.release_unconnected(tx, user.account_id, standing.id, now)
    # After a fault it rests; who connects it anew has mended that.
    rested = {"next_slot_at": now} if standing.trouble else {}
    return senders.change(tx, user.account_id, standing.id, values | rested, now)


def is_connected(sender: Sender) -> bool:
    return sender.connected_at is not None and sender.disconnected_at is None


def refuse_of_another(standing: Sender, user_id: int) -> None:
    # HubSpot's inboxes are personal too. One that was given up is free to be taken.
    if is_connected(standing) and standing.user_id != user_id:
        raise AlreadyExists("Connected inbox of another user", standing.id)


def context_of(account_id: int, email: str) -> str:
    return f"account {account_id}, password of {email}"


def with_defaults(email: str, values: dict[str, Any]) -> dict[str, Any]:
    defaults = {"aliases": [], "daily_cap": default_daily_cap(email), "gap": DEFAULT_GAP}
    return {"email": email, **defaults, **values}


def unkept(user: User, now: datetime) -> Sender:
    """The sender that a user's own address becomes where mail is captured."""
    values = with_defaults(user.email, {"user_id": user.id})
    nothing = dict.fromkeys(
        ("name", "signature", "server", "connected_at", "disconnected_at", "trouble", "trouble_at")
    )
    return Sender(
        id=0,
        account_id=user.account_id,
        next_slot_at=now,
        created_at=now,
        updated_at=now,
        **{**nothing, **values, "aliases": tuple(values["aliases"])},
    )


def kept(changes: dict[str, Any]) -> dict[str, Any]:
    """The changes as they are stored."""
    if "aliases" not in changes:
        return changes
    aliases = [checked_email(alias, field="aliases") for alias in changes["aliases"]]
    return {**changes, "aliases": list(dict.fromkeys(aliases))}


def server_faults(server: SmtpServer) -> Iterator[Fault]:
    yield from text_faults(server.host, field="host", longest=MAX_NAME, needed=True)
    yield from text_faults(server.username, field="username", longest=MAX_NAME)
    yield from text_faults(server.password, field="password", longest=MAX_SIGNATURE)
    if not 1 <= server.port <= MAX_PORT:
        yield Fault(field="port", message=f"port lies between 1 and {MAX_PORT}")


def change_faults(changes: dict[str, Any]) -> Iterator[Fault]:
    aliases = changes.get("aliases", ())
    for position, alias in enumerate(aliases):
        yield from email_faults(alias, field=f"aliases[{position}]")
    if len(aliases) > MAX_ALIASES:
        yield Fault(field="aliases", message=f"a sender has at most {MAX_ALIASES} aliases")
    yield from text_faults(changes.get("name"), field="name", longest=MAX_NAME)
    yield from text_faults(changes.get("signature"), field="signature", longest=MAX_SIGNATURE)
    yield from id_faults(changes.get("daily_cap"), field="dailyCap", largest=MAX_DAILY_CAP)
    gap = changes.get("gap")
    if gap is not None and not timedelta(0) <= gap <= LONGEST_GAP:
        yield Fault(field="gap", message="gap lies between no time and a day")
