"""Whatever is sent, the answer is one in the envelope, and never that something went wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from starlette.testclient import TestClient

from tests.http.clients import JSON
from tests.http.hubspot.bodies import CONTACTS, ENROLLMENTS, MANAGED, OWNERS, SEQUENCES, TEMPLATES
from tests.http.hubspot.integrator import Integrator
from tests.http.hubspot.test_descriptions import BODIES

WRITES = [
    ("POST", f"{ENROLLMENTS}?userId=1", "PublicSequenceEnrollmentRequest"),
    ("POST", MANAGED, "PublicSequenceRequest"),
    ("PUT", f"{MANAGED}/1", "PublicSequenceRequest"),
    ("POST", TEMPLATES, "PublicTemplateInput"),
    ("PATCH", f"{TEMPLATES}/1", "PublicTemplateInput"),
    ("POST", CONTACTS, "SimplePublicObjectInputForCreate"),
    ("PATCH", f"{CONTACTS}/1", "SimplePublicObjectInput"),
]
READS = [
    SEQUENCES,
    f"{SEQUENCES}/{{}}",
    f"{ENROLLMENTS}/contact/{{}}",
    MANAGED,
    f"{MANAGED}/{{}}",
    TEMPLATES,
    f"{TEMPLATES}/{{}}",
    f"{TEMPLATES}/folders",
    CONTACTS,
    f"{CONTACTS}/{{}}",
    OWNERS,
    f"{OWNERS}/{{}}",
]
UNREADABLE = [
    b"",
    b"{",
    b"\xff\xfe{}",
    b'{"name": "\xc3("}',
    b'{"name": "\\ud800"}',
    b'{"name": "\\u0000", "body": "\\u0000", "properties": {"firstname": "\\u0000"}}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"1" * 100_000,
    b'{"name": 1e999, "properties": {"firstname": 1e999}}',
    b"NaN",
    b"null",
    b"[]",
    b'"text"',
    b"7",
    b"true",
]
QUERIES = [
    "userId=1&userId=2&userId=x",
    "userId=%F0%28%8C%28&name=%ED%A0%80&email=%FF",
    "userId=1&limit=99999999999999999999999999",
    "userId=1&after=" + "9" * 400,
    "userId=1&after=OTIyMzM3MjAzNjg1NDc3NTgwNw",
    "after=9223372036854775807",
    "after=9223372036854775808",
    "userId[]=1&limit[]=1&properties[]=email",
    "properties=" + "a," * 2000,
    "properties=email&propertiesWithHistory=",
    "idProperty=email&archived=true",
    "userId=1&name=%25_%5C'%22;--",
    "&&&===&;;",
    "userId=%2531",
]
PLACES = [
    "%2e%2e",
    "1%2F2",
    "%00",
    "%FF",
    "9223372036854775808",
    "1;x=1",
    "%F0%9F%A5%81",
    "a" * 3000,
]


@pytest.mark.parametrize(("method", "path", "schema"), WRITES)
def test_a_body_that_makes_no_sense_is_400(
    integrator: Integrator, method: str, path: str, schema: str
) -> None:
    answers = {
        body: integrator.api.request(method, path, content=body, headers=JSON)
        for body in UNREADABLE
    }

    wrong = {body: answer.text for body, answer in answers.items() if answer.status_code != 400}
    assert wrong == {}
    assert {answer.json()["category"] for answer in answers.values()} == {"VALIDATION_ERROR"}


@pytest.mark.parametrize(
    "body",
    [
        {**BODIES["PublicSequenceRequest"], "steps": [{}] * 200_000},
        {**BODIES["PublicSequenceRequest"], "dependencies": [{}] * 200_000},
        {"properties": {f"p{number}": "" for number in range(80_000)}},
    ],
    ids=["steps", "dependencies", "properties"],
)
def test_a_great_many_faults_make_no_great_answer(shared: Integrator, body: object) -> None:
    for path in (MANAGED, CONTACTS):
        answer = shared.api.post(path, json=body)

        assert answer.status_code == 400
        assert len(answer.content) < 10_000


def test_an_address_that_makes_no_sense_breaks_nothing(api: TestClient) -> None:
    queries = [f"{path.format(1)}?{query}" for path in READS for query in QUERIES]
    places = [f"{path.format(at)}?userId=1" for path in READS if "{}" in path for at in PLACES]

    answers = {address: api.get(address) for address in (*queries, *places)}

    assert {answer.status_code for answer in answers.values()} == {200, 400, 404}
    assert {answers[address].json()["status"] for address in places} == {"error"}


ODD = (
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(max_size=8)
    | some.sampled_from(["EMAIL", "TASK", "1", 2**31, 2**63, -1, {}, [], [[]], [{}], {"id": 1}])
)


@pytest.mark.parametrize(("method", "path", "schema"), WRITES)
@settings(
    max_examples=40,
    # The account gathers what was kept, and that is all right.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=some.data())
def test_an_odd_value_in_any_place_breaks_nothing(
    integrator: Integrator, method: str, path: str, schema: str, data: some.DataObject
) -> None:
    body = data.draw(with_one_odd_value(BODIES[schema]))

    answer = integrator.api.request(method, path, json=body)

    assert answer.status_code in (200, 201, 400, 404, 409), answer.text
    assert answer.json()


def with_one_odd_value(body: object) -> some.SearchStrategy[object]:
    return some.sampled_from(list(places_in(body, ()))).flatmap(
        lambda place: ODD.map(lambda value: replaced(body, place, value))
    )


def places_in(value: object, at: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    yield at
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places_in(inner, (*at, name))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from places_in(inner, (*at, position))


def replaced(value: object, place: tuple[str | int, ...], odd: object) -> object:
    if not place:
        return odd
    here, *rest = place
    if isinstance(value, dict):
        return {**value, here: replaced(value[here], tuple(rest), odd)}
    assert isinstance(value, list)
    return [
        replaced(inner, tuple(rest), odd) if position == here else inner
        for position, inner in enumerate(value)
    ]
