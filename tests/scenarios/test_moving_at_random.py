"""Whatever the versions and whenever people are moved between them: nobody gets an e-mail twice,
nobody gets stuck, and a dry run tells what happens."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from drumbeat.domain.enrollment import State
from drumbeat.domain.sequence import Step, TaskType
from drumbeat.domain.task import TaskStatus
from tests.memory_outbox import GREYLISTED
from tests.scenarios.letters import Letters
from tests.world import World

EMAILS = "ABCD"
TASKS = {"t": TaskType.CALL, "u": TaskType.TODO}
NUMBERS = count()


@dataclass(frozen=True)
class Drawn:
    """One step: some are e-mails, others tasks, which may hold up the step after them."""

    name: str
    days: int
    holds_up: bool


@dataclass(frozen=True)
class Round:
    """What happens before everyone is moved to a version."""

    deed: str
    hours: int
    version: int


@some.composite
def version_of(draw: some.DrawFn) -> list[Drawn]:
    names = draw(some.permutations([*EMAILS, *TASKS]))[: draw(some.integers(2, 6))]
    return [Drawn(name, draw(some.integers(0, 2)), draw(some.booleans())) for name in names]


VERSIONS = some.lists(version_of(), min_size=3, max_size=3)
DEEDS = some.sampled_from(["nothing", "nothing", "greylist", "pause", "resume", "do", "do"])
ROUNDS = some.lists(
    some.builds(Round, DEEDS, some.integers(0, 40), some.integers(1, 3)), min_size=3, max_size=8
)


@pytest.fixture
def letters(world: World) -> Letters:
    return Letters(world)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=VERSIONS, rounds=ROUNDS)
def test_nobody_gets_an_email_twice_and_everyone_comes_to_the_end(
    world: World, letters: Letters, versions: list[list[Drawn]], rounds: list[Round]
) -> None:
    address = f"c{next(NUMBERS)}@example.org"
    sequence_id = written(world, letters, versions)
    enrollment_id = world.enroll(sequence_id, world.contact(address))

    for each in rounds:
        do(world, enrollment_id, each.deed)
        world.advance(hours=each.hours)
        told = world.migrate(sequence_id, to_version=each.version, dry_run=True)
        assert world.migrate(sequence_id, to_version=each.version) == told
    come_to_the_end(world, enrollment_id)

    sent = [email.text for email in world.outbox.sent if email.to_email == address]
    assert len(set(sent)) == len(sent)
    assert world.standing(enrollment_id).state is State.FINISHED
    assert "step_set_aside" not in world.story(enrollment_id)


def written(world: World, letters: Letters, versions: list[list[Drawn]]) -> int:
    """A sequence of these versions; the last is the one that a contact begins with."""
    first, *others = [[step_of(world, letters, each) for each in version] for version in versions]
    waits, *more = [holds_up(version) for version in versions]
    sequence_id = world.sequence(*first, waits=waits)
    for steps, waits in zip(others, more, strict=True):
        world.edit(sequence_id, *steps, waits=waits)
    return sequence_id


def step_of(world: World, letters: Letters, drawn: Drawn) -> Step:
    if drawn.name in TASKS:
        return world.task(drawn.days, kind=TASKS[drawn.name])
    return world.email(drawn.days, template=letters.templates[drawn.name])


def holds_up(version: list[Drawn]) -> tuple[tuple[int, int], ...]:
    return tuple(
        (order, order + 1)
        for order, drawn in enumerate(version)
        if drawn.name in TASKS and drawn.holds_up
    )


def do(world: World, enrollment_id: int, deed: str) -> None:
    state = world.standing(enrollment_id).state
    match deed:
        case "greylist":
            world.outbox.answers += [GREYLISTED] * 4
        case "pause" if state is State.EXECUTING:
            world.pause(enrollment_id)
        case "resume" if state is State.PAUSED:
            world.resume(enrollment_id)
        case "do":
            do_tasks(world, enrollment_id)


def do_tasks(world: World, enrollment_id: int) -> None:
    for task in world.tasks():
        if task.enrollment_id == enrollment_id and task.status is TaskStatus.NOT_STARTED:
            world.complete(task)


def come_to_the_end(world: World, enrollment_id: int) -> None:
    world.outbox.answers.clear()
    if world.standing(enrollment_id).state is State.PAUSED:
        world.resume(enrollment_id)
    for _ in range(20):
        if world.standing(enrollment_id).state.is_final:
            return
        do_tasks(world, enrollment_id)
        world.advance(days=5)
