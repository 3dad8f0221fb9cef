"""What HubSpot's versions of the Sequences API have in common, and what one of them changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from drumbeat.domain.scopes import SEQUENCES_READ
from tests.http.clients import client_of
from tests.http.hubspot.addresses import MANAGING, VERSIONS
from tests.http.hubspot.bodies import ONE_DAY, Body, email, sequence, step, task, waits
from tests.http.hubspot.integrator import Integrator, Json

WITHOUT_ADAPTIVE = [address for address, (_, is_adaptive) in VERSIONS.items() if not is_adaptive]
WITH_ADAPTIVE = [address for address, (_, is_adaptive) in VERSIONS.items() if is_adaptive]


@pytest.fixture
def adaptive(integrator: Integrator) -> str:
    """The id of a sequence with a container, and with a dependency of each kind around it."""
    created = integrator.create(
        task(0),
        step(1, "ADAPTIVE_CONTAINER"),
        task(2),
        name="Adaptive",
        dependencies=[
            waits(1, 0),
            waits(2, 0),
            waits(2, 1, "ADAPTIVE_COMPLETION"),
            waits(3, 1, "MANUAL_PAUSE"),
            waits(3, 2, "ADAPTIVE_COMPLETION"),
        ],
    )
    return str(created["id"])


def test_a_version_without_adaptive_steps_leaves_them_out_and_renumbers_nothing(
    integrator: Integrator, adaptive: str
) -> None:
    whole = integrator.sequence(adaptive)

    shown = at_each(integrator, WITHOUT_ADAPTIVE, f"/{adaptive}")

    assert len(shown) == 2
    for found in shown:
        assert [each["stepOrder"] for each in found["steps"]] == [0, 2, 3]
        assert found["steps"] == [each for each in whole["steps"] if each["stepOrder"] != 1]
        assert found["dependencies"] == [whole["dependencies"][1]]
        assert found["settings"] == whole["settings"]


def test_a_version_with_adaptive_steps_shows_them_whoever_asked_before(
    integrator: Integrator, adaptive: str
) -> None:
    at_each(integrator, WITHOUT_ADAPTIVE, f"/{adaptive}")

    shown = at_each(integrator, WITH_ADAPTIVE, f"/{adaptive}")

    assert len(shown) == 3
    for found in shown:
        assert found["steps"][1]["actionType"] == "ADAPTIVE_CONTAINER"
        assert len(found["dependencies"]) == 5


def test_whoever_manages_a_sequence_sees_all_of_it(integrator: Integrator, adaptive: str) -> None:
    one, other = at_each(integrator, MANAGING, f"/serviceaccounts/sequences/{adaptive}")

    assert [each["stepOrder"] for each in one["steps"]] == [0, 1, 2, 3]
    assert one == other


def test_a_sequence_of_nothing_but_containers_is_shown_as_its_finish(
    integrator: Integrator,
) -> None:
    created = integrator.create(step(0, "ADAPTIVE_CONTAINER"), step(1, "ADAPTIVE_CONTAINER"))

    for found in at_each(integrator, WITHOUT_ADAPTIVE, f"/{created['id']}"):
        assert [each["actionType"] for each in found["steps"]] == ["FINISH_ENROLLMENT"]
        assert found["dependencies"] == []


def test_whoever_reads_gets_queue_and_template_as_numbers(integrator: Integrator) -> None:
    template_id = integrator.world.template_id
    created = integrator.create(task(0, "EMAIL", queueId="7", templateId=str(template_id)))

    for found in at_each(integrator, VERSIONS, f"/{created['id']}"):
        pattern = found["steps"][0]["taskPattern"]
        assert (pattern["queueId"], pattern["templateId"]) == (7, template_id)


def test_whoever_manages_gets_queue_and_template_as_strings(integrator: Integrator) -> None:
    template_id = str(integrator.world.template_id)
    created = integrator.create(task(0, "EMAIL", queueId=7, templateId=template_id))

    for found in at_each(integrator, MANAGING, f"/serviceaccounts/sequences/{created['id']}"):
        pattern = found["steps"][0]["taskPattern"]
        assert (pattern["queueId"], pattern["templateId"]) == ("7", template_id)


def test_a_delay_is_told_in_full_also_where_hubspot_declares_too_few_bits(
    integrator: Integrator,
) -> None:
    created = integrator.create(task(0), task(1, delay=90 * ONE_DAY))

    shown = at_each(integrator, VERSIONS, f"/{created['id']}")

    assert {found["steps"][1]["delayMillis"] for found in shown} == {7_776_000_000}


def test_a_list_leads_on_at_the_address_that_it_was_asked_at(integrator: Integrator) -> None:
    for name in ("one", "two"):
        integrator.create(name=name)

    for address in VERSIONS:
        [first] = at_each(integrator, [address], "", limit=1)
        link = first["paging"]["next"]["link"]
        assert link.startswith(f"http://testserver{address}?")
        assert [each["name"] for each in integrator.api.get(link).json()["results"]] == ["two"]


def test_an_enrollment_made_at_one_version_is_there_at_every_other(
    integrator: Integrator,
) -> None:
    for count, address in enumerate(VERSIONS):
        contact_id = integrator.contact(f"ada{count}@example.org")
        body = asked_for(integrator, contact_id)

        made = integrator.api.post(f"{address}/enrollments", params=integrator.user, json=body)

        assert made.status_code == 200
        for found in at_each(integrator, VERSIONS, f"/enrollments/contact/{contact_id}"):
            assert found.items() > made.json().items()


@pytest.mark.parametrize("address", VERSIONS)
@pytest.mark.parametrize("end", ["/", "//"])
def test_a_slash_too_many_changes_nothing(shared: Integrator, address: str, end: str) -> None:
    doubled = address.replace("sequences", "/sequences")
    listed = shared.api.get(f"{doubled}{end}", params=shared.user)
    enrolled = shared.api.post(f"{doubled}/enrollments{end}", params=shared.user, json={})

    assert listed.json() == {"total": 0, "results": []}
    assert enrolled.json()["message"].startswith("Some required fields were not set")


@pytest.mark.parametrize("address", VERSIONS)
def test_the_word_sequences_after_a_version_is_read_as_an_id(
    shared: Integrator, address: str
) -> None:
    answer = shared.api.get(f"{address}/sequences", params=shared.user)

    assert answer.status_code == 400
    assert answer.json()["message"] == "The sequence ID provided is invalid"
    assert answer.json()["context"] == {"sequenceId": ["sequences"]}


@pytest.mark.parametrize(
    ("method", "rest", "allowed"),
    [
        ("POST", "", "GET"),
        ("DELETE", "/1", "GET"),
        ("DELETE", "/enrollments", "GET, POST"),
        ("POST", "/enrollments/contact/1", "GET"),
    ],
)
@pytest.mark.parametrize("address", VERSIONS)
def test_a_method_that_a_version_does_not_have_is_405(
    shared: Integrator, address: str, method: str, rest: str, allowed: str
) -> None:
    answer = shared.api.request(method, f"{address}{rest}", params=shared.user)

    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("version", ["2025-03", "2026-09-BETA", "v4", "v3"])
def test_a_version_that_hubspot_never_published_is_404(shared: Integrator, version: str) -> None:
    answer = shared.api.get(f"/automation/sequences/{version}", params=shared.user)

    assert (answer.status_code, answer.json()["category"]) == (404, "OBJECT_NOT_FOUND")


@pytest.mark.parametrize("address", set(VERSIONS) - set(MANAGING))
def test_only_two_versions_have_management(shared: Integrator, address: str) -> None:
    assert shared.api.get(f"{address}/serviceaccounts/sequences").status_code == 404


@pytest.mark.parametrize("address", MANAGING)
def test_a_managing_client_enrolls_as_the_tokens_user(integrator: Integrator, address: str) -> None:
    contact_id = integrator.contact()

    answer = integrator.api.post(
        f"{address}/serviceaccounts/enrollments",
        params={"userId": "999"},
        json=asked_for(integrator, contact_id),
    )

    assert answer.status_code == 200
    assert answer.json().keys() == {"id", "toEmail", "enrolledAt", "updatedAt"}
    found = integrator.api.get(f"{address}/enrollments/contact/{contact_id}").json()
    assert found["enrolledByEmail"] == "rep@example.com"


@pytest.mark.parametrize("address", MANAGING)
def test_a_managing_client_is_refused_what_any_other_is(
    integrator: Integrator, address: str
) -> None:
    body = asked_for(integrator, integrator.contact())
    integrator.api.post(f"{address}/serviceaccounts/enrollments", json=body)

    again = integrator.api.post(f"{address}/serviceaccounts/enrollments", json=body)

    assert again.status_code == 400
    assert again.json()["subCategory"] == "SequenceError.CONTACT_ALREADY_ENROLLED"


@pytest.mark.parametrize("address", MANAGING)
def test_to_enroll_as_oneself_takes_the_scope_for_it(integrator: Integrator, address: str) -> None:
    reader = client_of(integrator.world, [SEQUENCES_READ])

    answer = reader.post(
        f"{address}/serviceaccounts/enrollments",
        json=asked_for(integrator, integrator.contact()),
    )

    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")


def test_a_sequence_can_be_managed_at_either_address(integrator: Integrator) -> None:
    for address in MANAGING:
        managed = f"{address}/serviceaccounts/sequences"
        created = integrator.create(email(0, integrator.world.template_id), name="Before")

        replaced = integrator.api.put(f"{managed}/{created['id']}", json=sequence(name="After"))
        deleted = integrator.api.delete(f"{managed}/{created['id']}")

        assert (replaced.status_code, replaced.json()["name"]) == (200, "After")
        assert (deleted.status_code, deleted.content) == (204, b"")


def at_each(
    integrator: Integrator, addresses: Iterable[str], rest: str, **asked: Any
) -> list[Json]:
    """What is answered to the same request at each of these addresses."""
    params = {**integrator.user, **asked}
    answers = [integrator.api.get(f"{address}{rest}", params=params) for address in addresses]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json() for answer in answers]


def asked_for(integrator: Integrator, contact_id: str) -> Body:
    return {
        "sequenceId": integrator.create()["id"],
        "contactId": contact_id,
        "senderEmail": "rep@example.com",
    }
