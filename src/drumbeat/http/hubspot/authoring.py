"""Writing sequences: HubSpot's management API, `…/serviceaccounts/sequences`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from drumbeat.domain.scopes import (
    SEQUENCES_CREATE,
    SEQUENCES_DELETE,
    SEQUENCES_EDIT,
    SEQUENCES_WRITE,
)
from drumbeat.domain.user import Caller
from drumbeat.http.dependencies import engine_of, needs
from drumbeat.http.hubspot.authoring_shapes import SequenceAsked
from drumbeat.http.hubspot.parameters import NamePart, SequenceId, UpTo100
from drumbeat.http.hubspot.routing import router_for
from drumbeat.http.hubspot.sequence_shapes import (
    CreatedSequence,
    SequenceList,
    SequenceShapeV2,
    UserView,
)
from drumbeat.http.hubspot.sequences import After, Reader, page
from drumbeat.http.hubspot.versions import ApiVersion
from drumbeat.store import sequences, users

# HubSpot's own documents disagree on the scopes; any that could be meant is enough.
Author: TypeAlias = Annotated[
    Caller, Depends(needs(SEQUENCES_WRITE, SEQUENCES_CREATE, SEQUENCES_EDIT))
]
Remover: TypeAlias = Annotated[Caller, Depends(needs(SEQUENCES_WRITE, SEQUENCES_DELETE))]
Override: TypeAlias = Annotated[bool, Query(alias="overrideActiveEnrollment")]


def router_at(version: ApiVersion) -> APIRouter:
    router = router_for(
        f"Writing sequences, {version.name}", f"{version.address}/serviceaccounts/sequences"
    )
    add = router.add_api_route
    add("", listed, summary="List sequences", response_model=SequenceList)
    add(
        "",
        create,
        methods=["POST"],
        summary="Create a sequence",
        response_model=CreatedSequence,
    )
    add("/{sequenceId}", one, summary="Get a sequence", response_model=SequenceShapeV2)
    add(
        "/{sequenceId}",
        replace,
        methods=["PUT"],
        summary="Replace a sequence",
        response_model=SequenceShapeV2,
    )
    add("/{sequenceId}", delete, methods=["DELETE"], summary="Delete a sequence", status_code=204)
    return router


def listed(
    request: Request,
    caller: Reader,
    limit: UpTo100 = 100,
    after: After = 0,
    name: NamePart = None,
) -> Response:
    with engine_of(request).database.reading() as tx:
        return page(tx, request, caller, offset=after, limit=limit, name=name)


def one(request: Request, caller: Reader, sequence_id: SequenceId) -> Response:
    with engine_of(request).database.reading() as tx:
        sequence = sequences.get(tx, caller.account_id, sequence_id)
    return SequenceShapeV2.of(sequence).answer()


def create(request: Request, caller: Author, asked: SequenceAsked) -> Response:
    engine = engine_of(request)
    with engine.writing():
        sequence = engine.authoring.create_sequence(
            caller.account_id,
            caller.user_id,
            name=asked.name,
            folder_id=asked.folder_id,
            definition=asked.definition(),
        )
    with engine.database.reading() as tx:
        user = users.get(tx, caller.account_id, sequence.user_id)
    shape = CreatedSequence(sequence=SequenceShapeV2.of(sequence), user_view=UserView.of(user))
    return shape.answer()


def replace(
    request: Request, caller: Author, sequence_id: SequenceId, asked: SequenceAsked
) -> Response:
    engine = engine_of(request)
    with engine.writing():
        sequence = engine.authoring.replace_sequence(
            caller.account_id,
            sequence_id,
            name=asked.name,
            folder_id=asked.folder_id,
            definition=asked.definition(),
        )
    return SequenceShapeV2.of(sequence).answer()


def delete(
    request: Request, caller: Remover, sequence_id: SequenceId, override: Override = False
) -> Response:
    engine = engine_of(request)
    with engine.writing():
        engine.authoring.delete_sequence(caller.account_id, sequence_id, override=override)
    return Response(status_code=204)
