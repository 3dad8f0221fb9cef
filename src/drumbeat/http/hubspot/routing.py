"""The kind of router that every family of HubSpot's addresses has."""

from __future__ import annotations

from fastapi import APIRouter

from drumbeat.http.errors import ERROR_RESPONSES
from drumbeat.http.wire import JsonRoute


def router_for(tag: str, prefix: str) -> APIRouter:
    return APIRouter(prefix=prefix, route_class=JsonRoute, tags=[tag], responses=ERROR_RESPONSES)
