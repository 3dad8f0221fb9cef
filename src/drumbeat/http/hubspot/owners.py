"""Owners: `/crm/v3/owners`, from which clients learn the userId that sequences ask for."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from drumbeat.domain.scopes import AUTOMATION, OWNERS_READ
from drumbeat.domain.user import Caller
from drumbeat.errors import NotFound
from drumbeat.http.dependencies import engine_of, needs
from drumbeat.http.hubspot.owner_shapes import OwnerList, OwnerShape
from drumbeat.http.hubspot.routing import router_for
from drumbeat.http.paging import IdCursor, after_id
from drumbeat.http.wire import AskedId, AskedNumber
from drumbeat.store import users

Reader: TypeAlias = Annotated[Caller, Depends(needs(OWNERS_READ, AUTOMATION))]
OwnerId: TypeAlias = Annotated[AskedId, Path(alias="ownerId")]
IdProperty: TypeAlias = Annotated[Literal["id", "userId"], Query(alias="idProperty")]
# The documents say 100; a widely used connector asks for 500 and is served.
UpTo500: TypeAlias = Annotated[AskedNumber, Query(ge=1, le=500)]
After: TypeAlias = Annotated[IdCursor, Query(alias="after")]
Email: TypeAlias = Annotated[str | None, Query(max_length=255)]


def router_at(prefix: str) -> APIRouter:
    router = router_for("Owners", prefix)
    router.add_api_route("", listed, summary="List owners", response_model=OwnerList)
    router.add_api_route("/{ownerId}", one, summary="Get an owner", response_model=OwnerShape)
    return router


def listed(
    request: Request,
    caller: Reader,
    email: Email = None,
    limit: UpTo500 = 100,
    after: After = 0,
    archived: bool = False,
) -> Response:
    """Users are never archived, so there are none to list with `archived=true`."""
    if archived:
        return OwnerList(results=[]).answer()
    with engine_of(request).database.reading() as tx:
        found = users.page(tx, caller.account_id, email=email or None, after=after, limit=limit + 1)
    results = [OwnerShape.of(user) for user in found[:limit]]
    paging = after_id(request, results[-1].user_id) if len(found) > limit else None
    return OwnerList(results=results, paging=paging).answer()


def one(
    request: Request,
    caller: Reader,
    owner_id: OwnerId,
    id_property: IdProperty = "id",
    archived: bool = False,
) -> Response:
    find = users.by_owner if id_property == "id" else users.find
    with engine_of(request).database.reading() as tx:
        user = None if archived else find(tx, caller.account_id, owner_id)
    if user is None:
        raise NotFound("owner", owner_id)
    return OwnerShape.of(user).answer()
