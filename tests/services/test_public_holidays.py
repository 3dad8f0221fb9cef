from __future__ import annotations

from datetime import date

import pytest
from structlog.testing import capture_logs

from drumbeat.domain.holidays import Region
from drumbeat.services import public_holidays

NEW_YEAR = date(2026, 1, 1)


def test_a_part_of_a_country_has_more_holidays_than_the_country() -> None:
    everywhere = public_holidays.names_of(Region(country="DE"), 2026)
    bavaria = public_holidays.names_of(Region(country="DE", part="BY"), 2026)

    assert everywhere.keys() < bavaria.keys()
    assert bavaria[date(2026, 1, 6)] == "Epiphany"


def test_the_names_are_the_same_wherever_the_server_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    public_holidays.names_of.cache_clear()

    assert public_holidays.names_of(Region(country="DE"), 2026)[NEW_YEAR] == "New Year's Day"


def test_a_region_that_is_not_known_has_no_holidays_and_is_told_of_once() -> None:
    public_holidays.names_of.cache_clear()

    with capture_logs() as log:
        found = [public_holidays.names_of(Region(country="DE", part="Atlantis"), 2026)] * 2

    assert found == [{}, {}]
    assert [(line["event"], line["part"]) for line in log] == [
        (public_holidays.REGION_UNKNOWN, "Atlantis")
    ]


def test_every_region_that_is_accepted_can_be_asked_for_its_holidays() -> None:
    regions = [
        Region(country=country, part=part)
        for country, parts in public_holidays.countries().items()
        for part in (None, *parts)
    ]

    without = [each for each in regions if not public_holidays.names_of(each, 2026)]

    assert len(regions) > 800
    # Nobody lives there, or there have been none since a war began.
    assert {each.country for each in without} <= {"BV", "HM", "IO", "UA"}
