"""``/drumbeat/v1/clock``: what time it is for the engine, and moving it."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from drumbeat.errors import Invalid
from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.durations import parse_duration
from drumbeat.http.native.parameters import AskedTime, Ours
from drumbeat.http.native.shapes import ClockShape, MovedShape
from drumbeat.http.wire import JsonRoute, StrictlyAsked

router = APIRouter(prefix="/clock", tags=["Clock"], route_class=JsonRoute)


class MoveAsked(StrictlyAsked):
    """How far, or where to: one of the two."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"advance": "P3D"}]})

    advance: Annotated[
        str | None, Field(description="An ISO 8601 duration: P3D, P1W, PT36H. No months or years.")
    ] = None
    to: Annotated[
        AskedTime | None,
        Field(description="A time with its zone: 2026-03-02T08:00:00Z. Never back."),
    ] = None

    @model_validator(mode="after")
    def is_one_of_both(self) -> Self:
        if (self.advance is None) == (self.to is None):
            raise PydanticCustomError("move", "give either advance or to, and not both")
        return self


@router.get("", response_model=ClockShape, summary="Read the clock")
def read_clock(request: Request, caller: Ours) -> Response:
    """The engine's time, which every due time is compared with."""
    engine = engine_of(request)
    is_movable = engine.clock_moving is not None
    return ClockShape(now=engine.clock.now(), movable=is_movable).answer()


@router.post("", response_model=MovedShape, summary="Move the clock")
def move_clock(request: Request, caller: Ours, asked: MoveAsked) -> Response:
    """Move the clock, and run everything that falls due on the way, each at its own instant.

    Only with `serve --clock movable`. The answer comes when all of it is done.
    """
    engine = engine_of(request)
    if engine.clock_moving is None:
        raise Invalid(
            "this server runs on the system's clock; start it with `serve --clock movable`"
        )
    if asked.to is not None:
        moved = engine.clock_moving.move_to(asked.to)
    else:
        duration = parse_duration(asked.advance or "", field="advance")
        moved = engine.clock_moving.move_by(duration)
    return MovedShape(
        now=moved.now, steps=moved.steps, messages=moved.messages, tasks=moved.tasks
    ).answer()
