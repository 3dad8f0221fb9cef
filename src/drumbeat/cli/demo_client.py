"""The demo's HTTP client: what any program does that speaks to a server of ours."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from drumbeat.errors import DrumbeatError

TIMEOUT_SECONDS = 60


class Answered(DrumbeatError):
    """The server answered that it will not do what it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    host: str
    port: int
    token: str = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def get(self, path: str, **query: str | int) -> Any:
        return self.ask("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.ask("POST", path, body or {})

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return self.ask("PATCH", path, body)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection = HTTPConnection(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            content = None if body is None else json.dumps(body).encode()
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise Answered(f"{method} {path} was answered {answer.status}: {text.decode()}")
        return json.loads(text) if text else None
