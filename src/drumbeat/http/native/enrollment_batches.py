"""``/drumbeat/v1/enrollments/batch``: enrolling many contacts in one request."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field, JsonValue

from drumbeat.errors import Invalid
from drumbeat.http.batches import ALL_WENT_WELL, SOME_FAILED, BatchError, row_of
from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.parameters import Address, AskedTime, Ours
from drumbeat.http.native.shapes import EnrollmentShape, OurShape
from drumbeat.http.wire import MAX_NAME, AskedId, Int32, JsonRoute, StrictlyAsked, WireTime
from drumbeat.services.batch_enrolling import Wanted

router = APIRouter(prefix="/enrollments", tags=["Enrollments"], route_class=JsonRoute)

MOST_ROWS = 1000


class RowAsked(StrictlyAsked):
    """One enrollment of a batch."""

    sequence_id: AskedId
    contact_id: AskedId
    sender_email: Address
    sender_alias_address: Address | None = None
    timezone: Annotated[
        str | None,
        Field(max_length=MAX_NAME, description="Whose windows and days count; else the user's."),
    ] = None
    start_at_step: Annotated[
        Int32, Field(description="The step it begins with; those before it never happen.")
    ] = 0
    start_at: Annotated[
        AskedTime | None, Field(description="When it begins; at once if left out.")
    ] = None

    def wanted(self) -> Wanted:
        return Wanted(
            sequence_id=self.sequence_id,
            contact_id=self.contact_id,
            sender_email=self.sender_email,
            alias=self.sender_alias_address,
            timezone=self.timezone,
            start_order=self.start_at_step,
            start_at=self.start_at,
        )


EXAMPLE: dict[str, JsonValue] = {
    "sequenceId": "1",
    "contactId": "1",
    "senderEmail": "ada@example.com",
}


class BatchAsked(StrictlyAsked):
    model_config = ConfigDict(json_schema_extra={"examples": [{"inputs": [EXAMPLE]}]})

    # Each row is read by itself, so that one that cannot be read stops no other.
    inputs: Annotated[
        list[Any],
        Field(
            min_length=1,
            max_length=MOST_ROWS,
            json_schema_extra={"items": RowAsked.model_json_schema(by_alias=True)},
        ),
    ]


class BatchShape(OurShape):
    """HubSpot's batch answer."""

    status: str = "COMPLETE"
    results: Annotated[list[EnrollmentShape], Field(description="In the order of the rows.")]
    started_at: WireTime
    completed_at: WireTime
    num_errors: int
    errors: Annotated[list[BatchError], Field(description="`context.index` says which row.")]


@router.post("/batch", response_model=BatchShape, summary="Enroll many contacts")
def enroll_batch(request: Request, caller: Ours, asked: BatchAsked) -> Response:
    """Enroll everybody who can be, and say of each of the others why not.

    The answer is 200 where all were enrolled and 207 where some were not. Rows are enrolled in
    the order they are given in, by the token's user.
    """
    engine = engine_of(request)
    started_at = engine.clock.now()
    wanted, refused = read_rows(asked.inputs)
    with engine.writing():
        done = engine.batch_enrolling.enroll_all(caller.account_id, caller.user_id, wanted)
    refused += [BatchError.of(error, position) for position, error in done.refusals.items()]
    return answer_of(
        [EnrollmentShape.of(each) for each in done.enrollments.values()],
        sorted(refused, key=lambda error: int(error.context["index"][0])),
        started_at,
        engine.clock.now(),
    )


def read_rows(inputs: list[Any]) -> tuple[dict[int, Wanted], list[BatchError]]:
    """The rows that can be read, by their position, and what is wrong with the others."""
    wanted: dict[int, Wanted] = {}
    refused: list[BatchError] = []
    for position, given in enumerate(inputs):
        try:
            wanted[position] = row_of(RowAsked, given).wanted()
        except Invalid as error:
            refused.append(BatchError.of(error, position))
    return wanted, refused


def answer_of(
    results: list[EnrollmentShape],
    errors: list[BatchError],
    started_at: datetime,
    completed_at: datetime,
) -> Response:
    shape = BatchShape(
        results=results,
        started_at=started_at,
        completed_at=completed_at,
        num_errors=len(errors),
        errors=errors,
    )
    return shape.answer(SOME_FAILED if errors else ALL_WENT_WELL)
