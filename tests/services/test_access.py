"""Accounts, users and tokens."""

from __future__ import annotations

import pytest

from drumbeat.domain.scopes import ALL_SCOPES
from drumbeat.errors import AlreadyExists, Invalid, NotFound, Unauthenticated
from drumbeat.services.access import Access
from drumbeat.store import users
from drumbeat.store.database import Database
from tests.clocks import StoppedClock
from tests.office import Office


def test_a_new_account_has_a_user_and_a_token_that_may_do_everything(office: Office) -> None:
    caller = office.access.authenticate(office.token)

    assert (caller.account_id, caller.user_id) == (office.account_id, office.user.id)
    assert caller.scopes == ALL_SCOPES
    assert office.token.startswith("pat-drumbeat-")


def test_before_the_first_account_there_is_none(database: Database) -> None:
    access = Access(database=database, clock=StoppedClock())
    assert not access.has_account()

    access.create_account(email="rep@example.com", name="Rita", timezone="UTC")

    assert access.has_account()


def test_everything_wrong_with_a_user_is_named_at_once(database: Database) -> None:
    access = Access(database=database, clock=StoppedClock())

    with pytest.raises(Invalid) as refused:
        access.create_account(email="nobody", name="  ", timezone="Mars/Base")

    assert [fault.field for fault in refused.value.faults] == ["email", "name", "timezone"]
    assert not access.has_account()


@pytest.mark.parametrize("zone", ["", "..", "/etc/passwd", "A" * 5000, "a\0b", "Europe"])
def test_what_is_no_time_zone_is_refused(office: Office, zone: str) -> None:
    with pytest.raises(Invalid, match="the user cannot be kept"):
        office.access.add_user(
            office.account_id, email="ada@example.com", name="Ada", timezone=zone
        )


@pytest.mark.parametrize(
    ("name", "first_name", "last_name"),
    [
        pytest.param("Ada", "Ada", "", id="one name"),
        pytest.param("Ada Lovelace", "Ada", "Lovelace", id="two"),
        pytest.param("  Ada  King Lovelace ", "Ada", "King Lovelace", id="three and spaces"),
    ],
)
def test_a_name_is_taken_apart_after_its_first_word(
    office: Office, name: str, first_name: str, last_name: str
) -> None:
    user = office.access.add_user(
        office.account_id, email="ada@example.com", name=name, timezone="UTC"
    )

    assert (user.first_name, user.last_name) == (first_name, last_name)


def test_an_owner_id_is_never_a_user_id(office: Office) -> None:
    ada = office.access.add_user(
        office.account_id, email="ada@example.com", name="Ada", timezone="UTC"
    )

    assert len({ada.id, ada.owner_id, office.user.id, office.user.owner_id}) == 4
    with office.database.reading() as tx:
        assert users.by_owner(tx, office.account_id, ada.owner_id) == ada


def test_an_account_has_one_user_for_an_address(office: Office) -> None:
    with pytest.raises(AlreadyExists, match=f"Existing ID: {office.user.id}"):
        office.access.add_user(
            office.account_id, email="REP@Example.com", name="Rita", timezone="UTC"
        )


def test_users_are_listed_in_pages_and_found_by_address(office: Office) -> None:
    ada = office.access.add_user(
        office.account_id, email="ada@example.com", name="Ada", timezone="UTC"
    )

    with office.database.reading() as tx:
        assert users.page(tx, office.account_id, limit=1) == [office.user]
        assert users.page(tx, office.account_id, after=office.user.id, limit=9) == [ada]
        assert users.page(tx, office.account_id, email="ADA@example.com", limit=9) == [ada]


def test_a_token_may_do_what_it_was_made_for(office: Office) -> None:
    made = office.access.create_token(email="Rep@example.com", scopes=["automation.sequences.read"])

    assert office.access.authenticate(made.token).scopes == {"automation.sequences.read"}


def test_a_token_without_scopes_named_may_do_everything(office: Office) -> None:
    made = office.access.create_token(email="rep@example.com", scopes=None)

    assert made.scopes == ALL_SCOPES


def test_an_unknown_scope_is_refused_with_those_there_are(office: Office) -> None:
    with pytest.raises(Invalid, match=r"no scope everything; there are: automation, .*drumbeat"):
        office.access.create_token(email="rep@example.com", scopes=["everything", "drumbeat"])


def test_a_token_is_not_made_for_nobody(office: Office) -> None:
    with pytest.raises(NotFound, match="no user nobody"):
        office.access.create_token(email="nobody@example.com", scopes=None)


def test_a_token_is_not_made_where_it_is_unclear_for_whom(
    office: Office, database: Database
) -> None:
    Office.on(database, office.user.email)

    with pytest.raises(Invalid, match="several accounts"):
        office.access.create_token(email=office.user.email, scopes=None)


@pytest.mark.parametrize("token", ["", "pat-drumbeat-", "pat-drumbeat-\ud800", "\0"])
def test_a_token_that_is_not_ours_opens_nothing(office: Office, token: str) -> None:
    with pytest.raises(Unauthenticated):
        office.access.authenticate(token)


def test_a_revoked_token_opens_nothing(office: Office) -> None:
    token_id = office.access.authenticate(office.token).token_id

    office.access.revoke_token(office.account_id, token_id)
    office.access.revoke_token(office.account_id, token_id)

    with pytest.raises(Unauthenticated):
        office.access.authenticate(office.token)


def test_a_token_of_another_account_cannot_be_revoked(office: Office, database: Database) -> None:
    elsewhere = Office.on(database, "other@example.com")
    token_id = office.access.authenticate(office.token).token_id

    with pytest.raises(NotFound):
        elsewhere.access.revoke_token(elsewhere.account_id, token_id)
