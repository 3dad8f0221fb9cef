"""From a document to the definition it stands for.

What the fields of a document mean together is judged here, and by the domain; each fault says
where in the document it is. Templates are whatever the caller's mapping makes of the names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drumbeat.documents.places import Places
from drumbeat.documents.shapes import (
    DEFAULT_REMINDERS_AT,
    DependencyDocument,
    RuleDocument,
    Said,
    SequenceDocument,
    SettingsDocument,
    StepDocument,
    StepKind,
    TriggersDocument,
    VariantDocument,
)
from drumbeat.domain import sequence as rules
from drumbeat.domain.schedule import NO_DELAY
from drumbeat.domain.sequence import (
    ContainerStep,
    Content,
    Definition,
    Dependency,
    DependencyType,
    EmailContent,
    EmailStep,
    EngagementTriggers,
    FinishStep,
    SequenceSettings,
    Step,
    TaskContent,
    TaskPriority,
    TaskStep,
    TaskType,
    UnenrollRule,
    Variant,
)
from drumbeat.errors import Fault, Invalid

# What a step and its variants may say, by the step's kind.
SAYABLE = {
    StepKind.EMAIL: ("template", "thread_to"),
    StepKind.TASK: tuple(Said.model_fields),
    StepKind.CONTAINER: (),
    StepKind.FINISH: (),
}
PLAIN_STEPS = {StepKind.CONTAINER: ContainerStep, StepKind.FINISH: FinishStep}
NEEDED = {
    StepKind.EMAIL: ("template", "an e-mail needs a template"),
    StepKind.TASK: ("type", f"a task needs a type: {', '.join(TaskType)}"),
}
NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
# They stand for what is not said, so that the rest is judged all the same.
NO_EMAIL = EmailContent(template_id=0)
NO_TASK = TaskContent(type=TaskType.TODO, priority=TaskPriority.NONE)


def to_definition(
    document: SequenceDocument, template_ids: Mapping[str, int], *, at: str = ""
) -> Definition:
    """The definition, its ids not yet given. Raises Invalid with every fault and its place,
    which begins with *at* where the document is a part of something."""
    building = Building(template_ids)
    definition = building.definition(document)
    faults = [
        *building.faults,
        *settings_faults(document.settings),
        *rule_faults(definition, building.dependency_places),
    ]
    if faults:
        raise Invalid("the sequence cannot run as it is written", Places(at).under(faults))
    return definition


def ids_given(document: SequenceDocument) -> dict[str, int]:
    """The templates of a document that names them by their ids."""
    return {name: int(name) for name in templates_in(document) if NUMBER.fullmatch(name)}


def templates_in(document: SequenceDocument) -> dict[str, str]:
    """Every template that is named, and the place where it first is."""
    places: dict[str, str] = {}
    for order, step in enumerate(document.steps):
        said: list[tuple[str, Said]] = [(f"steps[{order}]", step)]
        said += [(f"steps[{order}].variants[{n}]", each) for n, each in enumerate(step.variants)]
        for at, part in said:
            if part.template is not None:
                places.setdefault(part.template, f"{at}.template")
    return places


def rule_faults(definition: Definition, dependency_places: list[str]) -> list[Fault]:
    try:
        rules.check(definition)
    except Invalid as error:
        return Places("", dependency_places).translated(error.faults)
    return []


def settings_faults(settings: SettingsDocument) -> Iterator[Fault]:
    if settings.reminders and settings.reminders_at is None:
        message = 'say when people are reminded: remindersAt: "09:00"'
        yield Fault(field="settings.remindersAt", message=message)


@dataclass(slots=True)
class Building:
    template_ids: Mapping[str, int]
    faults: list[Fault] = field(default_factory=list)
    dependency_places: list[str] = field(default_factory=list)

    def definition(self, document: SequenceDocument) -> Definition:
        steps: list[Step] = [self.step(order, step) for order, step in enumerate(document.steps)]
        if document.steps and document.steps[-1].kind is not StepKind.FINISH:
            steps.append(FinishStep(order=len(steps), delay=NO_DELAY))
        return Definition(
            steps=tuple(steps),
            dependencies=tuple(self.dependencies(document)),
            settings=settings_of(document.settings),
            is_dynamic=document.dynamic,
            triggers=triggers_of(document.triggers),
        )

    def step(self, order: int, step: StepDocument) -> Step:
        at = f"steps[{order}]"
        faults_before = len(self.faults)
        own = self.content(step, step.kind, at)
        variants = tuple(
            self.variant(variant, number, step.kind, f"{at}.variants[{number}]")
            for number, variant in enumerate(step.variants)
        )
        said: dict[str, Any] = {
            "order": order,
            "delay": step.delay,
            "branch": step.branch,
            "is_dynamic": step.dynamic,
            "delay_min": step.min_delay,
            "delay_max": step.max_delay,
            "variants": variants,
        }
        plain = PLAIN_STEPS.get(step.kind)
        if plain is not None:
            return plain(**said)
        content = own or first_content(variants)
        if content is None and len(self.faults) == faults_before:
            self.miss(step.kind, at)
        if step.kind is StepKind.EMAIL:
            return EmailStep(
                email=content if isinstance(content, EmailContent) else NO_EMAIL, **said
            )
        return TaskStep(task=content if isinstance(content, TaskContent) else NO_TASK, **said)

    def variant(self, variant: VariantDocument, number: int, kind: StepKind, at: str) -> Variant:
        return Variant(
            ordinal=number if variant.ordinal is None else variant.ordinal,
            is_active=variant.active,
            content=self.content(variant, kind, at),
        )

    def content(self, said: Said, kind: StepKind, at: str) -> Content | None:
        """What is said here, or None where nothing is."""
        given = [name for name in Said.model_fields if getattr(said, name) is not None]
        strange = [name for name in given if name not in SAYABLE[kind]]
        for name in strange:
            message = f"a step of kind {kind} has no {spelled(name)}"
            self.faults.append(Fault(field=f"{at}.{spelled(name)}", message=message))
        if strange or not given:
            return None
        template_id = self.template_id(said.template, f"{at}.template")
        if kind is StepKind.EMAIL:
            return self.email(said, template_id, at)
        return self.task(said, template_id, at)

    def email(self, said: Said, template_id: int | None, at: str) -> Content | None:
        if template_id is None:
            self.miss(StepKind.EMAIL, at)
            return None
        return EmailContent(template_id=template_id, thread_to=said.thread_to)

    def task(self, said: Said, template_id: int | None, at: str) -> Content | None:
        if said.type is None:
            self.miss(StepKind.TASK, at)
            return None
        return TaskContent(
            type=said.type,
            priority=said.priority or TaskPriority.NONE,
            subject=said.subject,
            notes=said.notes,
            queue_id=said.queue,
            template_id=template_id,
            thread_to=said.thread_to,
        )

    def template_id(self, name: str | None, at: str) -> int | None:
        if name is None:
            return None
        if name not in self.template_ids:
            self.faults.append(Fault(field=at, message=f"there is no template {name}"))
        return self.template_ids.get(name, NO_EMAIL.template_id)

    def miss(self, kind: StepKind, at: str) -> None:
        field, message = NEEDED[kind]
        self.faults.append(Fault(field=f"{at}.{field}", message=message))

    def dependencies(self, document: SequenceDocument) -> Iterator[Dependency]:
        for order, step in enumerate(document.steps):
            waits = {
                "waitsFor": (DependencyType.TASK_COMPLETION, step.waits_for),
                "pausesAfter": (DependencyType.MANUAL_PAUSE, step.pauses_after),
            }
            for name, (kind, targets) in waits.items():
                for number, target in enumerate(targets):
                    self.dependency_places.append(f"steps[{order}].{name}[{number}]")
                    yield Dependency(type=kind, relies_on=target, required_by=order)
        for number, dependency in enumerate(document.dependencies):
            self.dependency_places.append(f"dependencies[{number}]")
            yield listed_dependency(dependency)


def listed_dependency(dependency: DependencyDocument) -> Dependency:
    return Dependency(
        type=dependency.type,
        relies_on=dependency.relies_on,
        required_by=dependency.required_by,
        branch=dependency.branch,
    )


def first_content(variants: tuple[Variant, ...]) -> Content | None:
    """What a step says that says nothing itself: what the first of its variants does."""
    ordered = sorted(variants, key=lambda variant: variant.ordinal)
    return next((each.content for each in ordered if each.content is not None), None)


def settings_of(settings: SettingsDocument) -> SequenceSettings:
    reminders_at = settings.reminders_at
    on_reply = rule_of(settings.on_reply)
    return SequenceSettings(
        window=settings.send_window,
        days=settings.days,
        task_creation_minute=settings.tasks_at,
        task_reminder_minute=DEFAULT_REMINDERS_AT if reminders_at is None else reminders_at,
        has_task_reminders=reminders_at is not None and settings.reminders is not False,
        threads_follow_ups=settings.threads_follow_ups,
        strategy=settings.strategy or on_reply.strategy,
        on_reply=on_reply,
        on_meeting=rule_of(settings.on_meeting),
    )


def triggers_of(triggers: TriggersDocument | None) -> EngagementTriggers | None:
    if triggers is None:
        return None
    return EngagementTriggers(opens=triggers.opens, clicks=triggers.clicks)


def rule_of(rule: RuleDocument) -> UnenrollRule:
    return UnenrollRule(criteria=rule.criteria, strategy=rule.strategy)


def spelled(name: str) -> str:
    alias = Said.model_fields[name].alias
    return alias or name
