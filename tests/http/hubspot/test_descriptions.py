"""Every answer of every route, held against HubSpot's own description of its API."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from tests.http.hubspot.addresses import (
    BETA_FILE,
    CONTACTS_FILE,
    MANAGING,
    OWNERS_FILE,
    ROUTES,
    TEMPLATES_FILE,
    VERSIONS,
    Route,
)
from tests.http.hubspot.bodies import (
    CONTACTS,
    MANAGED,
    OWNERS,
    TEMPLATES,
    Body,
    email,
    sequence,
    step,
    task,
    variant,
    waits,
)
from tests.http.hubspot.descriptions import (
    answer_schema,
    choices,
    complaints,
    description,
    required_places,
    schema_of,
    written,
)
from tests.http.hubspot.integrator import Integrator

BODIES_OF = ("POST", "PUT", "PATCH")


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
        step(3, "ADAPTIVE_CONTAINER"),
        folderId="9",
        dependencies=[
            waits(4, 2),
            waits(3, 1, "MANUAL_PAUSE"),
            waits(4, 3, "ADAPTIVE_COMPLETION"),
        ],
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


def answer_of(full: Integrator, route: Route) -> Response:
    """What the route answers when nothing is wrong with what it is asked."""
    [owner, _] = full.api.get(OWNERS).json()["results"]
    ids = {"sequenceId": "1", "contactId": "2", "templateId": "2", "ownerId": owner["id"]}
    if route.method == "DELETE":
        ids["sequenceId"] = full.create()["id"]
    params = {**full.user, "limit": 1} if route.method == "GET" else full.user
    body = body_for(full, route) if route.method in BODIES_OF else None
    return full.api.request(route.method, route.path.format(**ids), params=params, json=body)


def body_for(full: Integrator, route: Route) -> Body:
    if route.path.endswith("/enrollments"):
        # One that is in no sequence yet.
        contact_id = full.contact(f"of-{ROUTES.index(route)}@example.org")
        return {"sequenceId": "1", "contactId": contact_id, "senderEmail": "rep@example.com"}
    if "/serviceaccounts/" in route.path:
        return everything(full.world.template_id)
    bodies: dict[tuple[str, str], Body] = {
        ("POST", TEMPLATES): {"name": "Hello", "body": "<p>Hi</p>"},
        ("PATCH", f"{TEMPLATES}/{{templateId}}"): {"subject": "Hi"},
        ("POST", CONTACTS): {"properties": {"email": "new@example.org"}},
        ("PATCH", f"{CONTACTS}/{{contactId}}"): {"properties": {"city": "Paris"}},
    }
    return bodies[route.method, route.path]


def test_every_answer_is_what_hubspot_describes(full: Integrator, specs: Path) -> None:
    found = {}
    for route in sorted(ROUTES, key=lambda route: route.method == "DELETE"):
        answer = answer_of(full, route)
        assert answer.status_code == route.status, (route, answer.text)
        if route.status == 204:
            assert answer.content == b"", route
            continue
        schema = answer_schema(specs / route.file, route.method, route.described, route.status)
        assert schema, route
        found[route.method, route.path] = complaints(specs / route.file, schema, answer.json())

    assert {place: faults for place, faults in found.items() if faults} == {}


def test_every_route_there_is_is_described_and_every_one_described_is_there(
    api: TestClient, specs: Path
) -> None:
    ours = {
        (method.upper(), path)
        for path, operations in api.get("/drumbeat/v1/openapi.json").json()["paths"].items()
        for method in operations
        if path.startswith(("/automation", "/crm"))
    }
    described = {
        (method.upper(), path)
        for file, _ in VERSIONS.values()
        for path, operations in description(specs / file)["paths"].items()
        for method in operations
    }

    assert ours == {(route.method, route.path) for route in ROUTES}
    assert described <= ours


def test_every_list_has_a_next_page_described_alike(full: Integrator) -> None:
    lists = [route for route in ROUTES if route.method == "GET" and "{" not in route.path]

    pages = [answer_of(full, route).json() for route in lists]

    assert len(pages) == len(VERSIONS) + len(MANAGING) + 4
    assert all(page["paging"]["next"].keys() == {"after", "link"} for page in pages)


@pytest.mark.parametrize("address", VERSIONS)
def test_a_version_describes_the_choices_that_hubspot_gives_it(
    shared: Integrator, specs: Path, address: str
) -> None:
    ours = shared.api.get("/drumbeat/v1/openapi.json").json()
    file, is_adaptive = VERSIONS[address]
    theirs = description(specs / file)
    path = f"{address}/{{sequenceId}}"

    wanted = choices(theirs, answer_schema(specs / file, "GET", path, 200))

    assert ("ADAPTIVE_CONTAINER" in wanted["actionType"]) is is_adaptive
    assert choices(ours, schema_of(ours, "GET", path, 200)) == wanted


def errors_of_a_version(address: str, file: str) -> list[tuple[str, str, str, int]]:
    enrollments = f"{address}/enrollments"
    return [
        (file, "GET", address, 400),
        (file, "GET", f"{address}/abc?userId=1", 400),
        (file, "GET", f"{address}/999?userId=1", 404),
        (file, "POST", address, 405),
        (file, "POST", enrollments, 400),
        (file, "GET", f"{enrollments}/contact/999", 404),
    ]


def errors_of_management(address: str) -> list[tuple[str, str, str, int]]:
    managed = f"{address}/serviceaccounts/sequences"
    return [
        (BETA_FILE, "POST", managed, 400),
        (BETA_FILE, "PUT", f"{managed}/1", 400),
        (BETA_FILE, "DELETE", f"{managed}/999", 404),
        (BETA_FILE, "GET", f"{managed}/999/performance", 404),
        (BETA_FILE, "POST", f"{address}/serviceaccounts/enrollments", 400),
    ]


ERRORS = [
    *(each for at, (file, _) in VERSIONS.items() for each in errors_of_a_version(at, file)),
    *(each for at in MANAGING for each in errors_of_management(at)),
    (OWNERS_FILE, "GET", f"{OWNERS}?limit=x", 400),
    (CONTACTS_FILE, "GET", "/crm/v3/nothing", 404),
]


@pytest.mark.parametrize(("file", "method", "path", "status"), ERRORS)
def test_an_error_is_what_hubspot_describes(
    shared: Integrator, specs: Path, file: str, method: str, path: str, status: int
) -> None:
    answer = shared.api.request(method, path)

    schema = {"$ref": "#/components/schemas/Error"}
    assert answer.status_code == status
    assert complaints(specs / file, schema, answer.json()) == []


ENROLLING = "PublicSequenceEnrollmentRequest"
AUTHORING = "PublicSequenceRequest"
REQUESTS = [
    *(
        (file, ENROLLING, "POST", f"{at}/enrollments?userId=1")
        for at, (file, _) in VERSIONS.items()
    ),
    *((BETA_FILE, ENROLLING, "POST", f"{at}/serviceaccounts/enrollments") for at in MANAGING),
    *((BETA_FILE, AUTHORING, "POST", f"{at}/serviceaccounts/sequences") for at in MANAGING),
    *((BETA_FILE, AUTHORING, "PUT", f"{at}/serviceaccounts/sequences/1") for at in MANAGING),
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
    schemas = description(specs / BETA_FILE)["components"]["schemas"]
    asked_for = [name for name in schemas if name.startswith("Public") and "Request" in name]
    known = {
        field
        for name in asked_for
        if name != "PublicSequenceEnrollmentRequest"
        for field in schemas[name]["properties"]
    }

    text = str(everything(1))

    assert {field for field in known if f"'{field}'" not in text} == set()
