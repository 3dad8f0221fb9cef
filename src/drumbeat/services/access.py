"""Who may do what: accounts, their users, and the tokens that programs come with.

A token is shown once, when it is made; kept is only its hash.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from drumbeat.clock import Clock
from drumbeat.domain.scopes import ALL_SCOPES
from drumbeat.domain.user import Caller, User
from drumbeat.errors import Fault, Invalid, NotFound, Unauthenticated
from drumbeat.services.checking import (
    checked_email,
    email_faults,
    raise_if_any,
    text_faults,
    zone_faults,
)
from drumbeat.store import accounts, api_tokens, users
from drumbeat.store.database import Database, Tx

TOKEN_PREFIX = "pat-drumbeat-"
TOKEN_BYTES = 32
SALT_BYTES = 16
MAX_NAME = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    account_id: int
    user: User
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    token: str = field(repr=False)
    user: User
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    database: Database
    clock: Clock

    def create_account(self, *, email: str, name: str, timezone: str) -> NewAccount:
        """A new account, with its first user and a token that may do everything."""
        refuse_faulty_user(email, name, timezone)
        now = self.clock.now()
        with self.database.transaction() as tx:
            salt = secrets.token_hex(SALT_BYTES)
            account_id = accounts.add(tx, timezone=timezone, salt=salt, now=now)
            user = keep_user(tx, account_id, email, name, timezone, now)
            token = keep_token(tx, user, ALL_SCOPES, now)
        return NewAccount(account_id=account_id, user=user, token=token)

    def has_account(self) -> bool:
        with self.database.reading() as tx:
            return bool(accounts.all_ids(tx))

    def add_user(self, account_id: int, *, email: str, name: str, timezone: str) -> User:
        """One more user. Raises AlreadyExists where the account has one with this address."""
        refuse_faulty_user(email, name, timezone)
        now = self.clock.now()
        with self.database.transaction() as tx:
            return keep_user(tx, account_id, email, name, timezone, now)

    def create_token(
        self, *, email: str, scopes: Collection[str] | None, account_id: int | None = None
    ) -> NewToken:
        """A token for the user with this address; with every scope where *scopes* is None.

        Raises Invalid where the address is a user's in several accounts and none is given.
        """
        granted = ALL_SCOPES if scopes is None else frozenset(scopes)
        refuse_unknown_scopes(granted)
        now = self.clock.now()
        with self.database.transaction() as tx:
            user = only_user(tx, email, account_id)
            token = keep_token(tx, user, granted, now)
        return NewToken(token=token, user=user, scopes=granted)

    def revoke_token(self, account_id: int, token_id: int) -> None:
        """Let this token open nothing any more. To do so twice changes nothing."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            if not api_tokens.revoke(tx, account_id, token_id, now):
                raise NotFound("token", token_id)

    def authenticate(self, token: str) -> Caller:
        """Whose token this is. Raises Unauthenticated where it is not one of ours."""
        with self.database.reading() as tx:
            caller = api_tokens.caller_of(tx, hashed(token))
        if caller is None:
            raise Unauthenticated("the token is not known here, or has been revoked")
        return caller


def refuse_faulty_user(email: str, name: str, timezone: str) -> None:
    def faults() -> Iterator[Fault]:
        yield from email_faults(email, field="email")
        yield from text_faults(name, field="name", longest=MAX_NAME, needed=True)
        yield from zone_faults(timezone, field="timezone")

    raise_if_any("the user cannot be kept as given", faults())


def refuse_unknown_scopes(scopes: frozenset[str]) -> None:
    unknown = sorted(scopes - ALL_SCOPES)
    if unknown:
        known = ", ".join(sorted(ALL_SCOPES))
        message = f"there is no scope {', '.join(unknown)}; there are: {known}"
        raise Invalid(message, [Fault(message=message, field="scopes")])
    if not scopes:
        message = "a token without a scope opens nothing; leave scopes out for all of them"
        raise Invalid(message, [Fault(message=message, field="scopes")])


def keep_user(tx: Tx, account_id: int, email: str, name: str, timezone: str, now: datetime) -> User:
    first_name, _, last_name = " ".join(name.split()).partition(" ")
    [owner_id] = accounts.take_wire_ids(tx, account_id, 1)
    return users.add(
        tx,
        account_id,
        owner_id=owner_id,
        email=checked_email(email, field="email"),
        first_name=first_name,
        last_name=last_name,
        timezone=timezone,
        now=now,
    )


def keep_token(tx: Tx, user: User, scopes: frozenset[str], now: datetime) -> str:
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    api_tokens.add(tx, user.account_id, user.id, token_hash=hashed(token), scopes=scopes, now=now)
    return token


def only_user(tx: Tx, email: str, account_id: int | None) -> User:
    found = [user for user in users.with_email(tx, email) if account_id in (None, user.account_id)]
    if not found:
        raise NotFound("user", email)
    if len(found) > 1:
        in_accounts = ", ".join(str(user.account_id) for user in found)
        message = f"{email} is a user of several accounts ({in_accounts}); say which with --account"
        raise Invalid(message, [Fault(message=message, field="accountId")])
    return found[0]


def hashed(token: str) -> str:
    # A token is as random as its hash is long, so a slow hash would protect nothing more.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
