"""``/drumbeat/v1/captured``: what `--mail capture` kept instead of letting it out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.parameters import After, Limit, Ours
from drumbeat.http.native.shapes import CapturedShape, Listed, listed
from drumbeat.http.wire import JsonRoute
from drumbeat.store import captured

router = APIRouter(prefix="/captured", tags=["Captured mail"], route_class=JsonRoute)

To = Annotated[str | None, Query(description="A whole address; capitals do not matter.")]


@router.get("", response_model=Listed[CapturedShape], summary="List captured mail")
def list_captured(
    request: Request, caller: Ours, to: To = None, after: After = None, limit: Limit = 100
) -> Response:
    """The e-mails that were caught, oldest first."""
    with engine_of(request).database.reading() as tx:
        rows = captured.page(tx, caller.account_id, to=to, after=after or 0, limit=limit + 1)
    return listed(request, [CapturedShape.of(row) for row in rows], limit)
