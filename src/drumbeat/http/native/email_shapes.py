"""The e-mails of one enrollment in the answers of our own API."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from drumbeat.domain.message import MessageState
from drumbeat.http.native.shapes import OurShape, fields_of
from drumbeat.http.wire import WireId
from drumbeat.services.editing import ShownEmail


class EmailShape(OurShape):
    step_order: int
    template_id: WireId
    subject: Annotated[str | None, Field(description="With its tokens; as it was sent, if it was.")]
    body: Annotated[str | None, Field(description="With its tokens; null once it has gone.")]
    edited: Annotated[bool, Field(description="Whether it differs from its template here.")]
    threaded: Annotated[
        bool, Field(description="Whether it answers an earlier one, whose subject it then has.")
    ]
    state: Annotated[MessageState | None, Field(description="null until its step falls due.")]

    @classmethod
    def of(cls, email: ShownEmail) -> Self:
        own = {"edited": email.is_edited, "threaded": email.is_threaded}
        return cls.model_validate({**fields_of(cls, email), **own})


class EditedShape(EmailShape):
    warning: Annotated[
        str | None,
        Field(exclude_if=lambda warning: warning is None, description="Only if it is threaded."),
    ] = None

    @classmethod
    def of(cls, email: ShownEmail) -> Self:
        warning = None
        if email.is_threaded:
            warning = (
                "this e-mail answers an earlier one and keeps its subject; only the body is new"
            )
        return super().of(email).model_copy(update={"warning": warning})


class EmailsShape(OurShape):
    results: list[EmailShape]
