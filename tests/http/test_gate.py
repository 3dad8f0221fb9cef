"""What every request meets before a route sees it, and what every answer carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import anyio
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from drumbeat.errors import Unauthenticated, Unavailable
from drumbeat.http.app import create_app
from drumbeat.http.gate import Callers
from drumbeat.services.access import Access
from drumbeat.store.database import Database
from tests.databases import SqliteDatabases
from tests.http.clients import JSON, client_of
from tests.http.hubspot.bodies import CONTACTS, ENROLLMENTS, MANAGED, OWNERS, SEQUENCES, TEMPLATES
from tests.wall_clock import NEW_YORK, at
from tests.world import World

RATES = "X-HubSpot-RateLimit-"


@pytest.fixture(scope="module")
def world(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One for all tests here: what happens at the gate leaves nothing behind."""
    with sqlite_databases.fresh() as url:
        start = at("Mon 2026-03-02 10:00", NEW_YORK)
        world = World.on(url, tmp_path_factory.mktemp("data"), start=start)
        yield world
        world.engine.close()


@pytest.fixture(scope="module")
def app(world: World) -> FastAPI:
    return create_app(world.engine)


@pytest.fixture(scope="module")
def api(world: World, app: FastAPI) -> Iterator[TestClient]:
    with client_of(world, app=app) as client:
        yield client


def test_every_answer_carries_its_correlation_id(api: TestClient) -> None:
    answers = [api.get(OWNERS), api.get("/nowhere"), api.get("/health")]

    ids = [UUID(answer.headers["X-HubSpot-Correlation-Id"]) for answer in answers]
    assert len(set(ids)) == 3
    assert answers[1].json()["correlationId"] == str(ids[1])


@pytest.mark.parametrize("path", [f"{OWNERS}/", f"/{OWNERS}", "/crm//v3///owners"])
def test_slashes_too_many_are_served_and_not_redirected(api: TestClient, path: str) -> None:
    answer = api.request("GET", f"http://testserver{path}")

    assert answer.status_code == 200
    assert answer.json()["results"][0]["email"] == "rep@example.com"


def test_a_post_with_a_trailing_slash_is_no_redirect(api: TestClient) -> None:
    assert api.post(f"{CONTACTS}/", json={"properties": {}}).status_code == 201


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic cmVwOng=", "Bearer pat-unknown", "x"]
)
@pytest.mark.parametrize("path", [OWNERS, "/nowhere", f"{SEQUENCES}/enrollments"])
def test_without_a_token_of_ours_nothing_is_said_but_401(
    app: FastAPI, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = TestClient(app, headers=headers).delete(path)

    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"
    assert answer.json()["message"].startswith("Authentication credentials not found")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_scheme_may_be_written_in_any_case(api: TestClient) -> None:
    token = api.headers["Authorization"].removeprefix("Bearer ")

    answer = api.get(OWNERS, headers={"Authorization": f"bearer  {token}"})

    assert answer.status_code == 200


def test_a_revoked_token_is_forgotten(world: World) -> None:
    token = world.engine.access.create_token(email="rep@example.com", scopes=None).token
    callers = Callers(world.engine, remember_for=0)
    caller = anyio.run(callers.of, f"Bearer {token}")

    world.engine.access.revoke_token(world.account_id, caller.token_id)

    with pytest.raises(Unauthenticated):
        anyio.run(callers.of, f"Bearer {token}")


def test_a_token_is_looked_up_once_in_a_while(world: World) -> None:
    token = world.engine.access.create_token(email="rep@example.com", scopes=None).token
    callers = Callers(world.engine, remember_for=3600)
    caller = anyio.run(callers.of, f"Bearer {token}")

    world.engine.access.revoke_token(world.account_id, caller.token_id)

    assert anyio.run(callers.of, f"Bearer {token}") is caller


def test_no_more_callers_are_remembered_than_there_is_room_for(world: World) -> None:
    callers = Callers(world.engine, remember_for=3600, most=2)

    for _ in range(3):
        token = world.engine.access.create_token(email="rep@example.com", scopes=None).token
        anyio.run(callers.of, f"Bearer {token}")

    assert len(callers.remembered) == 1


@pytest.mark.parametrize(
    ("method", "path", "scopes"),
    [
        ("GET", SEQUENCES, ["automation.sequences.read"]),
        ("GET", f"{SEQUENCES}/1", ["automation.sequences.read"]),
        ("GET", f"{ENROLLMENTS}/contact/1", ["automation.sequences.read"]),
        ("POST", ENROLLMENTS, ["automation.sequences.enrollments.write"]),
        ("GET", MANAGED, ["automation.sequences.read"]),
        ("GET", f"{MANAGED}/1", ["automation.sequences.read"]),
        ("DELETE", f"{MANAGED}/1", ["automation.sequences.write", "automation.sequences.delete"]),
        ("GET", TEMPLATES, ["sales-templates-public-read"]),
        ("GET", f"{TEMPLATES}/1", ["sales-templates-public-read"]),
        ("GET", f"{TEMPLATES}/folders", ["sales-templates-public-read"]),
        ("POST", TEMPLATES, ["sales-templates-public-write"]),
        ("PATCH", f"{TEMPLATES}/1", ["sales-templates-public-write"]),
        ("GET", CONTACTS, ["crm.objects.contacts.read"]),
        ("GET", f"{CONTACTS}/1", ["crm.objects.contacts.read"]),
        ("POST", CONTACTS, ["crm.objects.contacts.write"]),
        ("PATCH", f"{CONTACTS}/1", ["crm.objects.contacts.write"]),
        ("DELETE", f"{CONTACTS}/1", ["crm.objects.contacts.write"]),
        ("GET", OWNERS, ["crm.objects.owners.read", "automation"]),
        ("GET", f"{OWNERS}/1", ["crm.objects.owners.read", "automation"]),
    ],
)
def test_a_token_without_the_scope_is_told_which_one_it_lacks(
    world: World, app: FastAPI, method: str, path: str, scopes: list[str]
) -> None:
    answer = client_of(world, ["drumbeat"], app=app).request(method, path)

    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["message"].startswith("This app hasn't been granted all required scopes")
    assert answer.json()["errors"][0]["context"] == {"requiredGranularScopes": scopes}
    assert answer.json()["links"] == {"scopes": "https://developers.hubspot.com/scopes"}


@pytest.mark.parametrize("end", ["write", "create", "edit"])
def test_any_scope_of_writing_lets_a_sequence_be_written(
    world: World, app: FastAPI, end: str
) -> None:
    client = client_of(world, [f"automation.sequences.{end}"], app=app)

    assert client.post(MANAGED, json={}).status_code == 400
    assert client.put(f"{MANAGED}/1", json={}).status_code == 400


def test_every_answer_to_a_token_says_what_it_may_still_do(api: TestClient) -> None:
    first, second = api.get(OWNERS), api.get("/nowhere")

    assert first.headers[f"{RATES}Max"] == "100000"
    assert first.headers[f"{RATES}Interval-Milliseconds"] == "10000"
    assert first.headers[f"{RATES}Daily"] == "864000000"
    assert int(first.headers[f"{RATES}Remaining"]) == 1 + int(second.headers[f"{RATES}Remaining"])
    daily = [int(answer.headers[f"{RATES}Daily-Remaining"]) for answer in (first, second)]
    assert daily[0] == 1 + daily[1]


@pytest.fixture
def hurried(world: World) -> FastAPI:
    """A server at which a token may do two things in ten seconds."""
    settings = world.engine.settings.model_copy(update={"rate_limit": 2})
    return create_app(replace(world.engine, settings=settings))


def test_too_many_requests_are_answered_the_way_clients_look_for(
    world: World, hurried: FastAPI
) -> None:
    client = client_of(world, app=hurried)

    *allowed, refused = [client.get(OWNERS) for _ in range(3)]

    assert [answer.status_code for answer in allowed] == [200, 200]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    assert refused.headers[f"{RATES}Remaining"] == "0"
    body = refused.json()
    assert body.pop("correlationId")
    assert body == {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "errorType": "RATE_LIMIT",
        "category": "RATE_LIMITS",
        "policyName": "TEN_SECONDLY_ROLLING",
    }


def test_one_tokens_hurry_is_not_anothers(world: World, hurried: FastAPI) -> None:
    hasty, patient = client_of(world, app=hurried), client_of(world, app=hurried)

    answers = [hasty.get(OWNERS) for _ in range(3)]

    assert answers[-1].status_code == 429
    assert patient.get(OWNERS).status_code == 200


def test_a_body_that_is_too_long_is_not_read(api: TestClient) -> None:
    answer = api.post(CONTACTS, content=b" " * 1_000_001, headers=JSON)

    assert answer.status_code == 413
    assert answer.json()["category"] == "PAYLOAD_TOO_LARGE"


def test_a_body_of_unstated_length_is_read_up_to_the_limit(api: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        yield from (b" " * 100_000 for _ in range(11))

    answer = api.post(CONTACTS, content=chunks(), headers=JSON)

    assert answer.status_code == 413
    assert "1000000" in answer.json()["message"]


def test_a_body_of_unstated_length_is_served(api: TestClient) -> None:
    answer = api.post(CONTACTS, content=iter([b'{"propert', b'ies":{}}']), headers=JSON)

    assert answer.status_code == 201


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "json", ""])
def test_a_body_that_is_not_json_is_415(api: TestClient, kind: str) -> None:
    answer = api.post(CONTACTS, content=b"{}", headers={"Content-Type": kind})

    assert answer.status_code == 415
    assert "application/json" in answer.json()["message"]


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON;charset=x"]
)
def test_json_may_name_its_charset(api: TestClient, kind: str) -> None:
    answer = api.post(CONTACTS, content=b'{"properties":{}}', headers={"Content-Type": kind})

    assert answer.status_code == 201


def test_a_get_may_come_with_a_body_and_a_content_type(api: TestClient) -> None:
    answer = api.request("GET", OWNERS, content=b"what?", headers={"Content-Type": "text/plain"})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (SEQUENCES, "GET"),
        (f"{SEQUENCES}/1", "GET"),
        # As a sequence's id it could be asked for, and that answer is a 400.
        (ENROLLMENTS, "GET, POST"),
        (f"{MANAGED}/1", "GET, PUT, DELETE"),
        (f"{CONTACTS}/1", "GET, PATCH, DELETE"),
        (TEMPLATES, "GET, POST"),
        ("/drumbeat/v1/clock", "GET, POST"),
    ],
)
@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "TRACE", "BREW"])
def test_a_method_not_known_is_answered_with_those_that_are(
    api: TestClient, method: str, path: str, allowed: str
) -> None:
    answer = api.request(method, path)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed


def test_a_wrong_method_has_the_envelope_too(api: TestClient) -> None:
    answer = api.post(SEQUENCES, json={})

    assert answer.status_code == 405
    assert answer.json()["category"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("path", ["/", "/crm", "/automation/v4", "/crm/v3/owners/1/2", "/../etc"])
def test_an_address_that_is_none_is_404_in_the_envelope(api: TestClient, path: str) -> None:
    answer = api.get(path)

    assert (answer.status_code, answer.json()["category"]) == (404, "OBJECT_NOT_FOUND")


@pytest.mark.parametrize("address", [f"{CONTACTS}/%00?idProperty=email", f"{OWNERS}?email=a%00"])
def test_a_nul_in_the_address_is_400(api: TestClient, address: str) -> None:
    answer = api.get(address)

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_a_database_that_is_away_is_503_and_worth_another_try(world: World) -> None:
    away = Access(database=Database("postgresql://127.0.0.1:1/none"), clock=world.clock)
    app = create_app(replace(world.engine, access=away))

    answer = client_of(world, app=app).get(OWNERS)

    assert (answer.status_code, answer.json()["category"]) == (503, "SERVICE_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "1"


def test_what_nobody_foresaw_is_500_in_the_envelope_and_in_the_log(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a fault of ours")

    app = create_app(world.engine)
    app.add_api_route("/fault", fail)

    answer = client_of(world, app=app).get("/fault")

    assert (answer.status_code, answer.json()["category"]) == (500, "INTERNAL_ERROR")
    assert "a fault of ours" not in answer.text
    logged = capsys.readouterr()
    assert answer.json()["correlationId"] in logged.out + logged.err


def test_a_fault_of_a_moment_in_a_route_is_503(world: World) -> None:
    def be_away() -> None:
        raise Unavailable("the database is too busy; try again in a moment")

    app = create_app(world.engine)
    app.add_api_route("/away", be_away)

    assert client_of(world, app=app).get("/away").status_code == 503


def test_the_description_names_our_errors_and_not_fastapis(api: TestClient) -> None:
    description = api.get("/drumbeat/v1/openapi.json").json()

    operations = [each for path in description["paths"].values() for each in path.values()]
    assert len(operations) > 20
    assert all("422" not in operation["responses"] for operation in operations)
    assert all("default" in operation["responses"] for operation in operations)
    assert description["paths"][OWNERS]["get"]["security"] == [{"token": []}]
    assert "security" not in description["paths"]["/health"]["get"]
