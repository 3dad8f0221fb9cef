"""Creating, changing and archiving contacts.

A property that is set to the empty string is cleared: it is then not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from drumbeat.clock import Clock
from drumbeat.domain.contact import PROPERTIES, READ_ONLY, Contact
from drumbeat.domain.enrollment import Reason
from drumbeat.errors import Fault
from drumbeat.services import ending
from drumbeat.services.checking import checked_email, email_faults, raise_if_any, text_faults
from drumbeat.store import contacts
from drumbeat.store.database import Database

# HubSpot's own limit for one value.
MAX_VALUE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactKeeping:
    database: Database
    clock: Clock

    def create(self, account_id: int, properties: Mapping[str, str]) -> Contact:
        """A new contact. Raises AlreadyExists where another has its address."""
        refuse_faulty(properties)
        now = self.clock.now()
        with self.database.transaction() as tx:
            return contacts.add(tx, account_id, merged({}, properties), now)

    def update(self, account_id: int, contact_id: int, properties: Mapping[str, str]) -> Contact:
        """Set the given properties, and leave the others as they are."""
        refuse_faulty(properties)
        now = self.clock.now()
        with self.database.transaction() as tx:
            standing = contacts.get_for_update(tx, account_id, contact_id)
            known = merged(standing.properties, properties)
            contact = replace(standing, email=known.get("email"), properties=known, updated_at=now)
            contacts.update(tx, contact)
        return contact

    def archive(self, account_id: int, contact_id: int) -> None:
        """Take the contact away, and out of the sequence it is in. Twice is as good as once."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            if contacts.find(tx, account_id, contact_id, archived=True):
                return
            contact = contacts.get_for_update(tx, account_id, contact_id)
            ending.end_active_of_contact(tx, account_id, contact_id, Reason.CONTACT_DELETED, now)
            contacts.update(tx, replace(contact, updated_at=now, archived_at=now))


def refuse_faulty(properties: Mapping[str, str]) -> None:
    raise_if_any("Property values were not valid", property_faults(properties))


def property_faults(properties: Mapping[str, str]) -> Iterator[Fault]:
    for name, value in properties.items():
        if name not in PROPERTIES:
            yield Fault(
                field=name,
                code="PROPERTY_DOESNT_EXIST",
                message=f'Property "{name}" does not exist',
            )
        elif name in READ_ONLY:
            yield Fault(
                field=name,
                code="READ_ONLY_VALUE",
                message=f'"{name}" is a read only property; its value cannot be set',
            )
        elif name == "email" and value.strip():
            yield from email_faults(value, field=name)
        else:
            yield from text_faults(value, field=name, longest=MAX_VALUE)


def merged(known: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """What is known once *given* has been told; what cannot be seen counts as empty."""
    both = {**known, **given}
    if "email" in given and given["email"].strip():
        both["email"] = checked_email(given["email"], field="email")
    return {name: value for name, value in both.items() if value.strip()}
