"""Which ids a new version of a sequence keeps."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from drumbeat.domain.numbering import ids_needed, numbered
from drumbeat.domain.sequence import (
    Definition,
    Dependency,
    DependencyType,
    EmailContent,
    EmailStep,
    FinishStep,
    Step,
    TaskStep,
    Variant,
)
from tests.office import A_CALL, NO_TIME, OFFICE_HOURS, ONE_DAY

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)

AN_EMAIL = EmailContent(template_id=1)
CALL = TaskStep(order=0, delay=NO_TIME, task=A_CALL)
EMAIL = EmailStep(
    order=1,
    delay=ONE_DAY,
    email=AN_EMAIL,
    variants=(Variant(ordinal=1, is_active=True, content=EmailContent(template_id=2)),),
)
FINISH = FinishStep(order=2, delay=NO_TIME)
WAIT = Dependency(type=DependencyType.TASK_COMPLETION, relies_on=0, required_by=1)


def definition(*steps: Step, dependencies: tuple[Dependency, ...] = (WAIT,)) -> Definition:
    return Definition(steps=steps, dependencies=dependencies, settings=OFFICE_HOURS)


WRITTEN = definition(CALL, EMAIL, FINISH)
FIRST = numbered(WRITTEN, None, itertools.count(1), NOON)


def edited(written: Definition) -> Definition:
    return numbered(written, FIRST, itertools.count(1001), LATER)


def test_all_ids_of_a_first_version_are_new_and_different() -> None:
    call, email, finish = FIRST.steps
    assert isinstance(call, TaskStep)
    assert isinstance(email, EmailStep)
    [variant] = email.variants
    assert variant.content is not None
    ids = [call.id, call.task.id, email.id, email.email.id, variant.content.id, finish.id]
    ids += [FIRST.dependencies[0].id, FIRST.settings.id]

    assert sorted(ids) == list(range(1, 9))
    assert len(ids) <= ids_needed(WRITTEN)


def test_what_has_not_changed_keeps_ids_and_times() -> None:
    assert edited(WRITTEN) == FIRST


def test_a_step_that_says_something_else_is_a_new_one() -> None:
    other_email = replace(EMAIL, email=EmailContent(template_id=3))

    call, email, finish = edited(definition(CALL, other_email, FINISH)).steps

    assert (call, finish) == (FIRST.steps[0], FIRST.steps[2])
    assert email.id > 1000
    assert (email.created_at, email.updated_at) == (LATER, LATER)


def test_a_step_of_another_kind_is_a_new_one() -> None:
    call = replace(CALL, order=1)

    _, now_a_call, _ = edited(definition(CALL, call, FINISH)).steps

    assert now_a_call.id > 1000


def test_a_step_that_waits_longer_is_the_same_and_was_updated() -> None:
    patient = replace(EMAIL, delay=2 * ONE_DAY)

    email = edited(definition(CALL, patient, FINISH)).steps[1]

    assert email.id == FIRST.steps[1].id
    assert (email.created_at, email.updated_at) == (NOON, LATER)


def test_a_step_that_moved_is_a_new_one() -> None:
    first = replace(EMAIL, order=0)
    second = replace(CALL, order=1)

    steps = edited(definition(first, second, FINISH)).steps

    assert [step.id > 1000 for step in steps] == [True, True, False]


def test_a_variant_that_says_something_else_has_new_content_in_the_same_step() -> None:
    other = Variant(ordinal=1, is_active=True, content=EmailContent(template_id=9))

    email = edited(definition(CALL, replace(EMAIL, variants=(other,)), FINISH)).steps[1]

    [variant] = email.variants
    assert email.id == FIRST.steps[1].id
    assert variant.content is not None
    assert variant.content.id > 1000


def test_a_dependency_is_the_same_while_it_ties_the_same_steps() -> None:
    other = replace(WAIT, required_by=2)

    kept, new = edited(definition(CALL, EMAIL, FINISH, dependencies=(WAIT, other))).dependencies

    assert kept == FIRST.dependencies[0]
    assert (new.id > 1000, new.created_at) == (True, LATER)


def test_settings_keep_their_id_and_tell_when_they_changed() -> None:
    with_reminders = replace(WRITTEN, settings=replace(OFFICE_HOURS, has_task_reminders=True))

    settings = edited(with_reminders).settings

    assert settings.id == FIRST.settings.id
    assert (settings.created_at, settings.updated_at) == (NOON, LATER)
