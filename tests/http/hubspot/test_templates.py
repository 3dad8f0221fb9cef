"""E-mail templates, as HubSpot's beta API has them: their times are numbers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.hubspot.bodies import OWNERS, TEMPLATES
from tests.http.hubspot.integrator import Integrator

NOW = 1_772_463_600_000


def test_creating_answers_201_with_the_template(integrator: Integrator) -> None:
    body = {"name": "Hello", "subject": "Hi", "body": "<p>Hi</p>", "folderId": "12"}

    answer = integrator.api.post(TEMPLATES, json=body)

    owner = integrator.api.get(OWNERS).json()["results"][0]["id"]
    assert answer.status_code == 201
    assert answer.json().pop("id").isdigit()
    assert {**answer.json(), "id": "any"} == {
        **body,
        "id": "any",
        "ownerId": owner,
        "createdAt": NOW,
        "updatedAt": NOW,
    }


def test_a_template_needs_no_subject_and_no_folder(integrator: Integrator) -> None:
    answer = integrator.api.post(TEMPLATES, json={"name": "Bare", "body": "<p>Hi</p>"})

    assert (answer.status_code, answer.json()["subject"]) == (201, "")
    assert "folderId" not in answer.json()


def test_a_template_reads_as_it_was_created(integrator: Integrator) -> None:
    created = integrator.template(folderId=7)

    assert integrator.api.get(f"{TEMPLATES}/{created['id']}").json() == created


def test_a_change_touches_only_what_is_given(integrator: Integrator) -> None:
    created = integrator.template(folderId=7)
    integrator.world.advance(hours=1)

    answer = integrator.api.patch(
        f"{TEMPLATES}/{created['id']}", json={"subject": "Anew", "name": None, "body": None}
    )

    assert answer.status_code == 200
    assert answer.json() == {**created, "subject": "Anew", "updatedAt": NOW + 3_600_000}


def test_a_folder_that_is_null_is_left(integrator: Integrator) -> None:
    created = integrator.template(folderId=7)

    answer = integrator.api.patch(f"{TEMPLATES}/{created['id']}", json={"folderId": None})

    assert "folderId" not in answer.json()


def test_a_list_is_cut_into_pages_that_a_link_leads_through(integrator: Integrator) -> None:
    names = [integrator.template(name=f"Template {number}")["name"] for number in range(3)]

    pages = [integrator.api.get(TEMPLATES, params={"limit": 3}).json()]
    pages.append(integrator.api.get(pages[0]["paging"]["next"]["link"]).json())

    found = [each["name"] for page in pages for each in page["results"]]
    assert found[1:] == names
    assert "paging" not in pages[1]


def test_folders_are_those_that_templates_lie_in(integrator: Integrator) -> None:
    for folder in (9, 7, 9):
        integrator.template(folderId=folder)

    first = integrator.api.get(f"{TEMPLATES}/folders", params={"limit": 1}).json()
    second = integrator.api.get(first["paging"]["next"]["link"]).json()

    assert first["results"] == [{"id": "7", "name": "Folder 7", "createdAt": NOW, "updatedAt": NOW}]
    assert [each["id"] for each in second["results"]] == ["9"]
    assert "paging" not in second


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Hello"},
        {"body": "<p>Hi</p>"},
        {"name": None, "body": "<p>Hi</p>"},
        {"name": "Hello", "body": 5},
        {"name": "Hello", "body": "x" * 500_001},
        {"name": "x" * 256, "body": ""},
        {"name": "Hello", "body": "", "subject": "x" * 1001},
        {"name": "Hello", "body": "", "folderId": "inbox"},
        {"name": "Hello", "body": "", "folderId": 2**63},
        {"name": "Hello", "body": "{{ contact.shoe_size }}"},
        {"name": "Hello", "body": "{{ contact.firstname"},
        [],
    ],
    ids=lambda body: str(body)[:50],
)
def test_a_template_that_cannot_be_kept_is_400(shared: Integrator, body: Any) -> None:
    answer = shared.api.post(TEMPLATES, json=body)

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "body", [{"name": ""}, {"name": 5}, {"body": []}, {"folderId": "inbox"}, {"subject": True}, []]
)
def test_a_change_that_cannot_be_kept_is_400(shared: Integrator, body: Any) -> None:
    answer = shared.api.patch(f"{TEMPLATES}/{shared.world.template_id}", json=body)

    assert answer.status_code == 400


@pytest.mark.parametrize(("given", "status"), [("999", 404), ("hello", 400), ("9" * 20, 400)])
def test_a_template_that_is_not_there(shared: Integrator, given: str, status: int) -> None:
    answers = [
        shared.api.get(f"{TEMPLATES}/{given}"),
        shared.api.patch(f"{TEMPLATES}/{given}", json={}),
    ]

    assert [answer.status_code for answer in answers] == [status, status]
