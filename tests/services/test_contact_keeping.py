"""Creating, changing and archiving contacts."""

from __future__ import annotations

import pytest

from drumbeat.domain.enrollment import Reason, State
from drumbeat.errors import AlreadyExists, Invalid, NotFound
from tests.office import Office, only_a_call


def test_a_contact_knows_what_it_was_created_with(office: Office) -> None:
    ada = office.contact(" ADA@Example.org ", firstname="Ada", jobtitle="")

    assert ada.email == "ada@example.org"
    assert ada.properties == {"email": "ada@example.org", "firstname": "Ada"}
    assert ada.known["hs_object_id"] == str(ada.id)
    assert ada.known["createdate"] == "2026-03-02T10:00:00.000Z"


def test_a_contact_needs_no_address(office: Office) -> None:
    ada = office.contacts.create(office.account_id, {"firstname": "Ada", "email": " "})

    assert ada.email is None


def test_a_change_leaves_what_it_does_not_name(office: Office) -> None:
    ada = office.contact(firstname="Ada", city="London")
    office.clock.advance(hours=1)

    changed = office.contacts.update(office.account_id, ada.id, {"city": "", "jobtitle": "Analyst"})

    assert changed.properties == {
        "email": "ada@example.org",
        "firstname": "Ada",
        "jobtitle": "Analyst",
    }
    assert (changed.created_at, changed.updated_at) == (ada.created_at, office.clock.now())
    assert office.contact_with("ada@example.org") == changed


def test_a_contact_can_be_given_another_address(office: Office) -> None:
    ada = office.contact()

    office.contacts.update(office.account_id, ada.id, {"email": "Countess@example.org"})

    assert office.contact_with("ada@example.org") is None
    assert office.contact_with("countess@example.org") is not None


def test_an_address_cannot_be_taken_from_another_contact(office: Office) -> None:
    ada, bea = office.contact(), office.contact("bea@example.org")

    with pytest.raises(AlreadyExists, match=f"Existing ID: {ada.id}"):
        office.contacts.update(office.account_id, bea.id, {"email": "ada@example.org"})


def test_every_property_that_is_wrong_is_named_at_once(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.contacts.create(
            office.account_id,
            {"email": "nobody", "shoe_size": "38", "hs_object_id": "1", "city": "\0"},
        )

    assert [(fault.field, fault.code) for fault in refused.value.faults] == [
        ("email", "INVALID_EMAIL"),
        ("shoe_size", "PROPERTY_DOESNT_EXIST"),
        ("hs_object_id", "READ_ONLY_VALUE"),
        ("city", None),
    ]


@pytest.mark.parametrize(
    "address",
    [
        "rep@corp.local",
        "rep@drumbeat.test",
        "rep@example.invalid",
        "rep@localhost",
        "first.last+tag@sub.example.com",
        "o'hara@example.com",
    ],
)
def test_addresses_for_trying_things_out_are_addresses(office: Office, address: str) -> None:
    assert office.contact(address).email == address


@pytest.mark.parametrize(
    "address",
    [
        "nobody",
        "a@b",
        "two@at@example.com",
        "spa ce@example.com",
        "Ada <ada@example.com>",
        "a@example.com, b@example.com",
        "a@example.com\nBcc: b@example.com",
        f"{'a' * 300}@example.com",
        "ädä@example.com",
        "\ud800@example.com",
    ],
)
def test_what_is_no_address_is_refused(office: Office, address: str) -> None:
    with pytest.raises(Invalid, match="Property values were not valid"):
        office.contact(address)


def test_an_international_domain_is_kept_as_mail_servers_spell_it(office: Office) -> None:
    assert office.contact("ada@bücher.example").email == "ada@xn--bcher-kva.example"


def test_archiving_takes_the_contact_out_of_its_sequence(office: Office) -> None:
    ada = office.contact()
    enrollment_id = office.enroll(ada, office.sequence(only_a_call()))

    office.contacts.archive(office.account_id, ada.id)

    enrollment = office.enrollment(enrollment_id)
    assert (enrollment.state, enrollment.reason) == (State.UNENROLLED, Reason.CONTACT_DELETED)


def test_archiving_twice_is_as_good_as_once(office: Office) -> None:
    ada = office.contact()

    office.contacts.archive(office.account_id, ada.id)
    office.contacts.archive(office.account_id, ada.id)

    assert office.contact_with("ada@example.org") is None


def test_the_address_of_an_archived_contact_is_free_again(office: Office) -> None:
    office.contacts.archive(office.account_id, office.contact().id)

    again = office.contact()

    assert office.contact_with("ada@example.org") == again


def test_a_contact_that_is_not_there_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        office.contacts.archive(office.account_id, 4711)
    with pytest.raises(NotFound):
        office.contacts.update(office.account_id, 4711, {"city": "London"})
