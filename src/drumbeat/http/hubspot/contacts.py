"""Contacts: `/crm/v3/objects/contacts`, as much of it as sequences need."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Path, Query
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from drumbeat.domain.contact import SEQUENCE_FACTS, Contact
from drumbeat.domain.scopes import CONTACTS_READ, CONTACTS_WRITE
from drumbeat.domain.user import Caller
from drumbeat.errors import Fault, Invalid, NotFound
from drumbeat.http.dependencies import engine_of, needs
from drumbeat.http.hubspot.contact_shapes import (
    ContactList,
    ContactShape,
    NewContactAsked,
    PropertiesAsked,
)
from drumbeat.http.hubspot.parameters import UpTo100
from drumbeat.http.hubspot.routing import router_for
from drumbeat.http.paging import IdCursor, after_id
from drumbeat.http.wire import whole_number
from drumbeat.store import contacts, enrollments
from drumbeat.store.database import Tx

Reader: TypeAlias = Annotated[Caller, Depends(needs(CONTACTS_READ))]
Writer: TypeAlias = Annotated[Caller, Depends(needs(CONTACTS_WRITE))]
After: TypeAlias = Annotated[IdCursor, Query(alias="after")]
Key: TypeAlias = Annotated[str, Path(alias="contactId")]
"""What is in the path: an id, or an address with `idProperty=email`."""
IdProperty: TypeAlias = Annotated[str | None, Query(alias="idProperty")]
Wanted: TypeAlias = Annotated[list[str], Query(alias="properties")]
History: TypeAlias = Annotated[list[str], Query(alias="propertiesWithHistory")]


def router_at(prefix: str) -> APIRouter:
    router = router_for("Contacts", prefix)
    add = router.add_api_route
    add("", listed, summary="List contacts", response_model=ContactList)
    add(
        "",
        create,
        methods=["POST"],
        summary="Create a contact",
        status_code=201,
        response_model=ContactShape,
    )
    add("/{contactId}", one, summary="Get a contact", response_model=ContactShape)
    add(
        "/{contactId}",
        change,
        methods=["PATCH"],
        summary="Change a contact",
        response_model=ContactShape,
    )
    add("/{contactId}", archive, methods=["DELETE"], summary="Archive a contact", status_code=204)
    return router


def listed(
    request: Request,
    caller: Reader,
    limit: UpTo100 = 10,
    after: After = 0,
    properties: Wanted = [],  # noqa: B006 - FastAPI copies it for each request
    history: History = [],  # noqa: B006
    archived: bool = False,
) -> Response:
    refuse_history(history)
    with engine_of(request).database.reading() as tx:
        found = contacts.page(
            tx, caller.account_id, after=after, limit=limit + 1, archived=archived
        )
        results = shapes_of(tx, caller.account_id, found[:limit], names_in(properties))
    paging = after_id(request, results[-1].id) if len(found) > limit else None
    return ContactList(results=results, paging=paging).answer()


def one(
    request: Request,
    caller: Reader,
    key: Key,
    id_property: IdProperty = None,
    properties: Wanted = [],  # noqa: B006
    history: History = [],  # noqa: B006
    archived: bool = False,
) -> Response:
    refuse_history(history)
    with engine_of(request).database.reading() as tx:
        contact = contact_at(tx, caller.account_id, key, id_property, archived=archived)
        [shape] = shapes_of(tx, caller.account_id, [contact], names_in(properties))
    return shape.answer()


def create(request: Request, caller: Writer, asked: NewContactAsked) -> Response:
    if asked.associations:
        fault = Fault(field="associations", message="must be left out or empty")
        raise Invalid("associations are not supported", [fault])
    engine = engine_of(request)
    with engine.writing():
        contact = engine.contacts.create(caller.account_id, asked.given())
    return ContactShape.of(contact, asked.properties, {}).answer(201)


def change(
    request: Request,
    caller: Writer,
    key: Key,
    asked: PropertiesAsked,
    id_property: IdProperty = None,
) -> Response:
    engine = engine_of(request)
    with engine.database.reading() as tx:
        contact_id = contact_at(tx, caller.account_id, key, id_property).id
    with engine.writing():
        contact = engine.contacts.update(caller.account_id, contact_id, asked.given())
    return ContactShape.of(contact, asked.properties, {}).answer()


def archive(request: Request, caller: Writer, key: Key) -> Response:
    engine = engine_of(request)
    with engine.writing():
        engine.contacts.archive(caller.account_id, contact_id_of(key))
    return Response(status_code=204)


def contact_at(
    tx: Tx, account_id: int, key: str, id_property: str | None, *, archived: bool = False
) -> Contact:
    if id_property in (None, "", "hs_object_id"):
        return contacts.get(tx, account_id, contact_id_of(key), archived=archived)
    if id_property != "email":
        fault = Fault(field="idProperty", message="must be email or hs_object_id")
        raise Invalid(f"contacts cannot be found by {id_property}", [fault])
    # An address belongs to nobody once its contact is archived.
    contact = None if archived else contacts.by_email(tx, account_id, key)
    if contact is None:
        raise NotFound("contact", key)
    return contact


def contact_id_of(key: str) -> int:
    try:
        return whole_number(key)
    except PydanticCustomError as error:
        raise NotFound("contact", key) from error


def shapes_of(
    tx: Tx, account_id: int, found: list[Contact], wanted: Collection[str]
) -> list[ContactShape]:
    facts: dict[int, dict[str, str]] = {}
    if not SEQUENCE_FACTS.keys().isdisjoint(wanted):
        facts = enrollments.sequence_facts(tx, account_id, [contact.id for contact in found])
    return [ContactShape.of(contact, wanted, facts.get(contact.id, {})) for contact in found]


def names_in(properties: list[str]) -> set[str]:
    """Names given as `a=1&a=2`, as `a=1,2`, or both."""
    return {name.strip() for part in properties for name in part.split(",")}


def refuse_history(history: list[str]) -> None:
    if names_in(history) - {""}:
        fault = Fault(field="propertiesWithHistory", message="must be left out")
        raise Invalid("the history of properties is not kept", [fault])
