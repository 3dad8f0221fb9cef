"""What holds for every address under /drumbeat/v1."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from drumbeat.domain.scopes import ALL_SCOPES
from drumbeat.http.docs_page import METHODS
from drumbeat.http.native import PREFIX
from tests.http.native.conftest import our_client_of
from tests.world import World


def test_every_route_asks_for_the_scope_of_our_own_api(world: World) -> None:
    others = our_client_of(world, *ALL_SCOPES - {"drumbeat"})

    answers = {place: others.request(*place) for place in our_routes(others)}

    assert len(answers) >= 17
    assert {place for place, answer in answers.items() if answer.status_code != 403} == set()


def test_no_route_answers_without_a_token(api: TestClient) -> None:
    routes = list(our_routes(api))
    del api.headers["Authorization"]

    answers = {place: api.request(*place).status_code for place in routes}

    assert set(answers.values()) == {401}


def test_a_method_that_is_not_known_is_answered_with_those_that_are(api: TestClient) -> None:
    answer = api.put("enrollments/1/pause", json={})

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST, DELETE"


@pytest.mark.parametrize("path", ["clock/", "/clock", "senders//1"])
def test_a_slash_more_or_less_does_not_matter(api: TestClient, path: str) -> None:
    assert api.get(f"http://testserver/drumbeat/v1/{path}").status_code == 200


def our_routes(client: TestClient) -> Iterator[tuple[str, str]]:
    paths = client.get("openapi.json").json()["paths"]
    for path, operations in paths.items():
        if path.startswith(PREFIX):
            address = path.removeprefix(PREFIX).replace("{", "").replace("}", "")
            yield from ((method.upper(), address) for method in METHODS if method in operations)
