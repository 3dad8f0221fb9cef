"""E-mail templates: `/automation/email-templates/2026-09-beta`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from drumbeat.domain.scopes import TEMPLATES_READ, TEMPLATES_WRITE
from drumbeat.domain.template import Template
from drumbeat.domain.user import Caller
from drumbeat.http.dependencies import engine_of, needs
from drumbeat.http.hubspot.parameters import UpTo100
from drumbeat.http.hubspot.routing import router_for
from drumbeat.http.hubspot.template_shapes import (
    FolderList,
    FolderShape,
    TemplateAsked,
    TemplateChangeAsked,
    TemplateList,
    TemplateShape,
)
from drumbeat.http.paging import IdCursor, after_id
from drumbeat.http.wire import AskedId
from drumbeat.store import templates, users
from drumbeat.store.database import Tx

Reader: TypeAlias = Annotated[Caller, Depends(needs(TEMPLATES_READ))]
Writer: TypeAlias = Annotated[Caller, Depends(needs(TEMPLATES_WRITE))]
TemplateId: TypeAlias = Annotated[AskedId, Path(alias="templateId")]
After: TypeAlias = Annotated[IdCursor, Query(alias="after")]


def router_at(prefix: str) -> APIRouter:
    router = router_for("E-mail templates", prefix)
    add = router.add_api_route
    add("", listed, summary="List templates", response_model=TemplateList)
    add(
        "",
        create,
        methods=["POST"],
        summary="Create a template",
        status_code=201,
        response_model=TemplateShape,
    )
    add("/folders", folders, summary="List folders", response_model=FolderList)
    add("/{templateId}", one, summary="Get a template", response_model=TemplateShape)
    add(
        "/{templateId}",
        change,
        methods=["PATCH"],
        summary="Change a template",
        response_model=TemplateShape,
    )
    return router


def listed(request: Request, caller: Reader, limit: UpTo100 = 20, after: After = 0) -> Response:
    with engine_of(request).database.reading() as tx:
        found = templates.page(tx, caller.account_id, after=after, limit=limit + 1)
        results = shapes_of(tx, caller.account_id, found[:limit])
    paging = after_id(request, results[-1].id) if len(found) > limit else None
    return TemplateList(results=results, paging=paging).answer()


def folders(request: Request, caller: Reader, limit: UpTo100 = 20, after: After = 0) -> Response:
    with engine_of(request).database.reading() as tx:
        found = [folder for folder in templates.folders(tx, caller.account_id) if folder.id > after]
    results = [FolderShape.of(folder) for folder in found[:limit]]
    paging = after_id(request, results[-1].id) if len(found) > limit else None
    return FolderList(results=results, paging=paging).answer()


def one(request: Request, caller: Reader, template_id: TemplateId) -> Response:
    with engine_of(request).database.reading() as tx:
        template = templates.get(tx, caller.account_id, template_id)
        [shape] = shapes_of(tx, caller.account_id, [template])
    return shape.answer()


def create(request: Request, caller: Writer, asked: TemplateAsked) -> Response:
    engine = engine_of(request)
    with engine.writing():
        template = engine.authoring.create_template(
            caller.account_id,
            caller.user_id,
            name=asked.name,
            subject=asked.subject,
            body=asked.body,
            folder_id=asked.folder_id,
        )
    return answer(request, template, 201)


def change(
    request: Request, caller: Writer, template_id: TemplateId, asked: TemplateChangeAsked
) -> Response:
    engine = engine_of(request)
    with engine.writing():
        template = engine.authoring.change_template(caller.account_id, template_id, asked.changes())
    return answer(request, template, 200)


def answer(request: Request, template: Template, status: int) -> Response:
    with engine_of(request).database.reading() as tx:
        [shape] = shapes_of(tx, template.account_id, [template])
    return shape.answer(status)


def shapes_of(tx: Tx, account_id: int, found: list[Template]) -> list[TemplateShape]:
    owners = {
        user_id: users.get(tx, account_id, user_id).owner_id
        for user_id in {template.user_id for template in found}
    }
    return [TemplateShape.of(template, owners[template.user_id]) for template in found]
