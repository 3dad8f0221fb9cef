"""The files that an account's sequences and templates make in a directory.

Whatever is there already keeps its file, and its text too where that says the same.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from drumbeat.documents.building import to_definition
from drumbeat.documents.directory import Directory
from drumbeat.documents.file_writing import sequence_text, template_text, with_entries
from drumbeat.documents.files import (
    Entry,
    SequenceEntry,
    SequenceFile,
    TemplateEntry,
    Text,
)
from drumbeat.documents.writing import in_full, in_short
from drumbeat.domain.sequence import Definition, StandingSequence, contents_of
from drumbeat.domain.template import Template

TEMPLATES = "templates"
LONGEST_NAME = 60
NO_NAME = re.compile(r"[^a-z0-9]+")


def exported(
    mark: str,
    sequences: Iterable[StandingSequence],
    templates: Mapping[int, Template],
    directory: Directory,
) -> list[Text]:
    """The files that have to be written for the directory to have these sequences, and the
    templates they use, as they stand; none where it has them already."""
    export = Export(mark, directory)
    listed = list(sequences)
    used = sorted({each for sequence in listed for each in template_ids_in(sequence.definition)})
    for template_id in used:
        export.template(templates[template_id])
    for sequence in listed:
        export.sequence(sequence)
    return [text for text in export.texts if text.path not in export.unchanged]


def template_ids_in(definition: Definition) -> set[int]:
    """Every template that a step, or a variant of one, may use."""
    contents = [content for step in definition.steps for content in contents_of(step)]
    return {content.template_id for content in contents if content.template_id is not None}


@dataclass(slots=True)
class Export:
    mark: str
    directory: Directory
    texts: list[Text] = field(default_factory=list)
    unchanged: set[str] = field(default_factory=set)
    template_paths: dict[int, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        # Not every file system tells capitals from small letters.
        self.taken = {path.lower() for path in self.directory.paths}

    def template(self, template: Template) -> None:
        entry = TemplateEntry(id=template.id, at=template.updated_at)
        files = [*self.directory.templates.values(), *self.directory.unused]
        file = next((each for each in files if self.is_of(each.entries, template.id)), None)
        if file is None:
            path = self.new_path(f"{TEMPLATES}/{slug(template.name, 'template')}", ".html")
            self.add(Text(path, template_text(template, {self.mark: entry})))
        else:
            path = file.path
            noted = replace(file, entries={**file.entries, self.mark: entry})
            if file.says_what(template):
                self.add(with_entries(noted), before=file.source.file)
            else:
                self.add(
                    replace(file.source.file, text=template_text(template, noted.entries)),
                    before=file.source.file,
                )
        self.template_paths[template.id] = path

    def sequence(self, sequence: StandingSequence) -> None:
        entry = SequenceEntry(id=sequence.id, version=sequence.version)
        files = self.directory.sequences
        file = next((each for each in files if self.is_of(each.entries, sequence.id)), None)
        if file is None:
            path = self.new_path(slug(sequence.name, "sequence"), ".yaml")
            self.add(Text(path, self.text_of(sequence, path, {self.mark: entry})))
            return
        noted = replace(file, entries={**file.entries, self.mark: entry})
        if self.says_what(file, sequence):
            self.add(with_entries(noted), before=file.source.file)
        else:
            text = self.text_of(sequence, file.path, noted.entries)
            self.add(replace(file.source.file, text=text), before=file.source.file)

    def add(self, text: Text, *, before: Text | None = None) -> None:
        self.texts.append(text)
        if text == before:
            self.unchanged.add(text.path)

    def is_of(self, entries: Mapping[str, Entry], id: int) -> bool:
        return self.mark in entries and entries[self.mark].id == id

    def text_of(
        self, sequence: StandingSequence, path: str, entries: Mapping[str, SequenceEntry]
    ) -> str:
        folder = posixpath.dirname(path) or "."
        document = in_short(
            sequence.name,
            sequence.folder_id,
            sequence.definition,
            lambda id: posixpath.relpath(self.template_paths[id], folder),
        )
        return sequence_text(document, entries)

    def says_what(self, file: SequenceFile, sequence: StandingSequence) -> bool:
        """Whether the file says the same as the sequence, of the same templates."""
        ids = {path: id for id, path in self.template_paths.items()}
        named = file.template_paths()
        if not set(named.values()) <= set(ids):
            return False
        mine = to_definition(file.document, {name: ids[path] for name, path in named.items()})
        name = (file.document.name or "").strip()
        return in_full(name, file.document.folder, mine, str) == in_full(
            sequence.name, sequence.folder_id, sequence.definition, str
        )

    def new_path(self, stem: str, suffix: str) -> str:
        """A path that no file has yet; the second of a name gets a 2, and so on."""
        number, path = 1, f"{stem}{suffix}"
        while path.lower() in self.taken:
            number += 1
            path = f"{stem}-{number}{suffix}"
        self.taken.add(path.lower())
        return path


def slug(name: str, otherwise: str) -> str:
    """The name as a file can have it everywhere."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return NO_NAME.sub("-", letters).strip("-")[:LONGEST_NAME].strip("-") or otherwise
