"""`drumbeat enroll` and `drumbeat calendar`: a line for each row, and a table of what comes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from drumbeat.app import Engine
from drumbeat.settings import Settings
from drumbeat.store import clock_positions
from tests.cli.programs import Home
from tests.office import only_a_call

CSV = "email,firstname\nbob@example.org,Bob\nnobody,Nobody\nann@example.org,Ann\n"
FOR_ADA = ("--sequence", "1", "--user", "ada@example.com")


@pytest.fixture
def begun(home: Home) -> Home:
    """An account with a connected inbox and a sequence of one call."""
    home.init()
    inbox = ("--user", "ada@example.com", "--smtp", "smtp://127.0.0.1:2525")
    assert home.run("inbox", "connect", *inbox).status == 0
    engine = Engine.start(Settings(data=home.data))
    engine.authoring.create_sequence(1, 1, name="Call", folder_id=None, definition=only_a_call())
    engine.close()
    home.written("people.csv", CSV)
    return home


def enroll(begun: Home, *more: str) -> Any:
    return begun.run("enroll", *FOR_ADA, "--csv", "people.csv", *more)


def test_each_row_has_its_line_and_the_bad_one_its_reason(begun: Home) -> None:
    done = enroll(begun)

    assert done.out.splitlines() == [
        "line 2  bob@example.org  enrolled, 1",
        "line 4  ann@example.org  enrolled, 2",
        "line 3  -  not: 'nobody' is not an e-mail address: An email address must have an @-sign.",
        "2 contacts enrolled, 1 not.",
    ]
    assert done.status == 3


def test_run_again_it_enrolls_nobody_twice(begun: Home) -> None:
    enroll(begun)

    again = json.loads(enroll(begun, "--json").out)

    assert (again["enrolled"], again["notEnrolled"]) == (0, 3)
    assert again["results"][0]["error"] == "Contact already enrolled in a sequence"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (("--sequence", "9"), "there is no sequence 9"),
        (("--user", "eve@example.com"), "there is no user eve@example.com"),
        (("--sender", "eve@example.com"), "no connected inboxes for eve@example.com"),
        (("--start-step", "5"), "the sequence has the steps 0 to 1"),
        (("--start-at", "soon"), "--start-at soon is not a time"),
        (("--start-at", "2020-01-01T09:00"), "it lies in the past"),
        (("--timezone", "Mars"), "is not a time zone"),
        (("--csv", "gone.csv"), "No such file or directory: gone.csv"),
    ],
)
def test_what_is_mistyped_is_one_line_and_nobody_becomes_a_contact(
    begun: Home, more: tuple[str, str], fault: str
) -> None:
    done = enroll(begun, *more)

    assert done.status == 1
    assert fault in done.faults[-1]
    assert "0 already known" in begun.run("contacts", "import", "people.csv").out


def test_a_database_with_a_clock_of_its_own_is_left_to_its_server(begun: Home) -> None:
    engine = Engine.start(Settings(data=begun.data))
    with engine.database.transaction() as tx:
        clock_positions.keep(tx, datetime(2026, 3, 2, tzinfo=UTC))
    engine.close()

    done = enroll(begun)

    assert done.status == 1
    assert "a clock of its own, which stands at 2026-03-02T00:00:00Z" in done.faults[-1]


def test_a_calendar_is_a_table_and_enrolls_nobody(begun: Home) -> None:
    begun.run("contacts", "import", "people.csv")

    done = begun.run("calendar", *FOR_ADA, "--csv", "people.csv", "--start-at", "2030-03-04T09:00")

    lines = done.out.splitlines()
    assert [line.split() for line in lines[:2]] == [
        ["when", "what", "step", "to", "because"],
        ["Mon", "04", "Mar", "2030", "09:00:00", "task", "0", "bob@example.org", "begins", "then"],
    ]
    assert lines[-1] == "0 e-mails, 2 tasks. Times are those of UTC."
    assert "2 contacts enrolled" in enroll(begun).out


def test_a_calendar_by_day_and_one_for_programs(begun: Home) -> None:
    begun.run("contacts", "import", "people.csv")
    asked = (*FOR_ADA, "--contact", "bob@example.org", "--start-at", "2030-03-04T09:00Z")

    by_day = begun.run("calendar", *asked, "--by-day")
    as_json = json.loads(begun.run("calendar", *asked, "--json").out)

    assert by_day.out.splitlines()[1].split() == ["Mon", "04", "Mar", "2030", "0", "1", "1"]
    assert as_json["results"][0]["at"] == "2030-03-04T09:00:00.000Z"


def test_whoever_is_no_contact_is_told_and_left_out(begun: Home) -> None:
    done = begun.run("calendar", *FOR_ADA, "--contact", "who@example.org")

    assert done.faults == [
        "who@example.org is left out: no contact has this address yet",
        "drumbeat: none of these is a contact yet; `contacts import FILE.csv` makes them so",
    ]
    assert done.status == 1
