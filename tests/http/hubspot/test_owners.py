"""Owners: how clients learn the userId that sequences ask for."""

from __future__ import annotations

import pytest

from tests.http.hubspot.bodies import OWNERS
from tests.http.hubspot.integrator import Integrator, Json


def hire(integrator: Integrator, *names: str) -> None:
    for name in names:
        integrator.world.engine.access.add_user(
            integrator.world.account_id, email=f"{name}@example.com", name=name, timezone="UTC"
        )


def listed(integrator: Integrator, **asked: object) -> Json:
    answer = integrator.api.get(OWNERS, params=asked)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def test_an_owner_has_both_numbers_and_they_differ(integrator: Integrator) -> None:
    [owner] = listed(integrator)["results"]

    assert owner["userId"] == owner["userIdIncludingInactive"] == integrator.world.user_id
    assert owner["id"] != str(owner["userId"])
    assert (owner["firstName"], owner["lastName"]) == ("Rita", "Rep")
    assert (owner["type"], owner["archived"]) == ("PERSON", False)
    assert owner["createdAt"] == "2026-03-02T15:00:00.000Z"


def test_owners_are_found_by_their_address(integrator: Integrator) -> None:
    hire(integrator, "cy")

    assert [each["email"] for each in listed(integrator, email="CY@example.com")["results"]] == [
        "cy@example.com"
    ]
    assert listed(integrator, email="nobody@example.com") == {"results": []}


def test_an_owner_is_read_by_either_number(integrator: Integrator) -> None:
    [owner] = listed(integrator)["results"]

    by_id = integrator.api.get(f"{OWNERS}/{owner['id']}", params={"idProperty": "id"})
    by_user = integrator.api.get(f"{OWNERS}/{owner['userId']}", params={"idProperty": "userId"})

    assert by_id.json() == by_user.json() == owner


def test_the_numbers_are_not_mixed_up(integrator: Integrator) -> None:
    [owner] = listed(integrator)["results"]

    answer = integrator.api.get(f"{OWNERS}/{owner['userId']}")

    assert (answer.status_code, answer.json()["category"]) == (404, "OBJECT_NOT_FOUND")


def test_a_list_is_cut_into_pages_that_a_link_leads_through(integrator: Integrator) -> None:
    hire(integrator, "cy", "di")

    first = listed(integrator, limit=2)
    second = integrator.api.get(first["paging"]["next"]["link"]).json()

    assert [each["firstName"] for each in second["results"]] == ["di"]
    assert "paging" not in second


def test_a_page_may_have_500_rows(integrator: Integrator) -> None:
    assert listed(integrator, limit=500)["results"]


def test_nobody_is_archived(integrator: Integrator) -> None:
    [owner] = listed(integrator)["results"]

    assert listed(integrator, archived="true") == {"results": []}
    assert integrator.api.get(f"{OWNERS}/{owner['id']}?archived=true").status_code == 404


@pytest.mark.parametrize(
    "address",
    [f"{OWNERS}/rep", f"{OWNERS}/1?idProperty=email", f"{OWNERS}?limit=501", f"{OWNERS}?after=x"],
)
def test_an_owner_asked_for_wrongly_is_400(shared: Integrator, address: str) -> None:
    assert shared.api.get(address).status_code == 400
