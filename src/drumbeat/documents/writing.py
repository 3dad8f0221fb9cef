"""From a definition to the document that stands for it.

In full, every field is there that a step of its kind has. In short, what reading fills in by
itself is left out, so that what is there was somebody's decision. The order is always the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

from drumbeat.documents.building import SAYABLE, first_content, spelled
from drumbeat.documents.shapes import DEFAULT_REMINDERS_AT, DEFAULT_TASKS_AT, Said, StepKind
from drumbeat.domain import durations
from drumbeat.domain.numbering import content_of, is_alike
from drumbeat.domain.schedule import NO_DELAY, wall
from drumbeat.domain.sequence import (
    Action,
    Content,
    Criteria,
    Definition,
    Dependency,
    DependencyType,
    EmailContent,
    SellingStrategy,
    SequenceSettings,
    Step,
    TaskPriority,
    UnenrollRule,
)

Plain: TypeAlias = dict[str, Any]
TemplateNames: TypeAlias = Callable[[int], str]
"""What a template is called in the document: its id, or its file."""
SaidBySteps: TypeAlias = defaultdict[tuple[int, DependencyType], list[int]]

KINDS = {
    Action.EMAIL: StepKind.EMAIL,
    Action.TASK: StepKind.TASK,
    Action.CONTAINER: StepKind.CONTAINER,
    Action.FINISH: StepKind.FINISH,
}
# Which dependencies steps can say, in the order in which they are read from a step.
KINDS_SAID = (DependencyType.TASK_COMPLETION, DependencyType.MANUAL_PAUSE)
SAID = {spelled(name) for name in Said.model_fields}
DEFAULT_RULE: Plain = {
    "criteria": Criteria.ALL.value,
    "strategy": SellingStrategy.LEAD_BASED.value,
}
DEFAULTS: Plain = {
    "folder": None,
    "dependencies": [],
    "dynamic": False,
    "triggers": None,
    "delay": durations.written(NO_DELAY),
    "threadTo": None,
    "priority": TaskPriority.NONE.value,
    "subject": None,
    "notes": None,
    "queue": None,
    "template": None,
    "variants": [],
    "waitsFor": [],
    "pausesAfter": [],
    "minDelay": None,
    "maxDelay": None,
    "branch": 0,
    "active": True,
    "opens": None,
    "clicks": None,
    "tasksAt": wall(DEFAULT_TASKS_AT),
    "remindersAt": None,
    "threadsFollowUps": True,
    "onReply": DEFAULT_RULE,
    "onMeeting": DEFAULT_RULE,
}
"""What reading takes for a field that is not there; a field that is not here is always written."""


def in_full(
    name: str | None, folder_id: int | None, definition: Definition, template_names: TemplateNames
) -> Plain:
    """The document with every field, as an answer of the API has it."""
    said_by_steps, listed = shared_out(definition)
    triggers = definition.triggers
    return {
        "name": name,
        "folder": folder_id if folder_id is None else str(folder_id),
        "settings": settings_in_full(definition.settings),
        "steps": [step_in_full(step, said_by_steps, template_names) for step in definition.steps],
        "dependencies": [listed_dependency(dependency) for dependency in listed],
        "dynamic": definition.is_dynamic,
        "triggers": triggers and {"opens": triggers.opens, "clicks": triggers.clicks},
    }


def in_short(
    name: str | None, folder_id: int | None, definition: Definition, template_names: TemplateNames
) -> Plain:
    """The document without what reading fills in, as a person would write it."""
    full = in_full(name, folder_id, definition, template_names)
    steps = [
        step_in_short(written, step)
        for written, step in zip(full["steps"], definition.steps, strict=True)
    ]
    if len(steps) > 1 and steps[-1] == {"kind": StepKind.FINISH.value}:
        steps.pop()
    triggers = full["triggers"]
    return without_defaults(
        {
            **full,
            "settings": settings_in_short(full["settings"]),
            "steps": steps,
            "dependencies": [without_defaults(each) for each in full["dependencies"]],
            "triggers": triggers and without_defaults(triggers),
        }
    )


def without_defaults(written: Plain) -> Plain:
    return {
        name: value
        for name, value in written.items()
        if name not in DEFAULTS or value != DEFAULTS[name]
    }


def settings_in_full(settings: SequenceSettings) -> Plain:
    reminders_at = settings.task_reminder_minute
    is_said = settings.has_task_reminders or reminders_at != DEFAULT_REMINDERS_AT
    return {
        "sendWindow": str(settings.window),
        "days": settings.days.value,
        "tasksAt": wall(settings.task_creation_minute),
        "remindersAt": wall(reminders_at) if is_said else None,
        "reminders": settings.has_task_reminders,
        "threadsFollowUps": settings.threads_follow_ups,
        "onReply": rule_in_full(settings.on_reply),
        "onMeeting": rule_in_full(settings.on_meeting),
        "strategy": settings.strategy.value,
    }


def settings_in_short(full: Plain) -> Plain:
    rest = dict(full)
    if rest["reminders"] == (rest["remindersAt"] is not None):
        del rest["reminders"]
    if rest["strategy"] == rest["onReply"]["strategy"]:
        del rest["strategy"]
    short = without_defaults(rest)
    return {
        name: rule_in_short(value) if isinstance(value, dict) else value
        for name, value in short.items()
    }


def rule_in_full(rule: UnenrollRule) -> Plain:
    return {"criteria": rule.criteria.value, "strategy": rule.strategy.value}


def rule_in_short(full: Plain) -> Plain:
    return {name: value for name, value in full.items() if value != DEFAULT_RULE[name]}


def step_in_full(step: Step, said_by_steps: SaidBySteps, template_names: TemplateNames) -> Plain:
    kind = KINDS[step.action]
    return {
        "kind": kind.value,
        "delay": durations.written(step.delay),
        **content_in_full(content_of(step), kind, template_names),
        "variants": [
            {
                **content_in_full(variant.content, kind, template_names),
                "active": variant.is_active,
                "ordinal": variant.ordinal,
            }
            for variant in step.variants
        ],
        "waitsFor": said_by_steps[step.order, DependencyType.TASK_COMPLETION],
        "pausesAfter": said_by_steps[step.order, DependencyType.MANUAL_PAUSE],
        "dynamic": step.is_dynamic,
        "minDelay": lasting(step.delay_min),
        "maxDelay": lasting(step.delay_max),
        "branch": step.branch,
    }


def step_in_short(full: Plain, step: Step) -> Plain:
    rest = dict(full)
    if step.variants and is_alike(content_of(step), first_content(step.variants)):
        rest = {name: value for name, value in rest.items() if name not in SAID}
    rest["variants"] = [
        variant_in_short(variant, number) for number, variant in enumerate(rest["variants"])
    ]
    return without_defaults(rest)


def variant_in_short(full: Plain, number: int) -> Plain:
    rest = dict(full)
    if rest["ordinal"] == number:
        del rest["ordinal"]
    if rest.get("type", "") is None:
        del rest["type"]
    return without_defaults(rest)


def content_in_full(
    content: Content | None, kind: StepKind, template_names: TemplateNames
) -> Plain:
    if content is None:
        return dict.fromkeys(spelled(name) for name in SAYABLE[kind])
    template_id = content.template_id
    said: Plain = {
        "template": None if template_id is None else template_names(template_id),
        "threadTo": content.thread_to,
    }
    if isinstance(content, EmailContent):
        return said
    return {
        "type": content.type.value,
        "priority": content.priority.value,
        "subject": content.subject,
        "notes": content.notes,
        "queue": content.queue_id if content.queue_id is None else str(content.queue_id),
        **said,
    }


def shared_out(definition: Definition) -> tuple[SaidBySteps, list[Dependency]]:
    """What of the dependencies the steps can say, and what is left for the list.

    Where that would change their order, which answers show, all of them are left.
    """
    dependencies = list(definition.dependencies)
    sayable = [each for each in dependencies if is_sayable(each, definition)]
    as_said = sorted(sayable, key=lambda each: (each.required_by, KINDS_SAID.index(each.type)))
    listed = [each for each in dependencies if each not in sayable]
    said_by_steps: SaidBySteps = defaultdict(list)
    if [*as_said, *listed] != dependencies:
        return said_by_steps, dependencies
    for dependency in as_said:
        said_by_steps[dependency.required_by, dependency.type].append(dependency.relies_on)
    return said_by_steps, listed


def is_sayable(dependency: Dependency, definition: Definition) -> bool:
    return (
        dependency.type in KINDS_SAID
        and dependency.branch == 0
        and 0 <= dependency.required_by < len(definition.steps)
    )


def listed_dependency(dependency: Dependency) -> Plain:
    return {
        "type": dependency.type.value,
        "reliesOn": dependency.relies_on,
        "requiredBy": dependency.required_by,
        "branch": dependency.branch,
    }


def lasting(length: timedelta | None) -> str | None:
    return None if length is None else durations.written(length)
