"""Contacts from CSV files, as they are found in the wild."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drumbeat.errors import Invalid
from drumbeat.services.importing import BadRow, ImportReport, delimiter_of, read
from drumbeat.store import contacts
from tests.office import Office


def load(office: Office, text: str) -> ImportReport:
    return office.importing.import_contacts(office.account_id, io.StringIO(text, newline=""))


def test_every_row_becomes_a_contact(office: Office) -> None:
    report = load(office, "email,firstname\nada@example.org,Ada\nbea@example.org,Bea\n")

    assert report == ImportReport(created=2, updated=0, skipped_columns=(), bad_rows=())
    ada = office.contact_with("ada@example.org")
    assert ada is not None
    assert ada.properties == {"email": "ada@example.org", "firstname": "Ada"}


def test_what_a_spreadsheet_writes_is_understood(office: Office) -> None:
    text = "\ufeffFirst Name;E-mail Address;Company name;Job Title;Phone Number\r\n"
    text += 'Ada;ADA@example.org;"Lovelace; Sons";"Chief\r\nAnalyst";+44 20\r\n'

    load(office, text)

    ada = office.contact_with("ada@example.org")
    assert ada is not None
    assert ada.properties == {
        "firstname": "Ada",
        "email": "ada@example.org",
        "company": "Lovelace; Sons",
        "jobtitle": "Chief\r\nAnalyst",
        "phone": "+44 20",
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_may_be_divided_in_several_ways(office: Office, delimiter: str) -> None:
    load(office, f"EMAIL{delimiter}City\nada@example.org{delimiter}London\n")

    ada = office.contact_with("ada@example.org")
    assert ada is not None
    assert ada.properties["city"] == "London"


def test_a_file_with_one_column_is_a_list_of_addresses(office: Office) -> None:
    assert load(office, "e-mail\nada@example.org\n\nbea@example.org").created == 2


def test_columns_that_cannot_be_kept_are_named_and_skipped(office: Office) -> None:
    report = load(office, "Email,Shoe size,Create Date,E-mail\nada@example.org,38,today,x\n")

    assert report.skipped_columns == ("Shoe size", "Create Date", "E-mail")
    assert report.created == 1


def test_a_bad_row_is_named_with_its_line_and_the_others_are_kept(office: Office) -> None:
    report = load(
        office,
        "email,city\n"
        'ada@example.org,"Lon\ndon"\n'
        ",Paris\n"
        "nobody,Paris\n"
        "\n"
        "ADA@example.org,Paris\n"
        "bea@example.org,Paris,France\n"
        "eve@example.org,Pa\0ris\n"
        'fay@example.org,Pa"ris"\n'
        'gil@example.org,"Pa"ris\n'
        "hal@example.org,Rome,,\n",
    )

    assert [(row.line, row.reason) for row in report.bad_rows] == [
        (4, "it has no e-mail address"),
        (5, "'nobody' is not an e-mail address: An email address must have an @-sign."),
        (7, "ada@example.org stands in line 2 already"),
        (8, "it has 3 cells, and there are 2 columns"),
        (9, "city has a character that is no text (NUL, surrogate)"),
        (11, "it cannot be read: ',' expected after '\"'"),
    ]
    assert report.created == 3


def test_a_quotation_mark_that_is_never_closed_is_found_out(office: Office) -> None:
    report = load(office, 'email,city\nada@example.org,London\nbea@example.org,"Paris\n')

    reason = "a quotation mark is opened in it that is never closed"
    assert report.bad_rows == (BadRow(line=3, reason=reason),)
    assert report.created == 1


def test_importing_again_changes_nothing(office: Office) -> None:
    text = "email,firstname\nada@example.org,Ada\n"
    load(office, text)
    before = office.contact_with("ada@example.org")
    office.clock.advance(days=1)

    report = load(office, text)

    assert (report.created, report.updated) == (0, 1)
    assert office.contact_with("ada@example.org") == before


def test_a_contact_that_is_there_is_updated_and_an_empty_cell_says_nothing(
    office: Office,
) -> None:
    office.contact("ada@example.org", firstname="Augusta", city="London")

    report = load(office, "email,firstname,city\nAda@example.org,Ada,\n")

    ada = office.contact_with("ada@example.org")
    assert ada is not None
    assert ada.properties == {"email": "ada@example.org", "firstname": "Ada", "city": "London"}
    assert (report.created, report.updated) == (0, 1)


def test_a_large_file_is_kept_in_parts_that_are_heard_of(office: Office) -> None:
    rows = (f"{number}@example.org\n" for number in range(1201))
    heard: list[int] = []

    report = office.importing.import_contacts(
        office.account_id, ["email\n", *rows], on_progress=heard.append
    )

    assert (report.created, heard) == (1201, [500, 1000, 1201])
    with office.database.reading() as tx:
        assert len(contacts.page(tx, office.account_id, after=0, limit=2000)) == 1201


def test_files_imported_side_by_side_make_each_contact_once(office: Office) -> None:
    text = "email\n" + "".join(f"{number}@example.org\n" for number in range(300))

    with ThreadPoolExecutor(4) as threads:
        reports = list(threads.map(lambda _: load(office, text), range(4)))

    assert sum(report.created for report in reports) == 300
    assert sum(report.updated for report in reports) == 900


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "the file is empty", id="empty"),
        pytest.param("\ufeff\n\n", "the file is empty", id="only a byte order mark"),
        pytest.param("name,city\nAda,London\n", "the columns are: name, city", id="no e-mail"),
        pytest.param('email,"city\nada@example.org\n', "is damaged", id="open quote in the head"),
    ],
)
def test_a_file_that_is_of_no_use_is_refused_with_the_reason(
    office: Office, text: str, reason: str
) -> None:
    with pytest.raises(Invalid, match=reason):
        load(office, text)


@pytest.mark.parametrize(
    "encoded",
    [
        pytest.param("email,city\nada@example.org,Köln\n".encode("cp1252"), id="windows"),
        pytest.param("email\nada@example.org\n".encode("utf-16"), id="utf-16"),
    ],
)
def test_a_file_in_another_encoding_is_refused_with_the_remedy(
    office: Office, tmp_path: Path, encoded: bytes
) -> None:
    file = tmp_path / "contacts.csv"
    file.write_bytes(encoded)

    with (
        file.open(encoding="utf-8-sig", newline="") as lines,
        pytest.raises(Invalid, match="save it as “CSV UTF-8”"),
    ):
        office.importing.import_contacts(office.account_id, lines)

    assert office.contact_with("ada@example.org") is None


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    lines = io.StringIO(text, newline="")

    rows = list(read(lines))

    assert all(row.trouble or any(row.cells) for row in rows)
    assert delimiter_of(text) in ",;\t"
