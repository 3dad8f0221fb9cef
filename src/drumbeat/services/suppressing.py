"""Keeping addresses from being mailed, and the link with which people ask for that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from drumbeat.clock import Clock
from drumbeat.domain.enrollment import Reason
from drumbeat.errors import Invalid
from drumbeat.services import ending
from drumbeat.services.sealing import Vault
from drumbeat.store import contacts, suppressions
from drumbeat.store.database import Database, Tx

PURPOSE = "unsubscribe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribed:
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressing:
    database: Database
    clock: Clock
    vault: Vault
    link_base: str
    """What links begin with, without a slash at the end."""

    def link(self, account_id: int, enrollment_id: int, email: str) -> str:
        """The address of the page on which *email* can be unsubscribed."""
        token = self.vault.sign(PURPOSE, [account_id, enrollment_id, email])
        return f"{self.link_base}/unsubscribe/{token}"

    def page_of(self, token: str) -> str:
        """The address that the link is for. Raises Invalid where it is not one of ours."""
        return self.meant(token)[1]

    def unsubscribe(self, token: str) -> Unsubscribed:
        """Never mail this address again, and end what is under way. Twice is as good as once."""
        account_id, email = self.meant(token)
        now = self.clock.now()
        with self.database.transaction() as tx:
            # The contact before its enrollment, as everywhere: who takes the two in another
            # order may wait for one who waits for him.
            mark_opted_out(tx, account_id, email, now)
            suppressions.add(tx, account_id, email, Reason.UNSUBSCRIBED.value, now)
            ending.end_active_of_address(tx, account_id, email, Reason.UNSUBSCRIBED, now)
        return Unsubscribed(email=email)

    def meant(self, token: str) -> tuple[int, str]:
        match self.vault.verify(PURPOSE, token):
            case [int(account_id), int(), str(email)]:
                return account_id, email
        raise Invalid("the link is not one of ours, or has been changed")


def mark_opted_out(tx: Tx, account_id: int, email: str, now: datetime) -> None:
    found = contacts.by_email(tx, account_id, email)
    if found is None:
        return
    contact = contacts.get_for_update(tx, account_id, found.id)
    known = {**contact.properties, "hs_email_optout": "true"}
    if known != contact.properties:
        contacts.update_all(tx, account_id, [replace(contact, properties=known, updated_at=now)])
