"""Clients of a server, each with a token of its own."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import FastAPI
from starlette.testclient import TestClient

from drumbeat.http.app import create_app
from tests.world import World

JSON = {"Content-Type": "application/json"}


def client_of(
    world: World, scopes: Collection[str] | None = None, *, app: FastAPI | None = None
) -> TestClient:
    """A client whose token has these scopes, or every one there is."""
    token = world.engine.access.create_token(email="rep@example.com", scopes=scopes).token
    return TestClient(
        app or create_app(world.engine),
        headers={"Authorization": f"Bearer {token}"},
        follow_redirects=False,
    )
