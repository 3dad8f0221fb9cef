"""What a document leaves out, and what it always says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from drumbeat import documents
from drumbeat.domain.sequence import Definition, Dependency, DependencyType, FinishStep
from tests.office import OFFICE_HOURS, call_then_email

WAIT = Dependency(type=DependencyType.TASK_COMPLETION, relies_on=0, required_by=1)
PAUSE = Dependency(type=DependencyType.MANUAL_PAUSE, relies_on=1, required_by=2)


def in_short(definition: Definition) -> dict[str, object]:
    return documents.in_short("Outreach", None, definition, str)


def test_in_short_only_what_somebody_decided_is_there() -> None:
    definition = replace(call_then_email(7), dependencies=(WAIT,))

    assert in_short(definition) == {
        "name": "Outreach",
        "settings": {"sendWindow": "09:00-17:00", "days": "BUSINESS_DAYS"},
        "steps": [
            {"kind": "task", "type": "CALL", "priority": "HIGH"},
            {"kind": "email", "delay": "P1D", "template": "7", "waitsFor": [0]},
        ],
    }


def test_a_finish_with_something_to_say_is_there() -> None:
    definition = replace(call_then_email(7), dependencies=(PAUSE,))

    assert in_short(definition)["steps"][-1] == {"kind": "finish", "pausesAfter": [1]}  # type: ignore[index]


def test_dependencies_in_an_order_of_their_own_stand_in_a_list() -> None:
    definition = replace(call_then_email(7), dependencies=(PAUSE, WAIT))

    assert in_short(definition)["dependencies"] == [
        {"type": "MANUAL_PAUSE", "reliesOn": 1, "requiredBy": 2},
        {"type": "TASK_COMPLETION", "reliesOn": 0, "requiredBy": 1},
    ]


def test_a_sequence_of_nothing_but_the_finish_says_so() -> None:
    definition = Definition(
        steps=(FinishStep(order=0, delay=timedelta(0)),), dependencies=(), settings=OFFICE_HOURS
    )

    assert in_short(definition)["steps"] == [{"kind": "finish"}]


def test_in_full_every_field_of_its_kind_is_there() -> None:
    written = documents.in_full("Outreach", 3, call_then_email(7), str)

    assert written["folder"] == "3"
    assert written["steps"][2] == {
        "kind": "finish",
        "delay": "PT0S",
        "variants": [],
        "waitsFor": [],
        "pausesAfter": [],
        "dynamic": False,
        "minDelay": None,
        "maxDelay": None,
        "branch": 0,
    }
