"""What in a sequence's own words will go wrong, or not as it was meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from drumbeat.domain import sequence as rules
from drumbeat.domain import wording
from drumbeat.domain.launch_findings import Code, LaunchFinding, error, warning
from drumbeat.domain.sequence import (
    Definition,
    Dependency,
    DependencyType,
    EmailStep,
    EngagementTriggers,
    Step,
    TaskStep,
)
from drumbeat.errors import Invalid

# Longer is probably a number of milliseconds with a digit too many.
LONG_DELAY = timedelta(days=90)


def findings_in(definition: Definition) -> Iterator[LaunchFinding]:
    """Everything that can be seen without knowing who sends it, or to whom."""
    try:
        rules.check(definition)
    except Invalid as invalid:
        for fault in invalid.faults:
            yield error(Code.CANNOT_RUN, fault.message, field=fault.field)
        # What follows is only said of a sequence that holds together.
        return
    if len(definition.steps) == 1:
        text = "it has no step but the finish, and ends at once for everybody"
        yield warning(Code.NOTHING_TO_DO, text, field="steps")
    for step in definition.steps:
        yield from of_step(step, definition)
    for position, dependency in enumerate(definition.dependencies):
        yield from of_dependency(dependency, f"dependencies[{position}]")


def of_step(step: Step, definition: Definition) -> Iterator[LaunchFinding]:
    at, order = f"steps[{step.order}]", step.order
    if step.delay > LONG_DELAY:
        text = f"its delay is {wording.length(step.delay)}; is that meant?"
        yield warning(Code.LONG_DELAY, text, step_order=order, field=f"{at}.delayMillis")
    if step.branch > 0:
        yield branch_ignored(step.branch, order, f"{at}.branchNumber")
    yield from of_variants(step, f"{at}.variants")
    if step.is_dynamic:
        yield of_dynamic(step, definition.triggers)
    yield from of_thread(step, definition)


def branch_ignored(branch: int, order: int | None, field: str) -> LaunchFinding:
    text = f"branch {branch} is kept without effect: all steps run one after the other"
    return warning(Code.BRANCH_IGNORED, text, step_order=order, field=field)


def of_variants(step: Step, field: str) -> Iterator[LaunchFinding]:
    if step.variants and not any(variant.is_active for variant in step.variants):
        text = "none of its variants is active; everybody gets the step's own content"
        yield warning(Code.VARIANTS_INACTIVE, text, step_order=step.order, field=field)
    for variant in step.variants:
        if variant.is_active and variant.content is None:
            text = f"variant {variant.ordinal} is active and has no content; nobody gets it"
            yield warning(Code.VARIANT_EMPTY, text, step_order=step.order, field=field)


def of_dynamic(step: Step, triggers: EngagementTriggers | None) -> LaunchFinding:
    field = f"steps[{step.order}].dynamic"
    if triggers is None or (triggers.opens is None and triggers.clicks is None):
        text = "it is dynamic, and nothing says after how many opens: it runs for everybody"
        code = Code.DYNAMIC_WITHOUT_TRIGGERS
    else:
        text = "opens and clicks are not counted yet: the step runs for everybody"
        code = Code.DYNAMIC_RUNS_ALWAYS
    return warning(code, text, step_order=step.order, field=field)


def of_thread(step: Step, definition: Definition) -> Iterator[LaunchFinding]:
    """An e-mail whose thread begins with one that may not be there gets the thread before it."""
    if not isinstance(step, EmailStep):
        return
    field = f"steps[{step.order}].threadEmailToStepOrder"
    targets = (content.thread_to for content in rules.contents_of(step))
    for order in sorted({target for target in targets if target is not None}):
        target = definition.steps[order]
        if isinstance(target, TaskStep):
            text = (
                f"step {order} is an e-mail that a person sends, and its Message-ID is not known: "
                "this one follows the automated e-mail before that, or begins a thread"
            )
            code = Code.THREAD_TARGET_BY_HAND
        elif target.is_dynamic:
            text = f"step {order} is dynamic; who does not get it has this one in another thread"
            code = Code.THREAD_TARGET_DYNAMIC
        else:
            continue
        yield warning(code, text, step_order=step.order, field=field)


def of_dependency(dependency: Dependency, at: str) -> Iterator[LaunchFinding]:
    relies_on, required_by = dependency.relies_on, dependency.required_by
    if dependency.branch > 0:
        yield branch_ignored(dependency.branch, required_by, f"{at}.branchNumber")
    if dependency.type is DependencyType.ADAPTIVE_COMPLETION:
        text = f"{dependency.type} is kept without effect: step {required_by} does not wait"
        yield warning(Code.DEPENDENCY_IGNORED, text, step_order=required_by, field=at)
    if dependency.type is DependencyType.MANUAL_PAUSE and required_by > relies_on + 1:
        text = (
            f"the pause comes right after step {relies_on}, so that step {relies_on + 1} "
            f"waits for it too, and not only step {required_by}"
        )
        yield warning(Code.PAUSE_COMES_EARLIER, text, step_order=relies_on + 1, field=at)
