"""Every answer of every route, held against HubSpot's own description of its API."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.hubspot.bodies import (
    CONTACTS,
    ENROLLMENTS,
    MANAGED,
    OWNERS,
    SEQUENCES,
    TEMPLATES,
    Body,
    email,
    sequence,
    task,
    variant,
    waits,
)
from tests.http.hubspot.descriptions import (
    answer_schema,
    complaints,
    description,
    required_places,
    written,
)
from tests.http.hubspot.integrator import Integrator

SEQUENCES_FILE = "sequences_v4.json"
MANAGED_FILE = "sequences_2026-09-beta.json"
TEMPLATES_FILE = "emailTemplates_2026-09-beta.json"
CONTACTS_FILE = "contacts_v3.json"
OWNERS_FILE = "owners_v3.json"

OPERATIONS = [
    (SEQUENCES_FILE, "GET", SEQUENCES, 200),
    (SEQUENCES_FILE, "GET", f"{SEQUENCES}/{{sequenceId}}", 200),
    (SEQUENCES_FILE, "POST", ENROLLMENTS, 200),
    (SEQUENCES_FILE, "GET", f"{ENROLLMENTS}/contact/{{contactId}}", 200),
    (MANAGED_FILE, "GET", MANAGED, 200),
    (MANAGED_FILE, "POST", MANAGED, 200),
    (MANAGED_FILE, "GET", f"{MANAGED}/{{sequenceId}}", 200),
    (MANAGED_FILE, "PUT", f"{MANAGED}/{{sequenceId}}", 200),
    (TEMPLATES_FILE, "GET", TEMPLATES, 200),
    (TEMPLATES_FILE, "POST", TEMPLATES, 201),
    (TEMPLATES_FILE, "GET", f"{TEMPLATES}/folders", 200),
    (TEMPLATES_FILE, "GET", f"{TEMPLATES}/{{templateId}}", 200),
    (TEMPLATES_FILE, "PATCH", f"{TEMPLATES}/{{templateId}}", 200),
    (CONTACTS_FILE, "GET", CONTACTS, 200),
    (CONTACTS_FILE, "POST", CONTACTS, 201),
    (CONTACTS_FILE, "GET", f"{CONTACTS}/{{contactId}}", 200),
    (CONTACTS_FILE, "PATCH", f"{CONTACTS}/{{contactId}}", 200),
    (OWNERS_FILE, "GET", OWNERS, 200),
    (OWNERS_FILE, "GET", f"{OWNERS}/{{ownerId}}", 200),
]


def everything(template_id: int) -> Body:
    """A sequence with something in every field that HubSpot knows."""
    pattern = {"templateId": str(template_id)}
    call = {"taskType": "CALL", "taskPriority": "LOW"}
    mail = email(0, template_id)
    mail["variants"] = [variant(0, emailPattern=pattern)]
    rich = task(
        2, "EMAIL", notes="<p>Hi</p>", subject="Hi", queueId="3", templateId=str(template_id)
    )
    rich["taskPattern"]["threadEmailToStepOrder"] = 0
    rich["variants"] = [variant(0, active=False, taskPattern=call)]
    return sequence(
        mail,
        email(1, template_id, threadEmailToStepOrder=0),
        {**rich, "delayMillisMin": 0, "delayMillisMax": 5},
        folderId="9",
        dependencies=[waits(3, 2)],
        engagementTriggers={"numberOfOpens": 1, "numberOfClicks": 2},
    )


@pytest.fixture
def full(integrator: Integrator) -> Integrator:
    """An account with two of everything, so that lists have a next page."""
    body = everything(integrator.world.template_id)
    for _ in range(2):
        integrator.template(folderId=5)
        integrator.template(folderId=6)
        assert integrator.api.post(MANAGED, json=body).status_code == 200
    integrator.contact("bob@example.org")
    integrator.world.engine.access.add_user(
        integrator.world.account_id, email="cy@example.com", name="Cy", timezone="UTC"
    )
    integrator.enroll("1", integrator.contact())
    return integrator


def answer_of(full: Integrator, method: str, path: str) -> Any:
    [owner, _] = full.api.get(OWNERS).json()["results"]
    ids = {"sequenceId": 1, "contactId": 2, "templateId": 2, "ownerId": owner["id"]}
    bodies: dict[tuple[str, str], Body] = {
        ("POST", ENROLLMENTS): {
            "sequenceId": "1",
            "contactId": "1",
            "senderEmail": "rep@example.com",
        },
        ("POST", TEMPLATES): {"name": "Hello", "body": "<p>Hi</p>"},
        ("PATCH", f"{TEMPLATES}/{{templateId}}"): {"subject": "Hi"},
        ("POST", CONTACTS): {"properties": {"email": "new@example.org"}},
        ("PATCH", f"{CONTACTS}/{{contactId}}"): {"properties": {"city": "Paris"}},
    }
    if path.startswith(MANAGED) and method in ("POST", "PUT"):
        bodies[method, path] = everything(full.world.template_id)
    params = {**full.user, "limit": 1} if method == "GET" else full.user
    body = bodies.get((method, path))
    return full.api.request(method, path.format(**ids), params=params, json=body)


def test_every_answer_is_what_hubspot_describes(full: Integrator, specs: Path) -> None:
    found = {}
    for file, method, path, status in OPERATIONS:
        answer = answer_of(full, method, path)
        assert answer.status_code == status, (method, path, answer.text)
        schema = answer_schema(specs / file, method, path, status)
        found[method, path] = complaints(specs / file, schema, answer.json())

    assert {place: faults for place, faults in found.items() if faults} == {}


def test_every_list_has_a_next_page_described_alike(full: Integrator) -> None:
    lists = [path for _, method, path, _ in OPERATIONS if method == "GET" and "{" not in path]

    pages = [answer_of(full, "GET", path).json() for path in lists]

    assert len(pages) == 6
    assert all(page["paging"]["next"].keys() == {"after", "link"} for page in pages)


def test_every_route_that_answers_is_held_against_a_description(api: TestClient) -> None:
    paths = api.get("/drumbeat/v1/openapi.json").json()["paths"]

    ours = {
        (method.upper(), path)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if path.startswith(("/automation", "/crm")) and "204" not in operation["responses"]
    }
    assert ours == {(method, path) for _, method, path, _ in OPERATIONS}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", SEQUENCES, 400),
        ("GET", f"{SEQUENCES}/abc?userId=1", 400),
        ("GET", f"{SEQUENCES}/999?userId=1", 404),
        ("POST", SEQUENCES, 405),
        ("POST", ENROLLMENTS, 400),
        ("GET", f"{ENROLLMENTS}/contact/999", 404),
        ("POST", MANAGED, 400),
        ("PUT", f"{MANAGED}/1", 400),
        ("DELETE", f"{MANAGED}/999", 404),
        ("GET", f"{OWNERS}?limit=x", 400),
        ("GET", "/crm/v3/nothing", 404),
    ],
)
def test_an_error_is_what_hubspot_describes(
    shared: Integrator, specs: Path, method: str, path: str, status: int
) -> None:
    answer = shared.api.request(method, path)

    schema = {"$ref": "#/components/schemas/Error"}
    assert answer.status_code == status
    assert complaints(specs / SEQUENCES_FILE, schema, answer.json()) == []


REQUESTS = [
    (MANAGED_FILE, "PublicSequenceRequest", "POST", MANAGED),
    (MANAGED_FILE, "PublicSequenceRequest", "PUT", f"{MANAGED}/1"),
    (SEQUENCES_FILE, "PublicSequenceEnrollmentRequest", "POST", f"{ENROLLMENTS}?userId=1"),
    (TEMPLATES_FILE, "PublicTemplateInput", "POST", TEMPLATES),
    (CONTACTS_FILE, "SimplePublicObjectInputForCreate", "POST", CONTACTS),
    (CONTACTS_FILE, "SimplePublicObjectInput", "PATCH", f"{CONTACTS}/1"),
]
BODIES: dict[str, Body] = {
    "PublicSequenceRequest": everything(1),
    "PublicSequenceEnrollmentRequest": {
        "sequenceId": "1",
        "contactId": "1",
        "senderEmail": "rep@example.com",
        "senderAliasAddress": "rep@example.com",
    },
    "PublicTemplateInput": {"name": "a", "body": "b", "subject": "c", "folderId": "1"},
    "SimplePublicObjectInputForCreate": {"properties": {}, "associations": []},
    "SimplePublicObjectInput": {"properties": {}},
}
# HubSpot's own clients leave it out, and its servers do not mind.
NOT_ASKED_FOR = {"associations"}


@pytest.mark.parametrize(("file", "schema", "method", "path"), REQUESTS)
@pytest.mark.parametrize("is_null", [False, True], ids=["left out", "null"])
def test_every_field_that_hubspot_requires_is_required(
    shared: Integrator,
    specs: Path,
    file: str,
    schema: str,
    method: str,
    path: str,
    *,
    is_null: bool,
) -> None:
    asked: list[str] = []
    for name, body in bodies_that_lack_one(specs / file, schema, is_null=is_null):
        answer = shared.api.request(method, path, json=body)

        asked.append(name)
        assert answer.status_code == 400, name
        assert [fault["in"] for fault in answer.json()["errors"]] == [name]

    assert asked


def bodies_that_lack_one(file: Path, schema: str, *, is_null: bool) -> Iterator[tuple[str, Body]]:
    """The body once for each required field, without it, and that field's name."""
    whole = BODIES[schema]
    for *parents, name in required_places(file, schema, whole):
        if name in NOT_ASKED_FOR:
            continue
        body = copy.deepcopy(whole)
        inner: Any = body
        for part in parents:
            inner = inner[part]
        inner.pop(name)
        if is_null:
            inner[name] = None
        yield written((*parents, name)), body


def test_the_body_of_a_sequence_has_every_field_that_hubspot_knows(specs: Path) -> None:
    schemas = description(specs / MANAGED_FILE)["components"]["schemas"]
    asked_for = [name for name in schemas if name.startswith("Public") and "Request" in name]
    known = {
        field
        for name in asked_for
        if name != "PublicSequenceEnrollmentRequest"
        for field in schemas[name]["properties"]
    }

    text = str(everything(1))

    assert {field for field in known if f"'{field}'" not in text} == set()
