"""How values look on the wire, and what is refused on the way in."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException

from drumbeat.http.wire import epoch_millis, iso_millis, read_json, whole_number

ABOUT_NOON = datetime(2026, 3, 2, 12, 30, 15, 7000, tzinfo=UTC)


def test_a_time_is_utc_with_milliseconds_and_a_z() -> None:
    in_delhi = ABOUT_NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert iso_millis(ABOUT_NOON) == "2026-03-02T12:30:15.007Z"
    assert iso_millis(in_delhi) == iso_millis(ABOUT_NOON)
    assert iso_millis(ABOUT_NOON.replace(microsecond=0)) == "2026-03-02T12:30:15.000Z"


def test_a_templates_time_is_milliseconds_since_1970() -> None:
    assert epoch_millis(ABOUT_NOON) == 1_772_454_615_007


@pytest.mark.parametrize("asked", [7, "7", "007"], ids=repr)
def test_an_id_may_come_as_a_number_or_as_its_digits(asked: object) -> None:
    assert whole_number(asked) == 7


@pytest.mark.parametrize(
    "asked",
    [True, 7.0, "", " 7", "7.0", "-7", -7, "1_0", "٣", "seven", 2**63, str(2**63), [7], {"id": 7}],
    ids=repr,
)
def test_anything_else_is_no_id(asked: object) -> None:
    with pytest.raises(PydanticCustomError):
        whole_number(asked)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"a": 1,\n "b": }', "Invalid input JSON on line 2, column 7: expected value"),
        (b"", "Invalid input JSON on line 1, column 0: EOF while parsing a value"),
        (b'{"a": "\xff"}', "Invalid input JSON on line 1, column 8: invalid unicode code point"),
        (b'"\\ud800"', "Invalid input JSON on line 1, column 8: unexpected end of hex escape"),
        (b"[NaN]", "Invalid input JSON on line 1, column 2: expected value"),
        (b"[" * 9000, "Invalid input JSON on line 1, column 202: recursion limit exceeded"),
        (b"1" * 9000, "Invalid input JSON on line 1, column 4302: number out of range"),
        (b'{"a": ["\\u0000"]}', "Invalid input JSON: a string holds the character U+0000"),
        (b'{"\\u0000": 1}', "Invalid input JSON: a string holds the character U+0000"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(raw: bytes, message: str) -> None:
    with pytest.raises(HTTPException) as refused:
        read_json(raw)

    assert (refused.value.status_code, refused.value.detail) == (400, message)


def test_a_backslash_before_u0000_is_no_nul() -> None:
    assert read_json(rb'{"a": "\\u0000"}') == {"a": "\\u0000"}


@given(some.binary(max_size=200))
def test_no_bytes_at_all_do_worse_than_a_400(raw: bytes) -> None:
    with contextlib.suppress(HTTPException):
        read_json(raw)
