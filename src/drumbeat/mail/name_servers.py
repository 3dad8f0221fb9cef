"""Asking name servers what they know of a domain."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, NoReturn

import dns.exception
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from drumbeat.domain.name_records import MailExchange, Unanswered
from drumbeat.errors import Invalid

PORT = 53
LAST_PORT = 65_535
# A server that is there answers far sooner; one that is not is asked again until the end.
SECONDS_PER_TRY = 2.0
PLACE = re.compile(r"\[(?P<six>[^\]]+)\](:(?P<port6>\d+))?|(?P<four>[^:]+)(:(?P<port4>\d+))?")


class NameServers:
    """The name servers of this machine, or the one *at* an address like 9.9.9.9 or [::1]:5353.

    Raises Invalid where *at* is no such address. What was answered once is not asked again.
    """

    def __init__(self, *, at: str | None = None, patience: float) -> None:
        self._why_unset: str | None = None
        try:
            self._resolver = dns.resolver.Resolver(configure=at is None)
        except dns.resolver.NoResolverConfiguration as error:
            self._resolver = dns.resolver.Resolver(configure=False)
            self._why_unset = str(error)
        if at is not None:
            host, self._resolver.port = place_of(at)
            self._resolver.nameservers = [host]
        self._resolver.lifetime = patience
        self._resolver.timeout = min(patience, SECONDS_PER_TRY)
        self._resolver.cache = dns.resolver.Cache()

    def why_unreachable(self) -> str | None:
        """What keeps us from asking anything, None if nothing does: any answer will do."""
        if self._why_unset is not None:
            return self._why_unset
        try:
            self._resolver.resolve(dns.name.root, "NS", raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            return None
        except dns.resolver.NoNameservers as fault:
            return None if replies_in(fault) else self._silence()
        except dns.exception.DNSException:
            return self._silence()
        return None

    def texts(self, name: str) -> list[str]:
        # They come in any order, and not in the same one twice.
        return sorted(
            b"".join(record.strings).decode("utf-8", "replace")
            for record in self._records(name, "TXT")
        )

    def exchanges(self, name: str) -> list[MailExchange]:
        return sorted(
            MailExchange(record.preference, text_of(record.exchange))
            for record in self._records(name, "MX")
        )

    def has_address(self, name: str) -> bool:
        return bool(self._records(name, "A") or self._records(name, "AAAA"))

    def exists(self, name: str) -> bool:
        return self._answer(name, "TXT") is not None

    def _records(self, name: str, kind: str) -> list[Any]:
        answer = self._answer(name, kind)
        return [] if answer is None or answer.rrset is None else list(answer)

    def _answer(self, name: str, kind: str) -> dns.resolver.Answer | None:
        """None for a name that does not exist. Raises Unanswered."""
        try:
            return self._resolver.resolve(
                dns.name.from_text(name), kind, raise_on_no_answer=False, search=False
            )
        except dns.resolver.NXDOMAIN:
            return None
        except dns.exception.DNSException as fault:
            self._give_up(name, fault)

    def _give_up(self, name: str, fault: dns.exception.DNSException) -> NoReturn:
        if isinstance(fault, dns.exception.Timeout):
            raise Unanswered(name, self._silence()) from fault
        if isinstance(fault, dns.resolver.NoNameservers):
            said = ", ".join(dict.fromkeys(replies_in(fault)))
            why = f"its name servers fail ({said})" if said else self._silence()
            raise Unanswered(name, why) from fault
        raise Unanswered(name, f"it cannot be asked for ({type(fault).__name__})") from fault

    def _silence(self) -> str:
        asked = ", ".join(str(each) for each in self._resolver.nameservers)
        return f"{asked or 'nobody'} gave none within {self._resolver.lifetime:g} s"


def replies_in(fault: dns.resolver.NoNameservers) -> list[str]:
    """What those answered that answered anything, in the words of DNS."""
    errors = fault.kwargs.get("errors") or []
    return [dns.rcode.to_text(response.rcode()) for *_, response in errors if response is not None]


def place_of(text: str) -> tuple[str, int]:
    match = PLACE.fullmatch(text.strip())
    host = (match["six"] or match["four"]) if match else text.strip()
    port = int((match["port6"] or match["port4"] or PORT) if match else PORT)
    if not is_address(host) or not 0 < port <= LAST_PORT:
        raise Invalid(f"{text!r} is no name server; write 9.9.9.9, 127.0.0.1:5353 or [::1]:5353")
    return host, port


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def text_of(name: dns.name.Name) -> str:
    return "" if name == dns.name.root else name.to_text(omit_final_dot=True)
