"""Sequences as files: a directory of them out of an account, and back into one.

What a directory says is made so in one transaction, or not at all. Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from drumbeat.clock import Clock
from drumbeat.documents.directory import Directory, read_directory
from drumbeat.documents.exporting import exported, template_ids_in
from drumbeat.documents.file_writing import with_entries
from drumbeat.documents.files import (
    SequenceEntry,
    SequenceFile,
    TemplateEntry,
    TemplateFile,
    Text,
)
from drumbeat.domain.sequence import StandingSequence
from drumbeat.domain.template import Template
from drumbeat.errors import Invalid, NotFound
from drumbeat.services.authoring import add_sequence, put_sequence
from drumbeat.services.comparing import (
    Doing,
    Plan,
    compare,
    definition_in,
    name_in,
)
from drumbeat.store import accounts, sequences, templates
from drumbeat.store.database import Database, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What was planned and is done, and the files that are to say so."""

    plan: Plan
    templates: Mapping[str, Template]
    """What the template of each file is now, by its path."""
    sequences: Mapping[str, StandingSequence]
    texts: Sequence[Text]
    """The files that do not say yet what they are, as they have to be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    database: Database
    clock: Clock

    def plan(self, account_id: int, files: Mapping[str, bytes]) -> Plan:
        """What applying these files would change. Raises Invalid with every fault in them."""
        directory = read_directory(files)
        with self.database.reading() as tx:
            return compare(tx, accounts.get(tx, account_id), directory)

    def apply(self, account_id: int, user_id: int | None, files: Mapping[str, bytes]) -> Applied:
        """Make the account have what these files say; what is new is the user's.

        Raises Invalid with every fault in them, and then nothing is changed. Done again, nothing
        is changed either, even if the files that are to be written never were.
        """
        directory = read_directory(files)
        now = self.clock.now()
        with self.database.transaction() as tx:
            hold_claimed(tx, account_id, directory)
            account = accounts.hold(tx, account_id)
            plan = compare(tx, account, directory)
            kept_templates = keep_templates(tx, plan, account_id, user_id, now)
            kept = keep_sequences(tx, plan, account_id, user_id, now, kept_templates)
            # Before all of it is kept: what a file cannot be told would be made twice.
            texts = noted(plan, kept_templates, kept)
        return Applied(plan=plan, templates=kept_templates, sequences=kept, texts=texts)

    def export(
        self, account_id: int, files: Mapping[str, bytes], *, only: Collection[int] = ()
    ) -> list[Text]:
        """The files that have to be written for the directory to have every sequence of the
        account, or *only* some, as they stand, beside what is in it already."""
        directory = read_directory(files)
        with self.database.reading() as tx:
            mark = accounts.get(tx, account_id).mark
            chosen = chosen_sequences(sequences.every(tx, account_id), only)
            used = {each for one in chosen for each in template_ids_in(one.definition)}
            found = templates.many(tx, account_id, used)
        return exported(mark, chosen, found, directory)


def chosen_sequences(
    every: Sequence[StandingSequence], only: Collection[int]
) -> list[StandingSequence]:
    known = {sequence.id for sequence in every}
    for sequence_id in only:
        if sequence_id not in known:
            raise NotFound("sequence", sequence_id)
    return [sequence for sequence in every if not only or sequence.id in only]


def hold_claimed(tx: Tx, account_id: int, directory: Directory) -> None:
    """Keep others from changing what files say they are, and what is numbered after it."""
    mark = accounts.get(tx, account_id).mark
    for sequence_id in claimed(mark, directory.sequences):
        try:
            sequences.get_for_update(tx, account_id, sequence_id)
        except NotFound:
            continue
    for template_id in claimed(mark, directory.templates.values()):
        try:
            templates.get_for_update(tx, account_id, template_id)
        except NotFound:
            continue


def claimed(mark: str, files: Iterable[SequenceFile | TemplateFile]) -> list[int]:
    # In one order for all, so that no two wait for each other.
    return sorted(file.entries[mark].id for file in files if mark in file.entries)


def keep_templates(
    tx: Tx, plan: Plan, account_id: int, user_id: int | None, now: datetime
) -> dict[str, Template]:
    """The template of each file as it is kept now, by the file's path."""
    kept: dict[str, Template] = {}
    for planned in plan.templates:
        said: dict[str, Any] = planned.file.said()
        standing = planned.standing
        if standing is None:
            owner = owner_of_what_is_new(user_id)
            kept[planned.file.path] = templates.add(tx, account_id, owner, **said, now=now)
            continue
        if planned.doing is Doing.CHANGE:
            standing = replace(standing, **said, updated_at=now)
            templates.update(tx, standing)
        kept[planned.file.path] = standing
    return kept


def keep_sequences(
    tx: Tx,
    plan: Plan,
    account_id: int,
    user_id: int | None,
    now: datetime,
    kept_templates: Mapping[str, Template],
) -> dict[str, StandingSequence]:
    """The sequence of each file as it stands now, by the file's path."""
    ids = {path: template.id for path, template in kept_templates.items()}
    kept: dict[str, StandingSequence] = {}
    for planned in plan.sequences:
        said: dict[str, Any] = {
            "name": name_in(planned.file),
            "folder_id": planned.file.document.folder,
            "definition": definition_in(planned.file, ids),
            "now": now,
        }
        standing = planned.standing
        if standing is None:
            standing = add_sequence(tx, account_id, owner_of_what_is_new(user_id), **said)
        elif planned.doing is Doing.CHANGE:
            standing = put_sequence(tx, standing, **said)
        kept[planned.file.path] = standing
    return kept


def owner_of_what_is_new(user_id: int | None) -> int:
    if user_id is None:
        raise Invalid("something is new, and there are several users; say whose it is with --user")
    return user_id


def noted(
    plan: Plan,
    kept_templates: Mapping[str, Template],
    kept_sequences: Mapping[str, StandingSequence],
) -> list[Text]:
    """The files about which something was done, each saying what it is now."""
    texts: list[Text] = []
    for each in plan.templates:
        template = kept_templates[each.file.path]
        entry = TemplateEntry(id=template.id, at=template.updated_at)
        if each.doing is not Doing.NOTHING:
            entries = {**each.file.entries, plan.mark: entry}
            texts.append(with_entries(replace(each.file, entries=entries)))
    for one in plan.sequences:
        sequence = kept_sequences[one.file.path]
        version = SequenceEntry(id=sequence.id, version=sequence.version)
        if one.doing is not Doing.NOTHING:
            versions = {**one.file.entries, plan.mark: version}
            texts.append(with_entries(replace(one.file, entries=versions)))
    return texts
