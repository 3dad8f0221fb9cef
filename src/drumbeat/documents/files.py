"""Sequences and templates as files: what is in them, and which of an account's they are.

A sequence is a YAML file, a template an HTML file that begins with a little YAML. Each file has
under `accounts` what it is called in each account that it was applied to, by that account's mark;
so any number of accounts can share a directory, and a file may be renamed. That part is written
by the program, into the text as it stands, comments and all.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from pydantic import AwareDatetime, BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

from drumbeat.documents.building import templates_in
from drumbeat.documents.reading import fault_of, read
from drumbeat.documents.shapes import Count, Id, Part, SequenceDocument
from drumbeat.documents.yaml_reading import Read, read_yaml
from drumbeat.domain.template import Template
from drumbeat.errors import Fault, FileFault, Invalid

ACCOUNTS = "accounts"
FENCE = "---"
LARGEST_FILE = 4 * 1024 * 1024
"""In bytes. What our API takes fits into it many times."""
CRLF = "\r\n"
# As rendering words the faults it finds, and authoring those of unknown tokens.
LINE_OF_BODY = re.compile(r"line (?P<line>\d+): (?P<what>.*)", re.DOTALL)
TOKEN = re.compile(r"no token (?P<token>[\w.]+)")


def as_written(given: object) -> object:
    if isinstance(given, datetime):
        return given
    if not isinstance(given, str) or "T" not in given:
        raise PydanticCustomError("time", "must be a time such as 2026-03-02T08:00:00.000Z")
    return given


class SequenceEntry(Part):
    """Which sequence of an account a file is, and the version that it was last equal to."""

    id: Id
    version: Count | None = None


class TemplateEntry(Part):
    """Which template of an account a file is, and as of when it was last equal to it."""

    id: Id
    at: Annotated[AwareDatetime, BeforeValidator(as_written)] | None = None


Entry: TypeAlias = SequenceEntry | TemplateEntry


class SequenceAccounts(Part):
    accounts: Mapping[str, SequenceEntry] = {}


class FrontMatter(Part):
    """What a template's file begins with."""

    name: str
    subject: str = ""
    folder: Id | None = None
    accounts: Mapping[str, TemplateEntry] = {}


@dataclass(frozen=True, slots=True)
class Text:
    """What a file holds, with its lines ended alike."""

    path: str
    text: str
    has_crlf: bool = False
    """Whether the file itself ends its lines with a carriage return too."""

    @classmethod
    def of(cls, path: str, raw: bytes) -> Text:
        """The text of a file. Raises Invalid where it is none."""
        if len(raw) > LARGEST_FILE:
            message = f"is larger than {LARGEST_FILE // 1024 // 1024} MiB"
            raise unreadable(FileFault(message=message, file=path))
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            fault = FileFault(message="is not in UTF-8; save it so", file=path, line=line)
            raise unreadable(fault) from None
        first, _, _ = text.partition("\n")
        if not first.endswith("\r"):
            return cls(path, text)
        # An editor that ends a line so ends all of them so; a body may have some for its own sake.
        return cls(path, text.replace(CRLF, "\n"), has_crlf=True)

    def raw(self) -> bytes:
        return (self.text.replace("\n", CRLF) if self.has_crlf else self.text).encode()


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text, and where in it its fields are."""

    file: Text
    lines: Read = field(repr=False)
    end_of_yaml: int
    """How many lines stand before the end of its YAML."""

    def placed(self, faults: Iterable[Fault]) -> list[FileFault]:
        """Faults in the file's fields, with their lines."""
        return [self.fault(fault.field, fault.message) for fault in faults]

    def fault(self, place: str | None, message: str) -> FileFault:
        line = self.lines.line_of(place)
        return FileFault(message=message, field=place, file=self.file.path, line=line)


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceFile:
    source: Source
    document: SequenceDocument
    entries: Mapping[str, SequenceEntry]

    @property
    def path(self) -> str:
        return self.source.file.path

    def template_paths(self) -> dict[str, str]:
        """The file of each template, from the top of the directory, by what it is called here."""
        return {name: beside(self.path, name) for name in templates_in(self.document)}

    def template_places(self) -> Iterator[tuple[str, str]]:
        """Where in the sequence each of its templates is named first, and which file that is."""
        for name, place in templates_in(self.document).items():
            yield place, beside(self.path, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFile:
    source: Source
    name: str
    subject: str
    folder_id: int | None
    body: str
    entries: Mapping[str, TemplateEntry]

    @property
    def path(self) -> str:
        return self.source.file.path

    def said(self) -> dict[str, str | int | None]:
        """What the template says, by the names of the fields that an account keeps it in."""
        return {
            "name": self.name.strip(),
            "subject": self.subject,
            "folder_id": self.folder_id,
            "body": self.body,
        }

    def says_what(self, template: Template) -> bool:
        """Whether the template of an account says the same."""
        return all(getattr(template, name) == value for name, value in self.said().items())

    def placed(self, fault: Fault) -> FileFault:
        """A fault in the template as a whole, or in a line of its body, with its line."""
        found = LINE_OF_BODY.fullmatch(fault.message) if fault.field == "body" else None
        if found:
            line = self.source.end_of_yaml + 1 + int(found["line"])
            return FileFault(message=found["what"], field="body", file=self.path, line=line)
        word = TOKEN.search(fault.message)
        if word and fault.field is None:
            return self.at_word(word["token"], fault.message)
        place = "folder" if fault.field == "folderId" else fault.field
        return self.source.fault(place, fault.message)

    def at_word(self, word: str, message: str) -> FileFault:
        lines = self.source.file.text.split("\n")
        line = next((number for number, line in enumerate(lines, 1) if word in line), None)
        return FileFault(message=message, field=None, file=self.path, line=line)


def read_sequence_file(file: Text) -> SequenceFile:
    """The sequence that the file holds. Raises Invalid with every fault and its line."""
    source = source_of(file, file.text, 0, file.text.removesuffix("\n").count("\n") + 1)
    said, accounts = parted(source.lines.value)
    faults: list[Fault] = []
    entries: Mapping[str, SequenceEntry] = {}
    document = None
    try:
        entries = SequenceAccounts.model_validate(accounts).accounts
    except ValidationError as error:
        faults += found_in(error)
    faults += name_faults(said)
    try:
        document = read(said)
    except Invalid as error:
        faults += error.faults
    told = [*source.lines.faults, *source.placed(faults)]
    if told or document is None:
        raise unreadable(*told)
    return SequenceFile(source=source, document=document, entries=entries)


def read_template_file(file: Text) -> TemplateFile:
    """The template that the file holds. Raises Invalid with every fault and its line."""
    lines = file.text.split("\n")
    closing = closing_of(lines, file.path)
    source = source_of(file, "\n".join(lines[1:closing]) + "\n", 1, closing)
    try:
        matter = FrontMatter.model_validate(source.lines.value)
    except ValidationError as error:
        raise unreadable(*source.lines.faults, *source.placed(found_in(error))) from None
    if source.lines.faults:
        raise unreadable(*source.lines.faults)
    return TemplateFile(
        source=source,
        name=matter.name,
        subject=matter.subject,
        folder_id=matter.folder,
        # The last line break is the file's, not the body's.
        body="\n".join(lines[closing + 1 :]).removesuffix("\n"),
        entries=matter.accounts,
    )


def source_of(file: Text, yaml: str, begins: int, ends: int) -> Source:
    """The file with its *yaml* read, between those lines. Raises Invalid where it is no mapping
    of ours."""
    read_lines = read_yaml(yaml, file=file.path, first_line=begins + 1)
    source = Source(file, read_lines, ends)
    if source.lines.is_in_brackets:
        # Entries are written between the lines, which such a file has not.
        message = "write each field on a line of its own, not all of them in brackets"
        raise unreadable(source.fault(None, message))
    return source


def closing_of(lines: Sequence[str], path: str) -> int:
    """The position of the fence before the body."""
    fences = [number for number, line in enumerate(lines) if line.rstrip() == FENCE]
    if not fences or fences[0] != 0:
        message = f"a template begins with {FENCE}, then its name and subject, then {FENCE}"
        raise unreadable(FileFault(message=message, file=path, line=1))
    if len(fences) == 1:
        message = f"no second {FENCE} ends what stands before the body"
        raise unreadable(FileFault(message=message, file=path, line=1))
    return fences[1]


def unreadable(*faults: FileFault) -> Invalid:
    return Invalid("the file cannot be read", faults)


def parted(value: Any) -> tuple[Any, dict[str, Any]]:
    """What the sequence says, and what the file is called where."""
    if not isinstance(value, dict):
        return value, {}
    document = {name: part for name, part in value.items() if name != ACCOUNTS}
    return document, {name: part for name, part in value.items() if name == ACCOUNTS}


def found_in(error: ValidationError) -> list[Fault]:
    return [fault_of(each) for each in error.errors(include_url=False, include_context=False)]


def name_faults(said: Any) -> list[Fault]:
    """What is kept has a name, which is not needed of what is only looked at."""
    name = said.get("name") if isinstance(said, dict) else "none, and told so already"
    is_there = bool(name.strip()) if isinstance(name, str) else name is not None
    return [] if is_there else [Fault(field="name", message="is needed")]


def beside(path: str, name: str) -> str:
    """The file that another one names, from the top of the directory; it may be outside of it."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
