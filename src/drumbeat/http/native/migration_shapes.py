"""What moving people to another version changes for whom, in the answers of our own API."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from drumbeat.http.native.shapes import OurShape
from drumbeat.http.paging import Paging, after_id
from drumbeat.http.wire import WireId, WireTime
from drumbeat.services.migrating import Migration
from drumbeat.services.moving import Move


class MoveShape(OurShape):
    enrollment_id: WireId
    contact_id: WireId
    from_version: int
    to_version: int
    step_order: Annotated[int, Field(description="Its next step in the version it was in.")]
    to_step_order: Annotated[int | None, Field(description="Where it goes on; null if it stays.")]
    due_at: WireTime | None
    to_due_at: WireTime | None
    outcome: Literal["moves", "stays"]
    reason: Annotated[str, Field(description="Why there; or why it stays.")]
    changes: Annotated[list[str], Field(description="What is otherwise there, in sentences.")]

    @classmethod
    def of(cls, move: Move) -> Self:
        return cls(
            enrollment_id=move.before.id,
            contact_id=move.before.contact_id,
            from_version=move.before.version,
            to_version=move.to_version,
            step_order=move.before.step_order,
            to_step_order=move.after.step_order if move.after else None,
            due_at=move.due_before,
            to_due_at=move.due_after,
            outcome="moves" if move.after else "stays",
            reason=move.reason,
            changes=list(move.changes),
        )


class MigrationShape(OurShape):
    dry_run: bool
    to_version: int
    moved: Annotated[int, Field(description="How many of these go there.")]
    left: Annotated[int, Field(description="How many of these stay where they are.")]
    remaining: Annotated[int, Field(description="How many come after these; see paging.")]
    results: list[MoveShape]
    paging: Annotated[
        Paging | None, Field(exclude_if=lambda paging: paging is None, description="When more.")
    ] = None


def migration_answer(request: Request, migration: Migration, *, dry_run: bool) -> Response:
    results = [MoveShape.of(move) for move in migration.moves]
    moved = sum(move.after is not None for move in migration.moves)
    paging = None
    if migration.remaining and migration.moves:
        paging = after_id(request, migration.moves[-1].before.id)
    return MigrationShape(
        dry_run=dry_run,
        to_version=migration.to_version,
        moved=moved,
        left=len(results) - moved,
        remaining=migration.remaining,
        results=results,
        paging=paging,
    ).answer()
