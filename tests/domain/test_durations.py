from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumbeat.domain import durations

LONGEST = timedelta(days=3650)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "PT0S"),
        (timedelta(days=7), "P7D"),
        (timedelta(days=1, hours=2, minutes=30), "P1DT2H30M"),
        (timedelta(milliseconds=500), "PT0.5S"),
        (timedelta(minutes=1, milliseconds=1), "PT1M0.001S"),
    ],
)
def test_writes_a_duration_in_days_and_less(length: timedelta, text: str) -> None:
    assert durations.written(length) == text


@given(st.timedeltas(min_value=timedelta(0), max_value=LONGEST))
def test_what_is_written_is_read_as_the_same_length(length: timedelta) -> None:
    assert durations.parsed(durations.written(length), longest=LONGEST) == length
