"""What a directory of sequences would change in an account.

A file is the sequence, or the template, that it says it is in this account. One that says nothing
is the one that says the same as it already, which is what an interrupted run leaves behind; else
it is a new one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from drumbeat import documents
from drumbeat.documents import Change, ChangeKind
from drumbeat.documents.directory import Directory, refuse_faulty
from drumbeat.documents.files import SequenceFile, TemplateFile
from drumbeat.documents.places import Places
from drumbeat.documents.writing import Plain
from drumbeat.domain.sequence import Definition, StandingSequence
from drumbeat.domain.template import Template
from drumbeat.errors import FileFault, Invalid
from drumbeat.services.authoring import refuse_faulty_sequence, refuse_faulty_template
from drumbeat.store import sequences, templates
from drumbeat.store.accounts import Account
from drumbeat.store.database import Tx


class Doing(StrEnum):
    """What is to be done about a file."""

    CREATE = "create"
    CHANGE = "change"
    NOTE = "note"
    """Write into the file what it is; the account has it as it stands."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What somebody changed in the account after the file was last equal to it."""

    version: int | None
    """Of a sequence, the version that the file knows."""
    at: datetime
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTemplate:
    file: TemplateFile
    standing: Template | None
    doing: Doing
    changes: Sequence[Change]
    drift: Drift | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSequence:
    file: SequenceFile
    standing: StandingSequence | None
    doing: Doing
    changes: Sequence[Change]
    drift: Drift | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    mark: str
    """What the account is called in files."""
    templates: Sequence[PlannedTemplate]
    sequences: Sequence[PlannedSequence]
    missing: Sequence[StandingSequence]
    """What the account has and the directory has not; nothing is done about it."""
    unused: Sequence[TemplateFile]

    @property
    def changes_something(self) -> bool:
        doings = [each.doing for each in self.templates] + [each.doing for each in self.sequences]
        return any(doing is not Doing.NOTHING for doing in doings)


TemplateIds: TypeAlias = Mapping[str, int]
"""The id of the template in each file; of one that is to be created, a number below 0."""


def compare(tx: Tx, account: Account, directory: Directory) -> Plan:
    """What it takes for the account to have what the directory says.

    Raises Invalid with every fault that would keep any of it from being done.
    """
    return Comparison(tx, account, directory).plan()


@dataclass(slots=True)
class Comparison:
    tx: Tx
    account: Account
    directory: Directory
    faults: list[FileFault] = field(default_factory=list)
    standing: dict[int, StandingSequence] = field(default_factory=dict)
    spoken_for: set[int] = field(default_factory=set)
    """The sequences that a file already is."""

    def plan(self) -> Plan:
        every = sequences.every(self.tx, self.account.id)
        self.standing = {sequence.id: sequence for sequence in every}
        self.refuse_claimed_twice(self.directory.sequences)
        self.refuse_claimed_twice(self.directory.templates.values())
        planned_templates = self.planned_templates()
        ids = ids_of(planned_templates)
        self.spoken_for = self.claimed_ids()
        planned = [self.planned_sequence(file, ids) for file in self.directory.sequences]
        refuse_faulty(self.faults)
        return Plan(
            mark=self.account.mark,
            templates=planned_templates,
            sequences=planned,
            missing=[each for each in every if each.id not in self.spoken_for],
            unused=self.directory.unused,
        )

    def refuse_claimed_twice(self, files: Iterable[SequenceFile | TemplateFile]) -> None:
        claims: defaultdict[int, list[SequenceFile | TemplateFile]] = defaultdict(list)
        for file in files:
            entry = file.entries.get(self.account.mark)
            if entry is not None:
                claims[entry.id].append(file)
        for first, *others in claims.values():
            for file in others:
                message = (
                    f"{first.path} says that it is this one too; "
                    "take the line out of the file that is new"
                )
                self.faults.append(file.source.fault(self.place, message))

    @property
    def place(self) -> str:
        """Where a file says what it is in this account."""
        return f"accounts.{self.account.mark}"

    def claimed_ids(self) -> set[int]:
        entries = [file.entries.get(self.account.mark) for file in self.directory.sequences]
        return {entry.id for entry in entries if entry is not None}

    def planned_templates(self) -> list[PlannedTemplate]:
        files = self.directory.templates.values()
        claimed = [file.entries[self.account.mark].id for file in files if self.is_noted(file)]
        known = templates.many(self.tx, self.account.id, claimed)
        names = {file.said()["name"] for file in files if not self.is_noted(file)}
        alike = templates.named(self.tx, self.account.id, {str(name) for name in names})
        free = [template for template in alike if template.id not in claimed]
        return [self.planned_template(file, known, free) for file in files]

    def is_noted(self, file: SequenceFile | TemplateFile) -> bool:
        return self.account.mark in file.entries

    def planned_template(
        self, file: TemplateFile, known: Mapping[int, Template], free: list[Template]
    ) -> PlannedTemplate:
        self.faults += faults_of_template(file)
        entry = file.entries.get(self.account.mark)
        if entry is None:
            same = next((each for each in free if file.says_what(each)), None)
            if same is not None:
                free.remove(same)
            doing = Doing.CREATE if same is None else Doing.NOTE
            return PlannedTemplate(file=file, standing=same, doing=doing, changes=(), drift=None)
        standing = known.get(entry.id)
        if standing is None:
            self.refuse_unknown(file, "template", entry.id)
            return PlannedTemplate(
                file=file, standing=None, doing=Doing.CREATE, changes=(), drift=None
            )
        changes = changes_of_template(standing, file)
        is_drifted = bool(changes) and entry.at not in (None, standing.updated_at)
        return PlannedTemplate(
            file=file,
            standing=standing,
            doing=Doing.CHANGE if changes else Doing.NOTHING,
            changes=changes,
            drift=Drift(version=None, at=standing.updated_at, changes=()) if is_drifted else None,
        )

    def refuse_unknown(self, file: SequenceFile | TemplateFile, what: str, id: int) -> None:
        message = (
            f"there is no {what} {id} in this account; if it was deleted and is to be made anew, "
            "take this line out"
        )
        self.faults.append(file.source.fault(self.place, message))

    def planned_sequence(self, file: SequenceFile, ids: TemplateIds) -> PlannedSequence:
        definition = definition_in(file, ids)
        self.faults += faults_of_sequence(file, definition)
        names = {id: path for path, id in ids.items()}
        mine = written(name_in(file), file.document.folder, definition, names)
        entry = file.entries.get(self.account.mark)
        if entry is None:
            same = self.alike(file, mine, names)
            doing = Doing.CREATE if same is None else Doing.NOTE
            return PlannedSequence(file=file, standing=same, doing=doing, changes=(), drift=None)
        standing = self.standing.get(entry.id)
        if standing is None:
            self.refuse_unknown(file, "sequence", entry.id)
            return PlannedSequence(
                file=file, standing=None, doing=Doing.CREATE, changes=(), drift=None
            )
        changes = differences(written_as_it_stands(standing, names), mine)
        is_drifted = bool(changes) and entry.version not in (None, standing.version)
        return PlannedSequence(
            file=file,
            standing=standing,
            doing=Doing.CHANGE if changes else Doing.NOTHING,
            changes=changes,
            drift=self.drift(standing, entry.version, names) if is_drifted else None,
        )

    def alike(
        self, file: SequenceFile, mine: Plain, names: Mapping[int, str]
    ) -> StandingSequence | None:
        """The sequence of the account that says what this file does, and is no other file's."""
        called = [
            each
            for each in self.standing.values()
            if each.id not in self.spoken_for and each.name == name_in(file)
        ]
        for each in called:
            if written_as_it_stands(each, names) == mine:
                self.spoken_for.add(each.id)
                return each
        if called:
            message = (
                f"the account has another sequence of this name; if it is this one, write "
                f"{self.account.mark}: {{id: {called[0].id}}} under accounts, else rename this one"
            )
            self.faults.append(file.source.fault("name", message))
        return None

    def drift(
        self, standing: StandingSequence, version: int | None, names: Mapping[int, str]
    ) -> Drift:
        """What was done to the sequence since that version, as far as versions tell."""
        key = (self.account.id, standing.id, version or 0)
        before = sequences.versions(self.tx, [key]).get(key)
        changes: Sequence[Change] = ()
        if before is not None:
            old = written(standing.name, standing.folder_id, before, names)
            changes = differences(old, written_as_it_stands(standing, names))
        return Drift(version=version, at=standing.updated_at, changes=changes)


def ids_of(planned: Iterable[PlannedTemplate]) -> dict[str, int]:
    return {
        each.file.path: -number if each.standing is None else each.standing.id
        for number, each in enumerate(planned, 1)
    }


def definition_in(file: SequenceFile, ids: TemplateIds) -> Definition:
    """What the file says, with the ids that the templates it names have."""
    named = file.template_paths()
    return documents.to_definition(file.document, {name: ids[path] for name, path in named.items()})


def name_in(file: SequenceFile) -> str:
    return (file.document.name or "").strip()


def written(
    name: str, folder_id: int | None, definition: Definition, names: Mapping[int, str]
) -> Plain:
    """The document in full, with templates called by their files, where they have one."""
    return documents.in_full(name, folder_id, definition, lambda id: names.get(id, str(id)))


def written_as_it_stands(sequence: StandingSequence, names: Mapping[int, str]) -> Plain:
    return written(sequence.name, sequence.folder_id, sequence.definition, names)


def differences(before: Plain, after: Plain) -> list[Change]:
    return documents.differences(before, after, documents.alike(before, after))


def faults_of_sequence(file: SequenceFile, definition: Definition) -> Sequence[FileFault]:
    """What keeps the sequence from being kept, that only the service knows of."""
    try:
        refuse_faulty_sequence(name_in(file), file.document.folder, definition)
    except Invalid as error:
        return file.source.placed(Places("").translated(error.faults))
    return ()


def faults_of_template(file: TemplateFile) -> Sequence[FileFault]:
    try:
        refuse_faulty_template(file.name.strip(), file.subject, file.body, file.folder_id)
    except Invalid as error:
        return [file.placed(fault) for fault in error.faults]
    return ()


def changes_of_template(standing: Template, file: TemplateFile) -> list[Change]:
    return [
        changed_field("folder" if name == "folder_id" else name, getattr(standing, name), value)
        for name, value in file.said().items()
        if getattr(standing, name) != value
    ]


def changed_field(name: str, before: str | int | None, after: str | int | None) -> Change:
    text = f"{name} is not as it was"
    if name != "body":
        text = f"{name} is {after}, was {before}"
    return Change(path=name, kind=ChangeKind.CHANGED, before=before, after=after, text=text)
