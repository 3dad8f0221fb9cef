"""Addresses as they may go on the wire.

What a contact's record holds was typed or imported by somebody. Nothing of it reaches a
server or a header unless it is one address and nothing else.
"""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from drumbeat.errors import Invalid

# A local part of 64, an @, and a domain of 255 (RFC 5321 section 4.5.3.1).
LONGEST = 320
# Two dots in a row and one before the @ are against the RFC, and exist at Japanese carriers.
PLAIN_LOCAL = re.compile(r'[^\s()<>\[\]:;@\\,"]+')
QUOTED_LOCAL = re.compile(r'"[^\\"]+"')
ASCII_DOMAIN = re.compile(r"[A-Za-z0-9._-]+|\[[A-Za-z0-9.:]+\]")


class NotAnAddress(Invalid):
    """Mail cannot be addressed to this, or come from it."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address[:LONGEST]!r} is not an e-mail address")
        self.address = address


def wire_address(address: str) -> str:
    """The address as servers and headers are given it, its domain in ASCII.

    Raises NotAnAddress. A local part beyond ASCII stays as it is, and needs SMTPUTF8.
    """
    local, at, domain = address.rpartition("@")
    # Line breaks, other controls and invisible characters are none of them printable.
    if not at or not address.isprintable() or len(address) > LONGEST:
        raise NotAnAddress(address)
    if not (PLAIN_LOCAL.fullmatch(local) or QUOTED_LOCAL.fullmatch(local)):
        raise NotAnAddress(address)
    return f"{local}@{ascii_domain(address, domain)}"


def ascii_domain(address: str, domain: str) -> str:
    if domain.isascii():
        if ASCII_DOMAIN.fullmatch(domain):
            return domain
        raise NotAnAddress(address)
    try:
        parsed = validate_email(f"a@{domain}", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise NotAnAddress(address) from None
    return parsed.ascii_domain
