from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumbeat.domain import planner
from drumbeat.domain.migration import Past, Route, place
from drumbeat.domain.sequence import Definition, EmailContent, EmailStep, Step, Variant
from tests.domain.test_alignment import call, definitions, email, version
from tests.domain.test_planner import WAY

A, B, C, D, E = (email(template) for template in range(1, 6))
CALL = call()


def going_on(old: Sequence[Step], next_order: int, new: Sequence[Step]) -> int:
    """Where whoever had every step before *next_order* goes on in the other steps."""
    past, route = past_of(version(*old), next_order), between(version(*old), version(*new))
    return place(route, WAY, next_order, past).order


def past_of(old: Definition, next_order: int) -> Past:
    had = planner.emails_for(old, WAY)
    return Past(
        executed=frozenset(range(next_order)),
        templates=tuple(had[order].template_id for order in had if order < next_order),
    )


def between(old: Definition, new: Definition) -> Route:
    return Route.between(1, old, 2, new)


@pytest.mark.parametrize(
    ("old", "next_order", "new", "order"),
    [
        pytest.param([A, B, C], 1, [A, B, C], 1, id="the same"),
        pytest.param([A, B, C], 1, [D, A, B, C], 2, id="one put in before"),
        pytest.param([A, B, C], 1, [A, B, D, C], 1, id="one put in after"),
        pytest.param([A, B, C], 1, [A, D, B, C], 2, id="one put in between"),
        pytest.param([A, B, C], 2, [A, C], 1, id="one taken out before"),
        pytest.param([A, B, C], 1, [A, C], 1, id="the next one taken out"),
        pytest.param([A, B, C], 2, [A, B], 2, id="shortened to its end"),
        pytest.param([A, B, C], 2, [D, A], 2, id="shortened behind it"),
        pytest.param([A, B], 1, [D, E], 1, id="nothing in common"),
        pytest.param([A, B, C], 2, [D], 1, id="nothing in common, and shorter"),
        pytest.param([A, B], 0, [D, A, B], 1, id="not begun"),
        pytest.param([A, B, C], 1, [B, A, C], 2, id="reordered around it"),
        pytest.param([A, B, C], 2, [C, A, B], 3, id="its next one now comes first"),
        pytest.param([A, B], 1, [B, C, A], 3, id="what it had now comes last"),
        pytest.param([A, CALL], 2, [A, CALL, B], 2, id="lengthened, and it waits for the end"),
        pytest.param([A, CALL], 2, [A], 1, id="shortened, and it waits for the end"),
        pytest.param([A, CALL], 2, [A, B, CALL], 3, id="it waits for the end and is past it"),
    ],
)
def test_it_goes_on_at_the_same_step_or_behind_what_it_has_had(
    old: Sequence[Step], next_order: int, new: Sequence[Step], order: int
) -> None:
    assert going_on(old, next_order, new) == order


def test_an_email_that_comes_twice_may_come_a_second_time() -> None:
    assert going_on([A, B, B], 2, [A, B, CALL, B]) == 3


def test_an_email_sent_in_a_version_before_is_not_sent_again() -> None:
    route = between(version(B, C), version(B, C, A, D))
    past = Past(executed=frozenset({0}), templates=(1, 2))

    assert place(route, WAY, 1, past).order == 3


def test_what_ran_in_that_version_before_is_behind_it() -> None:
    route = between(version(C, D), version(A, call("Ask"), B))
    past = Past(executed=frozenset({0}), executed_there=frozenset({0, 1}), templates=(3, 1))

    assert place(route, WAY, 1, past).order == 2


def test_it_is_the_email_of_its_variant_that_counts() -> None:
    variants = tuple(
        Variant(ordinal=n, is_active=True, content=EmailContent(template_id=n)) for n in (1, 2)
    )
    either = EmailStep(order=0, delay=A.delay, email=EmailContent(template_id=9), variants=variants)
    new = version(D, either, E)
    got = planner.emails_for(new, WAY)[1].template_id

    assert place(between(version(C), new), WAY, 0, Past(templates=(got,))).order == 2


@dataclass(frozen=True)
class OnTheWay:
    old: Definition
    new: Definition
    next_order: int

    @property
    def past(self) -> Past:
        return past_of(self.old, self.next_order)

    def order(self) -> int:
        return place(between(self.old, self.new), WAY, self.next_order, self.past).order


@st.composite
def people(draw: st.DrawFn) -> OnTheWay:
    old, new = draw(definitions), draw(definitions)
    return OnTheWay(old, new, draw(st.integers(0, old.finish_order)))


@given(people())
def test_nobody_gets_an_email_more_often_than_the_version_has_it(person: OnTheWay) -> None:
    order, new = person.order(), planner.emails_for(person.new, WAY)
    had = Counter(person.past.templates)
    to_come = Counter(content.template_id for step, content in new.items() if step >= order)
    in_all = Counter(content.template_id for content in new.values())

    for template in had:
        assert not to_come[template] or had[template] + to_come[template] <= in_all[template]


@given(people())
def test_every_step_that_has_run_is_behind_it(person: OnTheWay) -> None:
    route = between(person.old, person.new)
    order = person.order()

    behind = [route.alignment[step] for step in person.past.executed if step in route.alignment]
    assert all(step < order for step in behind)
    assert 0 <= order <= person.new.finish_order


@given(people())
def test_in_the_same_version_it_goes_on_where_it_was(person: OnTheWay) -> None:
    person = OnTheWay(person.old, person.old, person.next_order)

    assert person.order() == person.next_order
