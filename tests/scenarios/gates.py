"""What the explanation of an enrollment says, in a form that reads well in a test."""

from __future__ import annotations

from datetime import datetime

from drumbeat.domain.explanation import Explanation, NextStep
from drumbeat.domain.gates import Gate, Judged, Verdict
from tests.world import World


def explanation_of(world: World, enrollment_id: int) -> Explanation:
    return world.engine.explaining.explain(world.account_id, enrollment_id).explanation


def next_of(world: World, enrollment_id: int) -> NextStep:
    upcoming = explanation_of(world, enrollment_id).next
    assert upcoming is not None
    return upcoming


def gates_of(world: World, enrollment_id: int) -> dict[Gate, Judged]:
    return {judged.gate: judged for judged in next_of(world, enrollment_id).gates}


def not_open(world: World, enrollment_id: int) -> dict[Gate, str | None]:
    """The gates that keep the step back, each with its reason."""
    return {
        gate: judged.reason
        for gate, judged in gates_of(world, enrollment_id).items()
        if judged.verdict is not Verdict.OPEN
    }


def stand_at(world: World, instant: datetime) -> None:
    """Let the clock show *instant*, and do nothing of what falls due on the way."""
    world.moving.clock.set(instant)
