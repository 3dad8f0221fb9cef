"""The records of domains as a test writes them down, in the place of name servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drumbeat.domain.name_records import MailExchange, Unanswered


@dataclass
class Written:
    """TXT records by name; *away* are names that nobody answers for."""

    by_name: Mapping[str, list[str]] = field(default_factory=dict)
    mail: Mapping[str, list[MailExchange]] = field(default_factory=dict)
    addresses: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()

    def texts(self, name: str) -> list[str]:
        self._refuse_away(name)
        return self.by_name.get(name, [])

    def exchanges(self, name: str) -> list[MailExchange]:
        self._refuse_away(name)
        return self.mail.get(name, [])

    def has_address(self, name: str) -> bool:
        return name in self.addresses

    def exists(self, name: str) -> bool:
        return any(each == name or each.endswith(f".{name}") for each in self.by_name)

    def _refuse_away(self, name: str) -> None:
        if name in self.away:
            raise Unanswered(name, "silence")
