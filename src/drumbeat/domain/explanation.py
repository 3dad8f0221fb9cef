"""Why each step of an enrollment ran when it did, and what the next one waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from drumbeat.domain import planner, reasons
from drumbeat.domain.enrollment import Enrollment, StepExecution
from drumbeat.domain.gates import Gate, Judged, Standing, Verdict
from drumbeat.domain.judging import happens_at, judge
from drumbeat.domain.planner import Because, TasksDone, Way
from drumbeat.domain.reasons import Base
from drumbeat.domain.sequence import Action, Definition, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStep:
    """A step that has run. What was not noted at the time is None."""

    step_order: int
    version: int
    action: Action
    due_at: datetime | None
    executed_at: datetime
    because: Because | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    step_order: int
    version: int
    action: Action | None
    at: datetime | None
    """When it will happen as things stand; None where a gate is closed, or has no time."""
    gates: tuple[Judged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    past: tuple[PastStep, ...]
    next: NextStep | None
    """None once the enrollment has ended."""


def next_step(standing: Standing) -> NextStep:
    judged = judge(standing)
    return NextStep(
        step_order=standing.enrollment.step_order,
        version=standing.enrollment.version,
        action=standing.step.action,
        at=happens_at(standing, judged),
        gates=judged,
    )


def undecidable(enrollment: Enrollment, fault: Exception) -> NextStep:
    """The next step of an enrollment whose row is damaged: the engine sets it aside each time."""
    judged = Judged(
        gate=Gate.DUE,
        verdict=Verdict.CLOSED,
        reason="DAMAGED",
        at=enrollment.due_at,
        text=f"it cannot be decided, and is set aside each time it is looked at: {fault}",
    )
    return NextStep(
        step_order=enrollment.step_order,
        version=enrollment.version,
        action=None,
        at=None,
        gates=(judged,),
    )


def past_steps(
    executions: Sequence[StepExecution],
    definitions: Mapping[int, Definition],
    way: Way | None,
    done: Mapping[int, TasksDone],
) -> tuple[PastStep, ...]:
    """What has run, in its order; *definitions* and *done* are by the version they are of.

    Without a *way* nothing is said in words: the row that has it is damaged.
    """
    ran_at = {(each.version, each.step_order): each.executed_at for each in executions}
    told: list[PastStep] = []
    for each in executions:
        definition = definitions[each.version]
        before = ran_at.get((each.version, each.step_order - 1))
        base = base_of(definition, each.step_order, before, done.get(each.version, {}))
        told.append(past_step(each, definition, way, base))
    return tuple(told)


def past_step(
    execution: StepExecution, definition: Definition, way: Way | None, base: Base | None
) -> PastStep:
    step = definition.steps[execution.step_order]
    text = None if way is None else text_of(execution, step, definition, way, base)
    return PastStep(
        step_order=execution.step_order,
        version=execution.version,
        action=step.action,
        due_at=execution.due_at,
        executed_at=execution.executed_at,
        because=execution.because,
        text=text,
    )


def text_of(
    execution: StepExecution, step: Step, definition: Definition, way: Way, base: Base | None
) -> str | None:
    because, due_at = execution.because, execution.due_at
    if because is None or due_at is None:
        return None
    told = reasons.sentence_of_past(because, step, definition, way, due_at, base)
    late = reasons.lateness(due_at, execution.executed_at, way)
    return f"{told}; {late}" if late else told


def base_of(
    definition: Definition, order: int, before: datetime | None, done: TasksDone
) -> Base | None:
    """Where the delay of the step *order* was counted from; None where that cannot be told, as
    of the step that the enrollment began with."""
    if before is None:
        return None
    done_at = max(planner.completed_before(definition, order, done), default=before)
    return Base(at=max(before, done_at), is_task=done_at > before)
