from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from drumbeat import documents
from drumbeat.domain.sequence import (
    EmailContent,
    EngagementTriggers,
    Step,
    TaskType,
    Variant,
)
from drumbeat.store import sequences
from tests.world import OFFICE_HOURS, World

ONE_DAY = timedelta(days=1)


def test_a_sequence_has_every_field_and_what_it_says(api: TestClient, world: World) -> None:
    sequence_id = world.sequence(world.email(), world.task(2), waits=((1, 2),))

    found = api.get(f"sequences/{sequence_id}").json()

    document = found.pop("document")
    assert found == {
        "id": "1",
        "name": "Outreach",
        "userId": "1",
        "folderId": None,
        "version": 1,
        "createdAt": "2026-03-02T15:00:00.000Z",
        "updatedAt": "2026-03-02T15:00:00.000Z",
    }
    assert [step["kind"] for step in document["steps"]] == ["email", "task", "finish"]
    assert document["steps"][2]["waitsFor"] == [1]
    assert document["settings"]["tasksAt"] == "08:00"
    [row] = api.get("sequences").json()["results"]
    assert row == found


def test_sequences_are_listed_in_pages(api: TestClient, world: World) -> None:
    for _ in range(3):
        world.sequence(world.email())

    first = api.get("sequences", params={"limit": 2}).json()
    rest = api.get(first["paging"]["next"]["link"]).json()

    assert [row["id"] for row in first["results"] + rest["results"]] == ["1", "2", "3"]
    assert "paging" not in rest


def test_versions_say_who_is_on_the_way_in_them(api: TestClient, world: World) -> None:
    sequence_id = world.sequence(world.email(), world.email(1))
    world.enroll(sequence_id)
    world.advance(hours=1)
    world.edit(sequence_id, world.email(), world.email(2))

    versions = api.get(f"sequences/{sequence_id}/versions").json()

    assert versions == {
        "results": [
            {
                "version": 2,
                "createdAt": "2026-03-02T16:00:00.000Z",
                "current": True,
                "active": 0,
            },
            {
                "version": 1,
                "createdAt": "2026-03-02T15:00:00.000Z",
                "current": False,
                "active": 1,
            },
        ]
    }


def test_a_version_says_what_hubspots_answers_leave_out(api: TestClient, world: World) -> None:
    sequence_id = intricate(world)

    found = api.get(f"sequences/{sequence_id}/versions/1").json()

    document = found["document"]
    [step, _] = document["steps"]
    assert (step["dynamic"], step["minDelay"], step["maxDelay"], step["branch"]) == (
        True,
        "P1D",
        "P2D",
        3,
    )
    assert [(each["ordinal"], each["active"]) for each in step["variants"]] == [(1, False)]
    assert (document["dynamic"], document["triggers"]) == (True, {"opens": 2, "clicks": None})
    assert (found["version"], found["current"], found["active"]) == (1, True, 0)


def test_the_document_of_a_version_stands_for_that_version(api: TestClient, world: World) -> None:
    sequence_id = intricate(world)

    written = api.get(f"sequences/{sequence_id}/versions/1").json()["document"]

    document = documents.read(written)
    with world.engine.database.reading() as tx:
        kept = sequences.version(tx, world.account_id, sequence_id, 1)
    read = documents.to_definition(document, documents.ids_given(document))
    assert documents.in_full("Outreach", None, read, str) == documents.in_full(
        "Outreach", None, kept, str
    )


def intricate(world: World) -> int:
    """A sequence of one step that says everything it can, on a sequence that does too."""
    content = EmailContent(template_id=world.template_id)
    step: Step = replace(
        world.email(1),
        branch=3,
        is_dynamic=True,
        delay_min=ONE_DAY,
        delay_max=2 * ONE_DAY,
        variants=(Variant(ordinal=1, is_active=False, content=content),),
    )
    sequence_id = world.sequence(step)
    with world.engine.database.reading() as tx:
        definition = sequences.get(tx, world.account_id, sequence_id).definition
    said = replace(definition, is_dynamic=True, triggers=EngagementTriggers(opens=2))
    created = world.engine.authoring.create_sequence(
        world.account_id, world.user_id, name="Intricate", folder_id=None, definition=said
    )
    return created.id


def test_the_differences_are_those_to_the_version_before(api: TestClient, world: World) -> None:
    sequence_id = world.sequence(world.email(), world.email(1))
    world.edit(sequence_id, world.email(), world.task(1), world.email(1))

    compared = api.get(f"sequences/{sequence_id}/versions/2/differences").json()

    [change] = compared.pop("changes")
    assert compared == {"from": 1, "to": 2}
    assert (change["path"], change["kind"], change["before"]) == ("steps[1]", "added", None)
    assert change["after"]["type"] == "CALL"
    assert change["text"] == "added step 1: task, delay P1D, type CALL, priority HIGH"


def test_any_two_versions_can_be_compared(api: TestClient, world: World) -> None:
    sequence_id = world.sequence(world.email())
    world.edit(sequence_id, world.task(kind=TaskType.TODO))
    world.edit(sequence_id, world.email())

    same = api.get(f"sequences/{sequence_id}/versions/3/differences", params={"from": 1}).json()
    back = api.get(f"sequences/{sequence_id}/versions/1/differences", params={"from": 2}).json()

    assert same == {"from": 1, "to": 3, "changes": []}
    assert [change["kind"] for change in back["changes"]] == ["removed", "added"]


@pytest.mark.parametrize(
    ("address", "status", "why"),
    [
        ("sequences/9", 404, "there is no sequence 9"),
        ("sequences/9/versions", 404, "there is no sequence 9"),
        ("sequences/9/versions/1", 404, "there is no sequence 9"),
        ("sequences/1/versions/9", 404, "there is no version 9 of sequence 1"),
        ("sequences/1/versions/0", 400, "version ID provided is invalid"),
        ("sequences/1/versions/99999999999", 400, "version ID provided is invalid"),
        ("sequences/1/versions/one", 400, "version ID provided is invalid"),
        ("sequences/1/versions/1/differences", 400, "version 1 has none before it"),
        ("sequences/1/versions/1/differences?from=9", 404, "there is no version 9"),
        ("sequences/1/versions/1/differences?from=0", 400, "from"),
        ("sequences/1/versions/1/differences?from=x", 400, "from"),
        ("sequences?limit=101", 400, "limit"),
    ],
)
def test_what_is_not_there_is_said(
    api: TestClient, world: World, address: str, status: int, why: str
) -> None:
    world.sequence(world.email())

    answer = api.get(address)

    assert answer.status_code == status
    assert why in answer.json()["message"]


def test_a_sequence_that_was_deleted_has_no_versions(api: TestClient, world: World) -> None:
    sequence_id = world.sequence(world.email())
    world.engine.authoring.delete_sequence(world.account_id, sequence_id, override=False)

    assert api.get(f"sequences/{sequence_id}/versions").status_code == 404


def test_another_account_sees_none_of_it(api: TestClient, world: World) -> None:
    sequence_id = world.sequence(world.email())
    other = world.engine.access.create_account(
        email="other@example.org", name="Other", timezone="UTC"
    )
    api.headers["Authorization"] = f"Bearer {other.token}"

    answers: list[Any] = [
        api.get(f"sequences/{sequence_id}{rest}").status_code
        for rest in ("", "/versions", "/versions/1", "/versions/1/differences?from=1")
    ]

    assert answers == [404] * 4
    assert api.get("sequences").json()["results"] == []


def test_settings_in_a_document_are_those_of_the_sequence(api: TestClient, world: World) -> None:
    settings = replace(OFFICE_HOURS, has_task_reminders=False, threads_follow_ups=False)
    sequence_id = world.sequence(world.email(), settings=settings)

    told = api.get(f"sequences/{sequence_id}").json()["document"]["settings"]

    assert (told["remindersAt"], told["reminders"], told["threadsFollowUps"]) == (
        None,
        False,
        False,
    )
