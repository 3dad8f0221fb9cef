"""Cursors, in every form in which clients hand them back."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from drumbeat.http.paging import after_offset, id_of, next_link, offset_of


def request_for(query: str, *headers: tuple[bytes, bytes], **scope: Any) -> Request:
    wanted = {"scheme": "https", "path": "/crm/v3/owners", "server": ("127.0.0.1", 8787)}
    return Request(
        {
            "type": "http",
            "headers": list(headers),
            "query_string": query.encode(),
            **wanted,
            **scope,
        }
    )


@pytest.mark.parametrize("after", ["NA==", "NA%3D%3D", "NA", "NA%3d%3d", "NA="])
def test_a_cursor_is_understood_in_every_form_it_comes_back_in(after: str) -> None:
    assert offset_of(after) == 4


@pytest.mark.parametrize(
    "after", ["", "4", "!!!", "NA==NA==", "LTQ=", "%ff", "=", "MS41", "ÄÖ", "OTk5OTk5OTk5OTk5"]
)
def test_anything_else_is_no_cursor(after: str) -> None:
    with pytest.raises(PydanticCustomError):
        offset_of(after)


def test_a_cursor_is_percent_encoded_in_the_json_and_once_in_the_link() -> None:
    paging = after_offset(request_for("limit=4"), 4)

    assert paging.next.after == "NA%3D%3D"
    assert paging.next.link == "https://127.0.0.1:8787/crm/v3/owners?limit=4&after=NA%3D%3D"


def test_a_link_leads_back_the_way_the_caller_came_and_keeps_what_was_asked() -> None:
    request = request_for("a=1&after=7&a=%C3%BC+x", (b"host", b"api.example.com"))

    link = next_link(request, "9")

    assert link == "https://api.example.com/crm/v3/owners?a=1&a=%C3%BC+x&after=9"


@pytest.mark.parametrize("host", [b"[::1", b"a b", b"\xff", b"x:y:z"])
def test_a_host_that_a_client_made_up_breaks_nothing(host: bytes) -> None:
    assert next_link(request_for("", (b"host", host)), "9").endswith("/crm/v3/owners?after=9")


@given(some.integers(min_value=0, max_value=2**31 - 1))
def test_every_offset_survives_the_way_there_and_back(offset: int) -> None:
    cursor = base64.b64encode(str(offset).encode()).decode()

    assert offset_of(cursor) == offset
    assert offset_of(quote(quote(cursor), safe="%")) == offset


def test_a_cursor_by_id_is_the_id() -> None:
    assert id_of("12") == 12
