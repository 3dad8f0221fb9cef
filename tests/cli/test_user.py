"""`drumbeat user add`: one more user, and what they still need."""

from __future__ import annotations

import json

import pytest

from tests.cli.programs import Home


@pytest.fixture
def begun(home: Home) -> Home:
    home.init("ada@example.com", "--timezone", "Europe/Lisbon")
    return home


def test_it_says_what_a_new_user_still_needs(begun: Home) -> None:
    done = begun.run("user", "add", "--email", "grace.hopper@example.com", "--name", "Grace Hopper")

    assert "Grace Hopper <grace.hopper@example.com> is user 2 of account 1" in done.out
    assert "inbox connect --user grace.hopper@example.com --smtp-file FILE" in done.out
    assert "token create --user grace.hopper@example.com" in done.out
    assert (done.status, done.err) == (0, "")


def test_what_it_says_comes_next_works(begun: Home) -> None:
    begun.run("user", "add", "--email", "grace@example.com")
    file = begun.written("smtp", "smtps://grace:s3cret@mail.example.com")

    connected = begun.run(
        "inbox", "connect", "--user", "grace@example.com", "--smtp-file", file, "--json"
    )
    token = begun.run("token", "create", "--user", "grace@example.com")

    assert json.loads(connected.out)["userId"] == "2"
    assert token.out.startswith("pat-drumbeat-")


def test_json_is_one_line_with_ids_as_text(begun: Home) -> None:
    done = begun.run("user", "add", "--email", "grace.hopper@example.com", "--json")

    assert json.loads(done.out) == {
        "accountId": "1",
        "userId": "2",
        "email": "grace.hopper@example.com",
        "firstName": "Grace",
        "lastName": "Hopper",
        "timezone": "Europe/Lisbon",
    }


def test_a_user_there_is_already_is_left_as_it_is(begun: Home) -> None:
    again = begun.run("user", "add", "--email", "Ada@example.com", "--name", "Somebody Else")

    assert again.faults == ["drumbeat: Ada@example.com is a user already, with id 1"]
    assert again.status == 1


@pytest.mark.parametrize(
    ("given", "named"),
    [
        pytest.param(["--email", "grace"], "'grace' is not an e-mail address"),
        pytest.param(["--email", "g@example.com", "--timezone", "Mars/Base"], "Mars/Base"),
        pytest.param(["--email", "g@example.com", "--name", " "], "name may not be empty"),
        pytest.param(["--email", "g@example.com", "--account", "7"], "there is no account 7"),
    ],
)
def test_what_is_mistyped_is_named(begun: Home, given: list[str], named: str) -> None:
    done = begun.run("user", "add", *given)

    [fault] = done.faults
    assert named in fault
    assert (done.status, done.out) == (1, "")


def test_without_an_account_it_says_how_to_begin(home: Home) -> None:
    done = home.run("user", "add", "--email", "ada@example.com")

    [fault] = done.faults
    assert "there is no database" in fault
    assert "init --email" in fault


def test_a_user_of_two_accounts_gets_a_token_for_the_one_that_is_named(begun: Home) -> None:
    begun.init("bob@example.com", "--new-account")
    begun.run("user", "add", "--email", "ada@example.com", "--account", "2")

    unsaid = begun.run("token", "create", "--user", "ada@example.com")
    said = begun.run("token", "create", "--user", "ada@example.com", "--account", "2", "--json")

    assert unsaid.faults == [
        "drumbeat: ada@example.com is a user of several accounts (1, 2); say which with --account"
    ]
    assert json.loads(said.out)["accountId"] == "2"


def test_it_adds_to_either_database(home: Home, blank_database_url: str) -> None:
    at = ("--database", blank_database_url)
    home.init("ada@example.com", *at)

    done = home.run("user", "add", "--email", "grace@example.com", *at)

    assert "is user 2 of account 1" in done.out
