"""Contacts from a CSV file, as spreadsheets and other programs write it.

A row that cannot be used is named, with its line and what is wrong, and the others are kept.
A file can be imported again: contacts are recognised by their address, and what an empty cell
says nothing of stays.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from drumbeat.clock import Clock
from drumbeat.domain.contact import PROPERTIES, READ_ONLY, Contact
from drumbeat.errors import AlreadyExists, Invalid
from drumbeat.services.contact_keeping import merged, property_faults
from drumbeat.store import contacts
from drumbeat.store.database import Database, Tx

ROWS_A_TRANSACTION = 500
# How often a batch is begun anew because someone else has just added one of its contacts.
MAX_TRIES = 5
DELIMITERS = (",", ";", "\t")

# How other programs head the columns we know by another name, in letters and digits only.
LABELS = {
    "birthday": "date_of_birth",
    "cell": "mobilephone",
    "cellphone": "mobilephone",
    "companyname": "company",
    "companysize": "company_size",
    "contactowner": "hubspot_owner_id",
    "countryregion": "country",
    "employees": "numemployees",
    "emailaddress": "email",
    "familyname": "lastname",
    "faxnumber": "fax",
    "givenname": "firstname",
    "language": "hs_language",
    "leadstatus": "hs_lead_status",
    "linkedin": "hs_linkedin_url",
    "linkedinurl": "hs_linkedin_url",
    "mail": "email",
    "mobile": "mobilephone",
    "mobilephonenumber": "mobilephone",
    "numberofemployees": "numemployees",
    "organisation": "company",
    "organization": "company",
    "ownerid": "hubspot_owner_id",
    "phonenumber": "phone",
    "position": "jobtitle",
    "postalcode": "zip",
    "postcode": "zip",
    "province": "state",
    "region": "state",
    "stateregion": "state",
    "street": "address",
    "streetaddress": "address",
    "surname": "lastname",
    "telephone": "phone",
    "timezone": "hs_timezone",
    "title": "jobtitle",
    "url": "website",
    "websiteurl": "website",
    "zipcode": "zip",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that was left out: the line it begins on, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    created: int
    updated: int
    """Rows whose contact was there already, also where the row told nothing new of it."""
    skipped_columns: tuple[str, ...]
    bad_rows: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A row that can be used: the line it begins on, and what it says, the address with it."""

    line: int
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: list[str]
    trouble: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    database: Database
    clock: Clock

    def import_contacts(
        self,
        account_id: int,
        lines: Iterable[str],
        *,
        on_progress: Callable[[int], None] = lambda _rows: None,
        on_kept: Callable[[Sequence[Person]], None] = lambda _people: None,
    ) -> ImportReport:
        """Create and update a contact for every row; *on_progress* hears how many are done, and
        *on_kept* who they are, some hundred at a time.

        *lines* are those of a file opened with ``encoding="utf-8-sig", newline=""``. Raises
        Invalid where the file as a whole cannot be read; what was kept until then stays.
        """
        rows, columns, skipped = opened(lines)
        bad_rows: list[BadRow] = []
        good_rows = usable(rows, columns, bad_rows)
        created = updated = 0
        while batch := list(itertools.islice(good_rows, ROWS_A_TRANSACTION)):
            new = self.keep(account_id, [person.properties for person in batch])
            created += new
            updated += len(batch) - new
            on_kept(batch)
            on_progress(created + updated)
        return ImportReport(
            created=created, updated=updated, skipped_columns=skipped, bad_rows=tuple(bad_rows)
        )

    def keep(self, account_id: int, batch: list[Mapping[str, str]]) -> int:
        """Create or update these contacts together; how many of them are new."""
        now = self.clock.now()
        for tries_left in reversed(range(MAX_TRIES)):
            try:
                with self.database.transaction() as tx:
                    return keep_all(tx, account_id, batch, now)
            except AlreadyExists:
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")


def people_in(lines: Iterable[str]) -> tuple[list[Person], tuple[BadRow, ...]]:
    """Whom a file names, and the rows that name nobody; nothing is kept."""
    rows, columns, _ = opened(lines)
    bad_rows: list[BadRow] = []
    return list(usable(rows, columns, bad_rows)), tuple(bad_rows)


def opened(
    lines: Iterable[str],
) -> tuple[Iterator[Row], list[str | None], tuple[str, ...]]:
    """The rows below the header, what its columns are, and those that are not known."""
    rows = read(lines)
    header = next(rows, None)
    if header is None:
        raise Invalid("the file is empty; its first line must name the columns")
    return rows, *columns_of(header)


def keep_all(tx: Tx, account_id: int, batch: list[Mapping[str, str]], now: datetime) -> int:
    standing = contacts.by_emails_for_update(tx, account_id, [row["email"] for row in batch])
    fresh = [row for row in batch if row["email"] not in standing]
    contacts.add_all(tx, account_id, fresh, now)
    told = ((standing[row["email"]], row) for row in batch if row["email"] in standing)
    contacts.update_all(tx, account_id, list(changed(told, now)))
    return len(fresh)


def changed(told: Iterable[tuple[Contact, Mapping[str, str]]], now: datetime) -> Iterator[Contact]:
    for contact, row in told:
        known = merged(contact.properties, row)
        if known != contact.properties:
            yield replace(contact, properties=known, updated_at=now)


def read(lines: Iterable[str]) -> Iterator[Row]:
    """The rows that say anything, with the header first. A row may take several lines."""
    first, lines = first_line(lines)
    # Strictly, so that a quote that is never closed is found out, rather than taken for a
    # cell that goes on to the end of the file.
    reader = csv.reader(lines, delimiter=delimiter_of(first), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, [], in_words(error))
        except UnicodeDecodeError as error:
            raise not_utf_8() from error
        else:
            if any(cell.strip() for cell in cells):
                yield Row(line, [cell.strip() for cell in cells])


def in_words(error: csv.Error) -> str:
    if "end of data" in str(error):
        return "a quotation mark is opened in it that is never closed"
    return f"it cannot be read: {error}"


def first_line(lines: Iterable[str]) -> tuple[str, Iterator[str]]:
    """The line that names the columns, without a byte order mark; and all lines, with it."""
    rest = iter(lines)
    try:
        first = next(rest, "").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise not_utf_8() from error
    return first, itertools.chain([first] if first else [], rest)


def not_utf_8() -> Invalid:
    return Invalid(
        "the file is not in UTF-8; save it as “CSV UTF-8” in the spreadsheet, or convert it "
        "with: iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv"
    )


def delimiter_of(header: str) -> str:
    return max(DELIMITERS, key=header.count)


def columns_of(header: Row) -> tuple[list[str | None], tuple[str, ...]]:
    """The property of each column, None where it has none; and the heads of those columns."""
    if header.trouble:
        raise Invalid(f"the line that names the columns is damaged: {header.trouble}")
    columns: list[str | None] = []
    skipped: list[str] = []
    for head in header.cells:
        name = property_of(head)
        if name is None or name in columns:
            columns.append(None)
            skipped.append(head)
        else:
            columns.append(name)
    if "email" not in columns:
        raise Invalid(
            "no column is named email, and contacts are recognised by it; "
            f"the columns are: {', '.join(header.cells)}"
        )
    return columns, tuple(skipped)


def property_of(head: str) -> str | None:
    name = KNOWN_HEADS.get(letters_and_digits(head))
    return None if name in READ_ONLY else name


def letters_and_digits(head: str) -> str:
    return "".join(character for character in head.casefold() if character.isalnum())


KNOWN_HEADS = {letters_and_digits(name): name for name in PROPERTIES} | LABELS


def usable(
    rows: Iterable[Row], columns: list[str | None], bad_rows: list[BadRow]
) -> Iterator[Person]:
    """What the rows say of their contacts; those that cannot be used are added to *bad_rows*."""
    line_of: dict[str, int] = {}
    for row in rows:
        properties = properties_of(row, columns)
        trouble = row.trouble or trouble_in(row, columns, properties)
        email = "" if trouble else merged({}, properties)["email"]
        if not trouble and email in line_of:
            trouble = f"{email} stands in line {line_of[email]} already"
        if trouble:
            bad_rows.append(BadRow(line=row.line, reason=trouble))
        else:
            line_of[email] = row.line
            yield Person(row.line, {**properties, "email": email})


def properties_of(row: Row, columns: list[str | None]) -> dict[str, str]:
    told = zip(columns, row.cells, strict=False)
    return {name: cell for name, cell in told if name is not None and cell}


def trouble_in(row: Row, columns: list[str | None], properties: Mapping[str, str]) -> str | None:
    if any(row.cells[len(columns) :]):
        return f"it has {len(row.cells)} cells, and there are {len(columns)} columns"
    if "email" not in properties:
        return "it has no e-mail address"
    fault = next(property_faults(properties), None)
    return fault.message if fault else None
