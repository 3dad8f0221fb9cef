"""YAML in and out: what is read, what is refused, and that what is written is read the same."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumbeat.documents.yaml_reading import MOST_VALUES, Read, read_yaml
from drumbeat.documents.yaml_writing import OnOneLine, written_yaml
from drumbeat.errors import FileFault, Invalid

names = st.sampled_from(["name", "steps", "notes", "a"])
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0")) | st.text(
    "ab:# \n\t-'\"|>{}[]&*!%@`~0123,.\r\u2028\x85\ufeff"
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | texts,
    lambda parts: (
        st.lists(parts, max_size=4) | st.dictionaries(names, parts, min_size=1, max_size=4)
    ),
    max_leaves=10,
)
scrawls = st.text("ab:# \n\t-'\"|>{}[]&*!%@`~012,\\Uu\r\u2028?<=.") | st.text()


def read(text: str) -> Read:
    return read_yaml(text, file="sequence.yaml")


def refusal(text: str) -> FileFault:
    with pytest.raises(Invalid) as refused:
        read(text)
    fault = refused.value.faults[0]
    assert isinstance(fault, FileFault)
    assert fault.file == "sequence.yaml"
    return fault


@given(st.dictionaries(names, values, min_size=1))
def test_what_is_written_is_read_as_the_same(value: dict[str, Any]) -> None:
    assert read(written_yaml(value)).value == value


@given(scrawls)
def test_whatever_stands_in_a_file_is_read_or_refused(text: str) -> None:
    with suppress(Invalid):
        read(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10:00", "10:00"),
        ("08:00-18:00", "08:00-18:00"),
        ("no", "no"),
        ("2026-03-02", "2026-03-02"),
        ("0123", "0123"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("1e3", "1e3"),
        ('"12"', "12"),
        ("12", 12),
        ("-1", -1),
        ("true", True),
        ("null", None),
        ("", None),
        ("~", None),
    ],
)
def test_only_what_looks_like_nothing_else_is_not_text(text: str, value: object) -> None:
    assert read(f"a: {text}\n").value == {"a": value}


def test_texts_of_several_lines_stand_as_they_are() -> None:
    text = written_yaml({"notes": "Ask for:\n  - budget\n", "waitsFor": [1, 2], "at": "10:00"})

    assert text == 'notes: |\n  Ask for:\n    - budget\nwaitsFor: [1, 2]\nat: "10:00"\n'


def test_a_short_mapping_stands_on_one_line() -> None:
    assert written_yaml({"accounts": {"mark": OnOneLine(id=1, version=2)}}) == (
        "accounts:\n  mark: {id: 1, version: 2}\n"
    )


def test_a_long_text_is_not_broken() -> None:
    assert written_yaml({"a": "word " * 100 + "end"}).count("\n") == 1


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a:\n\tb: 1\n", 2, "a tab stands where only spaces may"),
        ("a: &x 1\nb: *x\n", 1, "anchors and aliases"),
        ("a: 1\nb: *x\n", 2, "anchors and aliases"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "tags (!) are not read"),
        ("a: 1\nb: !own x\n", 2, "tags (!) are not read"),
        ("a: b: c\n", 1, "a colon too many"),
        ("name: Leads\n steps: 1\n", 2, "a colon too many"),
        ("a: 1\nsubject: {{ contact.firstname }}\n", 2, "begins with { or [ goes in quotes"),
        ("a: [1\nb: 2\n", 1, "is not closed"),
        ("a: 1\nb: 'x\n", 2, "is not closed"),
        ("a: @x\n", 1, "text that begins with such a character goes in quotes"),
        ("a:\n  - b\n c: 1\n", 3, "is it indented right"),
        ("a: 1\n---\nb: 2\n", 2, "a second document begins here"),
        ("# nothing\n", 1, "there is nothing in it"),
        ("a: \x01\n", 1, "the character U+0001 is no text"),
        ('a: "\\0"\n', 1, "names a character that is no text"),
        ('a: "\\uD800"\n', 1, "names a character that is no text"),
        ('a: "\\UFFFFFFFF"\n', 1, "a character that there is not"),
        ("? [a]\n: 1\n", 1, "a name has to be text"),
        ("a: " + "[" * 5_000, 1, "20 deep"),
        ("a: [" + "1," * MOST_VALUES + "]", 1, "more than 100,000 values"),
    ],
    ids=range(21),
)
def test_a_file_that_cannot_be_read_says_where_and_what_to_do(
    text: str, line: int, why: str
) -> None:
    fault = refusal(text)

    assert fault.line == line
    assert why in fault.message


def test_a_name_that_is_given_twice_is_told_wherever_it_is() -> None:
    faults = read("a: 1\na: 2\nsteps:\n  - kind: x\n    kind: y\n").faults

    assert [(fault.line, fault.field, fault.message) for fault in faults] == [
        (2, "a", "is given twice; first on line 1"),
        (5, "steps[0].kind", "is given twice; first on line 4"),
    ]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("steps[1].delay", 4),
        ("steps[1].variants[7]", 4),
        ("steps[0]", 3),
        ("steps[0].kind", 3),
        ("settings.days", 5),
        ("settings.window", 5),
        ("nothing.of[the].kind[", 1),
        (None, 1),
    ],
)
def test_a_place_that_is_not_there_is_on_the_line_of_what_it_would_be_in(
    place: str | None, line: int
) -> None:
    lines = read("name: x\nsteps:\n  - kind: a\n  - delay: b\nsettings: {days: c}\n")

    assert lines.line_of(place) == line
