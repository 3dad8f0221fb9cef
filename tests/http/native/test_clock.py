from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from drumbeat.app import Engine
from drumbeat.clock import SystemClock
from drumbeat.http.app import create_app
from drumbeat.settings import Settings
from tests.world import World


def test_the_clock_says_where_it_stands_and_that_it_may_be_moved(api: TestClient) -> None:
    answer = api.get("clock")

    assert answer.json() == {"now": "2026-03-02T15:00:00.000Z", "movable": True}


@pytest.mark.parametrize(
    ("asked", "stands_at"),
    [
        ({"advance": "P3D"}, "2026-03-05T15:00:00.000Z"),
        ({"advance": "PT0S"}, "2026-03-02T15:00:00.000Z"),
        ({"to": "2026-03-02T20:00:00.5+04:00"}, "2026-03-02T16:00:00.500Z"),
        ({"to": "2026-03-02T15:00:00Z", "advance": None}, "2026-03-02T15:00:00.000Z"),
    ],
)
def test_the_clock_moves_by_a_duration_or_to_a_time(
    api: TestClient, asked: dict[str, Any], stands_at: str
) -> None:
    answer = api.post("clock", json=asked)

    assert answer.json() == {"now": stands_at, "steps": 0, "messages": 0, "tasks": 0}
    assert api.get("clock").json()["now"] == stands_at


def test_a_move_answers_what_was_done_on_the_way(world: World, api: TestClient) -> None:
    world.enroll(world.sequence(world.email(), world.task(1), world.email(1)))

    moved = api.post("clock", json={"advance": "P1W"}).json()

    assert (moved["messages"], moved["tasks"]) == (1, 1)
    assert len(world.outbox.sent) == 2


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({}, "give either advance or to, and not both"),
        ({"advance": "P1D", "to": "2026-03-03T10:00:00Z"}, "not both"),
        ({"advance": "P1M"}, "no fixed length"),
        ({"advance": "-P1D"}, "never goes back"),
        ({"advance": "P4000D"}, "3660 days"),
        ({"advance": 3}, "advance"),
        ({"to": "2026-03-02T14:59:59.999Z"}, "never goes back"),
        ({"to": "0001-01-01T00:00:00+14:00"}, "never goes back"),
        ({"to": "9999-12-31T23:59:59-12:00"}, "3660 days"),
        ({"to": "2026-03-03T10:00:00"}, "to"),
        ({"to": "2026-03-03"}, "2026-03-02T08:00:00Z"),
        ({"to": 1772700000}, "2026-03-02T08:00:00Z"),
        ({"by": "P1D"}, "by"),
        ([], "body"),
    ],
)
def test_a_move_that_cannot_be_made_says_why_and_moves_nothing(
    api: TestClient, asked: Any, complaint: str
) -> None:
    answer = api.post("clock", json=asked)

    assert answer.status_code == 400
    assert complaint in answer.json()["message"]
    assert api.get("clock").json()["now"] == "2026-03-02T15:00:00.000Z"


def test_the_systems_clock_is_not_moved_and_says_how_to_get_one_that_is(tmp_path: Path) -> None:
    engine = Engine.start(Settings(data=tmp_path), clock=SystemClock())
    account = engine.access.create_account(email="a@example.com", name="Ada", timezone="UTC")
    api = TestClient(create_app(engine), headers={"Authorization": f"Bearer {account.token}"})

    answer = api.post("/drumbeat/v1/clock", json={"advance": "P1D"})
    engine.close()

    assert answer.status_code == 400
    assert "serve --clock movable" in answer.json()["message"]
