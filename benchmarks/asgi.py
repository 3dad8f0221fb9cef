"""One request to an application in this process, without a server or a socket between."""

from __future__ import annotations

import asyncio
from cProfile import Profile
from itertools import islice
from pstats import Stats
from urllib.parse import urlsplit

from anyio.to_thread import current_default_thread_limiter, run_sync
from starlette.types import ASGIApp, Message

from benchmarks.load import Asked

WARMING_UP = 5


def profile_of_answers(app: ASGIApp, asked: Asked, token: str, count: int) -> Stats:
    """Where the time of so many requests goes, in the event loop and in the routes' thread."""
    return asyncio.run(profiled(app, asked, token, count))


async def profiled(app: ASGIApp, asked: Asked, token: str, count: int) -> Stats:
    # A profiler sees the thread it was enabled in, so there is to be only one for all routes.
    current_default_thread_limiter().total_tokens = 1
    requests = iter(asked)
    for path, body in islice(requests, WARMING_UP):
        await ask(app, asked.method, path, body, token)
    in_thread, in_loop = Profile(), Profile()
    await run_sync(in_thread.enable)
    in_loop.enable()
    for path, body in islice(requests, count):
        await ask(app, asked.method, path, body, token)
    in_loop.disable()
    await run_sync(in_thread.disable)
    stats = Stats(in_loop)
    stats.add(in_thread)
    return stats


async def ask(app: ASGIApp, method: str, url: str, body: str, token: str) -> bytes:
    """The body of the answer. Raises RuntimeError where that is no success."""
    parts, content, heard = urlsplit(url), body.encode(), list[Message]()
    headers = {
        "host": "127.0.0.1",
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
        "content-length": str(len(content)),
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Message) -> None:
        heard.append(message)

    await app(scope, receive, send)
    answer = b"".join(message.get("body", b"") for message in heard)
    if not 200 <= heard[0]["status"] < 300:
        raise RuntimeError(f"{method} {url}: {heard[0]['status']} {answer.decode()}")
    return answer
