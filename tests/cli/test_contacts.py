"""`drumbeat contacts import`: every good row is kept, and every bad one is told."""

from __future__ import annotations

import pytest

from tests.cli.programs import Home

GOOD = "email,firstname\nada@example.org,Ada\ngrace@example.org,Grace\n"
MIXED = "email,firstname,shoe size\nada@example.org,Ada,38\nnobody,Nobody,40\n,Ghost,41\n"


@pytest.fixture
def begun(home: Home) -> Home:
    home.init()
    return home


def test_bad_rows_are_told_with_their_lines_and_the_good_ones_are_kept(begun: Home) -> None:
    done = begun.run("contacts", "import", begun.written("people.csv", MIXED))

    told = [line.partition(": ") for line in done.faults]
    assert [line for line, _, _ in told] == [
        "line 3",
        "line 4",
        "1 column skipped, not known here",
    ]
    assert "not an e-mail address" in told[0][2]
    assert done.out == "1 contact added, 0 already known, 2 rows left out.\n"
    assert done.status == 3


def test_a_file_can_be_imported_again(begun: Home) -> None:
    file = begun.written("people.csv", GOOD)

    first, again = begun.run("contacts", "import", file), begun.run("contacts", "import", file)

    assert (first.out, first.status) == ("2 contacts added, 0 already known.\n", 0)
    assert (again.out, again.status) == ("0 contacts added, 2 already known.\n", 0)


def test_a_dash_stands_for_standard_input(begun: Home) -> None:
    done = begun.run("contacts", "import", "-", stdin=GOOD)

    assert done.out == "2 contacts added, 0 already known.\n"


def test_a_file_that_is_not_there_is_one_line(begun: Home) -> None:
    done = begun.run("contacts", "import", "people.csv")

    assert done.faults == ["drumbeat: No such file or directory: people.csv"]
    assert done.status == 1


def test_a_file_that_is_not_utf_8_says_how_to_make_it_so(begun: Home) -> None:
    (begun.directory / "people.csv").write_bytes(b"email,firstname\nada@example.org,Ad\xe9\n")

    done = begun.run("contacts", "import", "people.csv")

    [fault] = done.faults
    assert "UTF-8" in fault
    assert done.status == 1
