"""Contacts, as HubSpot's CRM has them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.hubspot.bodies import CONTACTS
from tests.http.hubspot.integrator import Integrator

NOW = "2026-03-02T15:00:00.000Z"
ALWAYS_SHOWN = {"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"}


def test_creating_answers_201_with_the_contact(integrator: Integrator) -> None:
    properties = {"email": "Ada@Example.org", "firstname": "Ada", "jobtitle": "Countess"}

    answer = integrator.api.post(CONTACTS, json={"properties": properties, "associations": []})

    assert answer.status_code == 201
    assert answer.json() == {
        "id": "1",
        "properties": {
            "createdate": NOW,
            "email": "ada@example.org",
            "firstname": "Ada",
            "hs_object_id": "1",
            "jobtitle": "Countess",
            "lastmodifieddate": NOW,
            "lastname": None,
        },
        "createdAt": NOW,
        "updatedAt": NOW,
        "archived": False,
    }


def test_an_address_that_is_taken_is_409_and_not_worth_another_try(
    integrator: Integrator,
) -> None:
    contact = integrator.contact("ada@example.org")

    answer = integrator.api.post(CONTACTS, json={"properties": {"email": "ADA@example.org"}})

    assert (answer.status_code, answer.json()["category"]) == (409, "CONFLICT")
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {contact}"
    assert answer.headers["x-should-retry"] == "false"


def test_a_contact_is_found_by_its_id_and_by_its_address(integrator: Integrator) -> None:
    contact = integrator.contact("ada@example.org")

    found = [
        integrator.api.get(f"{CONTACTS}/{contact}"),
        integrator.api.get(f"{CONTACTS}/{contact}", params={"idProperty": "hs_object_id"}),
        integrator.api.get(f"{CONTACTS}/ADA%40example.org", params={"idProperty": "email"}),
    ]

    assert [answer.status_code for answer in found] == [200, 200, 200]
    assert {answer.json()["id"] for answer in found} == {contact}
    assert found[0].json()["properties"].keys() == ALWAYS_SHOWN


@pytest.mark.parametrize("query", ["properties=zip&properties=city,phone", "properties=zip%2Ccity"])
def test_properties_are_asked_for_one_by_one_or_with_commas(
    integrator: Integrator, query: str
) -> None:
    contact = integrator.contact(zip="1234")

    shown = integrator.api.get(f"{CONTACTS}/{contact}?{query}").json()["properties"]

    assert (shown["zip"], shown["city"]) == ("1234", None)


def test_a_property_that_there_is_not_is_left_out_of_what_is_read(integrator: Integrator) -> None:
    contact = integrator.contact()

    shown = integrator.api.get(f"{CONTACTS}/{contact}?properties=shoe_size").json()["properties"]

    assert shown.keys() == ALWAYS_SHOWN


def test_what_its_enrollments_say_can_be_asked_for(integrator: Integrator) -> None:
    names = "hs_sequences_is_enrolled,hs_latest_sequence_enrolled,hs_latest_sequence_ended_date"
    contact, other = integrator.contact(), integrator.contact("bob@example.org")
    sequence = integrator.create()
    integrator.enroll(sequence["id"], contact)

    [ada, bob] = [
        integrator.api.get(f"{CONTACTS}/{each}?properties={names}").json()["properties"]
        for each in (contact, other)
    ]

    assert ada["hs_sequences_is_enrolled"] == "true"
    assert ada["hs_latest_sequence_enrolled"] == sequence["id"]
    assert ada["hs_latest_sequence_ended_date"] is None
    assert bob["hs_sequences_is_enrolled"] == "false"


def test_a_change_sets_what_is_given_and_an_empty_text_clears(integrator: Integrator) -> None:
    contact = integrator.contact(firstname="Ada", city="London", zip="1234")
    integrator.world.advance(hours=1)

    answer = integrator.api.patch(
        f"{CONTACTS}/{contact}", json={"properties": {"city": "", "zip": None, "phone": 5}}
    )

    assert answer.status_code == 200
    shown = answer.json()["properties"]
    assert shown["firstname"] == "Ada"
    assert (shown["city"], shown["zip"], shown["phone"]) == (None, "1234", "5")
    assert answer.json()["updatedAt"] == "2026-03-02T16:00:00.000Z"


def test_a_contact_is_changed_by_its_address_too(integrator: Integrator) -> None:
    integrator.contact("ada@example.org")

    answer = integrator.api.patch(
        f"{CONTACTS}/ada@example.org?idProperty=email", json={"properties": {"lastname": "King"}}
    )

    assert (answer.status_code, answer.json()["properties"]["lastname"]) == (200, "King")


def test_archiving_answers_204_and_can_be_done_twice(integrator: Integrator) -> None:
    contact = integrator.contact()

    answers = [integrator.api.delete(f"{CONTACTS}/{contact}") for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b""), (204, b"")]
    assert integrator.api.get(f"{CONTACTS}/{contact}").status_code == 404


def test_an_archived_contact_is_shown_to_who_asks_for_archived_ones(
    integrator: Integrator,
) -> None:
    contact = integrator.contact()
    integrator.api.delete(f"{CONTACTS}/{contact}")

    one = integrator.api.get(f"{CONTACTS}/{contact}", params={"archived": "True"}).json()
    listed = integrator.api.get(CONTACTS, params={"archived": "true"}).json()["results"]

    assert (one["archived"], one["archivedAt"]) == (True, NOW)
    assert listed == [one]
    assert integrator.api.get(CONTACTS).json() == {"results": []}


def test_a_list_is_cut_into_pages_that_a_link_leads_through(integrator: Integrator) -> None:
    for number in range(3):
        integrator.contact(f"c{number}@example.org", city=f"City {number}")

    first = integrator.api.get(CONTACTS, params={"limit": 2, "properties": "city"}).json()
    second = integrator.api.get(first["paging"]["next"]["link"]).json()

    assert first["paging"]["next"]["after"] == first["results"][-1]["id"]
    assert [each["properties"]["city"] for each in second["results"]] == ["City 2"]
    assert "paging" not in second
    assert "total" not in first


def test_a_list_has_ten_rows_if_no_number_is_given(integrator: Integrator) -> None:
    for number in range(11):
        integrator.contact(f"c{number}@example.org")

    assert len(integrator.api.get(CONTACTS).json()["results"]) == 10


@pytest.mark.parametrize(
    ("properties", "code", "name"),
    [
        ({"shoe_size": "42"}, "PROPERTY_DOESNT_EXIST", "shoe_size"),
        ({"hs_sequences_is_enrolled": "true"}, "READ_ONLY_VALUE", "hs_sequences_is_enrolled"),
        ({"email": "not an address"}, "INVALID_EMAIL", "email"),
    ],
)
def test_a_property_that_cannot_be_set_is_named(
    shared: Integrator, properties: dict[str, str], code: str, name: str
) -> None:
    answer = shared.api.post(CONTACTS, json={"properties": properties})

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    [fault] = answer.json()["errors"]
    assert (fault["code"], fault["context"]) == (code, {"propertyName": [name]})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"properties": None},
        {"properties": []},
        {"properties": {"firstname": ["Ada"]}},
        {"properties": {"firstname": {"first": "Ada"}}},
        {"properties": {"firstname": "x" * 65_537}},
        {"properties": {"firstname": "\x00"}},
        {"properties": {}, "associations": [{"to": {"id": "1"}, "types": []}]},
        {"properties": {}, "associations": "all"},
        [],
        "properties",
        5,
    ],
    ids=lambda body: str(body)[:60],
)
def test_a_contact_that_cannot_be_kept_is_400(shared: Integrator, body: Any) -> None:
    answer = shared.api.post(CONTACTS, json=body)

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_associations_are_refused_and_not_forgotten(shared: Integrator) -> None:
    company = {"to": {"id": "1"}, "types": []}

    answer = shared.api.post(CONTACTS, json={"properties": {}, "associations": [company]})

    assert "not supported" in answer.json()["message"]


def test_the_history_of_properties_is_refused_and_not_forgotten(shared: Integrator) -> None:
    answers = [
        shared.api.get(f"{path}?propertiesWithHistory=email")
        for path in (CONTACTS, f"{CONTACTS}/1")
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json()["errors"][0]["in"] == "propertiesWithHistory"


@pytest.mark.parametrize("given", ["999", "ada", "9" * 25, "-1", "%20", "ada@example.org"])
def test_a_contact_that_is_not_there_is_404(shared: Integrator, given: str) -> None:
    path = f"{CONTACTS}/{given}"

    answers = [
        shared.api.get(path),
        shared.api.patch(path, json={"properties": {}}),
        shared.api.delete(path),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert answers[0].json()["category"] == "OBJECT_NOT_FOUND"


def test_a_contact_is_found_by_its_id_or_its_address_only(shared: Integrator) -> None:
    answer = shared.api.get(f"{CONTACTS}/1", params={"idProperty": "phone"})

    assert (answer.status_code, answer.json()["errors"][0]["in"]) == (400, "idProperty")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "after=x", "archived=maybe"])
def test_a_list_asked_for_wrongly_is_400(shared: Integrator, query: str) -> None:
    assert shared.api.get(f"{CONTACTS}?{query}").status_code == 400
