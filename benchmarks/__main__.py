"""``python3 run.py bench``: measures how fast Drumbeat is on this machine.

Each row of the table is one figure beside what it ought to be. A run takes some minutes and wants
the machine for itself.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from pstats import Stats
from tempfile import TemporaryDirectory

from benchmarks import answering, bulk, claiming, remembering, stepping
from benchmarks.figures import PAGE, Figure, table, write_docs, write_json
from benchmarks.machine import machine
from benchmarks.places import PLACES, Place
from benchmarks.scale import TINY, Scale
from drumbeat import log
from drumbeat.cli.saying import remark, say

MILLION = 1_000_000
PROFILED_LINES = 30


@dataclass(frozen=True, kw_only=True)
class Case:
    measure: Callable[[Place, Scale], Iterator[Figure]]
    profile: Callable[[Place, Scale], Stats] | None = None


CASES = {
    stepping.NAME: Case(measure=stepping.measure, profile=stepping.profile),
    claiming.NAME: Case(measure=claiming.measure, profile=claiming.profile),
    bulk.NAME: Case(measure=bulk.measure, profile=bulk.profile),
    **{
        route.name: Case(measure=route.measure, profile=route.profile) for route in answering.ROUTES
    },
    remembering.NAME: Case(measure=remembering.measure),
}


def main(arguments: Sequence[str]) -> None:
    asked = parsed(arguments)
    # What is made up for a run is nothing that an operator would want to be told of.
    log.set_up("error", "console")
    scale = scale_of(asked)
    if asked.profile:
        for place in places(asked):
            show_profile(asked.profile, place, scale)
        return
    told, figures = [machine()], list[Figure]()
    say(told[0])
    for place in places(asked):
        told.append(place.about)
        say(place.about)
        for name in asked.only or CASES:
            remark(f"{name} on {place.name} …")
            figures += CASES[name].measure(place, scale)
    say(f"\n{table(figures)}")
    if asked.json:
        write_json(asked.json, told, figures)
    if asked.write_docs:
        write_docs(told, figures)


def parsed(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser(
        prog="run.py bench", description=__doc__, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=CASES,
        metavar="NAME",
        help=f"one of: {', '.join(CASES)}; may be repeated",
    )
    parser.add_argument(
        "--database",
        action="append",
        choices=PLACES,
        metavar="NAME",
        help="sqlite or postgresql; both if not given",
    )
    parser.add_argument(
        "--large", action="store_true", help="memory with a million enrollments waiting too"
    )
    parser.add_argument(
        "--waiting", type=int, metavar="N", help="claim with so many waiting, rather than 200,000"
    )
    parser.add_argument("--tiny", action="store_true", help="next to nothing, to see that it runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--write-docs", action="store_true", help=f"write the figures into {PAGE.name} too"
    )
    parser.add_argument(
        "--profile",
        choices=[name for name, case in CASES.items() if case.profile],
        metavar="NAME",
        help="show where the time of a case goes, and measure nothing",
    )
    return parser.parse_args(arguments)


def scale_of(asked: Namespace) -> Scale:
    scale = TINY if asked.tiny else Scale()
    if asked.large:
        scale = replace(scale, remembered=(*scale.remembered, MILLION))
    return replace(scale, many_waiting=asked.waiting) if asked.waiting else scale


def places(asked: Namespace) -> Iterator[Place]:
    """One after the other, so that no server of a database is there that is not measured."""
    for name in asked.database or PLACES:
        with (
            TemporaryDirectory(prefix="drumbeat-bench-") as directory,
            PLACES[name](Path(directory)) as place,
        ):
            yield place


def show_profile(name: str, place: Place, scale: Scale) -> None:
    profile = CASES[name].profile
    if profile is not None:
        say(f"{name} on {place.name}, under a profiler, which makes Python look slower than it is")
        stats = profile(place, scale)
        for order in ("cumulative", "tottime"):
            stats.sort_stats(order).print_stats(PROFILED_LINES)


if __name__ == "__main__":
    main(sys.argv[1:])
