"""``/drumbeat/v1/enrollments/{enrollmentId}/emails``: what a contact gets, and editing it first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import ConfigDict, Field

from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.email_shapes import EditedShape, EmailShape, EmailsShape
from drumbeat.http.native.parameters import EnrollmentId, Ours
from drumbeat.http.wire import AskedNumber, JsonRoute, StrictlyAsked

router = APIRouter(prefix="/enrollments", tags=["Enrollments"], route_class=JsonRoute)

StepOrder = Annotated[AskedNumber, Path(alias="stepOrder")]


class EditAsked(StrictlyAsked):
    """What this contact gets instead. Tokens are allowed as in a template."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"subject": "Thursday", "body": "<p>Hello {{ contact.firstname }}, …</p>"}]
        }
    )

    subject: Annotated[str, Field(max_length=1_000)]
    body: Annotated[str, Field(max_length=256 * 1024, description="HTML.")]


@router.get("/{enrollmentId}/emails", response_model=EmailsShape, summary="List its e-mails")
def list_emails(request: Request, caller: Ours, enrollment_id: EnrollmentId) -> Response:
    """The e-mails of its version that went out, and those to come, in their order."""
    emails = engine_of(request).editing.emails(caller.account_id, enrollment_id)
    return EmailsShape(results=[EmailShape.of(email) for email in emails]).answer()


@router.put(
    "/{enrollmentId}/emails/{stepOrder}", response_model=EditedShape, summary="Edit an e-mail"
)
def edit_email(
    request: Request,
    caller: Ours,
    enrollment_id: EnrollmentId,
    step_order: StepOrder,
    asked: EditAsked,
) -> Response:
    """Give this contact other words than the template has, at one step. Nobody else gets them."""
    engine = engine_of(request)
    with engine.writing():
        email = engine.editing.edit(
            caller.account_id,
            enrollment_id,
            step_order,
            user_id=caller.user_id,
            subject=asked.subject,
            body=asked.body,
        )
    return EditedShape.of(email).answer()


@router.delete(
    "/{enrollmentId}/emails/{stepOrder}",
    response_model=EmailShape,
    summary="Go back to the template",
)
def restore_email(
    request: Request, caller: Ours, enrollment_id: EnrollmentId, step_order: StepOrder
) -> Response:
    """Forget what was edited: the contact gets what the template says."""
    engine = engine_of(request)
    with engine.writing():
        email = engine.editing.restore(
            caller.account_id, enrollment_id, step_order, user_id=caller.user_id
        )
    return EmailShape.of(email).answer()
