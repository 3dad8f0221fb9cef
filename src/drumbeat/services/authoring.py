"""Writing sequences and templates.

An edit of a sequence makes a new version: whoever is on their way goes on through the version
they began with, until they are moved. The content of a template is read when an e-mail is sent,
so a template that is changed changes every e-mail not yet sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from drumbeat import rendering
from drumbeat.clock import Clock
from drumbeat.domain import sequence as rules
from drumbeat.domain.enrollment import Reason
from drumbeat.domain.numbering import ids_needed, numbered
from drumbeat.domain.personalization import TOKENS
from drumbeat.domain.sequence import (
    Content,
    Definition,
    EmailContent,
    StandingSequence,
    TaskContent,
    contents_of,
)
from drumbeat.domain.template import Template
from drumbeat.errors import Fault, Invalid, SequenceInUse
from drumbeat.services import ending
from drumbeat.services.checking import MAX_ID, id_faults, raise_if_any, text_faults
from drumbeat.store import accounts, enrollments, sequences, templates
from drumbeat.store.database import Database, Tx

MAX_NAME = 255
MAX_SUBJECT = 1_000
MAX_BODY = 256 * 1024
MAX_NOTES = 64 * 1024
# Task queues have 32-bit numbers at HubSpot, and in our tables.
MAX_QUEUE_ID = 2**31 - 1
CHANGEABLE = ("name", "subject", "body", "folder_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authoring:
    database: Database
    clock: Clock

    def create_sequence(
        self,
        account_id: int,
        user_id: int,
        *,
        name: str,
        folder_id: int | None,
        definition: Definition,
    ) -> StandingSequence:
        """A new sequence. Raises Invalid with everything that would keep it from running."""
        name = name.strip()
        refuse_faulty_sequence(name, folder_id, definition)
        now = self.clock.now()
        with self.database.transaction() as tx:
            refuse_unknown_templates(tx, account_id, definition)
            return add_sequence(
                tx,
                account_id,
                user_id,
                name=name,
                folder_id=folder_id,
                definition=definition,
                now=now,
            )

    def replace_sequence(
        self,
        account_id: int,
        sequence_id: int,
        *,
        name: str,
        folder_id: int | None,
        definition: Definition,
    ) -> StandingSequence:
        """A new version of a sequence; what has not changed in it keeps its ids."""
        name = name.strip()
        refuse_faulty_sequence(name, folder_id, definition)
        now = self.clock.now()
        with self.database.transaction() as tx:
            standing = sequences.get_for_update(tx, account_id, sequence_id)
            refuse_unknown_templates(tx, account_id, definition)
            return put_sequence(
                tx, standing, name=name, folder_id=folder_id, definition=definition, now=now
            )

    def delete_sequence(self, account_id: int, sequence_id: int, *, override: bool) -> None:
        """Delete a sequence; with *override* everyone on their way through it is taken out.

        Raises SequenceInUse without, where there is someone.
        """
        now = self.clock.now()
        with self.database.transaction() as tx:
            sequences.get_for_update(tx, account_id, sequence_id)
            active = len(enrollments.active_for_update(tx, account_id, sequence_id=sequence_id))
            if active and not override:
                raise SequenceInUse(sequence_id, active)
            ending.end_active_of_sequence(tx, account_id, sequence_id, Reason.SEQUENCE_REMOVED, now)
            sequences.delete(tx, account_id, sequence_id, now)

    def create_template(
        self,
        account_id: int,
        user_id: int,
        *,
        name: str,
        subject: str,
        body: str,
        folder_id: int | None,
    ) -> Template:
        """A new template. Raises Invalid where it has a token that can never have a value."""
        name = name.strip()
        refuse_faulty_template(name, subject, body, folder_id)
        now = self.clock.now()
        with self.database.transaction() as tx:
            return templates.add(
                tx,
                account_id,
                user_id,
                name=name,
                subject=subject,
                body=body,
                folder_id=folder_id,
                now=now,
            )

    def change_template(
        self, account_id: int, template_id: int, changes: Mapping[str, str | int | None]
    ) -> Template:
        """Change what is given of name, subject, body and folder_id; the rest stays."""
        raise_if_any("the template cannot be changed so", kind_faults(changes))
        now = self.clock.now()
        with self.database.transaction() as tx:
            standing = templates.get_for_update(tx, account_id, template_id)
            template = changed(standing, changes)
            refuse_faulty_template(
                template.name, template.subject, template.body, template.folder_id
            )
            template = replace(template, updated_at=now)
            templates.update(tx, template)
        return template


def add_sequence(
    tx: Tx,
    account_id: int,
    user_id: int,
    *,
    name: str,
    folder_id: int | None,
    definition: Definition,
    now: datetime,
) -> StandingSequence:
    """Keep a new sequence in which no fault was found."""
    ids = accounts.take_wire_ids(tx, account_id, ids_needed(definition))
    return sequences.add(
        tx,
        account_id,
        user_id,
        name=name,
        folder_id=folder_id,
        definition=numbered(definition, None, ids, now),
        now=now,
    )


def put_sequence(
    tx: Tx,
    standing: StandingSequence,
    *,
    name: str,
    folder_id: int | None,
    definition: Definition,
    now: datetime,
) -> StandingSequence:
    """Keep a new version of a sequence that is held, in which no fault was found."""
    ids = accounts.take_wire_ids(tx, standing.account_id, ids_needed(definition))
    sequence = replace(
        standing,
        name=name,
        folder_id=folder_id,
        version=standing.version + 1,
        definition=numbered(definition, standing.definition, ids, now),
        updated_at=now,
    )
    sequences.replace(tx, sequence)
    return sequence


def refuse_faulty_sequence(name: str, folder_id: int | None, definition: Definition) -> None:
    faults = [
        *text_faults(name, field="name", longest=MAX_NAME, needed=True),
        *id_faults(folder_id, field="folderId"),
        *content_faults(definition),
    ]
    try:
        rules.check(definition)
    except Invalid as error:
        faults += error.faults
    raise_if_any("the sequence cannot be kept as it is written", faults)


def content_faults(definition: Definition) -> Iterator[Fault]:
    """What of the words and numbers in the steps is too long or too large to be kept."""
    for at, content in placed_contents(definition):
        if isinstance(content, TaskContent):
            yield from text_faults(content.subject, field=f"{at}.subject", longest=MAX_SUBJECT)
            yield from text_faults(content.notes, field=f"{at}.notes", longest=MAX_NOTES)
            yield from id_faults(content.queue_id, field=f"{at}.queueId", largest=MAX_QUEUE_ID)


def refuse_unknown_templates(tx: Tx, account_id: int, definition: Definition) -> None:
    used = [
        (at, content.template_id)
        for at, content in placed_contents(definition)
        if content.template_id is not None
    ]
    # A number that no column holds is no template's, and a database cannot be asked for it.
    possible = {template_id for _, template_id in used if 0 < template_id <= MAX_ID}
    known = templates.many(tx, account_id, possible)
    faults = [
        Fault(field=f"{at}.templateId", message=f"there is no template {template_id}")
        for at, template_id in used
        if template_id not in known
    ]
    raise_if_any("the sequence names a template that does not exist", faults)


def placed_contents(definition: Definition) -> Iterator[tuple[str, Content]]:
    """Everything that the steps may say, each with where it stands."""
    for position, step in enumerate(definition.steps):
        for content in contents_of(step):
            yield f"steps[{position}].{pattern_of(content)}", content


def pattern_of(content: Content) -> str:
    return "emailPattern" if isinstance(content, EmailContent) else "taskPattern"


def kind_faults(changes: Mapping[str, str | int | None]) -> Iterator[Fault]:
    for name, value in changes.items():
        if name in ("name", "body") and not isinstance(value, str):
            yield Fault(field=name, message=f"{name} is text, and cannot be cleared")
        elif name == "subject" and not isinstance(value, str | None):
            yield Fault(field=name, message="subject is text")
        elif name == "folder_id" and not isinstance(value, int | None):
            yield Fault(field="folderId", message="folderId is a number")
        elif name not in CHANGEABLE:
            yield Fault(field=name, message=f"a template has no {name} that could be changed")


def changed(template: Template, changes: Mapping[str, Any]) -> Template:
    given = dict(changes)
    if "name" in given:
        given["name"] = given["name"].strip()
    if "subject" in given:
        given["subject"] = given["subject"] or ""
    return replace(template, **given)


def refuse_faulty_template(name: str, subject: str, body: str, folder_id: int | None) -> None:
    faults = [
        *text_faults(name, field="name", longest=MAX_NAME, needed=True),
        *words_faults(subject, body),
        *id_faults(folder_id, field="folderId"),
    ]
    raise_if_any("the template cannot be kept as it is written", faults)
    refuse_unknown_tokens(rendering.check(subject, body))


def refuse_faulty_words(subject: str, body: str) -> None:
    """Raises Invalid where an e-mail could not be made of these, as of a template's words."""
    raise_if_any("the e-mail cannot be kept as it is written", words_faults(subject, body))
    refuse_unknown_tokens(rendering.check(subject, body))


def words_faults(subject: str, body: str) -> Iterator[Fault]:
    yield from text_faults(subject, field="subject", longest=MAX_SUBJECT)
    yield from text_faults(body, field="body", longest=MAX_BODY)


def refuse_unknown_tokens(tokens: Iterable[str]) -> None:
    """A token that nothing has would hold every e-mail, or always say its default."""
    known = sorted(f"{name}.{each}" for name, names in TOKENS.items() for each in names)
    faults = []
    for token in sorted(tokens):
        if "." in token and token not in known:
            alike = get_close_matches(token, known, n=1)
            hint = f"; did you mean {alike[0]}?" if alike else ""
            faults.append(Fault(message=f"there is no token {token}{hint}"))
    raise_if_any("the template has a token that will never have a value", faults)
