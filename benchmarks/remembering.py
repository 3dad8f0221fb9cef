"""How much memory `drumbeat serve` holds, with its worker, while it has nothing to do."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing
from time import sleep

from benchmarks.figures import Figure, Target
from benchmarks.places import Place
from benchmarks.population import Population
from benchmarks.processes import Server, drumbeat_serving
from benchmarks.scale import Scale

NAME = "memory"
IDLE = Target(most=150)
# Flat: what a person would call the same.
FLAT = Target(most=1.1)
REQUESTS = 100


def measure(place: Place, scale: Scale) -> Iterator[Figure]:
    with Population.at(place, scale) as population:
        empty = resident_while_idle(population, scale)
        yield figure(place, "idle `serve`, empty database", empty, "MiB", IDLE)
        sequence_id = population.sequence()
        waits, held = 0, [empty]
        for waiting in scale.remembered:
            population.waiting(sequence_id, waiting - waits, after=waits)
            waits = waiting
            held.append(resident_while_idle(population, scale))
            yield figure(place, f"idle `serve`, {waiting:,} waiting", held[-1], "MiB", IDLE)
    most, least = scale.remembered[-1], scale.remembered[0]
    if most > least:
        grown = held[-1] / held[1]
        yield figure(
            place, f"idle `serve`, {most:,} waiting against {least:,}", grown, "times", FLAT
        )


def figure(place: Place, what: str, value: float, unit: str, target: Target) -> Figure:
    return Figure(case=NAME, what=what, database=place.name, value=value, unit=unit, target=target)


def resident_while_idle(population: Population, scale: Scale) -> float:
    with drumbeat_serving(population.data, population.url) as server:
        use(server, population.token)
        sleep(scale.rest)
        return server.resident_mib()


def use(server: Server, token: str) -> None:
    """What is loaded when it is first needed, is loaded now."""
    headers = {"Authorization": f"Bearer {token}"}
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        for _ in range(REQUESTS):
            connection.request("GET", "/drumbeat/v1/enrollments?limit=10", headers=headers)
            with connection.getresponse() as response:
                response.read()
