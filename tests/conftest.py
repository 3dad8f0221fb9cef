"""What every test may ask for: databases of each kind, and HubSpot's description of its API."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest

import tests.could_not_run
from drumbeat.store.database import Database
from tests.could_not_run import could_not_run
from tests.databases import PostgresDatabases, SqliteDatabases, postgresql_server

ROOT = Path(__file__).parent.parent
BOTH = ["sqlite", "postgresql"]

# How long an example takes says more about the machine and its load than about our code.
hypothesis.settings.register_profile("drumbeat", deadline=None)
hypothesis.settings.load_profile("drumbeat")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(tests.could_not_run)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """A database that has the schema and no rows; the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as database:
        yield database


@pytest.fixture
def sqlite_url(sqlite_databases: SqliteDatabases) -> Iterator[str]:
    with sqlite_databases.fresh() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_databases: PostgresDatabases) -> Iterator[str]:
    with postgresql_databases.fresh() as url:
        yield url


@pytest.fixture(params=BOTH)
def blank_database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without even the schema, of each kind, for what migrates it."""
    databases: SqliteDatabases | PostgresDatabases
    databases = request.getfixturevalue(f"{request.param}_databases")
    with databases.blank() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[PostgresDatabases]:
    with postgresql_server() as url, closing(PostgresDatabases(url)) as databases:
        yield databases


@pytest.fixture(scope="session")
def specs() -> Path:
    """The directory of HubSpot's OpenAPI files, which are HubSpot's and not in this repository."""
    directory = ROOT.parent / "shared" / "specs"
    if not directory.is_dir():
        could_not_run(
            "HubSpot's OpenAPI files are not there",
            "put them into ../shared/specs",
            # No package brings them, so only the build server is held to having them.
            must_run=os.environ.get("CI") == "true",
        )
    return directory
