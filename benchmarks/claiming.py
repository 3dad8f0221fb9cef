"""What a claim costs when many others wait for their time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from cProfile import Profile
from datetime import timedelta
from pstats import Stats
from time import perf_counter

from benchmarks.figures import Figure, Target
from benchmarks.places import Place
from benchmarks.population import Population
from benchmarks.scale import Scale
from benchmarks.spread import percentile
from drumbeat.store import enrollments

NAME = "claim"
FLAT = Target(most=1.5)
NOW = timedelta(0)
LATER = timedelta(days=1)


def measure(place: Place, scale: Scale) -> Iterator[Figure]:
    p95s = []
    for waiting in (scale.few_waiting, scale.many_waiting):
        with waiting_and_due(place, scale, waiting) as population:
            taken = seconds_of_claims(population, scale)
        p95s.append(percentile(taken, 95) * 1000)
        yield Figure(
            case=NAME,
            what=f"claim of {scale.batch:,}, p95, beside {waiting:,} waiting",
            database=place.name,
            value=p95s[-1],
            unit="ms",
            note=f"p50 {percentile(taken, 50) * 1000:.3g} ms, {len(taken)} claims",
        )
    few, many = p95s
    yield Figure(
        case=NAME,
        what=f"claim, {scale.many_waiting:,} waiting against {scale.few_waiting:,}",
        database=place.name,
        value=many / few,
        unit="times",
        target=FLAT,
    )


def profile(place: Place, scale: Scale) -> Stats:
    with waiting_and_due(place, scale, scale.few_waiting) as population, Profile() as profiler:
        seconds_of_claims(population, scale)
    return Stats(profiler)


@contextmanager
def waiting_and_due(place: Place, scale: Scale, waiting: int) -> Iterator[Population]:
    with Population.at(place, scale) as population:
        sequence_id = population.sequence()
        population.waiting(sequence_id, waiting)
        people = population.contacts(scale.claims * scale.batch)
        population.enrolled(sequence_id, people, due_in=NOW)
        yield population


def seconds_of_claims(population: Population, scale: Scale) -> list[float]:
    """How long each claim took; what was claimed is moved on, as the worker moves it."""
    database, now = population.engine.database, population.engine.clock.now()
    taken: list[float] = []
    began = perf_counter()
    while perf_counter() - began < scale.patience:
        with database.transaction() as tx:
            asked_at = perf_counter()
            due = enrollments.claim_due(tx, now=now, limit=scale.batch)
            seconds = perf_counter() - asked_at
            moved = [row.wait(row.step_order, now=now, due_at=now + LATER) for row in due]
            enrollments.update_all(tx, moved)
        if not due:
            break
        taken.append(seconds)
    return taken
