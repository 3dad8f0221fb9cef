"""Batches: many rows in one request, each of which succeeds or fails by itself.

The answer has HubSpot's batch shape. A row that failed stands under `errors`, with its position
among the rows that were sent, counted from 0, as `context.index`.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from drumbeat.errors import DrumbeatError, Fault, Invalid
from drumbeat.http.errors import (
    FaultShape,
    category_of,
    facts_of,
    fault_shape,
    faults_of,
    message_of,
)
from drumbeat.http.wire import Shape

ALL_WENT_WELL = 200
SOME_FAILED = 207

AnyModel = TypeVar("AnyModel", bound=BaseModel)


class BatchError(Shape):
    """StandardError: one row that failed, and why."""

    status: str = "error"
    category: str
    sub_category: str | None = Field(default=None, exclude_if=lambda value: value is None)
    message: str
    context: dict[str, list[str]]
    links: dict[str, str] = Field(default_factory=dict)
    errors: list[FaultShape]

    @classmethod
    def of(cls, error: DrumbeatError, position: int) -> BatchError:
        status, category = category_of(error)
        facts = facts_of(error)
        return cls(
            category=category,
            sub_category=facts.get("sub_category"),
            message=message_of(error, status),
            context={"index": [str(position)], **(facts.get("context") or {})},
            errors=faults_of(error),
        )


def row_of(shape: type[AnyModel], given: Any) -> AnyModel:
    """One row of a batch. Raises Invalid with everything that is wrong with it."""
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        found = [fault_shape({**each, "loc": ("body", *each["loc"])}) for each in error.errors()]
    faults = [Fault(message=each.message, field=each.in_, code=each.code) for each in found]
    raise Invalid("the row cannot be read", faults)
