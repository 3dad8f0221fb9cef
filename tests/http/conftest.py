"""A server over the world of the scenarios, and a client that may do everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.http.clients import client_of
from tests.wall_clock import NEW_YORK, at
from tests.world import World


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    world = World.on(database_url, tmp_path, start=at("Mon 2026-03-02 10:00", NEW_YORK))
    yield world
    world.engine.close()


@pytest.fixture
def api(world: World) -> Iterator[TestClient]:
    with client_of(world) as client:
        yield client
