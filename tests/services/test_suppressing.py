"""Unsubscribing by link."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from drumbeat.domain.enrollment import Reason, State
from drumbeat.errors import Invalid
from drumbeat.services.sealing import Vault
from drumbeat.store import suppressions
from drumbeat.store.database import Database
from tests.office import Office, only_a_call

ADA = "ada@example.org"


def token_for(office: Office, email: str = ADA) -> str:
    link = office.suppressing.link(office.account_id, 1, email)
    base, _, token = link.rpartition("/")
    assert base == "https://mail.example.com/unsubscribe"
    return token


def reason_of(office: Office, email: str = ADA) -> str | None:
    with office.database.reading() as tx:
        return suppressions.among(tx, office.account_id, [email]).get(email)


def test_a_link_says_whom_it_is_for_and_changes_nothing_by_being_read(office: Office) -> None:
    assert office.suppressing.page_of(token_for(office)) == ADA
    assert reason_of(office) is None


def test_unsubscribing_suppresses_the_address_and_ends_its_enrollment(office: Office) -> None:
    enrollment_id = office.enroll(office.contact(ADA), office.sequence(only_a_call()))

    done = office.suppressing.unsubscribe(token_for(office))

    enrollment = office.enrollment(enrollment_id)
    assert done.email == ADA
    assert reason_of(office) == "UNSUBSCRIBED"
    assert (enrollment.state, enrollment.reason) == (State.UNENROLLED, Reason.UNSUBSCRIBED)


def test_the_contact_shows_that_it_has_opted_out(office: Office) -> None:
    office.contact(ADA)

    office.suppressing.unsubscribe(token_for(office))

    contact = office.contact_with(ADA)
    assert contact is not None
    assert contact.properties["hs_email_optout"] == "true"


def test_unsubscribing_twice_is_as_good_as_once(office: Office) -> None:
    office.suppressing.unsubscribe(token_for(office))
    office.suppressing.unsubscribe(token_for(office))

    assert reason_of(office) == "UNSUBSCRIBED"


def test_an_address_that_no_contact_has_any_more_can_be_unsubscribed(office: Office) -> None:
    office.suppressing.unsubscribe(token_for(office, "gone@example.org"))

    assert reason_of(office, "gone@example.org") == "UNSUBSCRIBED"


def test_another_account_may_still_write(office: Office, database: Database) -> None:
    elsewhere = Office.on(database, "other@example.com")

    office.suppressing.unsubscribe(token_for(office))

    assert reason_of(elsewhere) is None


def test_a_link_that_was_changed_does_nothing(office: Office) -> None:
    payload, _, signature = token_for(office, "eve@example.org").partition(".")
    forged = f"{token_for(office).partition('.')[0]}.{signature}"

    for token in (forged, payload, signature, "", "….…", f"{payload}.{signature}x"):
        with pytest.raises(Invalid, match="not one of ours"):
            office.suppressing.unsubscribe(token)
    assert reason_of(office) is None


def test_what_was_signed_for_something_else_is_no_link(office: Office) -> None:
    other_purpose = office.vault.sign("something else", [office.account_id, 1, ADA])
    other_shape = office.vault.sign("unsubscribe", {"email": ADA})

    for token in (other_purpose, other_shape):
        with pytest.raises(Invalid):
            office.suppressing.page_of(token)


def test_links_go_on_working_when_a_key_is_added(office: Office) -> None:
    token = token_for(office)

    office.vault = Vault((Fernet.generate_key().decode(), *office.vault.keys))

    assert office.suppressing.page_of(token) == ADA
    assert office.suppressing.page_of(token_for(office)) == ADA
