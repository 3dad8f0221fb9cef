"""Contacts as HubSpot's CRM shows them: an envelope around a map of properties."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from drumbeat.domain.contact import PROPERTIES, Contact
from drumbeat.http.paging import Paging
from drumbeat.http.wire import MAX_TEXT, Asked, Shape, WireId, WireTime

SHOWN = frozenset(
    {"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"}
)
"""The properties that are in every answer."""


def property_text(given: object) -> str | None:
    """A property's value as text, which is how HubSpot keeps numbers and booleans too."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int) or (isinstance(given, float) and math.isfinite(given)):
        return str(given)
    if given is None or isinstance(given, str):
        return given
    raise PydanticCustomError("property", "a property's value is text, a number or a boolean")


MOST_PROPERTIES = 1000
PropertyText = Annotated[
    str | None, BeforeValidator(property_text), WithJsonSchema({"type": "string"})
]
PropertyName = Annotated[str, Field(max_length=MAX_TEXT)]


class ContactShape(Shape):
    """SimplePublicObject. A property that was asked for and has no value is null."""

    id: WireId
    properties: Mapping[str, str | None]
    created_at: WireTime
    updated_at: WireTime
    archived: bool
    archived_at: WireTime | None = None

    @classmethod
    def of(cls, contact: Contact, wanted: Collection[str], facts: Mapping[str, str]) -> Self:
        """*facts* is what its enrollments say of the contact, where that is wanted."""
        known = {**contact.known, **facts}
        names = sorted(SHOWN.union(wanted) & PROPERTIES.keys())
        return cls(
            id=contact.id,
            properties={name: known.get(name) for name in names},
            created_at=contact.created_at,
            updated_at=contact.updated_at,
            archived=contact.archived_at is not None,
            archived_at=contact.archived_at,
        )


class ContactList(Shape):
    """CollectionResponseSimplePublicObjectWithAssociationsForwardPaging."""

    results: Sequence[ContactShape]
    paging: Paging | None = None


class PropertiesAsked(Asked):
    """SimplePublicObjectInput. A property that is null is not given; "" clears it."""

    properties: dict[PropertyName, PropertyText] = Field(max_length=MOST_PROPERTIES)

    def given(self) -> dict[str, str]:
        return {name: value for name, value in self.properties.items() if value is not None}


class NewContactAsked(PropertiesAsked):
    """SimplePublicObjectInputForCreate. HubSpot does not insist on `associations` either."""

    associations: list[Any] | None = None
