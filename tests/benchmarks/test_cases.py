"""Every benchmark runs, at a size at which its figures mean nothing."""

from __future__ import annotations

from pathlib import Path
from pstats import Stats

import pytest

from benchmarks.__main__ import CASES
from benchmarks.places import Place
from benchmarks.scale import TINY
from tests.conftest import BOTH
from tests.databases import PostgresDatabases, SqliteDatabases

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
PROFILED = [name for name, case in CASES.items() if case.profile]


# Most of the time of the others goes into starting processes, the same ones on both.
ON_BOTH = {"steps", "claim"}
MEASURED = [(name, kind) for kind in BOTH for name in CASES if kind == "sqlite" or name in ON_BOTH]


def place_on(kind: str, request: pytest.FixtureRequest, directory: Path) -> Place:
    databases: SqliteDatabases | PostgresDatabases
    databases = request.getfixturevalue(f"{kind}_databases")
    return Place(name=NAMES[kind], about="", directory=directory, databases=databases)


@pytest.mark.parametrize(("name", "kind"), MEASURED)
def test_a_benchmark_measures_what_it_says(
    name: str, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place = place_on(kind, request, tmp_path)

    figures = list(CASES[name].measure(place, TINY))

    assert figures
    for figure in figures:
        assert figure.value is not None, figure.note
        assert "success" not in figure.note


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("name", PROFILED)
def test_a_benchmark_shows_where_its_time_goes(
    name: str, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place, profile = place_on(kind, request, tmp_path), CASES[name].profile
    assert profile is not None

    stats = profile(place, TINY)

    assert isinstance(stats, Stats)
    assert len(stats.get_stats_profile().func_profiles) > 10
