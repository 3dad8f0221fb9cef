"""The web application: the gate, the error envelope, and every route of the three doors."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

import drumbeat
from drumbeat.app import Engine
from drumbeat.http import docs_page, errors, hubspot, native, public
from drumbeat.http.gate import Gate, is_public

OPENAPI_PATH = "/drumbeat/v1/openapi.json"


class Application(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The description, with the token that everything but the public pages asks for."""
        if self.openapi_schema is None:
            description = super().openapi()
            schemes = description["components"].setdefault("securitySchemes", {})
            schemes["token"] = {"type": "http", "scheme": "bearer"}
            for path, operations in description["paths"].items():
                for operation in operations.values():
                    if not is_public(path):
                        operation["security"] = [{"token": []}]
        return super().openapi()


def create_app(engine: Engine) -> FastAPI:
    app = Application(
        title="Drumbeat",
        summary="Sales sequences over HubSpot's API, and what that API has no words for",
        version=drumbeat.__version__,
        openapi_url=OPENAPI_PATH,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=errors.ERROR_RESPONSES,
    )
    app.state.engine = engine
    app.state.rendered = {}
    app.add_middleware(Gate, engine=engine)
    errors.add_handlers(app)
    for router in hubspot.routers():
        # Not include_router: FastAPI would look for the route in two steps, each time through
        # every router, which takes longer than all the rest of its work.
        app.router.routes.extend(router.routes)
    for router in (native.router, public.router, docs_page.router):
        app.include_router(router)
    return app
