"""Files of sequences and templates: what is read of them, and what is written into them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumbeat import documents
from drumbeat.documents.file_writing import sequence_text, template_text, with_entries
from drumbeat.documents.files import (
    LARGEST_FILE,
    SequenceEntry,
    SequenceFile,
    TemplateEntry,
    TemplateFile,
    Text,
    read_sequence_file,
    read_template_file,
)
from drumbeat.domain.sequence import Definition
from drumbeat.domain.template import Template
from drumbeat.errors import FileFault, Invalid
from tests.documents.definitions import sound_definitions

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SEQUENCE = """\
# Ask Ada first.
name: New leads
steps:
  - kind: email   # says hello
    template: templates/opener.html
"""
TEMPLATE = """\
---
name: Opener
subject: "{{ contact.firstname }}, hello"
---
<p>Hello</p>
"""

printable = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1)
bodies = st.text(st.characters(codec="utf-8", exclude_characters="\0")) | st.text("-\r\n a<p>")


def sequence_in(text: str) -> SequenceFile:
    return read_sequence_file(Text("new-leads.yaml", text))


def template_in(text: str) -> TemplateFile:
    return read_template_file(Text("templates/opener.html", text))


def template(**said: str) -> Template:
    values = {"name": "Opener", "subject": "Hello", "body": "<p>Hello</p>", **said}
    return Template(
        id=7, account_id=1, user_id=1, folder_id=None, created_at=NOON, updated_at=NOON, **values
    )


def placed(error: Invalid) -> list[tuple[int | None, str | None]]:
    return [(each.line, each.field) for each in error.faults if isinstance(each, FileFault)]


@given(sound_definitions(), printable)
def test_a_sequence_that_is_written_into_a_file_is_read_as_the_same(
    definition: Definition, name: str
) -> None:
    written = documents.in_short(name, 3, definition, lambda id: f"templates/{id}.html")
    entries = {"mark": SequenceEntry(id=1, version=2)}

    file = sequence_in(sequence_text(written, entries))

    ids = {reference: int(reference[10:-5]) for reference in file.template_paths()}
    assert documents.to_definition(file.document, ids) == definition
    assert (file.document.name, file.document.folder, file.entries) == (name, 3, entries)


@given(printable, st.text(st.characters(codec="utf-8", exclude_characters="\0")), bodies)
def test_a_template_that_is_written_into_a_file_is_read_as_the_same(
    name: str, subject: str, body: str
) -> None:
    written = template(name=name.strip() or "x", subject=subject, body=body)

    file = template_in(template_text(written, {"mark": TemplateEntry(id=7, at=NOON)}))

    assert file.says_what(written)
    assert file.entries == {"mark": TemplateEntry(id=7, at=NOON)}


def test_a_template_reads_well() -> None:
    assert template_text(template(), {"mark": TemplateEntry(id=7, at=NOON)}) == (
        "---\n"
        "name: Opener\n"
        "subject: Hello\n"
        "accounts:\n"
        "  mark: {id: 7, at: '2026-03-02T12:00:00.000Z'}\n"
        "---\n"
        "<p>Hello</p>\n"
    )


def test_what_a_file_is_stands_at_its_end_and_the_rest_stays_as_it_was() -> None:
    file = sequence_in(SEQUENCE)

    written = with_entries(replace(file, entries={"mark": SequenceEntry(id=1, version=2)}))

    assert written.text == SEQUENCE + "accounts:\n  mark: {id: 1, version: 2}\n"


def test_what_a_file_is_elsewhere_stays_and_comments_after_it_too() -> None:
    file = sequence_in("accounts:\n  other:\n    id: 7\n\n# the steps\n" + SEQUENCE)

    entries = {**file.entries, "mark": SequenceEntry(id=1, version=2)}
    written = with_entries(replace(file, entries=entries))

    assert written.text == (
        "accounts:\n  other: {id: 7}\n  mark: {id: 1, version: 2}\n\n# the steps\n" + SEQUENCE
    )


def test_what_a_template_is_stands_before_its_body() -> None:
    file = template_in(TEMPLATE.replace("<p>", "---\n<p>"))

    written = with_entries(replace(file, entries={"mark": TemplateEntry(id=7)}))

    assert written.text.splitlines()[3:] == [
        "accounts:",
        "  mark: {id: 7}",
        "---",
        "---",
        "<p>Hello</p>",
    ]


@pytest.mark.parametrize("line", ["accounts:", "accounts: {}", "accounts: null  # none yet"])
def test_an_empty_place_for_it_is_used(line: str) -> None:
    file = sequence_in(f"{line}\n{SEQUENCE}")

    written = with_entries(replace(file, entries={"mark": SequenceEntry(id=1)}))

    assert written.text == f"accounts:\n  mark: {{id: 1}}\n{SEQUENCE}"


def test_a_file_that_says_what_it_is_already_stays_to_the_byte() -> None:
    text = Text("x.yaml", SEQUENCE + "accounts:\n  mark: {id: 1, version: 2}\n")

    assert with_entries(read_sequence_file(text)) == text


def test_where_it_cannot_be_written_nothing_is() -> None:
    file = sequence_in(SEQUENCE + "...\n")

    with pytest.raises(Invalid) as refused:
        with_entries(replace(file, entries={"mark": SequenceEntry(id=1)}))

    assert "put a line `accounts:` where it may stand" in refused.value.faults[0].message


def test_lines_that_end_as_on_windows_still_do() -> None:
    raw = TEMPLATE.replace("\n", "\r\n").encode()

    file = read_template_file(Text.of("opener.html", raw))
    written = with_entries(replace(file, entries={"mark": TemplateEntry(id=7)}))

    assert file.body == "<p>Hello</p>"
    assert written.raw() == raw.replace(
        b"---\r\n<p>", b"accounts:\r\n  mark: {id: 7}\r\n---\r\n<p>"
    )


def test_a_body_may_end_its_lines_as_it_likes() -> None:
    assert template_in(TEMPLATE + "<p>\r\n</p>\n").body == "<p>Hello</p>\n<p>\r\n</p>"


def test_a_mark_of_byte_order_is_no_part_of_the_text() -> None:
    assert read_sequence_file(Text.of("x.yaml", b"\xef\xbb\xbf" + SEQUENCE.encode())).path


@pytest.mark.parametrize(
    ("raw", "line", "why"),
    [
        (b"name: x\nsubject: caf\xe9\n", 2, "is not in UTF-8"),
        (b"x" * (LARGEST_FILE + 1), None, "is larger than 4 MiB"),
    ],
    ids=["latin", "large"],
)
def test_what_is_no_text_is_refused(raw: bytes, line: int | None, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        Text.of("x.yaml", raw)

    assert placed(refused.value) == [(line, None)]
    assert why in refused.value.faults[0].message


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("steps:\n  - kind: email\n", [(1, "name"), (2, "steps[0].template")]),
        ("name: ' '\nsteps:\n  - kind: task\n    type: CALL\n", [(1, "name")]),
        ("name: x\nsteps:\n  - kind: email\n    delay: 3d\n", [(4, "steps[0].delay")]),
        ("- kind: email\n", [(1, None)]),
        ("{name: x, steps: []}\n", [(1, None)]),
        (SEQUENCE + "accounts:\n  mark: {id: x}\n", [(7, "accounts.mark.id")]),
        (SEQUENCE + "accounts:\n  mark: {id: 1, verion: 2}\n", [(7, "accounts.mark.verion")]),
        (SEQUENCE + "accounts: [1]\n", [(6, "accounts")]),
        (SEQUENCE + "acounts: {}\n", [(6, "acounts")]),
    ],
)
def test_a_fault_in_a_sequence_file_has_its_line(
    text: str, places: list[tuple[int, str | None]]
) -> None:
    with pytest.raises(Invalid) as refused:
        sequence_in(text)

    told = placed(refused.value)
    assert [place for place in places if place not in told] == []


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("<p>Hello</p>\n", 1, None),
        ("---\nname: Opener\n<p>Hello</p>\n", 1, None),
        ("---\nsubject: x\n---\n", 2, "name"),
        ("---\nname: x\nsubjct: y\n---\n", 3, "subjct"),
        ("---\nname: x\nsubject: 5\n---\n", 3, "subject"),
        ("---\nname: x\nname: y\n---\n", 3, "name"),
        ("---\nname: x\nsubject: {{ contact.firstname }}\n---\n", 3, None),
        ("---\nname: x\naccounts:\n  mark: {id: 1, at: noon}\n---\n", 4, "accounts.mark.at"),
    ],
)
def test_a_fault_in_a_template_file_has_its_line(text: str, line: int, field: str | None) -> None:
    with pytest.raises(Invalid) as refused:
        template_in(text)

    assert placed(refused.value) == [(line, field)]
