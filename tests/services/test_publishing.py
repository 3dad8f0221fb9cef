"""Sequences as files: out of an account, into another, and again."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias

import pytest

from drumbeat import documents
from drumbeat.documents.writing import Plain
from drumbeat.domain.sequence import (
    ContainerStep,
    Criteria,
    Definition,
    Dependency,
    DependencyType,
    EmailContent,
    EmailStep,
    EngagementTriggers,
    FinishStep,
    StandingSequence,
    TaskContent,
    TaskPriority,
    TaskStep,
    TaskType,
    UnenrollRule,
    Variant,
)
from drumbeat.domain.template import Template
from drumbeat.errors import FileFault, Invalid, NotFound
from drumbeat.services.comparing import Doing, Plan
from drumbeat.services.publishing import Applied
from drumbeat.store import accounts, sequences, templates
from drumbeat.store.database import Database
from tests.office import NO_TIME, OFFICE_HOURS, ONE_DAY, Office, call_then_email, only_a_call

Files: TypeAlias = Mapping[str, bytes]

LEADS = b"""\
# Ask Ada first.
name: New leads
steps:
  - kind: email
    template: templates/opener.html
  - kind: task
    delay: P1D
    type: CALL
"""
OPENER = b"---\nname: Opener\nsubject: Hello\n---\n<p>Hello {{ contact.firstname }}</p>\n"
FILES: Files = {"leads.yaml": LEADS, "templates/opener.html": OPENER}


@pytest.fixture
def other(database: Database, office: Office) -> Office:
    """A second account, such as production is to staging."""
    office.clock.advance(hours=1)
    return Office.on(database, "other@example.com")


def plan(office: Office, files: Files) -> Plan:
    return office.publishing.plan(office.account_id, files)


def apply(office: Office, files: Files) -> Applied:
    return office.publishing.apply(office.account_id, office.user.id, files)


def applied(office: Office, files: Files) -> Files:
    """The directory after the files were applied, with what that wrote into it."""
    return {**files, **{text.path: text.raw() for text in apply(office, files).texts}}


def exported(office: Office, files: Files | None = None, *only: int) -> Files:
    before = files or {}
    texts = office.publishing.export(office.account_id, before, only=only)
    return {**before, **{text.path: text.raw() for text in texts}}


def standing(office: Office) -> list[StandingSequence]:
    with office.database.reading() as tx:
        return sequences.every(tx, office.account_id)


def templates_of(office: Office) -> list[Template]:
    with office.database.reading() as tx:
        return templates.page(tx, office.account_id, after=0, limit=100)


def mark_of(office: Office) -> str:
    with office.database.reading() as tx:
        return accounts.get(tx, office.account_id).mark


def edited(files: Files, path: str, before: str, after: str) -> Files:
    text = files[path].decode()
    assert before in text
    return {**files, path: text.replace(before, after).encode()}


def refusal(office: Office, files: Files) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(Invalid) as refused:
        apply(office, files)
    found = [fault for fault in refused.value.faults if isinstance(fault, FileFault)]
    return [(fault.file, fault.line, fault.field) for fault in found]


def intricate(office: Office) -> Definition:
    """Everything that a sequence can say."""
    first, second = office.template("One").id, office.template("Two").id
    an_email = EmailContent(template_id=first)
    variants = (
        Variant(ordinal=4, is_active=True, content=EmailContent(template_id=second)),
        Variant(ordinal=2, is_active=False, content=None),
    )
    task = TaskContent(
        type=TaskType.EMAIL,
        priority=TaskPriority.LOW,
        subject="Write: soon",
        notes="One\n  two\n",
        queue_id=7,
        template_id=second,
    )
    return Definition(
        steps=(
            EmailStep(order=0, delay=NO_TIME, email=an_email, variants=variants),
            TaskStep(order=1, delay=ONE_DAY, task=task, branch=2),
            ContainerStep(order=2, delay=timedelta(milliseconds=1)),
            EmailStep(
                order=3,
                delay=ONE_DAY,
                email=replace(an_email, thread_to=0),
                is_dynamic=True,
                delay_min=NO_TIME,
                delay_max=2 * ONE_DAY,
            ),
            FinishStep(order=4, delay=timedelta(hours=36)),
        ),
        dependencies=(
            Dependency(type=DependencyType.ADAPTIVE_COMPLETION, relies_on=2, required_by=3),
            Dependency(type=DependencyType.TASK_COMPLETION, relies_on=1, required_by=4),
            Dependency(type=DependencyType.MANUAL_PAUSE, relies_on=0, required_by=1, branch=3),
        ),
        settings=replace(
            OFFICE_HOURS,
            task_reminder_minute=601,
            on_meeting=UnenrollRule(criteria=Criteria.NONE),
        ),
        is_dynamic=True,
        triggers=EngagementTriggers(opens=2),
    )


def test_a_new_file_becomes_a_sequence_of_the_user_and_is_told_so(office: Office) -> None:
    files = applied(office, FILES)

    [sequence], [template] = standing(office), templates_of(office)
    assert (sequence.name, sequence.version, sequence.user_id) == ("New leads", 1, office.user.id)
    assert (template.subject, template.user_id) == ("Hello", office.user.id)
    [step, *_] = sequence.definition.steps
    assert isinstance(step, EmailStep)
    assert step.email.template_id == template.id
    told = f"accounts:\n  {mark_of(office)}: {{id: {sequence.id}, version: 1}}\n"
    assert files["leads.yaml"] == LEADS + told.encode()


def test_applied_again_nothing_changes(office: Office) -> None:
    files = applied(office, FILES)
    before = standing(office), templates_of(office)

    again = apply(office, files)

    assert not plan(office, files).changes_something
    assert again.texts == []
    assert (standing(office), templates_of(office)) == before


def test_what_is_planned_changes_nothing(office: Office) -> None:
    planned = plan(office, FILES)

    assert [each.doing for each in planned.sequences] == [Doing.CREATE]
    assert (standing(office), templates_of(office)) == ([], [])


def test_files_that_were_never_told_what_they_are_find_it_out(office: Office) -> None:
    told = applied(office, FILES)

    again = applied(office, FILES)

    assert again == told
    assert len(standing(office)) == len(templates_of(office)) == 1


def test_a_change_makes_one_new_version_and_keeps_the_ids_of_the_rest(office: Office) -> None:
    files = applied(office, FILES)
    [before] = standing(office)
    office.clock.advance(hours=1)

    files = applied(office, edited(files, "leads.yaml", "P1D", "P2D"))

    [after] = standing(office)
    assert (after.version, after.updated_at) == (2, office.clock.now())
    assert [step.id for step in after.definition.steps] == [
        step.id for step in before.definition.steps
    ]
    assert b"version: 2}" in files["leads.yaml"]
    assert not plan(office, files).changes_something


def test_only_what_changed_gets_a_new_version(office: Office) -> None:
    files = applied(office, {**FILES, "more.yaml": LEADS.replace(b"New leads", b"More leads")})

    applied(office, edited(files, "more.yaml", "P1D", "P2D"))

    assert {each.name: each.version for each in standing(office)} == {
        "New leads": 1,
        "More leads": 2,
    }


def test_a_template_that_changed_is_changed_and_its_sequence_is_not(office: Office) -> None:
    files = applied(office, FILES)
    office.clock.advance(hours=1)

    files = edited(files, "templates/opener.html", "<p>Hello", "<p>Good day")
    [planned] = plan(office, files).templates
    files = applied(office, files)

    assert [change.path for change in planned.changes] == ["body"]
    [template], [sequence] = templates_of(office), standing(office)
    assert template.body == "<p>Good day {{ contact.firstname }}</p>"
    assert (template.updated_at, sequence.version) == (office.clock.now(), 1)
    assert not plan(office, files).changes_something


def test_a_sequence_and_its_file_may_both_be_renamed(office: Office) -> None:
    files = dict(applied(office, FILES))
    files["sales/first.yaml"] = files.pop("leads.yaml").replace(b"New leads", b"First")
    files = dict(edited(files, "sales/first.yaml", "templates/", "../templates/"))

    [planned] = plan(office, files).sequences
    applied(office, files)

    assert [change.text for change in planned.changes] == ["name is First, was New leads"]
    assert [(each.id, each.name) for each in standing(office)] == [(1, "First")]


def test_what_was_changed_in_the_account_is_told_apart(office: Office) -> None:
    files = applied(office, FILES)
    [sequence], [template] = standing(office), templates_of(office)
    office.clock.advance(hours=1)
    office.authoring.replace_sequence(
        office.account_id,
        sequence.id,
        name="New leads",
        folder_id=None,
        definition=call_then_email(template.id),
    )
    office.authoring.change_template(office.account_id, template.id, {"body": "<p>Hi</p>"})

    planned = plan(office, files)

    drift = planned.sequences[0].drift
    assert drift is not None
    assert (drift.version, drift.at) == (1, office.clock.now())
    assert "removed step 1: task, delay P1D, type CALL" in [each.text for each in drift.changes]
    assert planned.templates[0].drift is not None
    assert "added step 1: task, delay P1D, type CALL" in [
        each.text for each in planned.sequences[0].changes
    ]


def test_what_is_to_be_undone_in_the_account_is_undone(office: Office) -> None:
    files = applied(office, FILES)
    [sequence] = standing(office)
    office.authoring.replace_sequence(
        office.account_id, sequence.id, name="Mine", folder_id=None, definition=only_a_call()
    )

    files = applied(office, files)

    [after] = standing(office)
    assert (after.name, after.version) == ("New leads", 3)
    assert b"version: 3}" in files["leads.yaml"]


def test_what_is_not_in_the_files_stays_and_is_told(office: Office) -> None:
    kept = office.sequence(only_a_call(), name="By hand")

    files = applied(office, FILES)

    assert [each.id for each in plan(office, files).missing] == [kept]
    assert len(standing(office)) == 2


def test_from_one_account_to_another_and_back_everything_stays_the_same(
    office: Office, other: Office
) -> None:
    office.sequence(intricate(office), name="Intricate")
    office.sequence(only_a_call(), name="Intricate")
    files = exported(office)

    both = applied(other, files)

    assert written(other) == written(office)
    assert exported(other, both) == both
    assert exported(office, both) == both
    assert not plan(office, both).changes_something
    assert not plan(other, both).changes_something


def written(office: Office) -> list[Plain]:
    """What the account's sequences say, in some order, with nothing in it that differs between
    accounts."""
    subjects = {template.id: template.subject for template in templates_of(office)}
    documents_in_full = [
        documents.in_full(each.name, each.folder_id, each.definition, subjects.__getitem__)
        for each in standing(office)
    ]
    return sorted(documents_in_full, key=str)


def test_exported_again_not_a_byte_changes(office: Office) -> None:
    office.sequence(intricate(office), name="Intricate")
    files = exported(office)

    assert exported(office, files) == files
    assert office.publishing.export(office.account_id, files) == []


def test_an_export_keeps_the_text_of_what_says_the_same(office: Office) -> None:
    files = applied(office, FILES)

    assert exported(office, files) == files


def test_an_export_brings_what_changed_into_the_file_there_is(office: Office) -> None:
    files = applied(office, FILES)
    [sequence], [template] = standing(office), templates_of(office)
    office.authoring.replace_sequence(
        office.account_id, sequence.id, name="Mine", folder_id=4, definition=only_a_call()
    )

    again = exported(office, files)

    assert set(again) == set(files)
    assert again["leads.yaml"].startswith(b"name: Mine\nfolder: 4\n")
    assert again["templates/opener.html"] == files["templates/opener.html"]
    assert template.name == "Opener"


def test_an_export_names_templates_as_seen_from_the_sequences_folder(office: Office) -> None:
    office.sequence(call_then_email(office.template().id), name="Leads")
    files = dict(exported(office))
    files["sales/leads.yaml"] = files.pop("leads.yaml").replace(b"P1D", b"P2D")

    again = exported(office, edited(files, "sales/leads.yaml", "templates/", "../templates/"))

    assert set(again) == set(files)
    assert b"    template: ../templates/opener.html\n" in again["sales/leads.yaml"]
    assert b"P1D" in again["sales/leads.yaml"]


def test_an_export_writes_over_no_file_that_is_none_of_its_own(office: Office) -> None:
    office.sequence(only_a_call(), name="Leads!")
    files = exported(office, FILES)

    assert files["leads.yaml"] == LEADS
    assert files["leads-2.yaml"].startswith(b"name: Leads!\n")


@pytest.mark.parametrize(
    ("name", "path"),
    [("Größe & Co.", "groe-co.yaml"), ("連絡", "sequence.yaml"), ("../../etc", "etc.yaml")],
)
def test_a_file_is_called_after_the_sequence_as_far_as_files_can_be(
    office: Office, name: str, path: str
) -> None:
    office.sequence(only_a_call(), name=name)

    assert list(exported(office)) == [path]


def test_some_sequences_can_be_exported_alone(office: Office) -> None:
    office.sequence(only_a_call(), name="One")
    two = office.sequence(only_a_call(), name="Two")

    assert list(exported(office, {}, two)) == ["two.yaml"]
    with pytest.raises(NotFound):
        exported(office, {}, 99)


def test_a_file_with_a_fault_keeps_everything_as_it_is(office: Office) -> None:
    files = {**FILES, "broken.yaml": LEADS.replace(b"P1D", b"P1M")}

    assert refusal(office, files) == [("broken.yaml", 7, "steps[1].delay")]
    assert (standing(office), templates_of(office)) == ([], [])


@pytest.mark.parametrize(
    ("path", "before", "after", "places"),
    [
        ("leads.yaml", "New leads", "x" * 256, [("leads.yaml", 2, "name")]),
        (
            "leads.yaml",
            "type: CALL",
            f"type: CALL\n    subject: {'x' * 1001}",
            [("leads.yaml", 9, "steps[1].subject")],
        ),
        (
            "templates/opener.html",
            "contact.firstname",
            "contact.fristname",
            [("templates/opener.html", 5, None)],
        ),
        (
            "templates/opener.html",
            "<p>Hello",
            "<p>\n{% for x in y %}{% endfor %}",
            [("templates/opener.html", 6, "body")],
        ),
        (
            "templates/opener.html",
            "subject: Hello",
            "subject: '{{ foo() }}'",
            [("templates/opener.html", 3, "subject")],
        ),
        ("templates/opener.html", "Opener", "x" * 256, [("templates/opener.html", 2, "name")]),
    ],
    ids=["name", "subject of a task", "token", "body", "subject", "name of a template"],
)
def test_what_cannot_be_kept_is_refused_with_its_line(
    office: Office,
    path: str,
    before: str,
    after: str,
    places: list[tuple[str, int | None, str | None]],
) -> None:
    assert refusal(office, edited(FILES, path, before, after)) == places
    assert (standing(office), templates_of(office)) == ([], [])


def test_two_files_cannot_be_the_same_sequence(office: Office) -> None:
    files = applied(office, FILES)

    faults = refusal(office, {**files, "copy.yaml": files["leads.yaml"]})

    assert faults == [("leads.yaml", 10, f"accounts.{mark_of(office)}")]


def test_a_file_cannot_be_a_sequence_that_is_not_there(office: Office) -> None:
    files = applied(office, FILES)
    office.authoring.delete_sequence(office.account_id, standing(office)[0].id, override=False)

    assert refusal(office, files) == [("leads.yaml", 10, f"accounts.{mark_of(office)}")]
    assert standing(office) == []


def test_a_new_file_with_the_name_of_another_sequence_is_asked_about(office: Office) -> None:
    office.sequence(only_a_call(), name="New leads")

    assert refusal(office, FILES) == [("leads.yaml", 2, "name")]


def test_a_new_template_may_have_the_name_of_another(office: Office) -> None:
    other = office.template()

    applied(office, FILES)

    assert [each.subject for each in templates_of(office)] == ["Hello", "Hello"]
    assert templates_of(office)[0] == other


def test_two_alike_files_become_two_sequences(office: Office) -> None:
    files = applied(office, FILES)

    both = applied(office, {**files, "new.yaml": LEADS.replace(b"New leads", b"Newer leads")})
    files = applied(office, {**FILES, "new.yaml": LEADS.replace(b"New leads", b"Newer leads")})

    assert files == both
    assert len(standing(office)) == 2


def test_many_runs_at_once_make_one_sequence(office: Office) -> None:
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda files: applied(office, files), [FILES] * 8))

    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert len(standing(office)) == len(templates_of(office)) == 1


def test_what_is_new_needs_an_owner(office: Office) -> None:
    with pytest.raises(Invalid, match="say whose it is"):
        office.publishing.apply(office.account_id, None, FILES)

    files = applied(office, FILES)
    assert office.publishing.apply(office.account_id, None, files).texts == []


def test_a_file_that_cannot_be_told_what_it_is_keeps_everything_as_it_is(office: Office) -> None:
    with pytest.raises(Invalid, match="cannot be told"):
        apply(office, {**FILES, "leads.yaml": LEADS + b"...\n"})

    assert (standing(office), templates_of(office)) == ([], [])


def test_an_account_has_a_mark_of_its_own(office: Office, other: Office) -> None:
    assert mark_of(office) != mark_of(other)
    assert mark_of(office).isalpha()
