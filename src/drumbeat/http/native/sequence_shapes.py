"""Sequences and their versions in the answers of our own API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from drumbeat import documents
from drumbeat.documents import Change, ChangeKind, SequenceDocument
from drumbeat.domain.sequence import Definition, StandingSequence
from drumbeat.http.native.shapes import OurShape, Row, fields_of
from drumbeat.http.wire import WireId, WireTime
from drumbeat.store.sequences import SequenceRow, VersionRow


class SequenceRowShape(Row):
    name: str
    user_id: WireId
    folder_id: WireId | None
    version: Annotated[int, Field(description="The current one, in which contacts are enrolled.")]
    created_at: WireTime
    updated_at: WireTime

    @classmethod
    def of(cls, row: SequenceRow | StandingSequence, **more: object) -> SequenceRowShape:
        return cls.model_validate({**fields_of(cls, row), **more})


class SequenceWithDocument(SequenceRowShape):
    document: Annotated[SequenceDocument, Field(description="What the current version says.")]


class VersionShape(OurShape):
    version: int
    created_at: WireTime
    current: Annotated[bool, Field(description="Whether contacts are enrolled in it.")]
    active: Annotated[int, Field(description="Enrollments on their way in it, or paused.")]

    @classmethod
    def of(
        cls, row: VersionRow, *, current: int, active: Mapping[int, int], **more: object
    ) -> VersionShape:
        facts = {"current": row.version == current, "active": active.get(row.version, 0)}
        return cls.model_validate({**fields_of(cls, row), **facts, **more})


class VersionWithDocument(VersionShape):
    document: Annotated[SequenceDocument, Field(description="What it says, in full.")]


class VersionList(OurShape):
    results: list[VersionShape]


class ChangeShape(OurShape):
    path: Annotated[str, Field(description="Where in the document; steps count from 0.")]
    kind: ChangeKind
    before: Annotated[Any, Field(description="null for what was added.")]
    after: Annotated[Any, Field(description="null for what was removed.")]
    text: Annotated[str, Field(description="The same in words.")]

    @classmethod
    def of(cls, change: Change) -> ChangeShape:
        return cls.model_validate(fields_of(cls, change))


class DifferencesShape(OurShape):
    from_: Annotated[int, Field(alias="from", description="The version before.")]
    to: Annotated[int, Field(description="The version after.")]
    changes: list[ChangeShape]


def document_of(name: str, folder_id: int | None, definition: Definition) -> SequenceDocument:
    """The definition as a document that names templates by their ids."""
    return SequenceDocument.model_validate(documents.in_full(name, folder_id, definition, str))
