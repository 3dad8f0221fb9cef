from __future__ import annotations

from datetime import date

import pytest

from drumbeat.domain.holidays import day_of


def test_a_day_is_read_as_it_is_written() -> None:
    assert day_of("2026-12-24") == date(2026, 12, 24)


@pytest.mark.parametrize(
    "written",
    ["", "20261224", "2026-W52-4", "2026-12-24T00:00", "24.12.2026", "2026-02-30", "٢٠٢٦-12-24"],
)
def test_what_is_written_in_another_way_is_no_day(written: str) -> None:
    with pytest.raises(ValueError, match=r"2026-12-24|day"):
        day_of(written)
