"""`drumbeat token create`."""

from __future__ import annotations

import json

from tests.cli.programs import Home


def test_standard_output_is_the_token_and_nothing_else(home: Home) -> None:
    home.init()

    made = home.run("token", "create", "--user", "ada@example.com")

    [token] = made.out.splitlines()
    assert token.startswith("pat-drumbeat-")
    assert "ada@example.com" in made.err


def test_json_says_what_the_token_is_good_for(home: Home) -> None:
    home.init()

    made = home.run(
        "token", "create", "--user", "ada@example.com", "--scopes", "drumbeat,automation", "--json"
    )

    assert json.loads(made.out)["scopes"] == ["automation", "drumbeat"]


def test_an_unknown_scope_is_answered_with_those_there_are(home: Home) -> None:
    home.init()

    made = home.run("token", "create", "--user", "ada@example.com", "--scopes", "everything")

    [fault] = made.faults
    assert "there is no scope everything" in fault
    assert "automation.sequences.read" in fault
    assert made.status == 1


def test_an_unknown_user_is_named(home: Home) -> None:
    home.init()

    made = home.run("token", "create", "--user", "eve@example.com")

    assert made.faults == ["drumbeat: there is no user eve@example.com"]


def test_a_database_without_an_account_says_how_to_begin(home: Home) -> None:
    home.run("migrate")

    made = home.run("token", "create", "--user", "ada@example.com")

    [fault] = made.faults
    assert "no account yet" in fault
    assert "init --email" in fault
