"""``/drumbeat/v1/messages``: outgoing e-mails, and deciding what the engine will not."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict, Field

from drumbeat.domain.message import MessageState
from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.parameters import After, Limit, MessageId, NoBody, OfEnrollment, Ours
from drumbeat.http.native.shapes import Listed, MessageShape, listed
from drumbeat.http.wire import JsonRoute, StrictlyAsked
from drumbeat.store import messages

router = APIRouter(prefix="/messages", tags=["Messages"], route_class=JsonRoute)

InState = Annotated[MessageState | None, Query(alias="state")]


class SettlementAsked(StrictlyAsked):
    model_config = ConfigDict(json_schema_extra={"examples": [{"as": "sent"}]})

    as_: Annotated[
        Literal["sent", "sendAgain"],
        Field(
            alias="as",
            description="sent: it reached the server. sendAgain: it did not; send a new one.",
        ),
    ]


@router.get("", response_model=Listed[MessageShape], summary="List messages")
def list_messages(
    request: Request,
    caller: Ours,
    enrollment_id: OfEnrollment = None,
    state: InState = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """Outgoing e-mails in every state, oldest first."""
    with engine_of(request).database.reading() as tx:
        rows = messages.page(
            tx,
            caller.account_id,
            enrollment_id=enrollment_id,
            state=state,
            after=after or 0,
            limit=limit + 1,
        )
    return listed(request, [MessageShape.of(row) for row in rows], limit)


@router.get("/{messageId}", response_model=MessageShape, summary="Read a message")
def read_message(request: Request, caller: Ours, message_id: MessageId) -> Response:
    """One outgoing e-mail."""
    with engine_of(request).database.reading() as tx:
        message = messages.get(tx, caller.account_id, message_id)
    return MessageShape.of(message).answer()


@router.post(
    "/{messageId}/settlement", response_model=MessageShape, summary="Settle a message in doubt"
)
def settle_message(
    request: Request, caller: Ours, message_id: MessageId, asked: SettlementAsked
) -> Response:
    """Decide a message that is in doubt: nobody but a person can know whether it went out."""
    engine = engine_of(request)
    with engine.writing():
        message = engine.settling.settle(caller.account_id, message_id, as_sent=asked.as_ == "sent")
    return MessageShape.of(message).answer()


@router.post("/{messageId}/retry", response_model=MessageShape, summary="Retry a held message")
def retry_message(
    request: Request, caller: Ours, message_id: MessageId, nothing: NoBody = None
) -> Response:
    """Try a held message again, when what it was held for has been put right."""
    engine = engine_of(request)
    with engine.writing():
        message = engine.settling.retry(caller.account_id, message_id)
    return MessageShape.of(message).answer()
