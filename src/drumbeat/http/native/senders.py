"""``/drumbeat/v1/senders``: the inboxes that mail goes out from, and their pace."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, cast

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field

from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.parameters import Ours, SenderId
from drumbeat.http.native.shapes import Listed, SenderShape
from drumbeat.http.wire import AskedId, JsonRoute, StrictlyAsked
from drumbeat.mail.smtp_url import parse_smtp_url
from drumbeat.services.connecting import SenderChanges
from drumbeat.store import senders

router = APIRouter(prefix="/senders", tags=["Senders"], route_class=JsonRoute)

# An e-mail address can be no longer (RFC 5321 section 4.5.3.1.3).
Address = Annotated[str, Field(max_length=254)]
Cap = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Gap = Annotated[float, Field(strict=True, ge=0, le=86_400)]


class PaceAsked(StrictlyAsked):
    """What may be said of a sender at any time. A field left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"dailyCap": 200}]})

    name: Annotated[str | None, Field(max_length=255, description='"" takes it away.')] = None
    aliases: Annotated[list[Address] | None, Field(max_length=50)] = None
    signature: Annotated[str | None, Field(description='HTML. "" takes it away.')] = None
    daily_cap: Annotated[Cap | None, Field(description="E-mails in any 24 hours.")] = None
    gap_seconds: Annotated[Gap | None, Field(description="Least time between two e-mails.")] = None

    def given(self) -> SenderChanges:
        """What was asked for, in the words of the service; null means absent, "" none."""
        values = {
            "name": self.name,
            "aliases": self.aliases,
            "signature": self.signature,
            "daily_cap": self.daily_cap,
            "gap": None if self.gap_seconds is None else timedelta(seconds=self.gap_seconds),
        }
        given = {name: value for name, value in values.items() if value is not None}
        emptied = {name: None for name, value in given.items() if value == ""}
        return cast(SenderChanges, given | emptied)


class ConnectAsked(PaceAsked):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"smtp": "smtps://ada%40example.com:secret@smtp.example.com:465"}]
        }
    )

    smtp: Annotated[
        str,
        Field(
            max_length=2048,
            description="smtp[s]://user:password@host:port; smtp uses STARTTLS where offered.",
        ),
    ]
    user_id: Annotated[
        AskedId | None, Field(description="Whose it is; the token's user if left out.")
    ] = None
    email: Annotated[
        Address | None, Field(description="The address; the user's own if left out.")
    ] = None


@router.get("", response_model=Listed[SenderShape], summary="List senders")
def list_senders(request: Request, caller: Ours) -> Response:
    """Every sender of the account, connected or not."""
    engine = engine_of(request)
    with engine.database.reading() as tx:
        rows = senders.listed(tx, caller.account_id)
    return Listed(results=[SenderShape.of(row, engine.connecting) for row in rows]).answer()


@router.get("/{senderId}", response_model=SenderShape, summary="Read a sender")
def read_sender(request: Request, caller: Ours, sender_id: SenderId) -> Response:
    """One sender."""
    engine = engine_of(request)
    with engine.database.reading() as tx:
        sender = senders.get(tx, caller.account_id, sender_id)
    return SenderShape.of(sender, engine.connecting).answer()


@router.post("", response_model=SenderShape, status_code=201, summary="Connect an inbox")
def connect_sender(request: Request, caller: Ours, asked: ConnectAsked) -> Response:
    """Connect an inbox, or connect it again with other settings."""
    engine = engine_of(request)
    server = parse_smtp_url(asked.smtp)
    with engine.writing():
        sender = engine.connecting.connect(
            caller.account_id,
            user_id=caller.user_id if asked.user_id is None else asked.user_id,
            email=asked.email,
            server=server,
            **asked.given(),
        )
    return SenderShape.of(sender, engine.connecting).answer(201)


@router.patch("/{senderId}", response_model=SenderShape, summary="Change a sender")
def change_sender(
    request: Request, caller: Ours, sender_id: SenderId, asked: PaceAsked
) -> Response:
    """Change its name, aliases, signature, cap or gap."""
    engine = engine_of(request)
    with engine.writing():
        sender = engine.connecting.change(caller.account_id, sender_id, **asked.given())
    return SenderShape.of(sender, engine.connecting).answer()


@router.delete("/{senderId}", status_code=204, summary="Disconnect a sender")
def disconnect_sender(request: Request, caller: Ours, sender_id: SenderId) -> Response:
    """Disconnect it: nothing goes out from it any more, and its e-mails that wait are held."""
    engine = engine_of(request)
    with engine.writing():
        engine.connecting.disconnect(caller.account_id, sender_id)
    return Response(status_code=204)
