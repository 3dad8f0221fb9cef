"""Reading sequences, at the address of each of HubSpot's versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from drumbeat.domain.scopes import SEQUENCES_READ
from drumbeat.domain.user import Caller
from drumbeat.errors import Fault, Invalid
from drumbeat.http.dependencies import engine_of, needs
from drumbeat.http.hubspot import rendered
from drumbeat.http.hubspot.parameters import NamePart, SequenceId, UpTo100, UserId
from drumbeat.http.hubspot.routing import router_for
from drumbeat.http.hubspot.sequence_shapes import SequenceList, SequenceLite, SequenceShape
from drumbeat.http.hubspot.versions import ApiVersion
from drumbeat.http.paging import OffsetCursor, after_offset
from drumbeat.store import sequences, users
from drumbeat.store.database import Tx

Reader: TypeAlias = Annotated[Caller, Depends(needs(SEQUENCES_READ))]
After: TypeAlias = Annotated[OffsetCursor, Query(alias="after")]


def router_at(version: ApiVersion) -> APIRouter:
    router = router_for(f"Sequences, {version.name}", version.address)
    router.add_api_route("", listed, summary="List sequences", response_model=SequenceList)
    router.add_api_route(
        "/{sequenceId}",
        one_as(version.sequence),
        summary="Get a sequence",
        response_model=version.sequence,
    )
    return router


def listed(
    request: Request,
    caller: Reader,
    user_id: UserId,
    limit: UpTo100 = 100,
    after: After = 0,
    name: NamePart = None,
) -> Response:
    with engine_of(request).database.reading() as tx:
        check_user(tx, caller, user_id)
        return page(tx, request, caller, offset=after, limit=limit, name=name)


def one_as(shape: type[SequenceShape]) -> Callable[..., Response]:
    """The route of one sequence, for a version that shows it so."""

    def one(request: Request, caller: Reader, sequence_id: SequenceId, user_id: UserId) -> Response:
        with engine_of(request).database.reading() as tx:
            check_user(tx, caller, user_id)
            return rendered.answer_of(tx, request, shape, caller.account_id, sequence_id)

    return one


def page(
    tx: Tx, request: Request, caller: Caller, *, offset: int, limit: int, name: str | None
) -> Response:
    rows, total = sequences.page(tx, caller.account_id, name=name, offset=offset, limit=limit)
    end = offset + len(rows)
    shape = SequenceList(
        total=total,
        results=[SequenceLite.of_row(row) for row in rows],
        paging=after_offset(request, end) if rows and end < total else None,
    )
    return shape.answer()


def check_user(tx: Tx, caller: Caller, user_id: int) -> None:
    """Raise Invalid where the account has no such user. Its sequences are everybody's."""
    if user_id == caller.user_id:
        return
    if users.find(tx, caller.account_id, user_id) is None:
        raise unknown_user(user_id)


def unknown_user(user_id: int) -> Invalid:
    fault = Fault(field="userId", message=f"there is no user {user_id} in this account")
    return Invalid("The user ID provided is invalid", [fault])
