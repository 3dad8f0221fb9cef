"""A directory of sequences: every file in it that is ours, read, and what they make of each other.

Paths are those from its top, with slashes. Nothing here opens a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drumbeat.documents.files import (
    SequenceFile,
    TemplateFile,
    Text,
    read_sequence_file,
    read_template_file,
)
from drumbeat.errors import FileFault, Invalid

SEQUENCE_SUFFIXES = (".yaml", ".yml")
TEMPLATE_SUFFIXES = (".html", ".htm")
# A directory that is given by mistake may hold a whole disk.
MOST_FILES = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    sequences: tuple[SequenceFile, ...]
    templates: Mapping[str, TemplateFile]
    """Those that a sequence names, by their paths."""
    unused: tuple[TemplateFile, ...]
    """Templates that no sequence names; nothing is done with them."""
    paths: frozenset[str]
    """Of every file that there is by our suffixes, also of what is none of ours."""


def read_directory(files: Mapping[str, bytes]) -> Directory:
    """What the files hold, by their paths. Raises Invalid with every fault in all of them."""
    faults: list[FileFault] = []
    sequences: list[SequenceFile] = []
    for path in sorted(files):
        if path.lower().endswith(SEQUENCE_SUFFIXES):
            try:
                sequences.append(read_sequence_file(Text.of(path, files[path])))
            except Invalid as error:
                faults += faults_in(error)
    templates, missing = named_templates(sequences, files)
    faults += missing
    refuse_faulty(faults)
    rest = [path for path in sorted(files) if path not in templates and is_template(path)]
    unused = [file for path in rest if (file := template_perhaps(path, files[path]))]
    return Directory(
        sequences=tuple(sequences),
        templates=templates,
        unused=tuple(unused),
        paths=frozenset(files),
    )


def refuse_faulty(faults: Iterable[FileFault]) -> None:
    """Raise Invalid with the faults, if there are any, as they stand in their files."""
    ordered = sorted(faults, key=lambda fault: (fault.file, fault.line or 0))
    if ordered:
        raise Invalid("there are faults in the files, and nothing was changed", ordered)


def faults_in(error: Invalid) -> list[FileFault]:
    return [fault for fault in error.faults if isinstance(fault, FileFault)]


def named_templates(
    sequences: Iterable[SequenceFile], files: Mapping[str, bytes]
) -> tuple[dict[str, TemplateFile], list[FileFault]]:
    """Every template that the sequences name, and what is wrong with them or their names."""
    found: dict[str, TemplateFile] = {}
    faults: list[FileFault] = []
    refused: set[str] = set()
    for sequence in sequences:
        for place, path in sequence.template_places():
            fault = fault_of_name(sequence, place, path, files)
            if fault is not None:
                faults.append(fault)
            elif path not in found and path not in refused:
                try:
                    found[path] = read_template_file(Text.of(path, files[path]))
                except Invalid as error:
                    refused.add(path)
                    faults += faults_in(error)
    return found, faults


def fault_of_name(
    sequence: SequenceFile, place: str, path: str, files: Mapping[str, bytes]
) -> FileFault | None:
    if path.startswith(("../", "/")):
        return sequence.source.fault(place, "leads out of the directory")
    if path.isdigit():
        message = f"names a template by its file, such as templates/{path}.html, not by its id"
        return sequence.source.fault(place, message)
    if not is_template(path):
        return sequence.source.fault(place, "a template is a file that ends in .html")
    if path not in files:
        return sequence.source.fault(place, f"there is no file {path}")
    return None


def is_template(path: str) -> bool:
    return path.lower().endswith(TEMPLATE_SUFFIXES)


def template_perhaps(path: str, raw: bytes) -> TemplateFile | None:
    """The template that the file holds, if it is one: there may be other pages beside ours."""
    try:
        return read_template_file(Text.of(path, raw))
    except Invalid:
        return None
