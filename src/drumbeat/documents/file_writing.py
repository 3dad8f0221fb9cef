"""The text of files: in whole, and the part of them that is the program's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from drumbeat.documents.files import (
    ACCOUNTS,
    FENCE,
    Entry,
    SequenceEntry,
    SequenceFile,
    Source,
    TemplateEntry,
    TemplateFile,
    Text,
    read_sequence_file,
    read_template_file,
)
from drumbeat.documents.writing import Plain
from drumbeat.documents.yaml_writing import OnOneLine, written_yaml
from drumbeat.domain.contact import in_millis
from drumbeat.domain.template import Template
from drumbeat.errors import FileFault, Invalid

NUMBERS = ("folder", "queue")

AnyFile = TypeVar("AnyFile", SequenceFile, TemplateFile)


def sequence_text(document: Plain, entries: Mapping[str, SequenceEntry]) -> str:
    """The file of a sequence, *document* being what it says in short."""
    said = {**with_numbers(document), "steps": [with_numbers(step) for step in document["steps"]]}
    return written_yaml(said) + accounts_text(entries)


def template_text(template: Template, entries: Mapping[str, TemplateEntry]) -> str:
    """The file of a template: its name and subject between the fences, then its body."""
    matter: Plain = {"name": template.name, "subject": template.subject}
    if template.folder_id is not None:
        matter["folder"] = template.folder_id
    return f"{FENCE}\n{written_yaml(matter)}{accounts_text(entries)}{FENCE}\n{template.body}\n"


def with_entries(file: AnyFile) -> Text:
    """The file's text, which says what the file is as its entries do; the rest of it stays.

    Raises Invalid where the text does not let that be done.
    """
    written = replace(file.source.file, text=with_block(file.source, accounts_text(file.entries)))
    if read_again(file, written) != file:
        message = "cannot be written into this file; put a line `accounts:` where it may stand"
        fault = FileFault(message=message, field=ACCOUNTS, file=file.path)
        raise Invalid("a file cannot be told what it is", [fault])
    return written


def with_block(source: Source, block: str) -> str:
    """The file's text with its part about accounts replaced, or put at the end of its YAML."""
    lines = source.file.text.removesuffix("\n").split("\n")
    begins = source.lines.lines.get(ACCOUNTS)
    if begins is None:
        start = stop = source.end_of_yaml
    else:
        start, stop = begins - 1, source.lines.ends.get(ACCOUNTS, begins)
    return "\n".join([*lines[:start], *block.splitlines(), *lines[stop:]]) + "\n"


def read_again(file: AnyFile, written: Text) -> AnyFile | None:
    """What is read from the new text, as if it were from the old; None if it cannot be read."""
    try:
        if isinstance(file, SequenceFile):
            return replace(read_sequence_file(written), source=file.source)
        return replace(read_template_file(written), source=file.source)
    except Invalid:
        return None


def accounts_text(entries: Mapping[str, Entry]) -> str:
    if not entries:
        return ""
    return written_yaml({ACCOUNTS: {mark: plain_entry(each) for mark, each in entries.items()}})


def plain_entry(entry: Entry) -> OnOneLine:
    plain = OnOneLine(id=entry.id)
    if isinstance(entry, SequenceEntry) and entry.version is not None:
        plain["version"] = entry.version
    if isinstance(entry, TemplateEntry) and entry.at is not None:
        plain["at"] = in_millis(entry.at)
    return plain


def with_numbers(part: Plain) -> Plain:
    """The part with its numbers as such; as text they would stand in quotes."""
    return {name: int(value) if name in NUMBERS else value for name, value in part.items()}
