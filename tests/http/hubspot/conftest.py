from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.databases import SqliteDatabases
from tests.http.clients import client_of
from tests.http.hubspot.integrator import Integrator
from tests.wall_clock import NEW_YORK, at
from tests.world import World


@pytest.fixture
def integrator(api: TestClient, world: World) -> Integrator:
    return Integrator(api, world)


@pytest.fixture(scope="module")
def shared(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Integrator]:
    """One for all tests of a module whose requests are refused, and so leave nothing behind."""
    with sqlite_databases.fresh() as url:
        start = at("Mon 2026-03-02 10:00", NEW_YORK)
        world = World.on(url, tmp_path_factory.mktemp("data"), start=start)
        with client_of(world) as client:
            yield Integrator(client, world)
        world.engine.close()
