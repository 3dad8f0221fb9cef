"""Definitions of every kind that can be kept, for Hypothesis to draw."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.domain.sequence import (
    MAX_DELAY,
    ContainerStep,
    Content,
    Criteria,
    Definition,
    Dependency,
    DependencyType,
    EmailContent,
    EmailStep,
    EngagementTriggers,
    FinishStep,
    SellingStrategy,
    SequenceSettings,
    Step,
    TaskContent,
    TaskPriority,
    TaskStep,
    TaskType,
    UnenrollRule,
    Variant,
    check,
    is_mail,
)
from drumbeat.errors import Invalid

ONE_MILLI = timedelta(milliseconds=1)

counts = st.integers(0, 3) | st.integers(0, 2**31 - 1)
ids = st.integers(1, 5) | st.integers(0, 2**63 - 1)
texts = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
delays = st.sampled_from([timedelta(0), timedelta(days=2), timedelta(hours=4)]) | st.integers(
    0, MAX_DELAY // ONE_MILLI
).map(lambda millis: millis * ONE_MILLI)
emails = st.builds(EmailContent, template_id=ids)
tasks = st.builds(
    TaskContent,
    type=st.sampled_from(TaskType),
    priority=st.sampled_from(TaskPriority),
    subject=texts,
    notes=texts,
    queue_id=st.none() | counts,
    template_id=st.none() | ids,
)
rules = st.builds(
    UnenrollRule, criteria=st.sampled_from(Criteria), strategy=st.sampled_from(SellingStrategy)
)
windows = st.tuples(st.integers(0, 1440), st.integers(0, 1440)).map(
    lambda minutes: SendWindow(min(minutes), max(minutes))
)
all_settings = st.builds(
    SequenceSettings,
    window=windows,
    days=st.sampled_from(EligibleDays),
    task_creation_minute=st.just(480) | st.integers(0, 1439),
    task_reminder_minute=st.just(540) | st.integers(0, 1439),
    has_task_reminders=st.booleans(),
    threads_follow_ups=st.booleans(),
    strategy=st.sampled_from(SellingStrategy),
    on_reply=rules,
    on_meeting=rules,
)


@st.composite
def steps_of(
    draw: st.DrawFn, kind: type[Step], contents: st.SearchStrategy[Content] | None = None
) -> Step:
    said: dict[str, Any] = {}
    if contents is not None:
        said["task" if kind is TaskStep else "email"] = draw(contents)
    least, most = sorted(draw(st.tuples(delays, delays)))
    return kind(
        order=0,
        delay=draw(delays),
        branch=draw(st.just(0) | counts),
        is_dynamic=draw(st.booleans()),
        delay_min=draw(st.none() | st.just(least)),
        delay_max=draw(st.none() | st.just(most)),
        variants=tuple(draw(variants_of(contents))),
        **said,
    )


@st.composite
def variants_of(draw: st.DrawFn, contents: st.SearchStrategy[Content] | None) -> list[Variant]:
    ordinals = draw(st.just([0, 1]) | st.lists(counts, max_size=3, unique=True))
    of_step = st.none() if contents is None else st.none() | contents
    return [
        Variant(ordinal=ordinal, is_active=draw(st.booleans()), content=draw(of_step))
        for ordinal in ordinals
    ]


steps = st.one_of(steps_of(EmailStep, emails), steps_of(TaskStep, tasks), steps_of(ContainerStep))
finishes = st.just(FinishStep(order=0, delay=timedelta(0))) | steps_of(FinishStep)


@st.composite
def dependencies_among(draw: st.DrawFn, count: int) -> tuple[Dependency, ...]:
    orders = st.integers(0, count - 1)
    drawn = draw(
        st.lists(
            st.builds(
                Dependency,
                type=st.sampled_from(DependencyType),
                relies_on=orders,
                required_by=orders,
                branch=st.just(0) | counts,
            ),
            max_size=4,
        )
    )
    return tuple(draw(st.permutations(drawn)))


def threaded(draw: st.DrawFn, placed: list[Step]) -> list[Step]:
    """The steps, some of whose e-mails answer an earlier one."""
    for order, step in enumerate(placed):
        targets = [target for target in range(order) if is_mail(placed, target, before=order)]
        if isinstance(step, EmailStep) and targets and draw(st.booleans()):
            email = replace(step.email, thread_to=draw(st.sampled_from(targets)))
            placed[order] = replace(step, email=email)
    return placed


@st.composite
def sound_definitions(draw: st.DrawFn) -> Definition:
    drawn = [*draw(st.lists(steps, max_size=4)), draw(finishes)]
    placed = threaded(draw, [replace(step, order=order) for order, step in enumerate(drawn)])
    triggers = st.builds(EngagementTriggers, opens=st.none() | counts, clicks=st.none() | counts)
    definition = Definition(
        steps=tuple(placed),
        dependencies=draw(dependencies_among(len(placed))),
        settings=draw(all_settings),
        is_dynamic=draw(st.booleans()),
        triggers=draw(st.none() | triggers),
    )
    return without_unsound(definition)


def without_unsound(definition: Definition) -> Definition:
    """The definition with those dependencies only that it can run with."""
    kept: tuple[Dependency, ...] = ()
    for dependency in definition.dependencies:
        if is_sound(replace(definition, dependencies=(*kept, dependency))):
            kept = (*kept, dependency)
    return replace(definition, dependencies=kept)


def is_sound(definition: Definition) -> bool:
    try:
        check(definition)
    except Invalid:
        return False
    return True
