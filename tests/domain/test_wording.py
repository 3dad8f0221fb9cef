from __future__ import annotations

from datetime import timedelta

import pytest

from drumbeat.domain import wording
from drumbeat.domain.schedule import EligibleDays, SendWindow
from tests.wall_clock import BERLIN, NEW_YORK, at


def test_a_time_is_told_as_the_wall_shows_it() -> None:
    moment = at("Thu 2026-03-05 10:00")

    assert wording.on_the_wall(moment, NEW_YORK) == "Thursday 5 March 2026 at 10:00"
    assert wording.on_the_wall(moment, BERLIN) == "Thursday 5 March 2026 at 16:00"


def test_seconds_are_told_where_there_are_any() -> None:
    moment = at("Thu 2026-03-05 10:00:30")

    assert wording.on_the_wall(moment, NEW_YORK).endswith("at 10:00:30")


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(days=3), "3 days"),
        (timedelta(days=1, hours=2), "1 day and 2 hours"),
        (timedelta(days=1, hours=2, seconds=1), "1 day, 2 hours and 1 second"),
        (timedelta(milliseconds=5), "a moment"),
        (timedelta(0), "a moment"),
    ],
)
def test_a_length_is_told_in_its_units(length: timedelta, told: str) -> None:
    assert wording.length(length) == told


@pytest.mark.parametrize(
    ("window", "days", "told"),
    [
        (SendWindow(480, 1080), EligibleDays.BUSINESS_DAYS, "08:00-18:00, Monday to Friday"),
        (SendWindow(0, 0), EligibleDays.EVERYDAY, "the whole day, every day"),
    ],
)
def test_hours_are_told_with_their_days_and_zone(
    window: SendWindow, days: EligibleDays, told: str
) -> None:
    assert wording.hours(window, days, NEW_YORK) == f"{told}, America/New_York"


def test_steps_are_told_by_their_orders() -> None:
    assert [wording.steps([1]), wording.steps([1, 3])] == ["step 1", "steps 1 and 3"]
