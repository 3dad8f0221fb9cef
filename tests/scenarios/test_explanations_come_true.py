"""What an explanation says is what the engine then does, in stories made up at random."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from drumbeat.domain.enrollment import State
from drumbeat.domain.gates import Verdict
from drumbeat.domain.schedule import EligibleDays, SendWindow
from tests.scenarios.gates import explanation_of
from tests.world import OFFICE_HOURS, World

ROUNDS = 30
WINDOWS = (SendWindow(480, 1080), SendWindow(600, 615), SendWindow(0, 0), SendWindow(0, 360))
GAPS = (timedelta(0), timedelta(seconds=30), timedelta(minutes=20))
CAPS = (1, 3, 1000)


@pytest.mark.parametrize("seed", range(6))
def test_a_step_runs_now_where_every_gate_is_open_and_nowhere_else(world: World, seed: int) -> None:
    random = Random(seed)
    ids = begin(world, random)
    for _ in range(ROUNDS):
        world.outage(minutes=random.choice((0, 1, 25, 300, 1500)))
        disturb(world, random, ids)
        upcoming = {each: explanation_of(world, each).next for each in ids}

        world.work()

        for enrollment_id, step in upcoming.items():
            if step is not None:
                is_open = all(judged.verdict is Verdict.OPEN for judged in step.gates)
                assert is_open == (step.at == world.clock.now())
                assert is_open == (step.step_order in times(world, enrollment_id)), step


@pytest.mark.parametrize("seed", range(6))
def test_alone_with_its_sender_a_step_runs_at_the_instant_that_was_said(
    world: World, seed: int
) -> None:
    random = Random(seed)
    [enrollment_id] = begin(world, random, people=1)
    while (upcoming := explanation_of(world, enrollment_id).next) is not None:
        if upcoming.at is None:
            [task] = [task for task in world.tasks() if task.completed_at is None][:1]
            world.complete(task)
            continue

        world.moving.move_to(upcoming.at)

        assert times(world, enrollment_id)[upcoming.step_order] == upcoming.at
        world.outage(hours=random.choice((0, 5, 40)))
        if random.random() < 0.5:
            world.work()


def begin(world: World, random: Random, people: int = 5) -> list[int]:
    world.connect(daily_cap=random.choice(CAPS), gap=random.choice(GAPS))
    settings = replace(
        OFFICE_HOURS, window=random.choice(WINDOWS), days=random.choice(list(EligibleDays))
    )
    kinds = [random.choice((world.email, world.task)) for _ in range(6)]
    steps = [world.task(), *(kind(random.choice((0, 0.1, 1, 2.5))) for kind in kinds)]
    tasks = [order for order, kind in enumerate([world.task, *kinds]) if kind == world.task]
    waits = tuple((order, order + 1) for order in tasks if random.random() < 0.3)
    sequence_id = world.sequence(*steps, settings=settings, waits=waits)
    contacts = [world.contact(f"person{number}@example.org") for number in range(people)]
    return [world.enroll(sequence_id, contact_id) for contact_id in contacts]


def disturb(world: World, random: Random, ids: list[int]) -> None:
    """What people do meanwhile, while no worker is there to follow it up."""
    tasks = [task for task in world.tasks() if task.completed_at is None]
    for task in random.sample(tasks, min(2, len(tasks))):
        world.engine.tasks.complete(world.account_id, task.id)
    standing = world.standing(random.choice(ids))
    if standing.state is State.PAUSED:
        world.engine.enrolling.resume(world.account_id, standing.id)
    elif standing.state is State.EXECUTING and random.random() < 0.2:
        world.engine.enrolling.pause(world.account_id, standing.id)


def times(world: World, enrollment_id: int) -> dict[int, datetime]:
    """When each step has run."""
    past = explanation_of(world, enrollment_id).past
    return {step.step_order: step.executed_at for step in past}
