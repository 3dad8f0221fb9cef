"""``/drumbeat/v1/calendar``: what would happen, before anybody is enrolled."""

from __future__ import annotations

from typing import Annotated, Any, Self

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from drumbeat import documents
from drumbeat.domain.calendar import Planned
from drumbeat.domain.planner import Because, Block
from drumbeat.domain.sequence import Action, Definition
from drumbeat.http.batches import BatchError
from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.parameters import Address, AskedTime, Ours
from drumbeat.http.native.shapes import OurShape
from drumbeat.http.wire import MAX_NAME, AskedId, Int32, JsonRoute, StrictlyAsked, WireId, WireTime
from drumbeat.services.planning import UNKEPT, Asked, Foreseen

router = APIRouter(prefix="/calendar", tags=["Calendar"], route_class=JsonRoute)

EXAMPLE: dict[str, JsonValue] = {
    "sequenceId": "1",
    "contactIds": ["1", "2"],
    "senderEmail": "ada@example.com",
}


class CalendarAsked(StrictlyAsked):
    """Whom, from which sender, and through which sequence: one that is kept, or a draft."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    sequence_id: AskedId | None = None
    sequence: Annotated[
        dict[str, Any] | None,
        Field(description="A sequence that is not kept, as a document; see the docs."),
    ] = None
    # How many are too many is for the service to say, with the way to have all of them.
    contact_ids: Annotated[list[AskedId], Field(min_length=1)]
    sender_email: Address
    start_at: Annotated[AskedTime | None, Field(description="At once if left out.")] = None
    start_at_step: Int32 = 0
    timezone: Annotated[str | None, Field(max_length=MAX_NAME)] = None
    ahead: Annotated[
        list[AskedId],
        Field(description="Contacts that are enrolled before these; followed, and not shown."),
    ] = Field(default_factory=list)

    @model_validator(mode="after")
    def is_one_of_both(self) -> Self:
        if (self.sequence_id is None) == (self.sequence is None):
            raise PydanticCustomError("sequence", "give either sequenceId or sequence, not both")
        return self

    def asked(self) -> Asked:
        return Asked(
            sequence_id=UNKEPT if self.sequence_id is None else self.sequence_id,
            definition=None if self.sequence is None else definition_of(self.sequence),
            contact_ids=self.contact_ids,
            sender_email=self.sender_email,
            start_at=self.start_at,
            start_order=self.start_at_step,
            timezone=self.timezone,
            ahead=self.ahead,
        )


class PlannedShape(OurShape):
    contact_id: WireId
    step_order: int
    action_type: Action
    at: Annotated[WireTime | None, Field(description="null where it waits for a person.")]
    because: Annotated[Because | Block | None, Field(description="Why then, or what it waits for.")]
    waits_for: Annotated[list[int], Field(description="Steps whose tasks have to be done first.")]

    @classmethod
    def of(cls, planned: Planned) -> PlannedShape:
        return cls(
            contact_id=planned.contact_id,
            step_order=planned.step_order,
            action_type=planned.action,
            at=planned.at,
            because=planned.because,
            waits_for=list(planned.waits_for),
        )


class CalendarShape(OurShape):
    results: Annotated[list[PlannedShape], Field(description="In the order they happen.")]
    last_first_email_at: Annotated[
        WireTime | None, Field(description="When the last contact gets the first e-mail.")
    ]
    num_errors: int
    errors: Annotated[list[BatchError], Field(description="Contacts that cannot be enrolled.")]

    @classmethod
    def of(cls, foreseen: Foreseen) -> CalendarShape:
        refusals = sorted(foreseen.refusals.items())
        return cls(
            results=[PlannedShape.of(each) for each in foreseen.planned],
            last_first_email_at=foreseen.last_first_email_at,
            num_errors=len(refusals),
            errors=[BatchError.of(error, position) for position, error in refusals],
        )


@router.post("", response_model=CalendarShape, summary="See ahead")
def foresee(request: Request, caller: Ours, asked: CalendarAsked) -> Response:
    """Every e-mail and task that enrolling these contacts now would bring about, and when.

    Nothing is kept. It is what the engine then does, to the second, while nothing comes between:
    a reply, a fault of a server, another enrollment of the same sender.
    """
    planning = engine_of(request).planning
    foreseen = planning.calendar(caller.account_id, caller.user_id, asked.asked())
    return CalendarShape.of(foreseen).answer()


def definition_of(given: dict[str, Any]) -> Definition:
    """Raises Invalid with everything that is wrong with the document, and where."""
    document = documents.read(given, at="sequence")
    return documents.to_definition(document, documents.ids_given(document), at="sequence")
