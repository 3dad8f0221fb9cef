"""HubSpot's versions of the Sequences API: where each is served, and all that differs in one.

Two of them were published before there were adaptive steps. What such a version has no word for
it leaves out, and the other steps keep their numbers: the answer says less, and nothing untrue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self, TypeAlias

from drumbeat.domain.sequence import Action, Definition, DependencyType, StandingSequence
from drumbeat.http.hubspot.sequence_shapes import (
    DependencyShape,
    SequenceShape,
    StepShape,
    fields_of_sequence,
)

PlainAction: TypeAlias = Literal[Action.EMAIL, Action.TASK, Action.FINISH]
PlainDependencyType: TypeAlias = Literal[
    DependencyType.TASK_COMPLETION, DependencyType.MANUAL_PAUSE
]


class PlainStep(StepShape):
    """PublicSequenceStepResponse where no step is adaptive."""

    action_type: PlainAction


class PlainDependency(DependencyShape):
    """PublicSequenceStepDependencyResponse where no step is adaptive."""

    dependency_type: PlainDependencyType


class PlainSequence(SequenceShape):
    """PublicSequenceResponse where no step is adaptive."""

    steps: Sequence[PlainStep]
    dependencies: Sequence[PlainDependency]

    @classmethod
    def of(cls, sequence: StandingSequence) -> Self:
        plain = replace(sequence, definition=without_adaptive(sequence.definition))
        return cls(**fields_of_sequence(plain, PlainStep, PlainDependency))


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiVersion:
    name: str
    address: str
    """What every path of it begins with."""
    sequence: type[SequenceShape] = SequenceShape
    """How it shows a sequence to those who only read."""
    has_management: bool = False
    """Whether sequences are written here too, and their performance read."""


VERSIONS = (
    ApiVersion(name="v4", address="/automation/v4/sequences"),
    ApiVersion(name="2025-09", address="/automation/sequences/2025-09", sequence=PlainSequence),
    ApiVersion(name="2026-03", address="/automation/sequences/2026-03"),
    # What it manages it shows like the beta, of which it is the twin, adaptive steps and all.
    ApiVersion(
        name="2026-09",
        address="/automation/sequences/2026-09",
        sequence=PlainSequence,
        has_management=True,
    ),
    ApiVersion(
        name="2026-09-beta", address="/automation/sequences/2026-09-beta", has_management=True
    ),
)


def without_adaptive(definition: Definition) -> Definition:
    """The definition without its adaptive steps, and without every dependency that needs them."""
    steps = tuple(step for step in definition.steps if step.action is not Action.CONTAINER)
    shown = {step.order for step in steps}
    dependencies = tuple(
        dependency
        for dependency in definition.dependencies
        if dependency.type is not DependencyType.ADAPTIVE_COMPLETION
        and {dependency.relies_on, dependency.required_by} <= shown
    )
    return replace(definition, steps=steps, dependencies=dependencies)
