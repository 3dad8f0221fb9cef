"""What a person may write, and what they are told of their mistakes."""

from __future__ import annotations

from typing import Any

import pytest

from drumbeat import documents
from drumbeat.domain.sequence import Definition, DependencyType, EmailStep, FinishStep, TaskStep
from drumbeat.errors import Invalid

EMAIL = {"kind": "email", "template": "1"}
CALL = {"kind": "task", "type": "CALL"}


def definition_of(*steps: dict[str, Any], **more: Any) -> Definition:
    document = documents.read({"steps": list(steps), **more})
    return documents.to_definition(document, documents.ids_given(document))


def faults_in(data: object, at: str = "") -> dict[str | None, str]:
    with pytest.raises(Invalid) as refused:
        documents.read(data, at=at)
    return {fault.field: fault.message for fault in refused.value.faults}


def test_the_finish_need_not_be_said() -> None:
    definition = definition_of(EMAIL)

    assert [type(step) for step in definition.steps] == [EmailStep, FinishStep]
    assert definition == definition_of(EMAIL, {"kind": "finish"})


def test_the_finish_is_said_where_it_waits() -> None:
    definition = definition_of(CALL, {"kind": "finish", "delay": "P1D", "waitsFor": [0]})

    assert [dependency.required_by for dependency in definition.dependencies] == [1]
    assert definition.steps[1].delay.days == 1


def test_steps_say_what_they_wait_for() -> None:
    definition = definition_of(CALL, EMAIL, {**EMAIL, "waitsFor": [0], "pausesAfter": [1]})

    assert [(each.type, each.relies_on, each.required_by) for each in definition.dependencies] == [
        (DependencyType.TASK_COMPLETION, 0, 2),
        (DependencyType.MANUAL_PAUSE, 1, 2),
    ]


def test_a_step_that_says_nothing_says_what_its_first_variant_does() -> None:
    variants = [{"template": 7, "ordinal": 2}, {"template": 8, "ordinal": 1, "active": False}]

    [step, _] = definition_of({"kind": "email", "variants": variants}).steps

    assert isinstance(step, EmailStep)
    assert step.email.template_id == 8


def test_a_task_without_a_priority_has_none() -> None:
    [step, _] = definition_of(CALL).steps

    assert isinstance(step, TaskStep)
    assert step.task.priority.value == "NONE"


def test_null_is_as_good_as_nothing() -> None:
    assert definition_of({**EMAIL, "delay": None, "waitsFor": None}, settings=None) == (
        definition_of(EMAIL)
    )


def test_a_reminder_can_be_kept_without_reminding_anyone() -> None:
    settings = {"remindersAt": "10:30", "reminders": False}

    kept = definition_of(EMAIL, settings=settings).settings

    assert (kept.task_reminder_minute, kept.has_task_reminders) == (630, False)


@pytest.mark.parametrize(
    ("step", "place", "why"),
    [
        ({"kind": "emial"}, "kind", "must be 'email', 'task', 'container' or 'finish'"),
        ({}, "kind", "is needed"),
        ({"kind": "email"}, "template", "an e-mail needs a template"),
        ({"kind": "task"}, "type", "a task needs a type: CALL, EMAIL"),
        ({**EMAIL, "dealy": "P1D"}, "dealy", "is not known here; did you mean delay?"),
        ({**EMAIL, "delay": "P1M"}, "delay", "no fixed length; write days or weeks"),
        ({**EMAIL, "delay": "-P1D"}, "delay", "not an ISO 8601 duration"),
        ({**EMAIL, "delay": "3 days"}, "delay", "write for example P3D"),
        ({**EMAIL, "delay": 3}, "delay", "written as P3D or PT4H"),
        ({**EMAIL, "delay": "P3651D"}, "delay", "longer than 3650 days"),
        ({**EMAIL, "delay": "PT0.0001S"}, "delay", "parts of a millisecond"),
        ({**EMAIL, "minDelay": "P2D", "maxDelay": "P1D"}, "minDelay", "above the longest"),
        ({**EMAIL, "priority": "HIGH"}, "priority", "a step of kind email has no priority"),
        ({**EMAIL, "threadTo": 0}, "threadTo", "not an earlier e-mail"),
        ({**EMAIL, "threadTo": True}, "threadTo", "is a whole number"),
        ({**EMAIL, "waitsFor": [0]}, "waitsFor[0]", "can only wait for an earlier step"),
        ({**EMAIL, "waitsFor": ["0"]}, "waitsFor[0]", "is a whole number"),
        ({**EMAIL, "waitsFor": 0}, "waitsFor", "is not a list"),
        ({**EMAIL, "pausesAfter": [9]}, "pausesAfter[0]", "a step that does not exist"),
        ({**EMAIL, "dynamic": "yes"}, "dynamic", "is true or false"),
        ({**CALL, "queue": 2**31}, "queue", "less than or equal to 2147483647"),
        ({**CALL, "subject": 5}, "subject", "is text; write it in quotes"),
        ({**CALL, "variants": [{"ordinal": 1}, {}]}, "variants", "the same ordinal"),
        ({**EMAIL, "variants": [{"type": "CALL"}]}, "variants[0].type", "has no type"),
        ({"kind": "finish", "template": 1}, "template", "has no template"),
        ("email", "", "is not a mapping"),
    ],
)
def test_a_fault_in_a_step_says_where_it_is(step: Any, place: str, why: str) -> None:
    faults = faults_in({"steps": [step]})

    [(field, message)] = faults.items()
    assert field == f"steps[0].{place}".removesuffix(".")
    assert why in message


@pytest.mark.parametrize(
    ("settings", "place", "why"),
    [
        ({"sendWindow": "8-18"}, "sendWindow", 'write "08:00-18:00"'),
        ({"sendWindow": "08:00-24:01"}, "sendWindow", "is not a send window"),
        ({"sendWindow": "18:00-08:00"}, "sendWindow", "closes before it opens"),
        ({"sendWindow": 480}, "sendWindow", "is not a send window"),
        ({"tasksAt": "24:00"}, "tasksAt", 'write "08:00"'),
        ({"tasksAt": 480}, "tasksAt", "not a time of day"),
        ({"reminders": True}, "remindersAt", "say when people are reminded"),
        ({"days": "MONDAYS"}, "days", "must be 'EVERYDAY', 'WEEKDAYS_ONLY' or 'BUSINESS_DAYS'"),
        ({"onReply": "ALL"}, "onReply", "is not a mapping"),
        ({"onReply": {"critera": "NONE"}}, "onReply.critera", "did you mean criteria?"),
    ],
)
def test_a_fault_in_the_settings_says_where_it_is(settings: Any, place: str, why: str) -> None:
    faults = faults_in({"steps": [EMAIL], "settings": settings})

    [(field, message)] = faults.items()
    assert field == f"settings.{place}"
    assert why in message


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ([], None),
        ("steps", None),
        (None, None),
        ({}, "steps"),
        ({"steps": []}, "steps"),
        ({"steps": [CALL] * 51}, "steps"),
        ({"steps": [CALL] * 50}, "steps"),
        ({"steps": [EMAIL], "folder": -1}, "folder"),
        ({"steps": [{"kind": "finish"}, EMAIL]}, "steps[0].kind"),
    ],
)
def test_what_is_no_sequence_is_refused(data: object, place: str | None) -> None:
    assert place in faults_in(data)


def test_all_faults_are_told_at_once() -> None:
    steps = [{**EMAIL, "delay": "P1Y"}, {**EMAIL, "subject": "Hi"}, {**EMAIL, "waitsFor": [0]}]

    faults = faults_in({"steps": steps, "settings": {"days": 5}}, at="sequence")

    assert set(faults) == {
        "sequence.settings.days",
        "sequence.steps[0].delay",
        "sequence.steps[1].subject",
        "sequence.steps[2].waitsFor[0]",
    }


def test_a_dependency_in_the_list_is_placed_there() -> None:
    dependency = {"type": "TASK_COMPLETION", "reliesOn": 0, "requiredBy": 1}

    faults = faults_in({"steps": [EMAIL, EMAIL], "dependencies": [dependency]})

    assert faults == {"dependencies[0].reliesOn": "a step can wait for a task, and step 0 is none"}


@pytest.mark.parametrize("name", ["9" * 20, "9" * 4_000, "12x", "\u0663"])
def test_a_number_that_can_be_no_id_is_no_template(name: str) -> None:
    document = documents.read({"steps": [{**EMAIL, "template": name}]})

    assert documents.ids_given(document) == {}


def test_a_template_that_the_caller_does_not_know_is_named() -> None:
    document = documents.read({"steps": [EMAIL, {**EMAIL, "template": "opener.html"}]})

    with pytest.raises(Invalid) as refused:
        documents.to_definition(document, documents.ids_given(document), at="sequence")

    [fault] = refused.value.faults
    assert (fault.field, fault.message) == (
        "sequence.steps[1].template",
        "there is no template opener.html",
    )
