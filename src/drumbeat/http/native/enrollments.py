"""``/drumbeat/v1/enrollments``: where each stands and why, and stopping or resuming it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from drumbeat.domain.enrollment import State
from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.explanation_shapes import ExplainedEnrollment, ExplanationShape
from drumbeat.http.native.parameters import (
    After,
    EnrollmentId,
    Limit,
    NoBody,
    OfContact,
    OfSequence,
    Ours,
)
from drumbeat.http.native.shapes import (
    EnrollmentShape,
    Listed,
    StoppedShape,
    TimelineShape,
    listed,
)
from drumbeat.http.wire import JsonRoute
from drumbeat.services.enrolling import Stopped
from drumbeat.store import enrollments

router = APIRouter(prefix="/enrollments", tags=["Enrollments"], route_class=JsonRoute)

InState = Annotated[State | None, Query(alias="state")]
BySender = Annotated[str | None, Query(alias="senderEmail")]


@router.get("", response_model=Listed[EnrollmentShape], summary="List enrollments")
def list_enrollments(
    request: Request,
    caller: Ours,
    sequence_id: OfSequence = None,
    contact_id: OfContact = None,
    state: InState = None,
    sender_email: BySender = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """Enrollments in every state, newest first."""
    with engine_of(request).database.reading() as tx:
        rows = enrollments.page(
            tx,
            caller.account_id,
            sequence_id=sequence_id,
            contact_id=contact_id,
            state=state,
            sender_email=sender_email.lower() if sender_email else sender_email,
            before=after,
            limit=limit + 1,
        )
    return listed(request, [EnrollmentShape.of(row) for row in rows], limit)


@router.get(
    "/{enrollmentId}",
    response_model=ExplainedEnrollment,
    summary="Read an enrollment, its timeline and its explanation",
)
def read_enrollment(request: Request, caller: Ours, enrollment_id: EnrollmentId) -> Response:
    """One enrollment: everything that happened to it, and what its next step waits for."""
    explained = engine_of(request).explaining.explain(caller.account_id, enrollment_id)
    told = [TimelineShape.of(event) for event in explained.timeline]
    why = ExplanationShape.of(explained.explanation)
    shape = ExplainedEnrollment.of(explained.enrollment, timeline=told, explanation=why)
    return shape.answer()


@router.post("/{enrollmentId}/unenrollment", response_model=StoppedShape, summary="Unenroll")
def unenroll(
    request: Request, caller: Ours, enrollment_id: EnrollmentId, nothing: NoBody = None
) -> Response:
    """Take the contact out of the sequence. Doing it twice changes nothing more."""
    engine = engine_of(request)
    with engine.writing():
        stopped = engine.enrolling.unenroll(caller.account_id, enrollment_id)
    return stopped_answer(stopped)


@router.post("/{enrollmentId}/pause", response_model=StoppedShape, summary="Pause")
def pause(
    request: Request, caller: Ours, enrollment_id: EnrollmentId, nothing: NoBody = None
) -> Response:
    """Stop it where it is; what is left of its delay is kept."""
    engine = engine_of(request)
    with engine.writing():
        stopped = engine.enrolling.pause(caller.account_id, enrollment_id)
    return stopped_answer(stopped)


@router.delete("/{enrollmentId}/pause", response_model=EnrollmentShape, summary="Resume")
def resume(request: Request, caller: Ours, enrollment_id: EnrollmentId) -> Response:
    """Let it go on, after what was left of its delay."""
    engine = engine_of(request)
    with engine.writing():
        enrollment = engine.enrolling.resume(caller.account_id, enrollment_id)
    return EnrollmentShape.of(enrollment).answer()


def stopped_answer(stopped: Stopped) -> Response:
    warning = None
    if stopped.in_flight:
        warning = "an e-mail of this enrollment was being sent just then and cannot be recalled"
    shape = StoppedShape.of(stopped.enrollment, in_flight=stopped.in_flight, warning=warning)
    return shape.answer()
