"""Whether what someone typed can be kept: text, addresses, time zones and numbers.

Each function yields the faults it finds, so that a service can name them all at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import email_validator
from email_validator import EmailNotValidError, validate_email

from drumbeat.domain.contact import normalised_email
from drumbeat.errors import Fault, Invalid

# What the widest integer column holds.
MAX_ID = 2**63 - 1
# The longest address that a mail server must take (RFC 5321, 4.5.3.1).
MAX_EMAIL = 254
# PostgreSQL stores neither NUL nor half of a surrogate pair.
NO_TEXT = re.compile("[\0\ud800-\udfff]")

# Addresses at .test, .invalid or corp.local are what a server on one's own machine is tried
# with, and whether a name leads anywhere is for the mail server to say. The package has no
# other way to ask for this than its list.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def raise_if_any(message: str, faults: Iterable[Fault]) -> None:
    """Raise Invalid with *faults*, if there are any."""
    found = list(faults)
    if found:
        raise Invalid(message, found)


def checked_email(address: str, *, field: str) -> str:
    """The address as it is kept. Raises Invalid where mail cannot be sent to it."""
    try:
        parsed = validate_email(
            normalised_email(address),
            check_deliverability=False,
            # Not every server takes letters beyond ASCII before the @; beyond it they have
            # a spelling in ASCII, which is what is kept.
            allow_smtputf8=False,
            globally_deliverable=not address.strip().lower().endswith("@localhost"),
        )
    except EmailNotValidError as error:
        message = f"{address[:MAX_EMAIL]!r} is not an e-mail address: {error}"
        raise Invalid(
            message, [Fault(message=message, field=field, code="INVALID_EMAIL")]
        ) from None
    return (parsed.ascii_email or parsed.normalized).lower()


def email_faults(address: str, *, field: str) -> Iterator[Fault]:
    try:
        checked_email(address, field=field)
    except Invalid as error:
        yield from error.faults


def text_faults(
    text: str | None, *, field: str, longest: int, needed: bool = False
) -> Iterator[Fault]:
    """What keeps *text* from being stored: its length, or a character no database takes."""
    if needed and not (text or "").strip():
        yield Fault(field=field, message=f"{field} may not be empty")
    if text is None:
        return
    if len(text) > longest:
        yield Fault(field=field, message=f"{field} is longer than {longest:,} characters")
    if NO_TEXT.search(text):
        yield Fault(
            field=field, message=f"{field} has a character that is no text (NUL, surrogate)"
        )


def zone_faults(name: str, *, field: str) -> Iterator[Fault]:
    try:
        ZoneInfo(name)
    # A name such as ".." or one that is too long fails in other ways than not being found.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault(
            field=field, message=f"{name!r} is not a time zone; write one like Europe/Lisbon"
        )


def id_faults(number: int | None, *, field: str, largest: int = MAX_ID) -> Iterator[Fault]:
    if number is not None and not 0 <= number <= largest:
        yield Fault(field=field, message=f"{field} lies between 0 and {largest}")
