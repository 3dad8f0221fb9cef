"""Writing sequences and templates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drumbeat.domain.enrollment import Reason, State
from drumbeat.domain.personalization import TOKENS
from drumbeat.domain.sequence import Definition, FinishStep, StandingSequence
from drumbeat.errors import Invalid, NotFound, SequenceInUse
from drumbeat.store import sequences
from drumbeat.store.database import Database
from tests.office import A_CALL, ONE_DAY, Office, call_then_email, only_a_call


def create(
    office: Office, definition: Definition, name: str = "Outreach", folder_id: int | None = None
) -> StandingSequence:
    return office.authoring.create_sequence(
        office.account_id,
        office.user.id,
        name=name,
        folder_id=folder_id,
        definition=definition,
    )


def put(office: Office, sequence: StandingSequence, definition: Definition) -> StandingSequence:
    return office.authoring.replace_sequence(
        office.account_id, sequence.id, name="Outreach", folder_id=None, definition=definition
    )


def test_everything_in_a_new_sequence_has_an_id_and_a_time(office: Office) -> None:
    definition = create(office, call_then_email(office.template().id)).definition

    ids = [step.id for step in definition.steps] + [definition.settings.id]
    assert len(set(ids)) == 4
    assert all(step.created_at == office.clock.now() for step in definition.steps)


def test_no_two_sequences_share_an_id(office: Office) -> None:
    first, second = create(office, only_a_call()), create(office, only_a_call())

    ids = {step.id for sequence in (first, second) for step in sequence.definition.steps}
    assert len(ids) == 4


def test_an_edit_makes_a_new_version_and_the_old_one_stays(office: Office) -> None:
    sequence = create(office, only_a_call())
    office.clock.advance(hours=1)

    edited = put(office, sequence, call_then_email(office.template().id))

    assert (edited.id, edited.version) == (sequence.id, 2)
    assert (edited.created_at, edited.updated_at) == (sequence.created_at, office.clock.now())
    with office.database.reading() as tx:
        assert sequences.get(tx, office.account_id, sequence.id) == edited
        old = sequences.version(tx, office.account_id, sequence.id, 1)
    assert old == sequence.definition


def test_an_edit_that_changes_nothing_keeps_every_id(office: Office) -> None:
    definition = call_then_email(office.template().id)
    sequence = create(office, definition)
    office.clock.advance(hours=1)

    assert put(office, sequence, definition).definition == sequence.definition


@pytest.mark.parametrize("name", ["", "   ", "a" * 256, "nul\0"])
def test_a_sequence_needs_a_name_of_reasonable_length(office: Office, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(office, only_a_call(), name)

    assert [fault.field for fault in refused.value.faults] == ["name"]


def test_spaces_around_a_name_are_not_kept(office: Office) -> None:
    assert create(office, only_a_call(), f" {'a' * 255}  ").name == "a" * 255


def test_a_folder_is_any_number_that_can_be_kept(office: Office) -> None:
    assert create(office, only_a_call(), folder_id=2**63 - 1).folder_id == 2**63 - 1
    with pytest.raises(Invalid):
        create(office, only_a_call(), folder_id=2**63)


def test_an_unknown_template_is_named_with_its_step(office: Office, database: Database) -> None:
    of_others = Office.on(database, "other@example.com").template().id

    with pytest.raises(Invalid) as refused:
        create(office, call_then_email(of_others))

    [fault] = refused.value.faults
    assert fault.field == "steps[1].emailPattern.templateId"


def test_a_template_number_that_no_database_holds_is_unknown(office: Office) -> None:
    with pytest.raises(Invalid, match="does not exist"):
        create(office, call_then_email(10**30))


def test_all_faults_of_a_sequence_are_named_at_once(office: Office) -> None:
    long_call = replace(A_CALL, subject="a" * 1001, notes="a" * 65_537, queue_id=2**31)
    definition = only_a_call(long_call)
    without_end = replace(definition, steps=definition.steps[:1])

    with pytest.raises(Invalid) as refused:
        create(office, without_end, "")

    assert [fault.field for fault in refused.value.faults] == [
        "name",
        "steps[0].taskPattern.subject",
        "steps[0].taskPattern.notes",
        "steps[0].taskPattern.queueId",
        "steps[0].actionType",
    ]


def test_a_sequence_in_use_is_not_deleted(office: Office) -> None:
    sequence = create(office, only_a_call())
    office.enroll(office.contact(), sequence.id)

    with pytest.raises(SequenceInUse, match="1 active"):
        office.authoring.delete_sequence(office.account_id, sequence.id, override=False)

    with office.database.reading() as tx:
        assert sequences.get(tx, office.account_id, sequence.id) == sequence


def test_deleting_all_the_same_takes_everyone_out(office: Office) -> None:
    sequence = create(office, only_a_call())
    enrollment_id = office.enroll(office.contact(), sequence.id)

    office.authoring.delete_sequence(office.account_id, sequence.id, override=True)

    enrollment = office.enrollment(enrollment_id)
    assert (enrollment.state, enrollment.reason) == (State.UNENROLLED, Reason.SEQUENCE_REMOVED)


def test_what_is_deleted_can_be_neither_changed_nor_deleted(office: Office) -> None:
    sequence = create(office, only_a_call())
    office.authoring.delete_sequence(office.account_id, sequence.id, override=False)

    with pytest.raises(NotFound):
        put(office, sequence, only_a_call())
    with pytest.raises(NotFound):
        office.authoring.delete_sequence(office.account_id, sequence.id, override=True)


def test_a_sequence_of_another_account_cannot_be_changed(
    office: Office, database: Database
) -> None:
    sequence = create(office, only_a_call())

    with pytest.raises(NotFound):
        put(Office.on(database, "other@example.com"), sequence, only_a_call())


def test_a_longer_delay_keeps_the_step(office: Office) -> None:
    sequence = create(office, only_a_call())
    call, finish = sequence.definition.steps
    office.clock.advance(hours=1)
    later = (replace(call, delay=ONE_DAY), FinishStep(order=1, delay=finish.delay))

    edited = put(office, sequence, replace(sequence.definition, steps=later))

    assert [step.id for step in edited.definition.steps] == [call.id, finish.id]
    assert edited.definition.steps[0].updated_at == office.clock.now()


def test_a_template_is_changed_in_what_is_given(office: Office) -> None:
    template = office.template()
    office.clock.advance(hours=1)

    changed = office.authoring.change_template(
        office.account_id, template.id, {"name": " Closer ", "subject": None, "folder_id": 7}
    )

    assert (changed.name, changed.subject, changed.folder_id) == ("Closer", "", 7)
    assert (changed.body, changed.updated_at) == (template.body, office.clock.now())


def test_a_template_leaves_its_folder(office: Office) -> None:
    template = office.template()
    office.authoring.change_template(office.account_id, template.id, {"folder_id": 7})

    changed = office.authoring.change_template(office.account_id, template.id, {"folder_id": None})

    assert changed.folder_id is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"body": None}, "body"),
        ({"body": "a" * (256 * 1024 + 1)}, "body"),
        ({"subject": "a" * 1001}, "subject"),
        ({"subject": 7}, "subject"),
        ({"folder_id": "seven"}, "folderId"),
        ({"folder_id": -1}, "folderId"),
        ({"owner": "me"}, "owner"),
    ],
)
def test_a_change_that_cannot_be_made_names_its_field(
    office: Office, change: dict[str, str | int | None], field: str
) -> None:
    template = office.template()

    with pytest.raises(Invalid) as refused:
        office.authoring.change_template(office.account_id, template.id, change)

    assert [fault.field for fault in refused.value.faults] == [field]


def test_a_template_with_a_token_there_is_not_is_refused(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.template(subject="Hello {{ contact.fristname|default('there') }}")

    [fault] = refused.value.faults
    assert fault.message == "there is no token contact.fristname; did you mean contact.firstname?"


def test_every_token_there_is_may_stand_in_a_template(office: Office) -> None:
    tokens = [f"{name}.{each}" for name, names in TOKENS.items() for each in names]

    template = office.authoring.create_template(
        office.account_id,
        office.user.id,
        name="Everything",
        subject="Hello",
        body=" ".join(f"{{{{ {token} }}}}" for token in [*tokens, "unsubscribe_link"]),
        folder_id=None,
    )

    assert template.name == "Everything"
