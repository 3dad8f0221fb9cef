"""Where an enrollment goes on that is moved to another version of its sequence.

It goes on at the same step where the other version has it. What it has had is behind it there:
a step that has run, and an e-mail as often as it went out, whatever stands between. So nobody
gets an e-mail more often than the version it is moved to has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from drumbeat.domain import planner
from drumbeat.domain.alignment import aligned
from drumbeat.domain.planner import Way
from drumbeat.domain.sequence import Definition

NOT_HERE = -1
"""The start order of what began with a step that its version has not: no step is its first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """From one version of a sequence to another."""

    from_version: int
    to_version: int
    old: Definition
    new: Definition
    alignment: Mapping[int, int]

    @classmethod
    def between(cls, from_version: int, old: Definition, to_version: int, new: Definition) -> Route:
        return cls(
            from_version=from_version,
            to_version=to_version,
            old=old,
            new=new,
            alignment=aligned(old, new),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What an enrollment has had."""

    executed: frozenset[int] = frozenset()
    """The steps that have run, of the version it is in."""
    executed_there: frozenset[int] = frozenset()
    """Those of the version that it is to go to: it may have been in it before."""
    templates: tuple[int, ...] = ()
    """That of every e-mail which went out, whatever its version."""


@dataclass(frozen=True, slots=True)
class Place:
    """The step at which it goes on there, and why at that one."""

    order: int
    reason: str


def place(route: Route, way: Way, next_order: int, past: Past) -> Place:
    """Where whoever has the step *next_order* before it goes on in the other version."""
    wanted = wanted_place(route, next_order, past)
    last = max(behind(route, way, past), default=NOT_HERE)
    if last < wanted.order:
        return wanted
    return Place(last + 1, f"step {last} of version {route.to_version} is one that it has had")


def wanted_place(route: Route, next_order: int, past: Past) -> Place:
    """Where it would go on if nothing stood in another order there."""
    there, finish = f"version {route.to_version}", route.new.finish_order
    same = min(next_order, finish)
    last = last_executed(route, past)
    if next_order == route.old.finish_order:
        # The end is there in every version, and what was added before it is still to come.
        order = max(last + 1, same)
        return Place(order, f"it waits for the end, and goes on at step {order} of {there}")
    if next_order in route.alignment:
        order = route.alignment[next_order]
        return Place(order, f"its next step is step {order} of {there}")
    if last != NOT_HERE:
        reason = f"its next step is not in {there}; step {last} is the last it has had"
        return Place(last + 1, reason)
    return Place(same, f"neither its next step nor one that it has had is in {there}")


def last_executed(route: Route, past: Past) -> int:
    """The last step there that has run as a step of the version it is in."""
    known = [route.alignment[step] for step in past.executed if step in route.alignment]
    return max(known, default=NOT_HERE)


def behind(route: Route, way: Way, past: Past) -> set[int]:
    """The steps there that it has had."""
    known = {route.alignment[step] for step in past.executed if step in route.alignment}
    return known | past.executed_there | set(emails_had(route.new, way, past))


def emails_had(definition: Definition, way: Way, past: Past) -> Iterator[int]:
    """The steps whose e-mail went out already: of one that comes several times, the first ones."""
    had = Counter(past.templates)
    for order, content in planner.emails_for(definition, way).items():
        if had[content.template_id]:
            had[content.template_id] -= 1
            yield order
