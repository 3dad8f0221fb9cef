"""Writing sequences through HubSpot's management API."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.hubspot.bodies import (
    ENROLLMENTS,
    MANAGED,
    ONE_DAY,
    SEQUENCES,
    Body,
    email,
    finish,
    sequence,
    step,
    task,
    variant,
    waits,
)
from tests.http.hubspot.integrator import Integrator


def test_creating_answers_200_with_the_sequence_and_whose_it_is(integrator: Integrator) -> None:
    answer = integrator.api.post(MANAGED, json=sequence(name="New", folderId=12))

    assert answer.status_code == 200
    created = answer.json()
    assert created["sequence"]["name"] == "New"
    assert created["sequence"]["folderId"] == "12"
    assert created["userView"] == {
        "email": "rep@example.com",
        "firstName": "Rita",
        "lastName": "Rep",
    }


def test_a_list_and_one_of_the_managed_need_no_user_id(integrator: Integrator) -> None:
    created = integrator.create(name="New")

    listed = integrator.api.get(MANAGED).json()
    found = integrator.api.get(f"{MANAGED}/{created['id']}").json()

    assert [each["name"] for each in listed["results"]] == ["New"]
    assert found == created


def test_replacing_answers_the_bare_sequence_and_keeps_what_has_not_changed(
    integrator: Integrator,
) -> None:
    before = integrator.create(task(0), task(1, "TODO"), name="Before")
    integrator.world.advance(hours=1)

    answer = integrator.api.put(
        f"{MANAGED}/{before['id']}", json=sequence(task(0), task(1, "MEETING"), name="After")
    )

    assert answer.status_code == 200
    after = answer.json()
    assert (after["id"], after["name"]) == (before["id"], "After")
    assert after["createdAt"] == before["createdAt"] < after["updatedAt"]
    assert after["steps"][0]["id"] == before["steps"][0]["id"]
    assert after["steps"][1]["id"] != before["steps"][1]["id"]


def test_deleting_answers_204_and_it_is_gone(integrator: Integrator) -> None:
    created = integrator.create()

    answer = integrator.api.delete(f"{MANAGED}/{created['id']}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert integrator.api.get(f"{MANAGED}/{created['id']}").status_code == 404
    assert integrator.api.delete(f"{MANAGED}/{created['id']}").status_code == 404
    assert integrator.page()["total"] == 0


def test_a_sequence_that_someone_is_in_is_not_deleted(integrator: Integrator) -> None:
    created = integrator.create()
    integrator.enroll(created["id"], integrator.contact())

    answer = integrator.api.delete(f"{MANAGED}/{created['id']}")

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert "overrideActiveEnrollment=true" in answer.json()["message"]
    assert integrator.sequence(created["id"])["id"] == created["id"]


@pytest.mark.parametrize("override", ["true", "True", "TRUE", "1"])
def test_overriding_takes_everyone_out_and_deletes_it(
    integrator: Integrator, override: str
) -> None:
    created = integrator.create()
    contact = integrator.contact()
    integrator.enroll(created["id"], contact)

    answer = integrator.api.delete(
        f"{MANAGED}/{created['id']}", params={"overrideActiveEnrollment": override}
    )

    assert answer.status_code == 204
    assert integrator.api.get(f"{ENROLLMENTS}/contact/{contact}").status_code == 404


def test_an_override_that_is_no_boolean_is_400(integrator: Integrator) -> None:
    created = integrator.create()

    answer = integrator.api.delete(
        f"{MANAGED}/{created['id']}", params={"overrideActiveEnrollment": "perhaps"}
    )

    assert answer.status_code == 400


def test_unknown_fields_are_ignored_at_every_depth(integrator: Integrator) -> None:
    body = sequence({**task(0, surprise=1), "surprise": [2]}, surprise={"three": 3})

    assert integrator.api.post(MANAGED, json=body).status_code == 200


def test_null_in_an_optional_field_is_as_good_as_leaving_it_out(integrator: Integrator) -> None:
    call = task(0, subject=None, notes=None, queueId=None, templateId=None)
    nulls = {"folderId": None, "engagementTriggers": None}

    created = integrator.create({**call, "emailPattern": None, "delayMillisMin": None}, **nulls)

    assert "folderId" not in created
    assert "subject" not in created["steps"][0]["taskPattern"]


def test_every_missing_field_is_named_at_once(api: TestClient) -> None:
    body = sequence()
    del body["name"], body["steps"][0]["variants"]
    body["settings"] = {
        name: value
        for name, value in body["settings"].items()
        if name not in ("taskCreationMinute", "useThreadedFollowUps")
    }

    answer = api.post(MANAGED, json=body)

    missing = [
        "name",
        "steps[0].variants",
        "settings.taskCreationMinute",
        "settings.useThreadedFollowUps",
    ]
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        f"Some required fields were not set: [{', '.join(missing)}]"
    )
    assert [fault["in"] for fault in answer.json()["errors"]] == missing
    assert {fault["code"] for fault in answer.json()["errors"]} == {"REQUIRED_FIELD"}


def changed(path: str, value: Any) -> Body:
    """A sequence of an e-mail task and a call that is right but for the value at *path*."""
    body: Any = copy.deepcopy(
        sequence(task(0, "EMAIL"), task(1, delay=ONE_DAY), dependencies=[waits(1, 0)])
    )
    *parents, last = path.split(".")
    inner = body
    for part in parents:
        inner = inner[int(part) if part.isdigit() else part]
    inner[int(last) if last.isdigit() else last] = value
    return dict(body)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", 5),
        ("name", ""),
        ("name", "  "),
        ("name", "x" * 256),
        ("name", ["New"]),
        ("name", "\x00"),
        ("dynamic", "true"),
        ("dynamic", 1),
        ("folderId", {"id": 1}),
        ("folderId", 1.5),
        ("folderId", 2**63),
        ("steps", {}),
        ("steps", []),
        ("steps.0", "EMAIL"),
        ("steps.0.stepOrder", True),
        ("steps.0.stepOrder", 0.0),
        ("steps.0.stepOrder", "0"),
        ("steps.0.stepOrder", 1),
        ("steps.0.stepOrder", 2**31),
        ("steps.0.actionType", "SMS"),
        ("steps.0.actionType", "EMAIL"),
        ("steps.0.actionType", "FINISH_ENROLLMENT"),
        ("steps.0.actionType", 3),
        ("steps.1.delayMillis", -1),
        ("steps.1.delayMillis", 1e3),
        ("steps.1.delayMillis", 2**63),
        ("steps.1.delayMillis", 2**62),
        ("steps.1.delayMillis", 10**30),
        ("steps.1.delayMillisMin", 2 * 10**17),
        ("steps.1", {**task(1), "delayMillisMin": 2, "delayMillisMax": 1}),
        ("steps.1.branchNumber", -1),
        ("steps.1.variants", None),
        ("steps.1.variants", [{"activated": True}]),
        ("steps.1.variants", [variant(0), variant(0)]),
        ("steps.1.taskPattern", {"taskType": "CALL"}),
        ("steps.1.taskPattern.taskType", "NAP"),
        ("steps.1.taskPattern.queueId", 2**31),
        ("steps.1.taskPattern.templateId", "999999"),
        ("steps.1.taskPattern.templateId", "abc"),
        ("steps.1.taskPattern.subject", "x" * 1001),
        ("steps.1.taskPattern.notes", "x" * 65_537),
        ("steps.1.taskPattern.threadEmailToStepOrder", 1),
        ("dependencies", None),
        ("dependencies.0.dependencyType", "HOPE"),
        ("dependencies.0.reliesOnStepOrder", 7),
        ("dependencies.0.requiredByStepOrder", 0),
        ("dependencies.0.branchNumber", "0"),
        ("settings", []),
        ("settings.sendWindowStartMinute", 1081),
        ("settings.sendWindowStartMinute", -1),
        ("settings.sendWindowEndMinute", 1441),
        ("settings.taskCreationMinute", 1440),
        ("settings.taskReminderMinute", 2**40),
        ("settings.eligibleFollowUpDays", "SUNDAYS"),
        ("settings.individualTaskRemindersEnabled", 0),
        ("settings.unenrollmentSettings", {"emailSettings": {"criteria": "ALL"}}),
        ("settings.unenrollmentSettings.meetingSettings.criteria", "SOME"),
        ("engagementTriggers", {"numberOfOpens": -1}),
        ("engagementTriggers", 3),
    ],
)
def test_what_cannot_run_is_400_with_its_place(
    shared: Integrator, path: str, value: object
) -> None:
    answer = shared.api.post(MANAGED, json=changed(path, value))

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["message"]


def test_a_fault_in_a_step_says_which(api: TestClient) -> None:
    answer = api.post(MANAGED, json=sequence(task(0), step(1, "EMAIL"), task(2)))

    [fault] = answer.json()["errors"]
    assert fault["in"] == "steps[1].emailPattern"
    assert "steps[1].emailPattern" in answer.json()["message"]


def test_a_template_that_does_not_exist_is_named_with_its_step(api: TestClient) -> None:
    answer = api.post(MANAGED, json=sequence(email(0, 999)))

    [fault] = answer.json()["errors"]
    assert fault["in"] == "steps[0].emailPattern.templateId"


def test_a_sequence_of_nothing_but_its_finish_is_kept(integrator: Integrator) -> None:
    answer = integrator.api.post(
        MANAGED, json={**sequence(), "steps": [finish(0)], "dependencies": []}
    )

    assert answer.status_code == 200


def test_a_container_is_kept_and_shown(integrator: Integrator) -> None:
    created = integrator.create(step(0, "ADAPTIVE_CONTAINER"), task(1))

    assert integrator.sequence(created["id"])["steps"][0]["actionType"] == "ADAPTIVE_CONTAINER"


def test_a_list_of_the_managed_keeps_what_was_asked_in_its_links(integrator: Integrator) -> None:
    for name in ("call one", "call two", "other"):
        integrator.create(name=name)

    first = integrator.api.get(MANAGED, params={"limit": 1, "name": "call"}).json()
    second = integrator.api.get(first["paging"]["next"]["link"]).json()

    assert [each["name"] for each in second["results"]] == ["call two"]
    assert first["paging"]["next"]["link"].startswith(f"http://testserver{MANAGED}?")
    assert SEQUENCES not in first["paging"]["next"]["link"]
