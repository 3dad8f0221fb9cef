"""A client for our own API, whose token may do nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from drumbeat.app import Engine
from drumbeat.clock import MovableClock
from drumbeat.http.native import PREFIX
from drumbeat.settings import Settings
from tests.http.clients import client_of
from tests.memory_outbox import MemoryOutbox
from tests.wall_clock import NEW_YORK, at
from tests.world import World


@pytest.fixture
def api(world: World) -> TestClient:
    return our_client_of(world, "drumbeat")


def our_client_of(world: World, *scopes: str) -> TestClient:
    client = client_of(world, scopes)
    client.base_url = f"http://testserver{PREFIX}"
    return client


@pytest.fixture
def captured_world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A world whose mail really crosses a wire, to the capture server."""
    clock = MovableClock(at("Mon 2026-03-02 10:00", NEW_YORK))
    settings = Settings(data=tmp_path, database=database_url, mail="capture")
    engine = Engine.start(settings, clock=clock)
    account = engine.access.create_account(
        email="rep@example.com", name="Rita Rep", timezone=NEW_YORK.key
    )
    world = World(engine, MemoryOutbox(), clock, account.account_id, account.user.id, NEW_YORK)
    world.template_id = world.template("Hello")
    yield world
    engine.close()
