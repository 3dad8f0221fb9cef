from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from drumbeat.domain.pacing import CAP_PERIOD, Pace
from drumbeat.domain.planner import Because

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def any_time(moment: datetime) -> datetime:
    return moment


def test_the_first_slot_is_now() -> None:
    pace = Pace.of(30 * SECOND, 10, NOON, [])

    assert pace.next_slot(NOON, any_time).at == NOON


def test_the_next_slot_keeps_the_gap() -> None:
    pace = Pace.of(30 * SECOND, 10, NOON, [NOON])

    assert pace.next_slot(NOON, any_time).at == NOON + 30 * SECOND


def test_a_slot_fits_between_two_that_are_far_enough_apart() -> None:
    pace = Pace.of(30 * SECOND, 10, NOON, [NOON, NOON + 70 * SECOND])

    assert pace.next_slot(NOON, any_time).at == NOON + 30 * SECOND


def test_no_slot_before_the_sender_is_free() -> None:
    pace = Pace.of(30 * SECOND, 10, NOON + 5 * SECOND, [])

    assert pace.next_slot(NOON, any_time).at == NOON + 5 * SECOND
    assert not pace.has_room(NOON)


def test_over_the_cap_the_slot_is_a_day_after_the_first_of_the_day() -> None:
    pace = Pace.of(0 * SECOND, 2, NOON, [NOON - 2 * SECOND, NOON - SECOND])

    assert pace.next_slot(NOON, any_time).at == NOON - 2 * SECOND + CAP_PERIOD
    assert not pace.has_room(NOON)


def test_a_slot_outside_the_window_goes_to_the_next_opening() -> None:
    opening = NOON + timedelta(hours=20)
    pace = Pace.of(30 * SECOND, 10, NOON, [])

    assert pace.next_slot(NOON, lambda moment: max(moment, opening)).at == opening


@given(
    st.lists(st.integers(0, 3_000), max_size=30),
    st.integers(0, 90),
    st.integers(1, 6),
    st.integers(0, 300),
)
def test_slots_always_keep_gap_cap_and_opening(
    wanted: list[int], gap: int, cap: int, opens: int
) -> None:
    pace = Pace.of(gap * SECOND, cap, NOON, [])
    for seconds in wanted:
        asked = NOON + seconds * SECOND
        slot = pace.next_slot(asked, lambda moment: max(moment, NOON + opens * SECOND)).at
        assert slot >= max(asked, NOON + opens * SECOND)
        pace.take(slot)

    slots = pace.taken
    assert all(b - a >= gap * SECOND for a, b in pairwise(slots))
    # With slots given in any order, the last day before each slot never holds more than the cap
    # at the instant it was given; in order of time that is a plain window.
    if wanted == sorted(wanted):
        for position, slot in enumerate(slots):
            earlier = [other for other in slots[: position + 1] if other > slot - CAP_PERIOD]
            assert len(earlier) <= cap


def first_free(taken: list[datetime], moment: datetime, gap: timedelta) -> datetime:
    """What a person would do: try each slot in turn."""
    for slot in sorted(taken):
        if moment - gap < slot < moment + gap:
            moment = slot + gap
    return moment


@given(
    st.lists(st.integers(0, 200), max_size=40),
    st.lists(st.integers(0, 39), max_size=20),
    st.integers(1, 30),
    st.integers(-40, 240),
)
def test_runs_of_slots_are_passed_over_to_where_one_by_one_would_lead(
    taken: list[int], given_back: list[int], gap: int, asked: int
) -> None:
    slots = [NOON + each * SECOND for each in taken]
    pace = Pace.of(gap * SECOND, 10, NOON, slots[:20])
    for slot in slots[20:]:
        pace.take(slot)
    for position in given_back:
        if position < len(slots):
            pace.give_back(slots.pop(position))

    found = pace.between_gaps(NOON + asked * SECOND)

    assert found == first_free(slots, NOON + asked * SECOND, gap * SECOND)


def test_a_slot_says_whether_a_holiday_or_the_window_moved_it() -> None:
    morning, day_after = NOON + timedelta(hours=20), NOON + timedelta(hours=44)
    pace = Pace.of(30 * SECOND, 10, NOON, [])

    usual = pace.next_slot(NOON, lambda moment: max(moment, morning))
    off = pace.next_slot(
        NOON, lambda moment: max(moment, day_after), lambda moment: max(moment, morning)
    )

    assert usual == (morning, Because.WINDOW)
    assert off == (day_after, Because.HOLIDAY)
