"""What the name service says of a domain, as those who judge it ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from drumbeat.domain.findings import Finding, Verdict


class Unanswered(Exception):
    """Nobody could say what is there: the name servers are silent, or fail."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"no answer about {name}: {why}")
        self.name = name
        self.why = why


@dataclass(frozen=True, slots=True, order=True)
class MailExchange:
    preference: int
    host: str
    """Without a dot at its end; the empty host of RFC 7505 says that no mail is taken."""


class NameRecords(Protocol):
    """Each method raises Unanswered; a name that does not exist has no records."""

    def texts(self, name: str) -> list[str]:
        """The TXT records at *name*, each in one piece."""
        ...

    def exchanges(self, name: str) -> list[MailExchange]:
        """The MX records at *name*, the preferred ones first."""
        ...

    def has_address(self, name: str) -> bool:
        """Whether a host of this name can be connected to."""
        ...

    def exists(self, name: str) -> bool:
        """Whether there is anything at *name* or below it."""
        ...


def unanswered(check: str, domain: str, fault: Unanswered) -> Finding:
    return Finding(
        check=check,
        about=domain,
        verdict=Verdict.WARNING,
        text=str(fault),
        remedy="try again; if it stays so, ask whoever runs the domain's name servers",
    )


def tags_in(text: str) -> dict[str, str]:
    """The tags of a list such as `v=DMARC1; p=none`, names in lower case, values trimmed.

    What is no tag is left out. The first of two with the same name stands.
    """
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), value.strip())
    return tags


def is_within(name: str, domain: str) -> bool:
    """Whether *name* is *domain* itself or lies below it."""
    return name == domain or name.endswith(f".{domain}")
