"""What went wrong, in one envelope."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.requests import Request

from drumbeat.documents.places import written
from drumbeat.errors import DrumbeatError, Fault, Invalid, Refused
from drumbeat.http.errors import KINDS, drumbeat_answer


@pytest.fixture
def request_() -> Request:
    correlation_id = "00000000-0000-4000-8000-000000000000"
    return Request({"type": "http", "headers": [], "state": {"correlation_id": correlation_id}})


def kinds_of(kind: type[DrumbeatError]) -> Iterator[type[DrumbeatError]]:
    """Every kind but the command line's own, which stands above this door and never passes it."""
    for each in kind.__subclasses__():
        if not each.__module__.startswith("drumbeat.cli"):
            yield each
            yield from kinds_of(each)


def test_every_kind_of_error_has_its_answer() -> None:
    answered = tuple(kind for kind, _, _ in KINDS)

    assert [kind for kind in kinds_of(DrumbeatError) if not issubclass(kind, answered)] == []


@pytest.mark.parametrize(
    ("code", "sub_category"),
    [
        ("SEND_LIMIT_EXCEEDED", "SequenceError.SEND_LIMIT_EXCEEDED"),
        (
            "PUBLIC_ENROLL_NO_CONNECTED_EMAILS",
            "SequenceStandardFriendlyError.PUBLIC_ENROLL_NO_CONNECTED_EMAILS",
        ),
    ],
)
def test_a_refusal_has_hubspots_sub_category(
    request_: Request, code: str, sub_category: str
) -> None:
    answer = drumbeat_answer(request_, Refused(code, "no", {"senderEmail": "a@example.com"}))

    assert answer.status_code == 400
    assert f'"subCategory":"{sub_category}"'.encode() in answer.body
    assert b'"context":{"senderEmail":["a@example.com"]}' in answer.body


def test_every_fault_is_told_in_the_message_too(request_: Request) -> None:
    faults = [Fault(field="steps[0]", message="is late"), Fault(message="and so are you")]

    answer = drumbeat_answer(request_, Invalid("this cannot run", faults))

    assert b'"message":"this cannot run: steps[0]: is late; and so are you"' in answer.body


def test_a_place_is_written_the_way_people_do() -> None:
    assert written(["steps", 0, "taskPattern", "queueId"]) == "steps[0].taskPattern.queueId"
