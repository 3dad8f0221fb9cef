"""A name server on a free port of this machine, which knows what a test tells it."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

HOST = "127.0.0.1"
SMALLEST_DATAGRAM = 512
SILENCE = "SILENCE"
"""In the place of records: the question is not answered."""

# By name and then by type; a code such as SERVFAIL in the place of records is answered itself.
Zone: TypeAlias = Mapping[str, Mapping[str, list[str]] | str]
Send: TypeAlias = Callable[[dns.message.Message], None]


@dataclass
class NameServer:
    zone: Zone
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._streams = socket.create_server((HOST, 0))
        self.port: int = self._streams.getsockname()[1]
        # Resolvers expect both at the same port; hardly anything else holds one for datagrams.
        self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagrams.bind((HOST, self.port))
        self._threads = [
            threading.Thread(target=each) for each in (self._datagrams_in, self._streams_in)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def place(self) -> str:
        return f"{HOST}:{self.port}"

    def stop(self) -> None:
        # Who waits for a datagram is woken by one; a closed socket would leave them waiting.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (HOST, self.port))
        with suppress(OSError):
            self._streams.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._datagrams.close()
        self._streams.close()

    def _datagrams_in(self) -> None:
        while True:
            wire, client = self._datagrams.recvfrom(4096)
            if not wire:
                return
            self._answer(wire, self._sender_to(client))

    def _sender_to(self, client: tuple[str, int]) -> Send:
        def send(answer: dns.message.Message) -> None:
            wire = answer.to_wire(max_size=65_535)
            if len(wire) > SMALLEST_DATAGRAM:
                answer.answer.clear()
                answer.flags |= dns.flags.TC
                wire = answer.to_wire()
            self._datagrams.sendto(wire, client)

        return send

    def _streams_in(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._streams.accept()
                with connection, connection.makefile("rb") as incoming:
                    [length] = struct.unpack("!H", incoming.read(2))
                    self._answer(incoming.read(length), sender_over(connection))

    def _answer(self, wire: bytes, send: Send) -> None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text().rstrip(".").lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        found = self._found(name)
        if found == SILENCE:
            return
        if isinstance(found, str):
            answer.set_rcode(dns.rcode.from_text(found))
        elif kind in found:
            answer.answer.append(rrset(question.name, kind, found[kind]))
        elif "CNAME" in found:
            [target] = found["CNAME"]
            answer.answer.append(rrset(question.name, "CNAME", [f"{target}."]))
            behind = self._found(target)
            assert not isinstance(behind, str)
            if kind in behind:
                answer.answer.append(rrset(dns.name.from_text(target), kind, behind[kind]))
        send(answer)

    def _found(self, name: str) -> Mapping[str, list[str]] | str:
        if name in self.zone:
            return self.zone[name]
        is_above = any(each.endswith(f".{name}") for each in self.zone)
        return {} if is_above or not name else "NXDOMAIN"


def rrset(name: dns.name.Name, kind: str, records: list[str]) -> dns.rrset.RRset:
    """TXT records are given without quotes, and cut as a zone file has them cut."""
    if kind == "TXT":
        records = [in_quotes(text) for text in records]
    return dns.rrset.from_text_list(name, 300, dns.rdataclass.IN, kind, records)


def in_quotes(text: str) -> str:
    pieces = [text[at : at + 255] for at in range(0, len(text), 255)] or [""]
    return " ".join(f'"{piece}"' for piece in pieces)


def sender_over(connection: socket.socket) -> Send:
    def send(answer: dns.message.Message) -> None:
        wire = answer.to_wire(max_size=65_535)
        connection.sendall(struct.pack("!H", len(wire)) + wire)

    return send


@contextmanager
def name_server(zone: Zone) -> Iterator[NameServer]:
    server = NameServer(zone)
    try:
        yield server
    finally:
        server.stop()
