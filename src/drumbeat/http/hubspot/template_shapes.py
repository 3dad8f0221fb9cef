"""E-mail templates as HubSpot shows them (their dates are numbers), and as it is given them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field

from drumbeat.domain.template import Template
from drumbeat.http.paging import Paging
from drumbeat.http.wire import Asked, AskedId, EpochMillis, Name, Shape, WireId
from drumbeat.store.templates import Folder

Subject = Annotated[str, Field(max_length=1000)]
# About the longest HTML that mail clients still show whole.
Body = Annotated[str, Field(max_length=500_000)]


class TemplateShape(Shape):
    """PublicTemplate."""

    id: WireId
    name: str
    subject: str
    body: str
    folder_id: WireId | None = None
    owner_id: WireId
    created_at: EpochMillis
    updated_at: EpochMillis

    @classmethod
    def of(cls, template: Template, owner_id: int) -> Self:
        return cls(
            id=template.id,
            name=template.name,
            subject=template.subject,
            body=template.body,
            folder_id=template.folder_id,
            owner_id=owner_id,
            created_at=template.created_at,
            updated_at=template.updated_at,
        )


class TemplateList(Shape):
    """CollectionResponsePublicTemplateForwardPaging."""

    results: Sequence[TemplateShape]
    paging: Paging | None = None


class FolderShape(Shape):
    """PublicFolder."""

    id: WireId
    name: str
    created_at: EpochMillis
    updated_at: EpochMillis

    @classmethod
    def of(cls, folder: Folder) -> Self:
        return cls(
            id=folder.id,
            name=folder.name,
            created_at=folder.created_at,
            updated_at=folder.updated_at,
        )


class FolderList(Shape):
    """CollectionResponsePublicFolderForwardPaging."""

    results: Sequence[FolderShape]
    paging: Paging | None = None


class TemplateAsked(Asked):
    """PublicTemplateInput."""

    name: Name
    body: Body
    subject: Subject = ""
    folder_id: AskedId | None = None


class TemplateChangeAsked(Asked):
    """PublicTemplateUpdate: what is not given stays; a folder that is null is left."""

    name: Name | None = None
    body: Body | None = None
    subject: Subject | None = None
    folder_id: AskedId | None = None

    def changes(self) -> dict[str, str | int | None]:
        given = self.model_dump(exclude_unset=True)
        return {
            field: value
            for field, value in given.items()
            if value is not None or field == "folder_id"
        }
