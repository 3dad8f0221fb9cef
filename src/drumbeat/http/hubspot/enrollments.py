"""Enrolling a contact, and looking at its enrollment, as HubSpot has it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from drumbeat.domain.scopes import ENROLLMENTS_WRITE
from drumbeat.domain.user import Caller
from drumbeat.errors import NotFound
from drumbeat.http.dependencies import engine_of, needs
from drumbeat.http.hubspot.enrollment_shapes import (
    EnrollmentAsked,
    EnrollmentLite,
    EnrollmentShape,
)
from drumbeat.http.hubspot.parameters import ContactId, UserId
from drumbeat.http.hubspot.routing import router_for
from drumbeat.http.hubspot.sequences import Reader, unknown_user
from drumbeat.store import enrollments

Enroller: TypeAlias = Annotated[Caller, Depends(needs(ENROLLMENTS_WRITE))]


def router_at(prefix: str) -> APIRouter:
    """The v4 family's enrollments, at one version's address."""
    router = router_for("Enrollments", f"{prefix}/enrollments")
    router.add_api_route(
        "", enroll, methods=["POST"], summary="Enroll a contact", response_model=EnrollmentLite
    )
    router.add_api_route(
        "/contact/{contactId}",
        of_contact,
        summary="Get the enrollment of a contact",
        response_model=EnrollmentShape,
    )
    return router


def enroll(request: Request, caller: Enroller, user_id: UserId, asked: EnrollmentAsked) -> Response:
    engine = engine_of(request)
    try:
        with engine.writing():
            enrollment = engine.enrolling.enroll(
                caller.account_id,
                user_id=user_id,
                sequence_id=asked.sequence_id,
                contact_id=asked.contact_id,
                sender_email=asked.sender_email,
                alias=asked.sender_alias_address,
            )
    except NotFound as error:
        if error.what == "user":
            raise unknown_user(user_id) from error
        raise
    return EnrollmentLite.of(enrollment).answer()


def of_contact(request: Request, caller: Reader, contact_id: ContactId) -> Response:
    with engine_of(request).database.reading() as tx:
        enrollment = enrollments.shown_of_contact(tx, caller.account_id, contact_id)
    if enrollment is None:
        raise NotFound("active enrollment of the contact", contact_id)
    return EnrollmentShape.of_shown(enrollment).answer()
