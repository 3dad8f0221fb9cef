"""``/drumbeat/v1/sequences``: what each sequence says, its versions, and what changed in them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from drumbeat import documents
from drumbeat.documents import Change
from drumbeat.domain.sequence import Definition, StandingSequence
from drumbeat.errors import Fault, Invalid
from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.parameters import After, Limit, Ours, SequenceId, VersionNumber
from drumbeat.http.native.sequence_shapes import (
    ChangeShape,
    DifferencesShape,
    SequenceRowShape,
    SequenceWithDocument,
    VersionList,
    VersionShape,
    VersionWithDocument,
    document_of,
)
from drumbeat.http.native.shapes import Listed, listed
from drumbeat.http.wire import MAX_INT32, AskedNumber, JsonRoute
from drumbeat.store import enrollments, sequences

router = APIRouter(prefix="/sequences", tags=["Sequences"], route_class=JsonRoute)

From = Annotated[
    AskedNumber | None,
    Query(alias="from", ge=1, le=MAX_INT32, description="The version just before, if not given."),
]


@router.get("", response_model=Listed[SequenceRowShape], summary="List sequences")
def list_sequences(
    request: Request, caller: Ours, after: After = None, limit: Limit = 100
) -> Response:
    """Every sequence of the account, oldest first."""
    with engine_of(request).database.reading() as tx:
        rows = sequences.listed(tx, caller.account_id, after=after or 0, limit=limit + 1)
    return listed(request, [SequenceRowShape.of(row) for row in rows], limit)


@router.get("/{sequenceId}", response_model=SequenceWithDocument, summary="Read a sequence")
def read_sequence(request: Request, caller: Ours, sequence_id: SequenceId) -> Response:
    """One sequence, and what its current version says."""
    with engine_of(request).database.reading() as tx:
        sequence = sequences.get(tx, caller.account_id, sequence_id)
    document = document_of(sequence.name, sequence.folder_id, sequence.definition)
    return SequenceWithDocument.of(sequence, document=document).answer()


@router.get("/{sequenceId}/versions", response_model=VersionList, summary="List versions")
def list_versions(request: Request, caller: Ours, sequence_id: SequenceId) -> Response:
    """Every version that a sequence has had, newest first, and who is on the way in it."""
    account_id = caller.account_id
    with engine_of(request).database.reading() as tx:
        current, _ = sequences.current(tx, account_id, sequence_id)
        rows = sequences.version_rows(tx, account_id, sequence_id)
        active = enrollments.count_active_by_version(tx, account_id, sequence_id)
    shapes = [VersionShape.of(row, current=current, active=active) for row in rows]
    return VersionList(results=shapes).answer()


@router.get(
    "/{sequenceId}/versions/{version}", response_model=VersionWithDocument, summary="Read a version"
)
def read_version(
    request: Request, caller: Ours, sequence_id: SequenceId, version: VersionNumber
) -> Response:
    """A version in full, also what HubSpot's answers never show: variants, thread settings,
    dynamic delays, branches, triggers, the time at which tasks are made."""
    account_id = caller.account_id
    with engine_of(request).database.reading() as tx:
        sequence = sequences.get(tx, account_id, sequence_id)
        definition = sequences.version(tx, account_id, sequence_id, version)
        row = sequences.version_row(tx, account_id, sequence_id, version)
        active = enrollments.count_active_by_version(tx, account_id, sequence_id)
    document = document_of(sequence.name, sequence.folder_id, definition)
    return VersionWithDocument.of(
        row, current=sequence.version, active=active, document=document
    ).answer()


@router.get(
    "/{sequenceId}/versions/{version}/differences",
    response_model=DifferencesShape,
    summary="Compare two versions",
)
def compare_versions(
    request: Request,
    caller: Ours,
    sequence_id: SequenceId,
    version: VersionNumber,
    from_: From = None,
) -> Response:
    """What changed from one version to another, step by step: a step that was put in is one
    addition, and what comes after it is not rewritten."""
    earlier = from_ or one_before(version)
    with engine_of(request).database.reading() as tx:
        sequence = sequences.get(tx, caller.account_id, sequence_id)
        old = sequences.version(tx, caller.account_id, sequence_id, earlier)
        new = sequences.version(tx, caller.account_id, sequence_id, version)
    changes = changes_between(sequence, old, new)
    shapes = [ChangeShape.of(change) for change in changes]
    return DifferencesShape(from_=earlier, to=version, changes=shapes).answer()


def changes_between(sequence: StandingSequence, old: Definition, new: Definition) -> list[Change]:
    before, after = (
        documents.in_full(sequence.name, sequence.folder_id, definition, str)
        for definition in (old, new)
    )
    return documents.differences(before, after, documents.alike(before, after))


def one_before(version: int) -> int:
    if version == 1:
        message = "version 1 has none before it; name the one to compare it with"
        raise Invalid(message, [Fault(message=message, field="from")])
    return version - 1
