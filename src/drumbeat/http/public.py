"""The pages that need no token: whether we are well, and unsubscribing.

An unsubscribe link is opened by people, by the machines that check links before people see
them (GET), and by mail programs on a person's behalf (POST, RFC 8058). Only POST unsubscribes.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import Field

import drumbeat
from drumbeat.errors import Invalid, NotFound, Unavailable
from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.shapes import ClockShape, OurShape
from drumbeat.http.pages import page

router = APIRouter()


class HealthShape(OurShape):
    status: Annotated[str, Field(description="ok, degraded or unavailable.")]
    database: Annotated[bool, Field(description="Whether the database can be reached.")]
    clock: ClockShape
    version: str
    faults: Annotated[list[str], Field(description="What is wrong, in words.")]


@router.get(
    "/health",
    tags=["Health"],
    summary="Ask whether we are well",
    response_model=HealthShape,
    responses={503: {"model": HealthShape, "description": "The database is away"}},
)
def read_health(request: Request) -> Response:
    """Whether the server is well. A mail server that is away makes it degraded, not down."""
    engine = engine_of(request)
    health = engine.health()
    shape = HealthShape(
        status=health.status,
        database=health.has_database,
        clock=ClockShape(now=health.now, movable=engine.clock_moving is not None),
        version=drumbeat.__version__,
        faults=list(health.faults),
    )
    return shape.answer(200 if health.has_database else 503)


@router.api_route("/unsubscribe/{token}", methods=["GET", "HEAD"], include_in_schema=False)
def ask_first(request: Request, token: str) -> HTMLResponse:
    """The page with the button. It changes nothing, whoever opens it."""
    try:
        email = engine_of(request).suppressing.page_of(token)
    except (NotFound, Invalid):
        return page("unknown_link", status=404)
    except Unavailable:
        return page("try_again", status=503)
    return page("unsubscribe", email=email)


@router.post("/unsubscribe/{token}", include_in_schema=False)
def unsubscribe(request: Request, token: str) -> HTMLResponse:
    """What the button does, and a mail program's own button. The body says nothing we need."""
    engine = engine_of(request)
    try:
        with engine.writing():
            done = engine.suppressing.unsubscribe(token)
    except (NotFound, Invalid):
        return page("unknown_link", status=404)
    except Unavailable:
        return page("try_again", status=503)
    return page("unsubscribed", email=done.email)
