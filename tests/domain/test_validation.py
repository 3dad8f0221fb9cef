from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drumbeat.domain.launch_findings import Code, LaunchFinding, Severity
from drumbeat.domain.sequence import (
    Definition,
    Dependency,
    DependencyType,
    EmailContent,
    EmailStep,
    EngagementTriggers,
    FinishStep,
    Step,
    TaskContent,
    TaskPriority,
    TaskStep,
    TaskType,
    Variant,
)
from drumbeat.domain.validation import findings_in
from tests.world import OFFICE_HOURS

DAY = timedelta(days=1)
EMAIL = EmailStep(order=0, delay=timedelta(0), email=EmailContent(template_id=1))
FOLLOW_UP = replace(EMAIL, order=1, delay=DAY)
BY_HAND = TaskStep(
    order=0,
    delay=timedelta(0),
    task=TaskContent(type=TaskType.EMAIL, priority=TaskPriority.NONE),
)
REPLY = EmailStep(order=1, delay=DAY, email=EmailContent(template_id=1, thread_to=0))


def of(
    *steps: Step,
    dependencies: tuple[Dependency, ...] = (),
    triggers: EngagementTriggers | None = None,
) -> Definition:
    return Definition(
        steps=(*steps, FinishStep(order=len(steps), delay=timedelta(0))),
        dependencies=dependencies,
        settings=OFFICE_HOURS,
        triggers=triggers,
    )


def depends(
    kind: DependencyType, relies_on: int, required_by: int, branch: int = 0
) -> tuple[Dependency, ...]:
    return (Dependency(type=kind, relies_on=relies_on, required_by=required_by, branch=branch),)


def codes(definition: Definition) -> list[tuple[Code, int | None]]:
    return [(finding.code, finding.step_order) for finding in findings_in(definition)]


def test_nothing_is_found_in_a_plain_sequence() -> None:
    assert list(findings_in(of(EMAIL, FOLLOW_UP))) == []


@pytest.mark.parametrize(
    ("definition", "found"),
    [
        pytest.param(of(), (Code.NOTHING_TO_DO, None), id="only a finish"),
        pytest.param(
            of(EMAIL, replace(FOLLOW_UP, delay=91 * DAY)), (Code.LONG_DELAY, 1), id="91 days"
        ),
        pytest.param(of(replace(EMAIL, branch=2)), (Code.BRANCH_IGNORED, 0), id="a step's branch"),
        pytest.param(
            of(BY_HAND, FOLLOW_UP, dependencies=depends(DependencyType.TASK_COMPLETION, 0, 1, 1)),
            (Code.BRANCH_IGNORED, 1),
            id="a dependency's branch",
        ),
        pytest.param(
            of(replace(EMAIL, variants=(Variant(ordinal=0, is_active=False, content=None),))),
            (Code.VARIANTS_INACTIVE, 0),
            id="no active variant",
        ),
        pytest.param(
            of(replace(EMAIL, variants=(Variant(ordinal=0, is_active=True, content=None),))),
            (Code.VARIANT_EMPTY, 0),
            id="an active variant without content",
        ),
        pytest.param(
            of(replace(EMAIL, is_dynamic=True)), (Code.DYNAMIC_WITHOUT_TRIGGERS, 0), id="dynamic"
        ),
        pytest.param(
            of(replace(EMAIL, is_dynamic=True), triggers=EngagementTriggers(opens=1)),
            (Code.DYNAMIC_RUNS_ALWAYS, 0),
            id="dynamic with triggers",
        ),
        pytest.param(of(BY_HAND, REPLY), (Code.THREAD_TARGET_BY_HAND, 1), id="reply to a task"),
        pytest.param(
            of(EMAIL, FOLLOW_UP, dependencies=depends(DependencyType.ADAPTIVE_COMPLETION, 0, 1)),
            (Code.DEPENDENCY_IGNORED, 1),
            id="adaptive",
        ),
        pytest.param(
            of(EMAIL, FOLLOW_UP, dependencies=depends(DependencyType.MANUAL_PAUSE, 0, 2)),
            (Code.PAUSE_COMES_EARLIER, 1),
            id="a pause two steps ahead",
        ),
    ],
)
def test_what_runs_otherwise_than_it_reads_is_a_warning(
    definition: Definition, found: tuple[Code, int | None]
) -> None:
    assert codes(definition) == [found]
    assert {finding.severity for finding in findings_in(definition)} == {Severity.WARNING}


def test_a_thread_that_begins_with_a_dynamic_step_may_not_be_there() -> None:
    definition = of(replace(EMAIL, is_dynamic=True), REPLY)

    assert (Code.THREAD_TARGET_DYNAMIC, 1) in codes(definition)


def test_a_delay_of_90_days_is_believed() -> None:
    assert list(findings_in(of(EMAIL, replace(FOLLOW_UP, delay=90 * DAY)))) == []


def test_what_cannot_run_is_named_with_its_place_and_nothing_else_is_said() -> None:
    broken = replace(of(EMAIL, replace(FOLLOW_UP, branch=1)), steps=(EMAIL,))

    [finding] = findings_in(broken)

    assert finding == LaunchFinding(
        severity=Severity.ERROR,
        code=Code.CANNOT_RUN,
        message="the finish stands once, as the last step",
        field="steps[0].actionType",
    )


def test_a_finding_says_where_it_is() -> None:
    [finding] = findings_in(of(EMAIL, replace(FOLLOW_UP, delay=120 * DAY)))

    assert finding.field == "steps[1].delayMillis"
    assert finding.message == "its delay is 120 days; is that meant?"
