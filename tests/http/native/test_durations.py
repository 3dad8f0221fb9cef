from __future__ import annotations

from datetime import timedelta

import pytest

from drumbeat.errors import Invalid
from drumbeat.http.native.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P3D", timedelta(days=3)),
        ("P1W", timedelta(weeks=1)),
        ("PT36H", timedelta(hours=36)),
        ("P1DT2H30M", timedelta(days=1, hours=2, minutes=30)),
        ("PT0.001S", timedelta(milliseconds=1)),
        ("PT1,5H", timedelta(minutes=90)),
        ("PT0S", timedelta(0)),
        ("P3660D", timedelta(days=3660)),
    ],
)
def test_reads_a_duration_as_iso_8601_writes_it(text: str, length: timedelta) -> None:
    assert parse_duration(text, field="advance") == length


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("P1M", "no fixed length"),
        ("P1Y2D", "no fixed length"),
        ("-P1D", "never goes back"),
        ("P3661D", "longer than 3660 days"),
        ("P999999999WT1S", "longer than 3660 days"),
        ("3 days", "not an ISO 8601 duration"),
        ("P", "not an ISO 8601 duration"),
        ("P3DT", "not an ISO 8601 duration"),
        ("P3D\n", "not an ISO 8601 duration"),
        ("P٣D", "not an ISO 8601 duration"),
        ("", "not an ISO 8601 duration"),
    ],
)
def test_says_why_it_cannot_read_a_duration(text: str, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        parse_duration(text, field="advance")

    assert refused.value.faults[0].field == "advance"
