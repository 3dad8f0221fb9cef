"""Cursors, and the links that carry them.

HubSpot's sequences are paged by an offset, written as base64 and percent-encoded inside the
JSON: official clients send that back as it stands, and it arrives encoded once more than a
link's own. The CRM and the templates are paged by the last id seen.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated
from urllib.parse import quote, unquote, urlencode

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from drumbeat.http.wire import MAX_INT32, Shape, whole_number


class NextPage(Shape):
    after: str
    link: str


class Paging(Shape):
    """ForwardPaging: left out of the answer on the last page."""

    next: NextPage


def offset_of(after: object) -> int:
    """The offset a cursor stands for, whether raw, percent-encoded or without its padding."""
    bare = unquote(str(after)).rstrip("=")
    try:
        text = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode("ascii")
        offset = whole_number(text)
    except (binascii.Error, ValueError) as error:
        raise PydanticCustomError("cursor", "is not a cursor of this list") from error
    if offset > MAX_INT32:
        raise PydanticCustomError("cursor", "is not a cursor of this list")
    return offset


def id_of(after: object) -> int:
    return whole_number(unquote(str(after)))


OffsetCursor = Annotated[int, BeforeValidator(offset_of), WithJsonSchema({"type": "string"})]
IdCursor = Annotated[int, BeforeValidator(id_of), WithJsonSchema({"type": "string"})]


def after_offset(request: Request, offset: int) -> Paging:
    cursor = base64.b64encode(str(offset).encode()).decode()
    return Paging(next=NextPage(after=quote(cursor, safe=""), link=next_link(request, cursor)))


def after_id(request: Request, last_id: int) -> Paging:
    cursor = str(last_id)
    return Paging(next=NextPage(after=cursor, link=next_link(request, cursor)))


def next_link(request: Request, after: str) -> str:
    """The address of the next page, as the caller reaches us, with all it asked for."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
    query = urlencode([*asked, ("after", after)])
    scope = request.scope
    # Not request.url: parsing a Host header that a client made up can fail.
    host = request.headers.get("host") or "{}:{}".format(*scope["server"])
    return f"{scope['scheme']}://{host}{quote(scope['path'])}?{query}"
