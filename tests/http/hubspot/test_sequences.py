"""Reading sequences the way the v4 API has them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.clients import client_of
from tests.http.hubspot.addresses import VERSIONS
from tests.http.hubspot.bodies import (
    MANAGED,
    ONE_DAY,
    SEQUENCES,
    email,
    sequence,
    step,
    task,
    variant,
    waits,
)
from tests.http.hubspot.integrator import Integrator, Json
from tests.world import World

NOW = "2026-03-02T15:00:00.000Z"


DATES = {"createdAt": NOW, "updatedAt": NOW}

GUIDE = sequence(
    task(0, "CALL", notes="<p>Call them</p>"),
    task(1, "EMAIL", delay=ONE_DAY),
    name="Guide",
    dependencies=[waits(1, 0), waits(2, 1)],
)
GUIDE_SHOWN: Json = {
    "name": "Guide",
    "userId": "1",
    "steps": [
        {
            "stepOrder": 0,
            "actionType": "TASK",
            "delayMillis": 0,
            "taskPattern": {
                "taskType": "CALL",
                "taskPriority": "HIGH",
                "notes": "<p>Call them</p>",
                **DATES,
            },
            **DATES,
        },
        {
            "stepOrder": 1,
            "actionType": "TASK",
            "delayMillis": ONE_DAY,
            "taskPattern": {"taskType": "EMAIL", "taskPriority": "HIGH", **DATES},
            **DATES,
        },
        {"stepOrder": 2, "actionType": "FINISH_ENROLLMENT", "delayMillis": 0, **DATES},
    ],
    "dependencies": [
        {
            "dependencyType": "TASK_COMPLETION",
            "reliesOnStepOrder": relies_on,
            "requiredByStepOrder": relies_on + 1,
            **DATES,
        }
        for relies_on in (0, 1)
    ],
    "settings": {
        "eligibleFollowUpDays": "BUSINESS_DAYS",
        "sellingStrategy": "LEAD_BASED",
        "sendWindowStartMinute": 480,
        "sendWindowEndMinute": 1080,
        "taskReminderMinute": 540,
        "individualTaskRemindersEnabled": True,
        **DATES,
    },
    **DATES,
}
NEVER_SHOWN = (
    '"dynamic"',
    '"variants"',
    "branchNumber",
    "engagementTriggers",
    "taskCreationMinute",
    "unenrollmentSettings",
    "useThreadedFollowUps",
    "delayMillisMin",
    "delayMillisMax",
    "null",
)
IDS = ("id", "reliesOnSequenceStepId", "requiredBySequenceStepId")


def without_ids(found: Any) -> Any:
    if isinstance(found, list):
        return [without_ids(each) for each in found]
    if not isinstance(found, dict):
        return found
    return {name: without_ids(value) for name, value in found.items() if name not in IDS}


def test_the_guides_example_comes_back_field_for_field(integrator: Integrator) -> None:
    created = integrator.api.post(MANAGED, json=GUIDE).json()["sequence"]

    found = integrator.sequence(created["id"])

    assert without_ids(found) == GUIDE_SHOWN
    assert found["id"] == created["id"]


def test_a_dependency_names_its_steps_by_their_ids_too(integrator: Integrator) -> None:
    found = integrator.api.post(MANAGED, json=GUIDE).json()["sequence"]

    [first, second, last] = [step["id"] for step in found["steps"]]
    assert [
        (each["reliesOnSequenceStepId"], each["requiredBySequenceStepId"])
        for each in found["dependencies"]
    ] == [(first, second), (second, last)]


def test_every_part_has_an_id_of_its_own_in_digits(integrator: Integrator) -> None:
    found = integrator.create(task(0), task(1), dependencies=[waits(1, 0)])

    parts = [*found["steps"], *found["dependencies"], found["settings"]]
    patterns = [step["taskPattern"] for step in found["steps"] if "taskPattern" in step]
    ids = [part["id"] for part in parts + patterns]
    assert len(set(ids)) == len(ids) == 7
    assert all(isinstance(each, str) and each.isdigit() for each in ids)


def test_a_task_names_its_queue_and_template_in_numbers_and_in_v2_in_strings(
    integrator: Integrator,
) -> None:
    template_id = integrator.world.template_id
    call = task(0, "EMAIL", queueId="77", templateId=template_id, subject="Write")
    managed = integrator.create(call, email(1, template_id, threadEmailToStepOrder=0))

    plain = integrator.sequence(managed["id"])

    [v1, v2] = [each["steps"][0]["taskPattern"] for each in (plain, managed)]
    assert (v1["queueId"], v1["templateId"]) == (77, template_id)
    assert (v2["queueId"], v2["templateId"]) == ("77", str(template_id))
    assert v1["subject"] == v2["subject"] == "Write"
    for each in (plain, managed):
        assert each["steps"][1]["emailPattern"]["templateId"] == str(template_id)
        assert each["steps"][1]["emailPattern"]["threadEmailToStepOrder"] == 0


def test_the_pattern_shown_is_that_of_the_lowest_active_variant(integrator: Integrator) -> None:
    ids = [integrator.template(name=f"Template {number}")["id"] for number in range(4)]
    variants = [
        variant(3, emailPattern={"templateId": ids[3]}),
        variant(2, emailPattern={"templateId": ids[2]}),
        variant(1, active=False, emailPattern={"templateId": ids[1]}),
    ]

    created = integrator.create({**email(0, ids[0]), "variants": variants})

    assert integrator.sequence(created["id"])["steps"][0]["emailPattern"]["templateId"] == ids[2]


def test_the_steps_own_pattern_is_shown_where_no_variant_is_active(integrator: Integrator) -> None:
    ids = [integrator.template(name=f"Template {number}")["id"] for number in range(2)]
    asleep = variant(0, active=False, emailPattern={"templateId": ids[1]})

    created = integrator.create({**email(0, ids[0]), "variants": [asleep]})

    assert created["steps"][0]["emailPattern"]["templateId"] == ids[0]


def test_a_step_may_say_everything_in_its_variants(integrator: Integrator) -> None:
    call = variant(0, taskPattern={"taskType": "CALL", "taskPriority": "LOW"})
    todo = variant(1, taskPattern={"taskType": "TODO", "taskPriority": "LOW"})

    created = integrator.create(step(0, "TASK", variants=[todo, call]))

    assert created["steps"][0]["taskPattern"]["taskType"] == "CALL"


def test_what_hubspot_does_not_echo_is_not_echoed(integrator: Integrator) -> None:
    bounds = {"delayMillisMin": 1, "delayMillisMax": 2}
    rich = {**task(0), **bounds, "dynamic": True, "branchNumber": 2, "variants": [variant(0)]}
    body = sequence(rich, dynamic=True, engagementTriggers={"numberOfOpens": 3})

    answers = [integrator.api.post(MANAGED, json=body)]
    created_id = answers[0].json()["sequence"]["id"]
    answers.append(integrator.api.put(f"{MANAGED}/{created_id}", json=body))
    answers.append(integrator.api.get(f"{MANAGED}/{created_id}"))
    answers += [integrator.api.get(f"{at}/{created_id}", params=integrator.user) for at in VERSIONS]

    for answer in answers:
        assert answer.status_code == 200
        assert [name for name in NEVER_SHOWN if name in answer.text] == []


def test_the_strategy_of_the_email_settings_is_the_one_that_counts(integrator: Integrator) -> None:
    rules = {
        "emailSettings": {"criteria": "ALL", "sellingStrategy": "ACCOUNT_BASED"},
        "meetingSettings": {"criteria": "ALL", "sellingStrategy": "LEAD_BASED"},
    }
    body = sequence(name="Rules")
    body["settings"] = {**body["settings"], "unenrollmentSettings": rules}

    created = integrator.api.post(MANAGED, json=body).json()["sequence"]

    assert created["settings"]["sellingStrategy"] == "ACCOUNT_BASED"


def test_a_sequence_is_read_as_it_stands_after_every_change(integrator: Integrator) -> None:
    created = integrator.create(name="Before")
    integrator.sequence(created["id"])

    integrator.api.put(f"{MANAGED}/{created['id']}", json=sequence(name="After"))

    assert integrator.sequence(created["id"])["name"] == "After"


def test_a_list_is_by_name_whatever_the_case(integrator: Integrator) -> None:
    for name in ("beta", "Alpha", "gamma", "Delta", "alpha"):
        integrator.create(name=name)

    found = integrator.page()

    assert integrator.names() == ["Alpha", "alpha", "beta", "Delta", "gamma"]
    assert found["total"] == 5
    assert "paging" not in found
    assert found["results"][0] == {
        "id": "2",
        "name": "Alpha",
        "userId": str(integrator.world.user_id),
        **DATES,
    }


def test_a_list_is_cut_into_pages_that_a_link_leads_through(integrator: Integrator) -> None:
    for name in ("one", "two", "three"):
        integrator.create(name=name)

    first = integrator.page(limit=2, name="")
    second = integrator.api.get(first["paging"]["next"]["link"]).json()

    assert first["paging"]["next"]["after"] == "Mg%3D%3D"
    assert [each["name"] for each in first["results"]] == ["one", "three"]
    assert [each["name"] for each in second["results"]] == ["two"]
    assert (first["total"], second["total"]) == (3, 3)
    assert "paging" not in second


def test_a_cursor_may_come_back_as_it_stood_in_the_json(integrator: Integrator) -> None:
    for name in ("one", "two", "three"):
        integrator.create(name=name)

    after = integrator.page(limit=2)["paging"]["next"]["after"]

    assert integrator.names(after=after) == ["two"]


def test_a_page_past_the_end_is_empty(integrator: Integrator) -> None:
    integrator.create(name="one")

    found = integrator.page(after="OTk5")

    assert found == {"total": 1, "results": []}


@pytest.mark.parametrize(
    ("part", "found"),
    [("CALL", ["Recall", "call them"]), ("100%", ["100% sure"]), ("_", []), ("zzz", [])],
)
def test_a_list_can_be_asked_for_part_of_a_name(
    integrator: Integrator, part: str, found: list[str]
) -> None:
    for name in ("Recall", "call them", "100% sure", "1000 calm days"):
        integrator.create(name=name)

    assert sorted(integrator.names(name=part)) == sorted(found)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5", "", "1e2", "9" * 30])
def test_a_page_has_between_1_and_100_rows(shared: Integrator, limit: str) -> None:
    answer = shared.api.get(SEQUENCES, params={**shared.user, "limit": limit})

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"][0]["in"] == "limit"


def test_a_cursor_of_nobodys_is_400(shared: Integrator) -> None:
    answer = shared.api.get(SEQUENCES, params={**shared.user, "after": "!!"})

    assert (answer.status_code, answer.json()["errors"][0]["in"]) == (400, "after")


@pytest.mark.parametrize("path", [SEQUENCES, f"{SEQUENCES}/1"])
def test_without_a_user_id_nothing_is_read(shared: Integrator, path: str) -> None:
    answer = shared.api.get(path)

    assert answer.status_code == 400
    assert answer.json()["message"] == "query param userId may not be null"


@pytest.mark.parametrize("user_id", ["999", "me", "", "-1", "1.0", "9" * 25])
@pytest.mark.parametrize("path", [SEQUENCES, f"{SEQUENCES}/1"])
def test_a_user_id_that_is_nobodys_is_400(shared: Integrator, path: str, user_id: str) -> None:
    answer = shared.api.get(path, params={"userId": user_id})

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"][0]["in"] == "userId"


def test_a_colleagues_sequences_are_shared(integrator: Integrator) -> None:
    integrator.create(name="Shared")
    colleague = integrator.world.engine.access.add_user(
        integrator.world.account_id, email="cy@example.com", name="Cy", timezone="UTC"
    )

    assert integrator.names(userId=colleague.id) == ["Shared"]


@pytest.mark.parametrize("path", [SEQUENCES, MANAGED])
@pytest.mark.parametrize("given", ["sequences", "abc", "-5", "1.0", "9" * 20, "0x1"])
def test_an_id_that_is_no_number_is_called_invalid(
    shared: Integrator, path: str, given: str
) -> None:
    answer = shared.api.get(f"{path}/{given}", params=shared.user)

    assert answer.status_code == 400
    assert answer.json()["message"] == "The sequence ID provided is invalid"
    assert answer.json()["context"] == {"sequenceId": [given]}


@pytest.mark.parametrize("path", [SEQUENCES, MANAGED])
def test_an_id_that_is_nothings_is_404(shared: Integrator, path: str) -> None:
    answer = shared.api.get(f"{path}/999", params=shared.user)

    assert (answer.status_code, answer.json()["category"]) == (404, "OBJECT_NOT_FOUND")


def test_another_accounts_sequence_is_not_there(integrator: Integrator, world: World) -> None:
    created = integrator.create()
    account = world.engine.access.create_account(
        email="eve@example.net", name="Eve", timezone="UTC"
    )
    eve = client_of(world)
    eve.headers["Authorization"] = f"Bearer {account.token}"

    answers = [
        eve.get(f"{SEQUENCES}/{created['id']}", params={"userId": account.user.id}),
        eve.get(f"{MANAGED}/{created['id']}"),
        eve.put(f"{MANAGED}/{created['id']}", json=sequence()),
        eve.delete(f"{MANAGED}/{created['id']}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
    assert eve.get(MANAGED).json() == {"total": 0, "results": []}
