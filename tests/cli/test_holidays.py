"""`drumbeat holidays …`, from the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.programs import Home


def kept(home: Home, *whose: str) -> Any:
    return json.loads(home.run("holidays", "show", "--json", "--year", "2026", *whose).out)


def test_holidays_are_set_shown_and_removed(home: Home) -> None:
    home.init()

    done = home.run(
        *("holidays", "set", "--region", "de-by", "--region", "US"),
        *("--date", "2026-12-24", "--date", "2026-12-31"),
    )
    shown = home.run("holidays", "show", "--year", "2026")
    removed = home.run("holidays", "remove")

    assert done.out == "The account keeps DE-BY, US and 2 dates of its own.\n"
    assert "Tue 2026-01-06  Epiphany" in shown.out
    assert "Thu 2026-12-24  a day of its own" in shown.out
    assert removed.out == "The account keeps no holidays any more.\n"
    assert "holidays set" in home.run("holidays", "show").out


def test_with_json_they_are_as_the_api_has_them(home: Home) -> None:
    home.init()
    home.run("holidays", "set", "--region", "DE", "--date", "2026-12-24")

    calendar = kept(home)

    assert calendar["regions"] == [{"country": "DE", "part": None}]
    assert calendar["dates"] == ["2026-12-24"]
    assert calendar["days"][0] == {"date": "2026-01-01", "name": "New Year's Day"}
    assert {"date": "2026-12-24", "name": None} in calendar["days"]


def test_a_user_has_their_own(home: Home) -> None:
    home.init()

    done = home.run("holidays", "set", "--user", "ada@example.com", "--date", "2026-08-01")

    assert done.out == "ada@example.com keeps 1 date of its own.\n"
    assert kept(home, "--user", "ada@example.com")["dates"] == ["2026-08-01"]
    assert kept(home)["dates"] == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("set", "--region", "UK"), "the holidays of 'UK' are not known; did you mean GB"),
        (("set", "--region", "DE-XX"), "there are BB, BE"),
        (("set", "--date", "24.12.2026"), "'24.12.2026' is not a day written like 2026-12-24"),
        (("show", "--user", "nobody@example.com"), "there is no user nobody@example.com"),
        (("set", "--sequence", "7", "--region", "DE"), "there is no sequence 7"),
        (("remove", "--sequence", "7"), "there is no sequence 7"),
    ],
)
def test_what_cannot_be_done_is_one_line_that_says_why(
    home: Home, arguments: tuple[str, ...], complaint: str
) -> None:
    home.init()

    done = home.run("holidays", *arguments)

    [fault] = done.faults
    assert complaint in fault
    assert done.status == 1
    assert kept(home)["regions"] == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("set",), "--region"),
        (("show", "--user", "ada@example.com", "--sequence", "1"), "either --user or --sequence"),
        (("show", "--year", "1969"), "1970"),
    ],
)
def test_what_was_typed_wrong_says_how_to_type_it(
    home: Home, arguments: tuple[str, ...], complaint: str
) -> None:
    done = home.run("holidays", *arguments)

    assert done.status == 2
    assert complaint in done.err
