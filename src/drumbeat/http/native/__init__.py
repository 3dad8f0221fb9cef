"""Our own API: what HubSpot's has no words for, all of it under ``/drumbeat/v1``."""

from __future__ import annotations

from fastapi import APIRouter

from drumbeat.http.native import (
    calendar,
    captured,
    clock,
    emails,
    enrollment_batches,
    enrollments,
    holidays,
    messages,
    migrations,
    senders,
    sequences,
    tasks,
    validation,
)

PREFIX = "/drumbeat/v1"

router = APIRouter(prefix=PREFIX)
for noun in (
    clock,
    captured,
    calendar,
    sequences,
    migrations,
    enrollment_batches,
    enrollments,
    emails,
    tasks,
    messages,
    senders,
    holidays,
    validation,
):
    router.include_router(noun.router)
