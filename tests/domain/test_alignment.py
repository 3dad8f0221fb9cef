from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from drumbeat.domain.alignment import aligned, deed
from drumbeat.domain.sequence import (
    Definition,
    EmailContent,
    EmailStep,
    FinishStep,
    Step,
    TaskContent,
    TaskPriority,
    TaskStep,
    TaskType,
    Variant,
)
from tests.domain.test_planner import SETTINGS

DAY = timedelta(days=1)


def email(template: int, *, id: int = 0, delay: timedelta = DAY, **content: int) -> Step:
    said = EmailContent(template_id=template, **content)
    return EmailStep(order=0, id=id, delay=delay, email=said)


def call(subject: str = "") -> Step:
    content = TaskContent(type=TaskType.CALL, priority=TaskPriority.HIGH, subject=subject or None)
    return TaskStep(order=0, delay=DAY, task=content)


def version(*steps: Step) -> Definition:
    finish = FinishStep(order=0, delay=timedelta(0))
    ordered = tuple(replace(step, order=n) for n, step in enumerate((*steps, finish)))
    return Definition(steps=ordered, dependencies=(), settings=SETTINGS)


steps = st.one_of(
    st.builds(email, st.integers(1, 3), id=st.integers(0, 4)),
    st.builds(call, st.sampled_from(["", "Ask"])),
)
definitions = st.lists(steps, max_size=5).map(lambda drawn: version(*drawn))


def test_a_step_put_in_moves_the_ones_after_it() -> None:
    old = version(email(1), email(2), call())
    new = version(email(1), call("New"), email(2), call())

    assert aligned(old, new) == {0: 0, 1: 2, 2: 3, 3: 4}


def test_a_step_taken_out_is_nowhere() -> None:
    assert aligned(version(email(1), email(2), call()), version(email(1), call())) == {
        0: 0,
        2: 1,
        3: 2,
    }


def test_another_delay_and_another_thread_leave_it_the_same_step() -> None:
    old = version(email(1), email(2, thread_to=0))
    new = version(call(), email(1), email(2, thread_to=1, delay=3 * DAY))

    assert aligned(old, new) == {0: 1, 1: 2, 2: 3}


def test_another_variant_makes_it_another_step() -> None:
    variant = Variant(ordinal=1, is_active=True, content=EmailContent(template_id=9, id=4))
    old, new = (version(replace(email(1), variants=each)) for each in ((), (variant,)))

    assert aligned(old, new) == {1: 1}
    assert aligned(new, new) == {0: 0, 1: 1}


def test_of_two_that_are_alike_the_one_that_kept_its_id_is_it() -> None:
    old = version(email(1, id=7))
    new = version(email(1, id=6), email(1, id=7))

    assert aligned(old, new) == {0: 1, 1: 2}


def test_more_steps_matter_more_than_a_kept_id() -> None:
    old = version(email(1, id=7), email(2, id=8), email(3, id=9))
    new = version(email(2, id=5), email(3, id=6), email(1, id=7))

    assert aligned(old, new) == {1: 0, 2: 1, 3: 3}


@given(definitions, definitions)
def test_only_steps_that_do_the_same_are_matched_in_the_same_order_and_each_once(
    old: Definition, new: Definition
) -> None:
    pairs = sorted(aligned(old, new).items())

    assert all(deed(old.steps[i]) == deed(new.steps[j]) for i, j in pairs)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(pairs))


@given(definitions, definitions)
def test_no_more_could_be_matched(old: Definition, new: Definition) -> None:
    assert len(aligned(old, new)) == longest([deed(s) for s in old.steps], new.steps)


@given(definitions)
def test_every_step_is_itself_in_the_same_version(definition: Definition) -> None:
    assert aligned(definition, definition) == {step.order: step.order for step in definition.steps}


@given(definitions, definitions)
def test_the_finish_is_always_the_finish(old: Definition, new: Definition) -> None:
    assert aligned(old, new)[old.finish_order] == new.finish_order


def longest(old: Sequence[object], new: Sequence[Step]) -> int:
    """How many can be matched, found by trying every choice of old steps."""
    told = [deed(step) for step in new]
    choices = (chosen for n in range(len(old), -1, -1) for chosen in combinations(old, n))
    return next(len(chosen) for chosen in choices if stands_in(chosen, told))


def stands_in(chosen: Sequence[object], told: Sequence[object]) -> bool:
    rest = iter(told)
    return all(each in rest for each in chosen)
