"""A client for our own API, whose token may do nothing else."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from drumbeat.http.native import PREFIX
from tests.http.clients import client_of
from tests.world import World


@pytest.fixture
def api(world: World) -> TestClient:
    return our_client_of(world, "drumbeat")


def our_client_of(world: World, *scopes: str) -> TestClient:
    client = client_of(world, scopes)
    client.base_url = f"http://testserver{PREFIX}"
    return client
