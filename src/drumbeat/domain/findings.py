"""What a look at how things are set up has found: a verdict each, and what would put it right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It works, or cannot be known; somebody should look."""
    FAULT = "fault"
    """It does not work, or harms what is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsRecord:
    """A record to be added, as the form of any name server's operator asks for it."""

    name: str
    type: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    check: str
    """What was looked at, in a word: spf, database, inbox."""
    about: str | None = None
    """Which one of several: a domain, an address."""
    verdict: Verdict = Verdict.OK
    text: str
    remedy: str | None = None
    record: DnsRecord | None = None


def worst(findings: Iterable[Finding]) -> Verdict:
    """The verdict on all of them together; of none it is OK."""
    order = list(Verdict)
    return max((each.verdict for each in findings), key=order.index, default=Verdict.OK)
