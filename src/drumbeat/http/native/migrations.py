"""``/drumbeat/v1/sequences/{sequenceId}/migration``: moving people to another version of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import ConfigDict, Field

from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.migration_shapes import MigrationShape, migration_answer
from drumbeat.http.native.parameters import After, Ours
from drumbeat.http.wire import MAX_INT32, AskedId, AskedNumber, Flag, JsonRoute, StrictlyAsked
from drumbeat.services.migrating import MOST

router = APIRouter(prefix="/sequences", tags=["Sequences"], route_class=JsonRoute)

SequenceId = Annotated[AskedId, Path(alias="sequenceId")]
Version = Annotated[int, Field(strict=True, ge=1, le=MAX_INT32)]
UpTo = Annotated[
    AskedNumber, Query(alias="limit", ge=1, le=MOST, description=f"Enrollments, 1 to {MOST:,}.")
]


class MigrationAsked(StrictlyAsked):
    """Who is to be moved, and to which version."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"dryRun": True}]})

    to_version: Annotated[Version | None, Field(description="The current one if left out.")] = None
    from_version: Annotated[
        Version | None, Field(description="Only those in this one; in any other if left out.")
    ] = None
    enrollment_ids: Annotated[
        list[AskedId] | None,
        Field(min_length=1, max_length=MOST, description="Only these; all if left out."),
    ] = None
    dry_run: Annotated[
        Flag | None, Field(description="true: say what it would do, and do nothing.")
    ] = None


@router.post(
    "/{sequenceId}/migration", response_model=MigrationShape, summary="Move to another version"
)
def migrate(
    request: Request,
    caller: Ours,
    sequence_id: SequenceId,
    asked: MigrationAsked,
    after: After = None,
    limit: UpTo = MOST,
) -> Response:
    """Move people on their way through a sequence to another version of it, or say with `dryRun`
    what that would change for whom. Nobody gets an e-mail that they have had."""
    engine = engine_of(request)
    dry_run = bool(asked.dry_run)
    with engine.writing():
        migration = engine.migrating.migrate(
            caller.account_id,
            sequence_id,
            to_version=asked.to_version,
            from_version=asked.from_version,
            enrollment_ids=asked.enrollment_ids,
            dry_run=dry_run,
            after=after or 0,
            limit=limit,
        )
    return migration_answer(request, migration, dry_run=dry_run)
