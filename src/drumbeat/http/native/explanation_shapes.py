"""The explanation of an enrollment in its answers: why each step ran, and the gates ahead."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drumbeat.domain.explanation import Explanation, NextStep, PastStep
from drumbeat.domain.gates import Gate, Judged, Verdict
from drumbeat.domain.planner import Because
from drumbeat.domain.sequence import Action
from drumbeat.http.native.shapes import EnrollmentWithTimeline, OurShape, fields_of
from drumbeat.http.wire import WireTime


class PastStepShape(OurShape):
    step_order: int
    version: Annotated[int, Field(description="The version of the sequence that it is a step of.")]
    action_type: Action
    due_at: Annotated[WireTime | None, Field(description="When it was to run.")]
    executed_at: WireTime
    because: Annotated[Because | None, Field(description="Why it was to run then.")]
    text: Annotated[str | None, Field(description="The same in words.")]

    @classmethod
    def of(cls, step: PastStep) -> PastStepShape:
        return cls.model_validate({**fields_of(cls, step), "action_type": step.action})


class GateShape(OurShape):
    gate: Gate
    verdict: Verdict
    reason: Annotated[str | None, Field(description="Why it is not open, or the step is due.")]
    at: Annotated[WireTime | None, Field(description="When it will be looked at again.")]
    text: Annotated[str, Field(description="The same in words.")]

    @classmethod
    def of(cls, judged: Judged) -> GateShape:
        return cls.model_validate(fields_of(cls, judged))


class NextStepShape(OurShape):
    step_order: int
    version: int
    action_type: Annotated[Action | None, Field(description="null where the row is damaged.")]
    at: Annotated[WireTime | None, Field(description="When it will happen, as things stand.")]
    gates: Annotated[list[GateShape], Field(description="In the order they are come to.")]

    @classmethod
    def of(cls, step: NextStep) -> NextStepShape:
        gates = [GateShape.of(judged) for judged in step.gates]
        known = {**fields_of(cls, step), "action_type": step.action}
        return cls.model_validate({**known, "gates": gates})


class ExplanationShape(OurShape):
    past: Annotated[list[PastStepShape], Field(description="The steps that have run.")]
    next: Annotated[NextStepShape | None, Field(description="null once it has ended.")]

    @classmethod
    def of(cls, explanation: Explanation) -> ExplanationShape:
        return cls(
            past=[PastStepShape.of(step) for step in explanation.past],
            next=NextStepShape.of(explanation.next) if explanation.next else None,
        )


class ExplainedEnrollment(EnrollmentWithTimeline):
    explanation: ExplanationShape
