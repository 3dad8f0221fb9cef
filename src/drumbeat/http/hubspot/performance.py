"""What a sequence has done, as HubSpot tells it: `…/serviceaccounts/sequences/ID/performance`.

Opens, clicks, replies, meetings and calls are told as 0: nothing here sees them yet. For the
same reason nobody is said not to have responded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self, TypeAlias

from fastapi import APIRouter, Query
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from drumbeat.domain.performance import (
    Interval,
    Performance,
    Point,
    Standing,
    StepPerformance,
    Summary,
)
from drumbeat.http.dependencies import engine_of
from drumbeat.http.hubspot.parameters import SequenceId
from drumbeat.http.hubspot.routing import router_for
from drumbeat.http.hubspot.sequences import Reader
from drumbeat.http.hubspot.versions import ApiVersion
from drumbeat.http.wire import EpochMillis, Shape, WireId
from drumbeat.store import performance


class SummaryShape(Shape):
    """PublicSequencePerformanceSummaryResponse."""

    enrolled: int
    contacts: int
    bounced: int
    unsubscribed: int
    opened: int = 0
    clicked: int = 0
    replied: int = 0
    engaged: int = 0
    meetings_booked: int = 0
    no_response: int = 0

    @classmethod
    def of(cls, summary: Summary) -> Self:
        return cls(
            enrolled=summary.enrolled,
            contacts=summary.contacts,
            bounced=summary.bounced,
            unsubscribed=summary.unsubscribed,
        )


class StandingShape(Shape):
    """PublicSequenceEnrollmentStatusByStepResponse."""

    current_step_order: int
    enrollment_status: str
    count: int

    @classmethod
    def of(cls, standing: Standing) -> Self:
        return cls(
            current_step_order=standing.step_order,
            enrollment_status=standing.state,
            count=standing.enrollments,
        )


class StepPerformanceShape(Shape):
    """PublicSequenceStepPerformanceResponse."""

    step_key: WireId
    step_order: int
    execution_count: int
    tasks_completed: int
    # How many could be on time, and how many were: their quotient is the rate.
    on_time_task_completion_count: int
    on_time_task_completion_sum: int
    opened: int = 0
    clicked: int = 0
    replied: int = 0
    meetings_booked: int = 0
    calls: int = 0
    calls_connected: int = 0
    personalization_rate_count: int = 0

    @classmethod
    def of(cls, step: StepPerformance) -> Self:
        return cls(
            step_key=step.id,
            step_order=step.order,
            execution_count=step.executions,
            tasks_completed=step.tasks.completed,
            on_time_task_completion_count=step.tasks.completed,
            on_time_task_completion_sum=step.tasks.on_time,
        )


class PointShape(Shape):
    """PublicSequenceTimelinePointResponse."""

    enrolled_at: EpochMillis
    enrollments: int
    meetings_booked: int = 0

    @classmethod
    def of(cls, point: Point) -> Self:
        return cls(enrolled_at=point.begins_at, enrollments=point.enrollments)


class PerformanceShape(Shape):
    """PublicSequencePerformanceResponse."""

    sequence_id: WireId
    summary: SummaryShape
    status_by_step: Sequence[StandingShape]
    steps: Sequence[StepPerformanceShape]
    timeline: Sequence[PointShape]

    @classmethod
    def of(cls, found: Performance) -> Self:
        return cls(
            sequence_id=found.sequence_id,
            summary=SummaryShape.of(found.summary),
            status_by_step=[StandingShape.of(standing) for standing in found.standings],
            steps=[StepPerformanceShape.of(step) for step in found.steps],
            timeline=[PointShape.of(point) for point in found.timeline],
        )


def interval_named(given: object) -> Interval:
    """HubSpot takes any string here and does not say which: these, in capitals or not."""
    try:
        return Interval(str(given).upper())
    except ValueError as error:
        message = "must be DAY, WEEK, MONTH, QUARTER or YEAR"
        raise PydanticCustomError("interval", message) from error


TimelineInterval: TypeAlias = Annotated[
    Interval, BeforeValidator(interval_named), Query(alias="timelineInterval")
]


def router_at(version: ApiVersion) -> APIRouter:
    router = router_for(
        f"Performance, {version.name}", f"{version.address}/serviceaccounts/sequences"
    )
    router.add_api_route(
        "/{sequenceId}/performance",
        of_sequence,
        summary="Get what a sequence has done",
        response_model=PerformanceShape,
    )
    return router


def of_sequence(
    request: Request,
    caller: Reader,
    sequence_id: SequenceId,
    interval: TimelineInterval = Interval.WEEK,
) -> Response:
    engine = engine_of(request)
    now = engine.clock.now()
    with engine.database.reading() as tx:
        found = performance.of_sequence(tx, caller.account_id, sequence_id, interval, now)
    return PerformanceShape.of(found).answer()
