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
from drumbeat.http.hubspot.versions import ApiVersion
from drumbeat.store import enrollments

Enroller: TypeAlias = Annotated[Caller, Depends(needs(ENROLLMENTS_WRITE))]


def router_at(version: ApiVersion) -> APIRouter:
    router = router_for(f"Enrollments, {version.name}", f"{version.address}/enrollments")
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


def managed_router_at(version: ApiVersion) -> APIRouter:
    """The one route of the management family: it asks for no user."""
    router = router_for(
        f"Enrollments, {version.name}", f"{version.address}/serviceaccounts/enrollments"
    )
    router.add_api_route(
        "",
        enroll_as_caller,
        methods=["POST"],
        summary="Enroll a contact as the token's user",
        response_model=EnrollmentLite,
    )
    return router


def enroll(request: Request, caller: Enroller, user_id: UserId, asked: EnrollmentAsked) -> Response:
    return enrolled(request, caller, user_id, asked)


def enroll_as_caller(request: Request, caller: Enroller, asked: EnrollmentAsked) -> Response:
    return enrolled(request, caller, caller.user_id, asked)


def enrolled(request: Request, caller: Caller, user_id: int, asked: EnrollmentAsked) -> Response:
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
