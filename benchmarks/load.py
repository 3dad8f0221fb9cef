"""Requests over some connections that stay open, each sent when the one before is answered.

It speaks just enough HTTP for that, in a process of its own, so that what it costs is not the
server's; how much of a core it took is part of what it says.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter, process_time
from typing import cast

import uvloop

from benchmarks.processes import at_once

END_OF_HEADERS = b"\r\n\r\n"
LENGTH = b"content-length:"
# Of a core: above this a server may have waited for its client.
SATURATED = 0.85
START_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What to ask for."""

    method: str
    each: Sequence[tuple[str, str]]
    """The path and the body of one request after the other."""
    starts_over: bool = False
    """Whether to begin with the first one again after the last."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return itertools.cycle(self.each) if self.starts_over else iter(self.each)

    def in_bytes(self, token: str) -> Iterator[bytes]:
        """The requests as a server is sent them."""
        for path, body in self:
            yield (
                f"{self.method} {path} HTTP/1.1\r\n"
                f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            ).encode()


@dataclass(frozen=True, kw_only=True)
class Answered:
    seconds: float
    latencies: list[float]
    """Of the requests that were answered with a success, in seconds."""
    fault: str
    """What the first of the others was answered."""
    client_share: float
    """Of a core, that this client took."""

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


@dataclass
class Tally:
    """What all connections of a run share."""

    requests: Iterator[bytes]
    ends_at: float
    latencies: list[float] = field(default_factory=list)
    fault: str = ""

    def next_request(self) -> bytes | None:
        return None if perf_counter() >= self.ends_at else next(self.requests, None)

    def keep(self, answer: bytes, seconds: float) -> None:
        if answer.split(b" ", 2)[1].startswith(b"2"):
            self.latencies.append(seconds)
        else:
            self.note_fault(answer.decode(errors="replace"))

    def note_fault(self, fault: str) -> None:
        self.fault = self.fault or fault


class Connection(asyncio.Protocol):
    def __init__(self, tally: Tally, ended: asyncio.Future[None]) -> None:
        self.tally = tally
        self.ended = ended
        self.heard = b""
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.ask()

    def ask(self) -> None:
        request = self.tally.next_request()
        if request is None:
            self.transport.close()
        else:
            self.sent_at = perf_counter()
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if is_whole(self.heard):
            self.tally.keep(self.heard, perf_counter() - self.sent_at)
            self.heard = b""
            self.ask()

    def connection_lost(self, fault: Exception | None) -> None:
        if fault is not None:
            self.tally.note_fault(str(fault))
        if not self.ended.done():
            self.ended.set_result(None)


def is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(END_OF_HEADERS)
    return bool(end) and len(body) >= length_in(head)


def length_in(head: bytes) -> int:
    _, found, rest = head.lower().partition(LENGTH)
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def drive(port: int, token: str, asked: Asked, connections: int, seconds: float) -> Answered:
    """Ask this of a server for so many seconds, from a process of its own."""
    work = (port, token, asked, connections, seconds)
    [answered] = at_once(drive_here, [work], START_SECONDS + seconds)
    return answered  # type: ignore[no-any-return]


def drive_here(
    begin: Callable[[], None],
    port: int,
    token: str,
    asked: Asked,
    connections: int,
    seconds: float,
) -> Answered:
    begin()
    return uvloop.run(talk(port, asked.in_bytes(token), connections, seconds))


async def talk(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Answered:
    loop = asyncio.get_running_loop()
    began, busy_before = perf_counter(), process_time()
    tally = Tally(requests, ends_at=began + seconds)
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    for ended in ends:
        await loop.create_connection(partial(Connection, tally, ended), "127.0.0.1", port)
    await asyncio.wait(ends, timeout=seconds + START_SECONDS / 2)
    taken = perf_counter() - began
    return Answered(
        seconds=taken,
        latencies=tally.latencies,
        fault=tally.fault,
        client_share=(process_time() - busy_before) / taken,
    )
