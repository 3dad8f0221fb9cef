"""What one server process answers in a second over HTTP, beside what the bare stack does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pstats import Stats
from statistics import median

from benchmarks.asgi import profile_of_answers
from benchmarks.figures import Figure, Target
from benchmarks.load import SATURATED, Answered, Asked, drive
from benchmarks.places import Place
from benchmarks.population import Population
from benchmarks.processes import bare_stack_serving, drumbeat_serving
from benchmarks.scale import Scale
from benchmarks.spread import percentile
from drumbeat.http.app import create_app

SEQUENCES = "/automation/v4/sequences"
MOST_ENROLLED = 1000
IN_A_MONTH = timedelta(days=30)
SHARE = Target(least=75)
P99 = Target(most=60)
READS = {"SQLite": Target(least=2000), "PostgreSQL": Target(least=1000)}
WRITES = {"SQLite": Target(least=1000), "PostgreSQL": Target(least=700)}
Round = tuple[Answered, Answered]
"""What Drumbeat did in a round, and what the bare stack did after it."""


def sequences_to_read(population: Population, scale: Scale) -> list[Asked]:
    path = f"{SEQUENCES}/{population.sequence()}?userId={population.user_id}"
    return [Asked(method="GET", each=[(path, "")], starts_over=True)] * rounds(scale)


def enrollments_to_read(population: Population, scale: Scale) -> list[Asked]:
    people = population.contacts(min(scale.people, MOST_ENROLLED))
    population.enrolled(population.sequence(), people, due_in=IN_A_MONTH)
    each = [(f"{SEQUENCES}/enrollments/contact/{person}", "") for person in people]
    return [Asked(method="GET", each=each, starts_over=True)] * rounds(scale)


def people_to_enroll(population: Population, scale: Scale) -> list[Asked]:
    """The first step is an e-mail a day later, so that nothing falls due meanwhile."""
    sequence_id, people = population.sequence(first_days=1), population.contacts(scale.people)
    path = f"{SEQUENCES}/enrollments?userId={population.user_id}"
    each = [
        (path, json.dumps(population.enrollment(sequence_id, person, person))) for person in people
    ]
    parts = rounds(scale)
    return [Asked(method="POST", each=each[part::parts]) for part in range(parts)]


def rounds(scale: Scale) -> int:
    """One more than those that count: the first is for warming up."""
    return scale.rounds + 1


@dataclass(frozen=True, kw_only=True)
class Route:
    """A case: one kind of request."""

    name: str
    what: str
    asked: Callable[[Population, Scale], list[Asked]]
    """Fills the database, and gives what to ask in each round."""
    targets: Mapping[str, Target]
    p99: Target | None = None

    def measure(self, place: Place, scale: Scale) -> Iterator[Figure]:
        [_, *counted] = self.rounds(place, scale)
        yield from self.figures(place, counted, scale)

    def profile(self, place: Place, scale: Scale) -> Stats:
        with Population.at(place, scale) as population:
            asked = self.asked(population, scale)[0]
            app = create_app(population.engine)
            return profile_of_answers(app, asked, population.token, scale.profiled)

    def rounds(self, place: Place, scale: Scale) -> list[Round]:
        """Both servers in turn, each with a database of its own and alone with the client."""
        with ExitStack() as opened:
            ours, theirs = (opened.enter_context(Population.at(place, scale)) for _ in range(2))
            each = zip(self.asked(ours, scale), self.asked(theirs, scale), strict=True)
            drumbeat = opened.enter_context(drumbeat_serving(ours.data, ours.url))
            bare = opened.enter_context(bare_stack_serving(theirs.url, theirs.account_id))
            return [
                (
                    drive(drumbeat.port, ours.token, of_ours, scale.connections, scale.seconds),
                    drive(bare.port, theirs.token, of_theirs, scale.connections, scale.seconds),
                )
                for of_ours, of_theirs in each
            ]

    def figures(self, place: Place, counted: Sequence[Round], scale: Scale) -> Iterator[Figure]:
        latencies = [seconds * 1000 for ours, _ in counted for seconds in ours.latencies]
        bare = median(theirs.rate for _, theirs in counted)
        connections = f"{scale.connections} connections"
        yield self.figure(
            place,
            self.what,
            median(ours.rate for ours, _ in counted),
            "/s",
            self.targets[place.name],
            "; ".join([connections, *remarks(counted)]),
        )
        yield self.figure(
            place,
            f"{self.what}, of the bare stack",
            median(ours.rate / theirs.rate for ours, theirs in counted) * 100,
            "%",
            SHARE,
            f"the bare stack: {bare:,.0f}/s",
        )
        yield self.figure(
            place,
            f"{self.what}, p99",
            percentile(latencies, 99),
            "ms",
            self.p99,
            f"p50 {percentile(latencies, 50):.3g} ms",
        )

    def figure(
        self, place: Place, what: str, value: float, unit: str, target: Target | None, note: str
    ) -> Figure:
        return Figure(
            case=self.name,
            what=what,
            database=place.name,
            value=value,
            unit=unit,
            target=target,
            note=note,
        )


def remarks(counted: Sequence[Round]) -> Iterator[str]:
    """What makes a rate other than what the server can do."""
    answers = [answered for each in counted for answered in each]
    busiest = max(answered.client_share for answered in answers)
    if busiest >= SATURATED:
        yield f"the client took {busiest:.0%} of a core, so the servers may do more"
    for fault in {answered.fault for answered in answers if answered.fault}:
        yield f"not every answer was a success: {fault[:80]!r}"


ROUTES = (
    Route(
        name="get-sequence",
        what="GET sequence",
        asked=sequences_to_read,
        targets=READS,
        p99=P99,
    ),
    Route(
        name="get-enrollment",
        what="GET enrollment of a contact",
        asked=enrollments_to_read,
        targets=READS,
        p99=P99,
    ),
    Route(name="enroll", what="POST enrollment", asked=people_to_enroll, targets=WRITES),
)
