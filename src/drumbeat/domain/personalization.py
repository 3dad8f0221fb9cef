"""What a template may say of the people involved: the tokens, and their values.

A token is written `{{ object.name }}`. Every token there is has an entry in what values_for
gives, with None where nothing is known; TOKENS has their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import urlsplit

from drumbeat.domain.contact import PROPERTIES, Contact
from drumbeat.domain.sender import Sender
from drumbeat.domain.user import User

Values: TypeAlias = dict[str, dict[str, str | None]]

# There are no companies yet: what is known of one stands with its people.
OF_COMPANY = ("industry", "phone", "website", "address", "city", "state", "zip", "country")
OF_PERSON = ("firstname", "lastname", "fullname", "email")

TOKENS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "contact": frozenset(PROPERTIES),
        "company": frozenset({"name", "domain", *OF_COMPANY}),
        "owner": frozenset(OF_PERSON),
        "sender": frozenset({*OF_PERSON, "signature"}),
    }
)


def values_for(contact: Contact, user: User, sender: Sender) -> Values:
    """The value of every token, for one e-mail from *sender*, which *user* enrolled."""
    return {
        "contact": of_contact(contact),
        "company": of_company(contact),
        "owner": of_person(user.first_name, user.last_name, user.email),
        "sender": {
            **of_sender(sender, user),
            "signature": sender.signature,
        },
    }


def of_contact(contact: Contact) -> dict[str, str | None]:
    known = contact.known
    return {name: known.get(name) for name in PROPERTIES}


def of_company(contact: Contact) -> dict[str, str | None]:
    properties = contact.properties
    return {
        "name": properties.get("company"),
        "domain": domain_of(properties.get("website")),
        **{name: properties.get(name) for name in OF_COMPANY},
    }


def of_sender(sender: Sender, user: User) -> dict[str, str | None]:
    if sender.name is None:
        return of_person(user.first_name, user.last_name, sender.email)
    first, _, last = sender.name.partition(" ")
    return of_person(first, last, sender.email)


def of_person(first: str, last: str, email: str) -> dict[str, str | None]:
    return {
        "firstname": first or None,
        "lastname": last or None,
        "fullname": f"{first} {last}".strip() or None,
        "email": email,
    }


def domain_of(website: str | None) -> str | None:
    """The host of a website as people write it, with or without https:// before it."""
    if not website:
        return None
    try:
        host = urlsplit(website if "//" in website else f"//{website}").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None
