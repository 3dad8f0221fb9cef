"""The yardstick is fair: it runs the statements that Drumbeat runs, one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from benchmarks import bare_stack
from benchmarks.answering import ROUTES, Route
from benchmarks.asgi import ask
from benchmarks.load import Asked
from benchmarks.places import Place
from benchmarks.population import Population
from benchmarks.scale import TINY
from drumbeat.http.app import create_app
from drumbeat.store.database import Database
from tests.databases import SqliteDatabases


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_the_bare_stack_runs_the_same_statements(
    route: Route, sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    place = Place(name="SQLite", about="", directory=tmp_path, databases=sqlite_databases)
    with Population.at(place, TINY) as population:
        ours = create_app(population.engine)
        theirs = bare_stack.create_app(population.engine.database, population.account_id)
        asked = route.asked(population, TINY)

        statements = [
            statements_of(app, each, population)
            for app, each in zip((ours, theirs), asked, strict=True)
        ]

    assert statements[0]
    assert statements[0] == statements[1]


def statements_of(app: FastAPI, asked: Asked, population: Population) -> list[str]:
    """What the second of two such requests runs: the first is remembered for, here and there."""
    requests = iter(asked)
    asyncio.run(ask(app, asked.method, *next(requests), population.token))
    with listening(population.engine.database) as heard:
        asyncio.run(ask(app, asked.method, *next(requests), population.token))
    return heard


@contextmanager
def listening(database: Database) -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(_c: Any, _k: Any, statement: str, _p: Any, _x: Any, _m: Any) -> None:
        heard.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", hear)
