from __future__ import annotations

import asyncio

import pytest

from benchmarks.load import Answered, Asked, is_whole, talk
from benchmarks.spread import percentile

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


def answered(answer: bytes, count: int) -> Answered:
    """What the client tells of a server that answers so, byte by byte."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            for byte in answer:
                writer.write(bytes([byte]))
                await writer.drain()
        writer.close()

    async def run() -> Answered:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            asked = Asked(method="GET", each=[("/", "")] * count)
            return await talk(port, asked.in_bytes("token"), 2, 10.0)

    return asyncio.run(run())


def test_every_request_is_sent_once_and_its_answer_waited_for() -> None:
    told = answered(OK, 7)

    assert len(told.latencies) == 7
    assert told.fault == ""


def test_an_answer_that_is_no_success_is_told_and_not_counted() -> None:
    told = answered(NOT_FOUND, 3)

    assert told.latencies == []
    assert told.fault.startswith("HTTP/1.1 404")


@pytest.mark.parametrize(("percent", "figure"), [(50, 5), (90, 9), (99, 10), (100, 10)])
def test_a_percentile_is_the_least_that_so_many_do_not_exceed(percent: int, figure: int) -> None:
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == figure


def test_an_answer_is_whole_when_its_length_is_there() -> None:
    assert is_whole(OK)
    assert not is_whole(OK[:-1])
    assert not is_whole(b"HTTP/1.1 200 OK\r\n")
