"""``/drumbeat/v1/captured``: what `--mail capture` kept instead of letting it out, and mail that
is let in.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from drumbeat.app import Engine
from drumbeat.domain.message import Direction
from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.parameters import After, Limit, Ours
from drumbeat.http.native.shapes import CapturedShape, Listed, listed
from drumbeat.http.wire import AskedId, JsonRoute, StrictlyAsked
from drumbeat.services.delivering import LONGEST_RAW, Letter, Reply
from drumbeat.store import captured
from drumbeat.store.captured import CapturedRow

router = APIRouter(prefix="/captured", tags=["Captured mail"], route_class=JsonRoute)

To = Annotated[str | None, Query(description="A whole address; capitals do not matter.")]
Which = Annotated[Direction | None, Query(description="Only what went out, or what came in.")]

NEEDED = ("from", "to", "subject")
# A reply has these from what it answers.
OF_THE_ANSWERED = ("to", "inReplyTo", "references")


class DeliveryAsked(StrictlyAsked):
    """A message that is to come in, in one of three ways: whole, by its parts, or as a reply."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"replyTo": "1", "text": "Thursday would suit me."}]}
    )

    raw: Annotated[
        str | None,
        Field(max_length=LONGEST_RAW, description="The whole message, as RFC 5322 has it."),
    ] = None
    reply_to: Annotated[
        AskedId | None, Field(description="The id of the captured e-mail that it answers.")
    ] = None
    from_: Annotated[
        str | None, Field(alias="from", description="Of a reply: whom the e-mail was for.")
    ] = None
    to: Annotated[str | None, Field(description="An address of a user or a sender.")] = None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    in_reply_to: Annotated[str | None, Field(description="With its angle brackets.")] = None
    references: Annotated[
        list[str] | None, Field(description="With their angle brackets; inReplyTo if left out.")
    ] = None
    auto_submitted: Annotated[
        Literal["auto-replied", "auto-generated", "auto-notified"] | None,
        Field(description="What a machine says of its mail (RFC 3834, RFC 5436)."),
    ] = None
    headers: Annotated[
        dict[str, str] | None, Field(description="More headers, each on one line.")
    ] = None

    @model_validator(mode="after")
    def is_one_of_three(self) -> Self:
        given = {
            field.alias or name
            for name, field in type(self).model_fields.items()
            if getattr(self, name) is not None
        }
        if fault := fault_of(given):
            raise PydanticCustomError("delivery", "{fault}", {"fault": fault})
        return self

    def deliver(self, engine: Engine, account_id: int) -> CapturedRow:
        if self.raw is not None:
            return engine.delivering.deliver_raw(account_id, self.raw)
        if self.reply_to is not None:
            return engine.delivering.reply(account_id, self.reply_to, self.as_reply())
        return engine.delivering.deliver(account_id, self.as_letter())

    def as_reply(self) -> Reply:
        return Reply(
            text=self.text,
            html=self.html,
            from_email=self.from_,
            subject=self.subject,
            auto_submitted=self.auto_submitted,
            headers=self.headers or {},
        )

    def as_letter(self) -> Letter:
        return Letter(
            from_email=self.from_ or "",
            to_email=self.to or "",
            subject=self.subject or "",
            text=self.text,
            html=self.html,
            in_reply_to=self.in_reply_to,
            references=self.references or (),
            auto_submitted=self.auto_submitted,
            headers=self.headers or {},
        )


def fault_of(given: set[str]) -> str | None:
    """What is wrong with giving these fields together; None where nothing is."""
    if "raw" in given:
        others = sorted(given - {"raw"})
        return f"raw is the whole message; leave out {', '.join(others)}" if others else None
    if "replyTo" in given:
        taken = [name for name in OF_THE_ANSWERED if name in given]
        hint = "a reply has them from the message it answers"
        return f"leave out {', '.join(taken)}; {hint}" if taken else None
    missing = [name for name in NEEDED if name not in given]
    hint = "or give replyTo and text, or raw"
    return f"{', '.join(missing)} must be given; {hint}" if missing else None


@router.get("", response_model=Listed[CapturedShape], summary="List captured mail")
def list_captured(
    request: Request,
    caller: Ours,
    to: To = None,
    direction: Which = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """The e-mails that were caught, and those that were delivered, oldest first."""
    with engine_of(request).database.reading() as tx:
        rows = captured.page(
            tx,
            caller.account_id,
            to=to,
            direction=direction,
            after=after or 0,
            limit=limit + 1,
        )
    return listed(request, [CapturedShape.of(row) for row in rows], limit)


@router.post("", response_model=CapturedShape, status_code=201, summary="Let mail come in")
def deliver(request: Request, caller: Ours, asked: DeliveryAsked) -> Response:
    """Deliver a message into a captured inbox, as if somebody had sent it there.

    Only with `serve --mail capture`. It is kept and can be listed; that a reply ends an
    enrollment is yet to come.
    """
    engine = engine_of(request)
    with engine.writing():
        row = asked.deliver(engine, caller.account_id)
    return CapturedShape.of(row).answer(201)
