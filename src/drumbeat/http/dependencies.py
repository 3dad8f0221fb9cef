"""What every route asks for: the engine, and a caller who may do this."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from drumbeat.app import Engine
from drumbeat.domain.user import Caller
from drumbeat.errors import Forbidden


def engine_of(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def needs(*any_of: str) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency that gives the caller where its token has one of these scopes."""

    # async, though it waits for nothing: FastAPI would send a plain function to a thread.
    async def caller_of(request: Request) -> Caller:
        caller: Caller = request.state.caller
        if caller.scopes.isdisjoint(any_of):
            raise Forbidden("the token lacks the scope that this call needs", any_of)
        return caller

    return caller_of
