from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.wall_clock import NEW_YORK, at
from tests.world import World

WorldAt = Callable[[str, ZoneInfo], World]


@pytest.fixture
def world_at(database_url: str, tmp_path: Path) -> Iterator[WorldAt]:
    """A world that begins at a time on the wall, in a zone."""
    worlds: list[World] = []

    def begin(wall: str, zone: ZoneInfo) -> World:
        worlds.append(World.on(database_url, tmp_path, zone=zone, start=at(wall, zone)))
        return worlds[-1]

    yield begin
    for world in worlds:
        world.engine.close()


@pytest.fixture
def world(world_at: WorldAt) -> World:
    return world_at("Mon 2026-03-02 10:00", NEW_YORK)
