"""``/drumbeat/v1/sequences/{sequenceId}/validation``: what would go wrong before anybody is
enrolled."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field

from drumbeat.domain.launch_findings import Code, LaunchFinding, Severity
from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.parameters import Address, Ours
from drumbeat.http.native.shapes import OurShape, fields_of
from drumbeat.http.wire import AskedId, JsonRoute, WireId
from drumbeat.services.validating import MOST_CONTACTS, Validation

router = APIRouter(prefix="/sequences", tags=["Sequences"], route_class=JsonRoute)


def pieces_of(given: list[str]) -> list[str]:
    """What is given of a parameter that is repeated, or lists its values with commas, or both."""
    pieces = [piece.strip() for each in given for piece in each.split(",")]
    return [piece for piece in pieces if piece]


SequenceId = Annotated[AskedId, Path(alias="sequenceId")]
BySender = Annotated[
    Address | None,
    Query(alias="senderEmail", description="The address of the token's user if left out."),
]
ForContacts = Annotated[
    list[AskedId],
    BeforeValidator(pieces_of),
    Query(
        default_factory=list,
        alias="contactId",
        description=f"Whom it is for: repeated, or with commas; up to {MOST_CONTACTS:,}.",
    ),
]


class Chosen(StrEnum):
    GIVEN = "GIVEN"
    NEWEST = "NEWEST"


class FindingShape(OurShape):
    severity: Annotated[Severity, Field(description="error: refused or held. warning: it runs.")]
    code: Code
    step_order: int | None
    field: Annotated[str | None, Field(description="Where in the sequence, or which parameter.")]
    message: str
    contact_ids: Annotated[
        list[WireId] | None, Field(description="Which of the contacts that were given.")
    ]

    @classmethod
    def of(cls, finding: LaunchFinding) -> FindingShape:
        ids = None if finding.contact_ids is None else list(finding.contact_ids)
        return cls.model_validate({**fields_of(cls, finding), "contact_ids": ids})


class ValidationShape(OurShape):
    is_ready: Annotated[bool, Field(description="Whether there is no finding that is an error.")]
    version: Annotated[int, Field(description="The version of the sequence that was looked at.")]
    sender_email: str
    contacts_checked: int
    contacts_chosen: Annotated[Chosen, Field(description="NEWEST where none were given.")]
    findings: list[FindingShape]

    @classmethod
    def of(cls, validation: Validation) -> ValidationShape:
        return cls(
            is_ready=validation.is_ready,
            version=validation.version,
            sender_email=validation.sender_email,
            contacts_checked=validation.checked,
            contacts_chosen=Chosen.GIVEN if validation.is_given else Chosen.NEWEST,
            findings=[FindingShape.of(finding) for finding in validation.findings],
        )


@router.get(
    "/{sequenceId}/validation", response_model=ValidationShape, summary="Validate a sequence"
)
def validate_sequence(
    request: Request,
    caller: Ours,
    sequence_id: SequenceId,
    contact_ids: ForContacts,
    sender_email: BySender = None,
) -> Response:
    """What would go wrong if contacts were enrolled in it now. Nobody is."""
    validation = engine_of(request).validating.validate(
        caller.account_id,
        caller.user_id,
        sequence_id,
        sender_email=sender_email,
        contact_ids=contact_ids,
    )
    return ValidationShape.of(validation).answer()
