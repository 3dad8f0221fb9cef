from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from drumbeat.domain.sequence import EmailContent, Variant
from drumbeat.store import templates
from drumbeat.store.tables import templates as templates_table
from tests.http.native.conftest import our_client_of
from tests.memory_outbox import AWAY
from tests.wall_clock import NEW_YORK
from tests.world import SERVER, World


def validated(api: TestClient, sequence_id: int, **query: Any) -> dict[str, Any]:
    answer = api.get(f"sequences/{sequence_id}/validation", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def found(api: TestClient, sequence_id: int, **query: Any) -> dict[str, list[str] | None]:
    """The codes of the findings, each with whom it is about."""
    findings = validated(api, sequence_id, **query)["findings"]
    return {finding["code"]: finding["contactIds"] for finding in findings}


def test_a_sequence_without_a_flaw_is_ready(world: World, api: TestClient) -> None:
    sequence_id = world.sequence(world.email(), world.email(3))
    contact_id = world.contact()

    assert validated(api, sequence_id, contactId=contact_id) == {
        "isReady": True,
        "version": 1,
        "senderEmail": "rep@example.com",
        "contactsChecked": 1,
        "contactsChosen": "GIVEN",
        "findings": [],
    }


def test_a_token_without_a_value_names_the_contacts_whose_email_would_be_held(
    world: World, api: TestClient
) -> None:
    template = world.template("For {{ contact.company }}")
    sequence_id = world.sequence(world.email(), world.email(1, template=template))
    known = world.contact("a@example.org", company="Acme")
    unknown = world.contact("b@example.org")

    body = validated(api, sequence_id, contactId=f"{known},{unknown}")

    assert body["isReady"] is False
    assert body["findings"] == [
        {
            "severity": "error",
            "code": "TOKEN_WITHOUT_VALUE",
            "stepOrder": 1,
            "field": "steps[1].emailPattern.templateId",
            "message": "contact.company has no value for 1 of the 2 contacts, and no default: "
            "the e-mail would be held",
            "contactIds": [str(unknown)],
        }
    ]


def test_what_is_found_wrong_is_what_the_engine_holds(world: World, api: TestClient) -> None:
    template = world.template("For {{ contact.company }}")
    sequence_id = world.sequence(world.email(template=template))
    ids = [world.contact("a@example.org", company="Acme"), world.contact("b@example.org")]
    lacking = found(api, sequence_id, contactId=ids)["TOKEN_WITHOUT_VALUE"]

    for contact_id in ids:
        world.enroll(sequence_id, contact_id)
    world.advance(minutes=5)

    held = [str(message.contact_id) for message in world.messages() if message.reason]
    assert held == lacking


def test_without_contacts_tokens_are_tried_on_the_newest_and_only_warned_of(
    world: World, api: TestClient
) -> None:
    template = world.template("For {{ contact.company }}")
    sequence_id = world.sequence(world.email(template=template))
    for name in "abc":
        world.contact(f"{name}@example.org")

    body = validated(api, sequence_id)

    [finding] = body["findings"]
    assert (body["isReady"], finding["severity"], finding["contactIds"]) == (True, "warning", None)
    assert (body["contactsChecked"], body["contactsChosen"]) == (3, "NEWEST")
    assert "for 3 of the 3 newest contacts" in finding["message"]


def test_each_contact_is_tried_with_the_variant_it_gets(world: World, api: TestClient) -> None:
    plain, demanding = world.template_id, world.template("For {{ contact.company }}")
    variants = tuple(
        Variant(ordinal=ordinal, is_active=True, content=EmailContent(template_id=template_id))
        for ordinal, template_id in enumerate((plain, demanding))
    )
    sequence_id = world.sequence(replace(world.email(), variants=variants))
    ids = [world.contact(f"person{number}@example.org") for number in range(12)]
    lacking = found(api, sequence_id, contactId=ids)["TOKEN_WITHOUT_VALUE"]

    for contact_id in ids:
        world.enroll(sequence_id, contact_id)
    world.advance(hours=1)

    held = [str(message.contact_id) for message in world.messages() if message.reason]
    assert 0 < len(held) < len(ids)
    assert held == lacking


def test_what_a_sender_lacks_is_said_once_for_all(world: World, api: TestClient) -> None:
    template = world.template("Hello", "<p>{{ sender.signature }}</p>")
    sequence_id = world.sequence(world.email(template=template))

    [finding] = validated(api, sequence_id, contactId=world.contact())["findings"]

    assert (finding["severity"], finding["contactIds"]) == ("error", None)
    assert finding["message"] == (
        "sender.signature has no value and no default: every e-mail of this step would be held"
    )


def test_whoever_could_not_be_enrolled_is_named(world: World, api: TestClient) -> None:
    sequence_id = world.sequence(world.email(), world.email(3))
    fine, enrolled = world.contact("a@example.org"), world.contact("b@example.org")
    suppressed = world.contact("c@example.org")
    nameless = world.engine.contacts.create(world.account_id, {"firstname": "Ada"}).id
    world.enroll(sequence_id, enrolled)
    world.suppress("c@example.org")

    findings = found(api, sequence_id, contactId=[fine, enrolled, suppressed, nameless, 777])

    assert findings == {
        "CONTACT_ENROLLED": [str(enrolled)],
        "CONTACT_MISSING": ["777"],
        "CONTACT_SUPPRESSED": [str(suppressed)],
        "CONTACT_WITHOUT_ADDRESS": [str(nameless)],
    }


def test_a_sender_that_is_not_there_is_an_error(world: World, api: TestClient) -> None:
    sequence_id = world.sequence(world.email())

    body = validated(api, sequence_id, senderEmail="nobody@example.com", contactId=world.contact())

    assert (body["isReady"], body["senderEmail"]) == (False, "nobody@example.com")
    assert [finding["code"] for finding in body["findings"]] == ["SENDER_MISSING"]


def test_a_disconnected_sender_is_an_error(world: World, api: TestClient) -> None:
    sequence_id = world.sequence(world.email())
    world.engine.connecting.disconnect(world.account_id, 1)

    assert list(found(api, sequence_id)) == ["SENDER_NOT_CONNECTED"]


def test_the_inbox_of_another_user_is_an_error(world: World, api: TestClient) -> None:
    other = world.engine.access.add_user(
        world.account_id, email="ben@example.com", name="Ben", timezone=NEW_YORK.key
    )
    world.engine.connecting.connect(world.account_id, user_id=other.id, email=None, server=SERVER)

    assert list(found(api, world.sequence(world.email()), senderEmail="ben@example.com")) == [
        "SENDER_OF_ANOTHER"
    ]


def test_a_sender_whose_server_is_away_is_warned_of(world: World, api: TestClient) -> None:
    world.outbox.answers = [AWAY]
    sequence_id = world.sequence(world.email())
    world.enroll(sequence_id)

    assert list(found(api, sequence_id)) == ["SENDER_RESTING"]


def test_more_people_than_the_cap_has_places_for_are_warned_of(
    world: World, api: TestClient
) -> None:
    world.connect(daily_cap=3)
    sequence_id = world.sequence(world.email())
    world.enroll(sequence_id, world.contact("first@example.org"))
    ids = [world.contact(f"{name}@example.org") for name in "abc"]

    assert list(found(api, sequence_id, contactId=ids)) == ["CAP_REACHED"]
    assert found(api, sequence_id, contactId=ids[:2]) == {}


def test_a_template_that_is_gone_or_broken_is_an_error(world: World, api: TestClient) -> None:
    gone, broken, strange = (world.template("Hello") for _ in range(3))
    steps = [world.email(template=each) for each in (gone, broken, strange)]
    sequence_id = world.sequence(*steps)
    rewrite(world, broken, "{% for x in y %}")
    rewrite(world, strange, "{{ contact.shoesize|default('42') }}")
    with world.engine.database.transaction() as tx:
        tx.execute(templates_table.delete().where(templates_table.c.id == gone))

    findings = validated(api, sequence_id, contactId=world.contact())["findings"]

    assert [(finding["code"], finding["stepOrder"]) for finding in findings] == [
        ("TEMPLATE_MISSING", 0),
        ("TEMPLATE_INVALID", 1),
        ("TOKEN_UNKNOWN", 2),
    ]


def rewrite(world: World, template_id: int, subject: str) -> None:
    """What an older release may have let through."""
    with world.engine.database.transaction() as tx:
        template = templates.get(tx, world.account_id, template_id)
        templates.update(tx, replace(template, subject=subject))


def test_what_the_sequence_itself_says_is_looked_at_too(world: World, api: TestClient) -> None:
    late = replace(world.email(), delay=timedelta(days=100), branch=1)

    findings = validated(api, world.sequence(world.email(), late))["findings"]

    assert [(each["code"], each["stepOrder"], each["field"]) for each in findings] == [
        ("LONG_DELAY", 1, "steps[1].delayMillis"),
        ("BRANCH_IGNORED", 1, "steps[1].branchNumber"),
    ]


def test_it_writes_nothing(world: World, api: TestClient) -> None:
    sequence_id, contact_id = world.sequence(world.email()), world.contact()

    validated(api, sequence_id, contactId=contact_id)

    assert api.get("enrollments").json() == {"results": []}
    assert world.messages() == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?contactId=ada", 400),
        ("?contactId=1,-2", 400),
        ("?contactId=" + ",".join(map(str, range(1, 1002))), 400),
        ("?contactId=", 200),
        ("?contactId=1, 1,1", 200),
        ("?senderEmail=", 400),
        ("?senderEmail=" + "x" * 300, 400),
        ("?contactId=9223372036854775808", 400),
        ("?contactId=9223372036854775807", 200),
    ],
)
def test_what_cannot_be_meant_is_refused(
    world: World, api: TestClient, query: str, status: int
) -> None:
    sequence_id = world.sequence(world.email())

    assert api.get(f"sequences/{sequence_id}/validation{query}").status_code == status


def test_a_sequence_of_another_account_is_not_there(world: World) -> None:
    sequence_id = world.sequence(world.email())
    api = our_client_of(world, "drumbeat")
    stranger = world.engine.access.create_account(email="s@x.example", name="S", timezone="UTC")
    api.headers["Authorization"] = f"Bearer {stranger.token}"

    assert api.get(f"sequences/{sequence_id}/validation").status_code == 404
