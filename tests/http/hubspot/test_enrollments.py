"""Enrolling, and what is said of an enrollment, through HubSpot's API."""

from __future__ import annotations

import pytest

from tests.http.hubspot.bodies import CONTACTS, ENROLLMENTS, MANAGED, Body, email, sequence, task
from tests.http.hubspot.integrator import Integrator

NOW = "2026-03-02T15:00:00.000Z"


@pytest.fixture
def asked(integrator: Integrator) -> Body:
    """A request to enroll Ada that nothing is wrong with."""
    return {
        "sequenceId": integrator.create()["id"],
        "contactId": integrator.contact(),
        "senderEmail": "rep@example.com",
    }


def test_enrolling_answers_200_with_the_enrollment(integrator: Integrator, asked: Body) -> None:
    answer = integrator.api.post(ENROLLMENTS, params=integrator.user, json=asked)

    assert answer.status_code == 200
    assert answer.json() == {
        "id": "1",
        "toEmail": "ada@example.org",
        "enrolledAt": NOW,
        "updatedAt": NOW,
    }


def test_the_first_step_runs_at_once(integrator: Integrator) -> None:
    created = integrator.create(email(0, integrator.world.template_id))

    integrator.enroll(created["id"], integrator.contact())

    assert integrator.world.sent() == ["Mon 2026-03-02 10:00"]


def test_the_enrollment_of_a_contact_has_all_eight_fields(
    integrator: Integrator, asked: Body
) -> None:
    integrator.api.post(ENROLLMENTS, params=integrator.user, json=asked)

    answer = integrator.api.get(f"{ENROLLMENTS}/contact/{asked['contactId']}")

    assert answer.status_code == 200
    assert answer.json() == {
        "id": "1",
        "toEmail": "ada@example.org",
        "enrolledAt": NOW,
        "updatedAt": NOW,
        "sequenceId": asked["sequenceId"],
        "sequenceName": "Outreach",
        "enrolledBy": str(integrator.world.user_id),
        "enrolledByEmail": "rep@example.com",
    }


def test_a_paused_enrollment_is_still_the_contacts(integrator: Integrator, asked: Body) -> None:
    integrator.api.post(ENROLLMENTS, params=integrator.user, json=asked)
    integrator.world.advance(hours=2)
    integrator.world.pause(1)

    answer = integrator.api.get(
        f"{ENROLLMENTS}/contact/{asked['contactId']}", params=integrator.user
    )

    assert answer.status_code == 200
    assert answer.json()["updatedAt"] == "2026-03-02T17:00:00.000Z"


def test_an_enrollment_that_has_ended_is_404(integrator: Integrator, asked: Body) -> None:
    integrator.api.post(ENROLLMENTS, params=integrator.user, json=asked)
    integrator.world.unenroll(1)

    answer = integrator.api.get(f"{ENROLLMENTS}/contact/{asked['contactId']}")

    assert (answer.status_code, answer.json()["category"]) == (404, "OBJECT_NOT_FOUND")


@pytest.mark.parametrize(("given", "status"), [("999", 404), ("ada", 400), ("9" * 25, 400)])
def test_a_contact_that_nobody_knows_has_no_enrollment(
    integrator: Integrator, given: str, status: int
) -> None:
    assert integrator.api.get(f"{ENROLLMENTS}/contact/{given}").status_code == status


def test_ids_may_be_numbers_and_unknown_fields_are_ignored(
    integrator: Integrator, asked: Body
) -> None:
    body = {
        **asked,
        "sequenceId": int(asked["sequenceId"]),
        "contactId": int(asked["contactId"]),
        "senderAliasAddress": None,
        "startingStepOrder": 2,
        "userId": "999",
    }

    assert integrator.api.post(ENROLLMENTS, params=integrator.user, json=body).status_code == 200


def test_a_senders_own_address_is_one_of_its_aliases(integrator: Integrator, asked: Body) -> None:
    body = {**asked, "senderAliasAddress": "rep@example.com"}

    assert integrator.api.post(ENROLLMENTS, params=integrator.user, json=body).status_code == 200


def test_every_missing_field_is_named_at_once(integrator: Integrator) -> None:
    answer = integrator.api.post(ENROLLMENTS, params=integrator.user, json={"contactId": None})

    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "Some required fields were not set: [sequenceId, contactId, senderEmail]"
    )
    named = [fault["in"] for fault in answer.json()["errors"]]
    assert named == ["sequenceId", "contactId", "senderEmail"]


def test_without_a_user_id_nobody_is_enrolled(integrator: Integrator, asked: Body) -> None:
    answer = integrator.api.post(ENROLLMENTS, json=asked)

    assert answer.status_code == 400
    assert answer.json()["message"] == "query param userId may not be null"


@pytest.mark.parametrize("user_id", ["999", "rep", ""])
def test_a_user_id_that_is_nobodys_is_400(
    integrator: Integrator, asked: Body, user_id: str
) -> None:
    answer = integrator.api.post(ENROLLMENTS, params={"userId": user_id}, json=asked)

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"][0]["in"] == "userId"


@pytest.mark.parametrize("field", ["sequenceId", "contactId"])
def test_what_does_not_exist_is_404(integrator: Integrator, asked: Body, field: str) -> None:
    answer = integrator.api.post(ENROLLMENTS, params=integrator.user, json={**asked, field: "999"})

    assert (answer.status_code, answer.json()["category"]) == (404, "OBJECT_NOT_FOUND")


@pytest.mark.parametrize("value", ["abc", "", True, 1.5, [1], {"id": 1}, "9" * 20, 2**63], ids=repr)
@pytest.mark.parametrize("field", ["sequenceId", "contactId"])
def test_an_id_that_is_none_is_400(shared: Integrator, field: str, value: object) -> None:
    body = {"sequenceId": 1, "contactId": 1, "senderEmail": "rep@example.com", field: value}

    answer = shared.api.post(ENROLLMENTS, params=shared.user, json=body)

    assert (answer.status_code, answer.json()["errors"][0]["in"]) == (400, field)


def test_a_contact_is_in_one_sequence_at_a_time(integrator: Integrator, asked: Body) -> None:
    integrator.api.post(ENROLLMENTS, params=integrator.user, json=asked)

    answer = integrator.api.post(ENROLLMENTS, params=integrator.user, json=asked)

    assert answer.status_code == 400
    body = answer.json()
    assert body["message"] == "Contact already enrolled in a sequence"
    assert body["category"] == "VALIDATION_ERROR"
    assert body["subCategory"] == "SequenceError.CONTACT_ALREADY_ENROLLED"


def test_a_sender_without_an_inbox_is_refused_by_name(integrator: Integrator, asked: Body) -> None:
    body = {**asked, "senderEmail": "stranger@example.com"}

    answer = integrator.api.post(ENROLLMENTS, params=integrator.user, json=body)

    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"
    assert answer.json()["subCategory"] == (
        "SequenceStandardFriendlyError.PUBLIC_ENROLL_NO_CONNECTED_EMAILS"
    )
    assert answer.json()["context"] == {"senderEmail": ["stranger@example.com"]}


def test_an_alias_that_is_not_the_senders_is_refused(integrator: Integrator, asked: Body) -> None:
    body = {**asked, "senderAliasAddress": "other@example.com"}

    answer = integrator.api.post(ENROLLMENTS, params=integrator.user, json=body)

    assert answer.status_code == 400
    assert answer.json()["context"] == {"senderAliasAddress": ["other@example.com"]}


def test_a_contact_without_an_address_is_refused(integrator: Integrator, asked: Body) -> None:
    nameless = integrator.api.post(CONTACTS, json={"properties": {"firstname": "Nemo"}}).json()

    answer = integrator.api.post(
        ENROLLMENTS, params=integrator.user, json={**asked, "contactId": nameless["id"]}
    )

    assert answer.status_code == 400
    assert answer.json()["subCategory"].startswith("SequenceError.")


def test_taking_the_contact_away_ends_its_enrollment(integrator: Integrator, asked: Body) -> None:
    integrator.api.post(ENROLLMENTS, params=integrator.user, json=asked)

    integrator.api.delete(f"{CONTACTS}/{asked['contactId']}")

    assert integrator.api.get(f"{ENROLLMENTS}/contact/{asked['contactId']}").status_code == 404


def test_there_is_no_enrollment_to_delete_by_id(integrator: Integrator, asked: Body) -> None:
    integrator.api.post(ENROLLMENTS, params=integrator.user, json=asked)

    assert integrator.api.delete(f"{ENROLLMENTS}/1").status_code == 404


def test_an_edit_reaches_those_who_come_later(integrator: Integrator, asked: Body) -> None:
    integrator.api.post(ENROLLMENTS, params=integrator.user, json=asked)

    integrator.api.put(f"{MANAGED}/{asked['sequenceId']}", json=sequence(task(0), name="Edited"))

    found = integrator.api.get(f"{ENROLLMENTS}/contact/{asked['contactId']}").json()
    assert found["sequenceName"] == "Edited"
    assert integrator.world.standing(1).version == 1
