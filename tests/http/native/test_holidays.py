from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.world import World

BAVARIA = {"country": "DE", "part": "BY"}
PLACES = ["holidays", "users/1/holidays", "sequences/1/holidays"]


@pytest.fixture
def api(api: TestClient, world: World) -> TestClient:
    """With a sequence, beside the user that there is."""
    world.sequence(world.email(), world.email(1))
    return api


@pytest.mark.parametrize("place", PLACES)
def test_holidays_are_none_to_begin_with_then_set_then_removed(api: TestClient, place: str) -> None:
    none: dict[str, Any] = {"regions": [], "dates": [], "days": None}
    asked = {"regions": [{"country": "de", "part": "by"}, {"country": "FR"}]}
    kept = {"regions": [BAVARIA, {"country": "FR", "part": None}], "dates": [], "days": None}

    answers = [
        api.get(place),
        api.put(place, json=asked),
        api.get(place),
        api.delete(place),
        api.delete(place),
        api.get(place),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 204, 204, 200]
    bodies = [answer.json() for answer in answers if answer.content]
    assert bodies == [none, kept, kept, none]


def test_a_year_is_answered_with_the_names_of_its_days(api: TestClient) -> None:
    asked = {"regions": [BAVARIA], "dates": ["2026-12-24", "2027-12-24", "2026-12-24"]}
    api.put("holidays", json=asked)

    calendar = api.get("holidays?year=2026").json()

    assert calendar["dates"] == ["2026-12-24", "2027-12-24"]
    assert calendar["days"][0] == {"date": "2026-01-01", "name": "New Year's Day"}
    assert {"date": "2026-12-24", "name": None} in calendar["days"]
    assert len(calendar["days"]) == 13


def test_the_places_do_not_share_a_calendar(api: TestClient) -> None:
    for day, place in enumerate(PLACES, start=1):
        api.put(place, json={"dates": [f"2026-05-0{day}"]})

    kept = [api.get(place).json()["dates"] for place in PLACES]

    assert kept == [["2026-05-01"], ["2026-05-02"], ["2026-05-03"]]


def test_what_falls_on_a_day_that_was_set_moves_off_it(world: World, api: TestClient) -> None:
    api.put("sequences/1/holidays", json={"dates": ["2026-03-03"]})

    world.enroll(1)
    world.advance(days=3)

    assert world.sent() == ["Mon 2026-03-02 10:00", "Wed 2026-03-04 10:00"]


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"regions": [{"country": "UK"}]}, "did you mean GB"),
        ({"regions": [{"country": "DE", "part": "Bayern"}]}, "did you mean BY"),
        ({"regions": [{"part": "BY"}]}, "regions[0].country"),
        ({"regions": [{"country": ""}]}, "regions[0].country"),
        ({"regions": [{"country": "DE", "state": "BY"}]}, "state"),
        ({"regions": ["DE"]}, "regions[0]"),
        ({"regions": "DE"}, "regions"),
        ({"dates": ["24.12.2026"]}, "must be a day such as 2026-12-24"),
        ({"dates": ["2026-02-30"]}, "dates[0]"),
        ({"dates": ["2026-12-24T00:00:00Z"]}, "dates[0]"),
        ({"dates": [1772700000]}, "dates[0]"),
        ({"dates": [None]}, "dates[0]"),
        ({"dates": ["1969-12-31"]}, "between 1970 and 2100"),
        ({"dates": "2026-12-24"}, "dates"),
        ({"days": ["2026-12-24"]}, "days"),
        ([], "body"),
        ({"regions": [BAVARIA] * 51}, "at most 50 regions"),
        ({"dates": ["2026-12-24"] * 2001}, "at most 2,000 dates"),
    ],
)
def test_holidays_that_cannot_be_kept_say_why_and_change_nothing(
    api: TestClient, asked: Any, complaint: str
) -> None:
    api.put("holidays", json={"dates": ["2026-12-24"]})

    answer = api.put("holidays", json=asked)

    assert answer.status_code == 400
    assert complaint in answer.text
    assert api.get("holidays").json()["dates"] == ["2026-12-24"]


@pytest.mark.parametrize("asked", [{}, {"regions": None, "dates": None}])
def test_an_empty_calendar_closes_no_day(api: TestClient, asked: dict[str, Any]) -> None:
    api.put("holidays", json={"dates": ["2026-12-24"]})

    answer = api.put("holidays", json=asked)

    assert (answer.status_code, answer.json()["dates"]) == (200, [])


@pytest.mark.parametrize("place", ["users/77/holidays", "sequences/77/holidays"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_whoever_is_not_there_is_not_found(api: TestClient, method: str, place: str) -> None:
    body: dict[str, Any] | None = {"dates": []} if method == "PUT" else None

    assert api.request(method, place, json=body).status_code == 404


@pytest.mark.parametrize("year", ["1969", "2101", "-1", "now", "2026.0", ""])
def test_a_year_that_cannot_be_answered_is_refused(api: TestClient, year: str) -> None:
    assert api.get(f"holidays?year={year}").status_code == 400
