"""`drumbeat init`: the first account, and what to do next."""

from __future__ import annotations

import json

import pytest

from drumbeat.cli.init import name_in
from tests.cli.programs import Home


def test_json_is_one_line_with_ids_as_text_and_the_token(home: Home) -> None:
    done = home.run("init", "--email", "Ada@Example.com", "--timezone", "Europe/Lisbon", "--json")

    [line] = done.out.splitlines()
    made = json.loads(line)
    assert made.pop("token").startswith("pat-drumbeat-")
    assert made == {"accountId": "1", "userId": "1", "email": "ada@example.com"}
    assert done.status == 0


def test_without_json_it_shows_the_token_and_what_comes_next(home: Home) -> None:
    done = home.run("init", "--email", "ada.lovelace@example.com", "--data", "here")

    assert "Ada Lovelace <ada.lovelace@example.com>" in done.out
    assert "pat-drumbeat-" in done.out
    assert "serve --data here" in done.out


def test_what_comes_next_leaves_out_what_the_environment_says_anyway(home: Home) -> None:
    done = home.run("init", "--email", "ada@example.com", DRUMBEAT_DATA="elsewhere")

    assert "serve --mail capture" in done.out
    assert (home.directory / "elsewhere" / "drumbeat.db").exists()


def test_a_database_with_an_account_is_left_as_it_is(home: Home) -> None:
    home.init()

    again = home.run("init", "--email", "bob@example.com", "--json")

    [fault] = again.faults
    assert "has an account already" in fault
    assert (again.status, again.out) == (1, "")


def test_a_new_account_is_added_where_it_is_asked_for(home: Home) -> None:
    home.init()

    added = home.init("bob@example.com", "--new-account")

    assert json.loads(added.out)["accountId"] == "2"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        pytest.param(["--email", "ada@example.com", "--timezone", "Mars/Base"], "Mars/Base"),
        pytest.param(["--email", "ada.example.com"], "ada.example.com"),
        pytest.param(["--email", "ada@example.com", "--name", " "], "name"),
    ],
)
def test_what_is_mistyped_is_named_and_nothing_is_made(
    home: Home, given: list[str], named: str
) -> None:
    done = home.run("init", *given)

    [fault] = done.faults
    assert named in fault
    assert done.status == 1
    assert not home.data.exists()


def test_an_address_is_asked_for(home: Home) -> None:
    done = home.run("init")

    assert done.status == 2
    assert "--email" in done.err


def test_a_blank_database_of_either_kind_gets_its_schema(
    home: Home, blank_database_url: str
) -> None:
    home.init("ada@example.com", "--database", blank_database_url)

    made = home.run(
        "token", "create", "--user", "ada@example.com", "--database", blank_database_url
    )

    assert made.status == 0


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("ada@example.com", "Ada"),
        ("ada.king-noel2@example.com", "Ada King Noel"),
        ("42@example.com", "42@example.com"),
    ],
)
def test_a_name_that_is_not_given_is_guessed(email: str, name: str) -> None:
    assert name_in(email) == name
