"""How values look on the wire, and how bodies are read off it.

An answer is a Shape: camelCase names, optional fields left out and never null. A request body
is an Asked on HubSpot's routes, where unknown fields are ignored, and a StrictlyAsked on ours,
where they are refused. Neither guesses: a bool is no number, and `1.0` is no integer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi.routing import APIRoute
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, from_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_MILLI = timedelta(milliseconds=1)
MAX_INT32 = 2**31 - 1
MAX_INT64 = 2**63 - 1
# What HubSpot's CRM keeps in one property, and longer than anything a sequence says.
MAX_TEXT = 65_536
MAX_NAME = 255
JSON = "application/json"
JSON_FAULT = re.compile(r"(.*) at line (\d+) column (\d+)", re.DOTALL)


def iso_millis(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def epoch_millis(moment: datetime) -> int:
    return (moment - EPOCH) // ONE_MILLI


WireTime = Annotated[
    datetime,
    PlainSerializer(iso_millis, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
EpochMillis = Annotated[
    datetime,
    PlainSerializer(epoch_millis, return_type=int),
    WithJsonSchema({"type": "integer", "format": "int64"}),
]
WireId = Annotated[int, PlainSerializer(str, return_type=str), WithJsonSchema({"type": "string"})]
"""An id of ours in an answer: a string of digits."""


def whole_number(given: object) -> int:
    """An id as it is asked for: digits, as a string or as a JSON number; nothing else."""
    if isinstance(given, int) and not isinstance(given, bool):
        number = given
    elif isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 20:
        number = int(given)
    else:
        raise PydanticCustomError("number", "must be a number without a sign or a fraction")
    if not 0 <= number <= MAX_INT64:
        raise PydanticCustomError("number", "must lie between 0 and 9223372036854775807")
    return number


AskedId = Annotated[int, BeforeValidator(whole_number), WithJsonSchema({"type": "string"})]
AskedNumber = Annotated[int, BeforeValidator(whole_number), WithJsonSchema({"type": "integer"})]
"""A number in a query or a path, where everything arrives as text."""
Int32 = Annotated[int, Field(strict=True, ge=-MAX_INT32 - 1, le=MAX_INT32)]
Int64 = Annotated[int, Field(strict=True, ge=-MAX_INT64 - 1, le=MAX_INT64)]
Flag = Annotated[bool, Field(strict=True)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]


class Shape(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, frozen=True
    )

    def answer(self, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        body = self.model_dump_json(by_alias=True, exclude_none=True)
        return Response(body, status, headers, media_type=JSON)


class Asked(BaseModel):
    """A request body on HubSpot's routes, or a part of one. null means absent."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="ignore", frozen=True, str_max_length=MAX_TEXT
    )


class StrictlyAsked(Asked):
    """A request body on our own routes: a field we do not know is a mistake worth telling."""

    model_config = ConfigDict(extra="forbid")


class JsonRequest(Request):
    """A request whose body is read as strictly as the rest of it."""

    async def json(self) -> Any:
        return read_json(await self.body())


class JsonRoute(APIRoute):
    """The route class of every router of ours: ``APIRouter(route_class=JsonRoute)``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def handle_json(request: Request) -> Response:
            return await handle(JsonRequest(request.scope, request.receive))

        return handle_json


def read_json(raw: bytes) -> Any:
    """The value *raw* holds. What cannot be read, or never be stored, is a 400."""
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise HTTPException(400, unreadable(str(error))) from error
    if b"\\u0000" in raw and has_nul(value):
        raise HTTPException(400, "Invalid input JSON: a string holds the character U+0000")
    return value


def unreadable(fault: str) -> str:
    found = JSON_FAULT.fullmatch(fault)
    if found is None:
        return f"Invalid input JSON: {fault}"
    what, line, column = found.groups()
    return f"Invalid input JSON on line {line}, column {column}: {what}"


def has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(has_nul(key) or has_nul(part) for key, part in value.items())
    return isinstance(value, list) and any(has_nul(part) for part in value)
