"""What our own routes take from the address and the token."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Body, Depends, Path, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from drumbeat.clock import whole_millis
from drumbeat.domain.user import Caller
from drumbeat.http.dependencies import needs
from drumbeat.http.paging import IdCursor
from drumbeat.http.wire import MAX_INT32, MAX_NAME, AskedId, AskedNumber, StrictlyAsked

MOST_ROWS = 100

Ours = Annotated[Caller, Depends(needs("drumbeat"))]
"""The caller, whose token has the scope that everything under /drumbeat/v1 asks for."""

EnrollmentId = Annotated[AskedId, Path(alias="enrollmentId")]
TaskId = Annotated[AskedId, Path(alias="taskId")]
MessageId = Annotated[AskedId, Path(alias="messageId", description="The id, not the Message-ID.")]
SenderId = Annotated[AskedId, Path(alias="senderId")]
SequenceId = Annotated[AskedId, Path(alias="sequenceId")]
VersionNumber = Annotated[AskedNumber, Path(alias="version", ge=1, le=MAX_INT32)]
UserId = Annotated[AskedId, Path(alias="userId")]

OfSequence = Annotated[AskedId | None, Query(alias="sequenceId")]
OfContact = Annotated[AskedId | None, Query(alias="contactId")]
OfEnrollment = Annotated[AskedId | None, Query(alias="enrollmentId")]

After = Annotated[IdCursor | None, Query(description="`paging.next.after` of the page before.")]
Limit = Annotated[
    AskedNumber, Query(ge=1, le=MOST_ROWS, description=f"Rows on a page, 1 to {MOST_ROWS}.")
]


def as_written(given: object) -> object:
    # pydantic would take a number for seconds, or for milliseconds, as it sees fit.
    if not isinstance(given, str) or "T" not in given.upper():
        raise PydanticCustomError("time", "must be a time such as 2026-03-02T08:00:00Z")
    return given


def as_instant(moment: datetime) -> datetime:
    try:
        return whole_millis(moment.astimezone(UTC))
    except OverflowError:
        # At the ends of the calendar: too early or too late for everything it is compared with.
        return moment


AskedTime = Annotated[AwareDatetime, BeforeValidator(as_written), AfterValidator(as_instant)]
"""An instant with its zone, as UTC in whole milliseconds."""


Address = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]


class Nothing(StrictlyAsked):
    """No fields: what would be ignored is refused."""


NoBody = Annotated[Nothing | None, Body()]
