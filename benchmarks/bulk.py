"""People enrolled in batches over HTTP, by one client that waits for each answer."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pstats import Stats
from time import perf_counter
from typing import Any

from benchmarks.asgi import profile_of_answers
from benchmarks.figures import Figure, Target
from benchmarks.load import Asked
from benchmarks.places import Place
from benchmarks.population import Population
from benchmarks.processes import Server, drumbeat_serving
from benchmarks.scale import Scale
from drumbeat.http.app import create_app

NAME = "bulk"
PATH = "/drumbeat/v1/enrollments/batch"
FAST = Target(least=10_000)


def measure(place: Place, scale: Scale) -> Iterator[Figure]:
    with Population.at(place, scale) as population:
        bodies = list(batches(population, scale))
        with drumbeat_serving(population.data, population.url) as server:
            value, note = rate_of(server, population.token, bodies, scale)
    yield Figure(
        case=NAME,
        what=f"enroll {scale.bulk:,} people in batches of {scale.batch:,}",
        database=place.name,
        value=value,
        unit="/s",
        target=FAST,
        note=note,
    )


def profile(place: Place, scale: Scale) -> Stats:
    with Population.at(place, scale) as population:
        bodies = list(batches(population, scale))
        asked = Asked(method="POST", each=[(PATH, body) for body in bodies])
        app = create_app(population.engine)
        return profile_of_answers(app, asked, population.token, len(bodies))


def batches(population: Population, scale: Scale) -> Iterator[str]:
    """The body of each request: one sender's people, whose first step is an e-mail a day later."""
    sequence_id, people = population.sequence(first_days=1), population.contacts(scale.bulk)
    for start in range(0, len(people), scale.batch):
        chosen = people[start : start + scale.batch]
        yield json.dumps(
            {"inputs": [population.enrollment(sequence_id, each, 0) for each in chosen]}
        )


def rate_of(
    server: Server, token: str, bodies: Sequence[str], scale: Scale
) -> tuple[float | None, str]:
    """People a second, and what there is to say of it."""
    enrolled, began = 0, perf_counter()
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        for body in bodies:
            answer = enroll(connection, token, body)
            enrolled += len(answer["results"])
            if perf_counter() - began > scale.patience:
                break
    seconds = perf_counter() - began
    if enrolled < scale.bulk:
        return None, f"of {scale.bulk:,} people only {enrolled:,} were enrolled in {seconds:.0f} s"
    return enrolled / seconds, "one connection, batches one after the other"


def enroll(connection: http.client.HTTPConnection, token: str, body: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", PATH, body, headers)
    with connection.getresponse() as response:
        answer = response.read()
        if not 200 <= response.status < 300:
            raise RuntimeError(f"POST {PATH}: {response.status} {answer.decode()}")
    found: dict[str, Any] = json.loads(answer)
    return found
