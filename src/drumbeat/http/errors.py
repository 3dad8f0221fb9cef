"""The one envelope every error is answered in, and one table from what went wrong to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from drumbeat.documents.places import written
from drumbeat.errors import (
    Conflict,
    DrumbeatError,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    SequenceInUse,
    Unauthenticated,
    Unavailable,
)
from drumbeat.http.wire import Shape

VALIDATION_ERROR = "VALIDATION_ERROR"
SCOPES_PAGE = "https://developers.hubspot.com/scopes"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# The first line that fits an error decides, so the narrower kinds stand first.
KINDS: tuple[tuple[type[DrumbeatError], int, str], ...] = (
    (NotFound, 404, "OBJECT_NOT_FOUND"),
    (Invalid, 400, VALIDATION_ERROR),
    (Refused, 400, VALIDATION_ERROR),
    # Not 409: HubSpot's SDKs send a request that got one again.
    (SequenceInUse, 400, VALIDATION_ERROR),
    (Conflict, 409, "CONFLICT"),
    (Unauthenticated, 401, "INVALID_AUTHENTICATION"),
    (Forbidden, 403, "MISSING_SCOPES"),
    (Unavailable, 503, "SERVICE_UNAVAILABLE"),
)
STATUSES = {
    400: VALIDATION_ERROR,
    404: "OBJECT_NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}
MESSAGES = {
    401: "Authentication credentials not found. This API supports OAuth 2.0 authentication and "
    "you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    403: "This app hasn't been granted all required scopes to make this call. "
    f"Read more about required scopes here: {SCOPES_PAGE}.",
    503: "The database is not available right now; try again in a moment.",
}

# HubSpot files a refusal under one of two prefixes; this code is the one seen under the second.
FRIENDLY = frozenset({"PUBLIC_ENROLL_NO_CONNECTED_EMAILS"})
# Faults that HubSpot's CRM ties to a property by name.
OF_PROPERTIES = frozenset({"PROPERTY_DOESNT_EXIST", "INVALID_EMAIL", "READ_ONLY_VALUE"})

REQUIRED_FIELD = "REQUIRED_FIELD"
REQUIRED_PARAM = "REQUIRED_PARAM"
INVALID_VALUE = "INVALID_VALUE"

log = structlog.get_logger()


class FaultShape(Shape):
    """ErrorDetail."""

    message: str
    code: str | None = None
    in_: str | None = Field(default=None, alias="in")
    context: dict[str, list[str]] | None = None
    sub_category: str | None = None


class ErrorShape(Shape):
    """Error, with the fields that HubSpot's own answers add to it."""

    status: str = "error"
    message: str
    correlation_id: str
    category: str
    sub_category: str | None = None
    error_type: str | None = None
    policy_name: str | None = None
    context: dict[str, list[str]] | None = None
    links: dict[str, str] | None = None
    errors: Sequence[FaultShape] | None = None


ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {"model": ErrorShape, "description": "What went wrong, and how to put it right"}
}


def error_answer(
    request: Request,
    status: int,
    category: str,
    message: str,
    *,
    headers: dict[str, str] | None = None,
    errors: Sequence[FaultShape] = (),
    **rest: Any,
) -> Response:
    """The envelope; *rest* is any other field of ErrorShape."""
    shape = ErrorShape(
        message=message,
        correlation_id=request.state.correlation_id,
        category=category,
        errors=errors or None,
        **rest,
    )
    return shape.answer(status, headers)


def drumbeat_answer(request: Request, error: DrumbeatError) -> Response:
    status, category = category_of(error)
    return error_answer(
        request,
        status,
        category,
        message_of(error, status),
        errors=faults_of(error),
        headers=headers_of(error),
        **facts_of(error),
    )


def category_of(error: DrumbeatError) -> tuple[int, str]:
    """The status and the category that this kind of error is answered with."""
    return next((status, category) for kind, status, category in KINDS if isinstance(error, kind))


def message_of(error: DrumbeatError, status: int) -> str:
    if isinstance(error, NotFound):
        return f"resource not found: {error}"
    if isinstance(error, Invalid) and error.faults:
        named = "; ".join(
            f"{fault.field}: {fault.message}" if fault.field else fault.message
            for fault in error.faults
        )
        return f"{error}: {named}"
    if isinstance(error, Unavailable):
        # What the driver says of hosts and users is for the log.
        log.error("database_unavailable", fault=str(error))
        return MESSAGES[status]
    if isinstance(error, Unauthenticated) or (isinstance(error, Forbidden) and error.scopes):
        return MESSAGES[status]
    return str(error)


def faults_of(error: DrumbeatError) -> list[FaultShape]:
    if isinstance(error, Forbidden) and error.scopes:
        needed = {"requiredGranularScopes": list(error.scopes)}
        message = "One or more of the following scopes are required."
        return [FaultShape(message=message, context=needed)]
    if not isinstance(error, Invalid):
        return []
    return [
        FaultShape(
            message=fault.message,
            code=fault.code,
            in_=fault.field,
            context=context_of(fault.field, fault.code),
        )
        for fault in error.faults
    ]


def facts_of(error: DrumbeatError) -> dict[str, Any]:
    if isinstance(error, Refused):
        context = {name: [value] for name, value in error.context.items()}
        return {"sub_category": sub_category_of(error), "context": context or None}
    if isinstance(error, Forbidden) and error.scopes:
        return {"links": {"scopes": SCOPES_PAGE}}
    if isinstance(error, NotFound):
        return {"context": {"id": [str(error.id)]}}
    return {}


def sub_category_of(refusal: Refused) -> str:
    prefix = "SequenceStandardFriendlyError" if refusal.code in FRIENDLY else "SequenceError"
    return f"{prefix}.{refusal.code}"


def context_of(field: str | None, code: str | None) -> dict[str, list[str]] | None:
    if field is None or code not in OF_PROPERTIES:
        return None
    return {"propertyName": [field]}


def headers_of(error: DrumbeatError) -> dict[str, str]:
    if isinstance(error, Conflict):
        # HubSpot's SDKs repeat a 409 unless they are told that it will not help.
        return {"x-should-retry": "false"}
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": "1"} if isinstance(error, Unavailable) else {}


def http_answer(request: Request, error: HTTPException) -> Response:
    category = STATUSES.get(error.status_code, VALIDATION_ERROR)
    if error.status_code == 404:
        return error_answer(request, 404, category, "resource not found: no such address")
    if error.status_code == 405:
        message = f"{request.method} is not possible here"
        return error_answer(
            request, 405, category, message, headers={"Allow": ", ".join(allowed_methods(request))}
        )
    return error_answer(request, error.status_code, category, error.detail)


def allowed_methods(request: Request) -> list[str]:
    """Every method this address knows; Starlette names those of one route only."""
    return [
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method, "path_params": {}})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


def validation_answer(request: Request, error: RequestValidationError) -> Response:
    faults = [fault_shape(found) for found in error.errors()]
    missing = [fault.in_ or "" for fault in faults if fault.code == REQUIRED_FIELD]
    others = [fault.message for fault in faults if fault.code != REQUIRED_FIELD]
    unset = [fault.message for fault in faults if fault.code == REQUIRED_PARAM]
    message = unset[0] if unset else not_set(missing) if missing else "; ".join(others)
    context: dict[str, list[str]] = {}
    for fault in faults:
        context |= fault.context or {}
    return error_answer(
        request, 400, VALIDATION_ERROR, message, errors=faults, context=context or None
    )


def fault_shape(found: dict[str, Any]) -> FaultShape:
    """One of pydantic's findings, in HubSpot's words where those are known."""
    place, *path = found["loc"]
    name = written(path)
    is_missing = found["type"] == "missing" or found["input"] is None
    if place == "query" and is_missing:
        message = f"query param {name} may not be null"
        return FaultShape(message=message, code=REQUIRED_PARAM, in_=name)
    if place == "path":
        return unreadable_address(name, str(found["input"]))
    if is_missing and not name:
        return FaultShape(message="Required request body is missing", in_="body")
    if is_missing:
        return FaultShape(message=not_set([name]), code=REQUIRED_FIELD, in_=name)
    message = found["msg"][:1].lower() + found["msg"][1:]
    return FaultShape(
        message=f"{name or 'body'}: {message}", code=INVALID_VALUE, in_=name or "body"
    )


def unreadable_address(name: str, given: str) -> FaultShape:
    what = name.removesuffix("Id")
    return FaultShape(
        message=f"The {what} ID provided is invalid", in_=name, context={name: [given]}
    )


def not_set(fields: Sequence[str]) -> str:
    return f"Some required fields were not set: [{', '.join(fields)}]"


def unforeseen_answer(request: Request, error: Exception) -> Response:
    # The pattern of the path, not the path: that may hold an address.
    route = getattr(request.scope.get("route"), "path", None)
    log.error(
        "request_failed",
        correlation_id=request.state.correlation_id,
        method=request.method,
        route=route,
        exc_info=error,
    )
    message = "Something went wrong on our side; the log has it under this correlation id"
    return error_answer(request, 500, "INTERNAL_ERROR", message)


def add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(DrumbeatError, drumbeat_answer)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, validation_answer)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, http_answer)  # type: ignore[arg-type]
