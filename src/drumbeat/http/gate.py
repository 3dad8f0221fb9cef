"""The gate: what every request passes before a route sees it.

It gives the request its correlation id, tidies the path, knows the caller by the token,
counts the requests and refuses bodies that are too long or no JSON. It is plain ASGI, and
does its work once per request without a thread, a database or a copy where it can.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from time import monotonic
from typing import TypeAlias
from uuid import uuid4

from anyio import move_on_after
from anyio.to_thread import run_sync
from limits import RateLimitItemPerDay, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drumbeat.app import Engine
from drumbeat.clock import SystemClock
from drumbeat.domain.user import Caller
from drumbeat.errors import DrumbeatError, Unauthenticated
from drumbeat.http.errors import (
    VALIDATION_ERROR,
    drumbeat_answer,
    error_answer,
    http_answer,
    unforeseen_answer,
)
from drumbeat.http.wire import JSON

PUBLIC_PATHS = frozenset({"/health", "/drumbeat/v1/docs", "/drumbeat/v1/openapi.json"})
PUBLIC_PREFIX = "/unsubscribe/"
SLASHES = re.compile("/{2,}")
HAVE_BODIES = frozenset({"POST", "PUT", "PATCH"})
# How long a revoked token may go on working; what it saves is a look-up per request.
REMEMBERED_SECONDS = 2.0
MOST_REMEMBERED = 1000
DRAINED_BYTES = 64 * 1024 * 1024
DRAINED_SECONDS = 10
WINDOW_SECONDS = 10
WINDOWS_A_DAY = 24 * 60 * 60 // WINDOW_SECONDS

RawHeaders: TypeAlias = list[tuple[bytes, bytes]]


class Gate:
    def __init__(self, app: ASGIApp, engine: Engine) -> None:
        self.app = app
        self.callers = Callers(engine)
        self.rates = Rates(engine.settings.rate_limit)
        self.max_body_bytes = engine.settings.max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        correlation_id = str(uuid4())
        headers: RawHeaders = [(b"x-hubspot-correlation-id", correlation_id.encode())]
        scope["state"] = {**scope.get("state", {}), "correlation_id": correlation_id}
        scope["path"] = tidy(scope["path"])
        has_begun = False

        async def answer(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                message["headers"] = [*message.get("headers", ()), *headers]
            await send(message)

        try:
            refusal = await self.refusal(scope, headers)
            if refusal is None:
                await self.app(scope, self.limited(scope, receive), answer)
            else:
                await drain(receive)
                await refusal(scope, receive, answer)
        except Exception as error:
            failure = unforeseen_answer(Request(scope), error)
            if not has_begun:
                await failure(scope, receive, answer)

    async def refusal(self, scope: Scope, headers: RawHeaders) -> Response | None:
        """The answer to a request that goes no further, or None."""
        request = Request(scope)
        try:
            if not is_public(scope["path"]):
                caller = await self.callers.of(request.headers.get("authorization", ""))
                scope["state"]["caller"] = caller
                allowance = self.rates.take(caller.token_id)
                headers += allowance.headers
                if allowance.wait:
                    return too_many(request, allowance.wait)
            return self.fault_of(scope, request)
        except DrumbeatError as error:
            return drumbeat_answer(request, error)

    def fault_of(self, scope: Scope, request: Request) -> Response | None:
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            message = "the address holds the character U+0000"
            return error_answer(request, 400, VALIDATION_ERROR, message)
        if scope["method"] not in HAVE_BODIES:
            return None
        length = int_or_zero(request.headers.get("content-length", ""))
        if length > self.max_body_bytes:
            return http_answer(request, self.too_long())
        has_body = length > 0 or "transfer-encoding" in request.headers
        if has_body and not is_public(scope["path"]) and not is_json(request.headers):
            message = f"the body must be sent as Content-Type: {JSON}"
            return http_answer(request, HTTPException(415, message))
        return None

    def limited(self, scope: Scope, receive: Receive) -> Receive:
        """*receive*, which stops a body of unstated length where it grows too long."""
        if not any(name == b"transfer-encoding" for name, _ in scope["headers"]):
            return receive
        seen = 0

        async def receive_limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.max_body_bytes:
                if message.get("more_body"):
                    await drain(receive)
                raise self.too_long()
            return message

        return receive_limited

    def too_long(self) -> HTTPException:
        return HTTPException(413, f"a body may hold at most {self.max_body_bytes} bytes")


async def drain(receive: Receive) -> None:
    """Hear out a body that nobody wants, within reason.

    A client that is still sending when the connection closes never hears why.
    """
    heard = 0
    with move_on_after(DRAINED_SECONDS):
        while heard < DRAINED_BYTES:
            message = await receive()
            heard += len(message.get("body", b""))
            if not message.get("more_body"):
                return


def tidy(path: str) -> str:
    """*path* without doubled slashes and without one at its end."""
    if "//" in path:
        path = SLASHES.sub("/", path)
    return path[:-1] if path.endswith("/") and path != "/" else path


def int_or_zero(digits: str) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else 0


def is_public(path: str) -> bool:
    return path in PUBLIC_PATHS or path.startswith(PUBLIC_PREFIX)


def is_json(headers: Headers) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() == JSON


def too_many(request: Request, wait: int) -> Response:
    # HubSpot's clients look for exactly this policy and this wording.
    return error_answer(
        request,
        429,
        "RATE_LIMITS",
        "You have reached your ten_secondly_rolling limit.",
        headers={"Retry-After": str(wait)},
        error_type="RATE_LIMIT",
        policy_name="TEN_SECONDLY_ROLLING",
    )


class Callers:
    """Who a token belongs to, remembered for a moment. Used by the event loop's thread only."""

    def __init__(
        self,
        engine: Engine,
        *,
        remember_for: float = REMEMBERED_SECONDS,
        most: int = MOST_REMEMBERED,
    ) -> None:
        self.engine = engine
        self.remember_for = remember_for
        self.most = most
        self.remembered: dict[str, tuple[float, Caller]] = {}

    async def of(self, authorization: str) -> Caller:
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("no bearer token was given")
        until, caller = self.remembered.get(token, (0.0, None))
        if caller is not None and monotonic() < until:
            return caller
        # The time is read first: what is remembered was true then, not later.
        until = monotonic() + self.remember_for
        caller = await run_sync(self.engine.access.authenticate, token)
        if len(self.remembered) >= self.most:
            self.remembered.clear()
        self.remembered[token] = (until, caller)
        return caller


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a token may still do. *wait* is 0, or the seconds until it may do anything again."""

    wait: int
    headers: RawHeaders


class Rates:
    """Requests counted per token: in windows of ten seconds, and for show in days."""

    def __init__(self, limit: int) -> None:
        self.window = RateLimitItemPerSecond(limit, WINDOW_SECONDS)
        self.day = RateLimitItemPerDay(limit * WINDOWS_A_DAY)
        self.storage = MemoryStorage()
        self.fixed: RawHeaders = [
            (b"x-hubspot-ratelimit-max", b"%d" % limit),
            (b"x-hubspot-ratelimit-interval-milliseconds", b"%d" % (WINDOW_SECONDS * 1000)),
            (b"x-hubspot-ratelimit-daily", b"%d" % self.day.amount),
        ]

    def take(self, token_id: int) -> Allowance:
        window = self.window.key_for(str(token_id))
        left = self.window.amount - self.storage.incr(window, self.window.get_expiry())
        today = self.storage.incr(self.day.key_for(str(token_id)), self.day.get_expiry())
        headers: RawHeaders = [
            *self.fixed,
            (b"x-hubspot-ratelimit-remaining", b"%d" % max(left, 0)),
            (b"x-hubspot-ratelimit-daily-remaining", b"%d" % max(self.day.amount - today, 0)),
        ]
        return Allowance(0 if left >= 0 else self.seconds_until_reset(window), headers)

    def seconds_until_reset(self, window: str) -> int:
        # Real seconds, whatever a movable clock shows: they are a client's to wait.
        left = self.storage.get_expiry(window) - SystemClock().now().timestamp()
        return max(math.ceil(left), 1)
