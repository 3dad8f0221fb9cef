"""Due steps a second: claimed, decided and written as the worker does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from cProfile import Profile
from dataclasses import dataclass
from datetime import timedelta
from pstats import Stats
from time import perf_counter

from benchmarks.figures import Figure, Target
from benchmarks.places import Place
from benchmarks.population import Population
from benchmarks.processes import at_once
from benchmarks.scale import Scale
from drumbeat.clock import SystemClock
from drumbeat.services.stepping import Stepping
from drumbeat.store.database import Database

NAME = "steps"
TARGETS = {
    ("SQLite", 1): Target(least=25_000),
    ("PostgreSQL", 1): Target(least=15_000),
    ("PostgreSQL", 2): Target(least=25_000),
}
NOW = timedelta(0)
# As Population.sequence has them, and Population.enrolled spreads people over them.
MIX = "half of them e-mails, a quarter tasks, a quarter finishes"
WORKERS = {1: "one worker", 2: "two workers"}


@dataclass(frozen=True, slots=True)
class Run:
    steps: int
    seconds: float


def measure(place: Place, scale: Scale) -> Iterator[Figure]:
    for (name, workers), target in TARGETS.items():
        if name != place.name:
            continue
        with due_steps(place, scale) as population:
            work = (population.url, scale.batch, scale.patience)
            runs: list[Run] = at_once(execute, [work] * workers, scale.patience + 30)
        steps = sum(run.steps for run in runs)
        yield Figure(
            case=NAME,
            what=f"due steps, {WORKERS[workers]}",
            database=place.name,
            value=steps / max(run.seconds for run in runs),
            unit="/s",
            target=target,
            note=f"{steps:,} steps, {MIX}, in batches of {scale.batch:,}",
        )


def profile(place: Place, scale: Scale) -> Stats:
    with due_steps(place, scale) as population:
        profiler = Profile()
        execute(profiler.enable, population.url, scale.batch, scale.patience)
        profiler.disable()
    return Stats(profiler)


@contextmanager
def due_steps(place: Place, scale: Scale) -> Iterator[Population]:
    with Population.at(place, scale) as population:
        people = population.contacts(scale.due)
        population.enrolled(population.sequence(), people, due_in=NOW)
        yield population


def execute(begin: Callable[[], None], url: str, batch: int, patience: float) -> Run:
    """Execute what is due until nothing is. The first batch only warms up, and is not counted."""
    with closing(Database(url)) as database:
        stepping = Stepping(database=database, clock=SystemClock())
        stepping.step_due(batch)
        begin()
        began, steps = perf_counter(), 0
        while claimed := stepping.step_due(batch).claimed:
            steps += claimed
            if perf_counter() - began > patience:
                break
        return Run(steps, perf_counter() - began)
