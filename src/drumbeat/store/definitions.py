"""Definitions as JSON, and back: what comes out is equal to what went in.

Durations and times are whole milliseconds, choices their value; a step says which kind it is
by its action. A version is kept for as long as anything refers to it, so what was written by
an earlier release must be read by every later one: a field that is added needs a default here.
"""

from __future__ import annotations

from functools import lru_cache
from json import loads
from typing import Any, TypeAlias

from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.domain.sequence import (
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
)
from drumbeat.store.tables import duration, millis, moment, since_epoch

Json: TypeAlias = dict[str, Any]

MOST_KEPT = 500

PLAIN_STEPS: dict[str, type[Step]] = {step.action: step for step in (FinishStep, ContainerStep)}


def to_json(definition: Definition) -> Json:
    triggers = definition.triggers
    return {
        "steps": [json_of_step(step) for step in definition.steps],
        "dependencies": [json_of_dependency(each) for each in definition.dependencies],
        "settings": json_of_settings(definition.settings),
        "is_dynamic": definition.is_dynamic,
        "triggers": triggers and {"opens": triggers.opens, "clicks": triggers.clicks},
    }


@lru_cache(maxsize=MOST_KEPT)
def from_text(text: str) -> Definition:
    """The definition that this JSON holds. It is kept: a version is asked for again and again."""
    return from_json(loads(text))


def from_json(json: Json) -> Definition:
    triggers = json["triggers"]
    return Definition(
        steps=tuple(step_from(each) for each in json["steps"]),
        dependencies=tuple(dependency_from(each) for each in json["dependencies"]),
        settings=settings_from(json["settings"]),
        is_dynamic=json["is_dynamic"],
        triggers=None if triggers is None else EngagementTriggers(**triggers),
    )


def json_of_step(step: Step) -> Json:
    json: Json = {
        "action": step.action.value,
        "order": step.order,
        "delay": millis(step.delay),
        "branch": step.branch,
        "is_dynamic": step.is_dynamic,
        "delay_min": millis(step.delay_min),
        "delay_max": millis(step.delay_max),
        "variants": [json_of_variant(variant) for variant in step.variants],
        **json_of_identity(step),
    }
    if isinstance(step, EmailStep):
        json["email"] = json_of_content(step.email)
    if isinstance(step, TaskStep):
        json["task"] = json_of_content(step.task)
    return json


def step_from(json: Json) -> Step:
    shared: Json = {
        "order": json["order"],
        "delay": duration(json["delay"]),
        "branch": json["branch"],
        "is_dynamic": json["is_dynamic"],
        "delay_min": duration(json["delay_min"]),
        "delay_max": duration(json["delay_max"]),
        "variants": tuple(variant_from(variant) for variant in json["variants"]),
        **identity_from(json),
    }
    if "email" in json:
        return EmailStep(email=email_from(json["email"]), **shared)
    if "task" in json:
        return TaskStep(task=task_from(json["task"]), **shared)
    return PLAIN_STEPS[json["action"]](**shared)


def json_of_content(content: Content) -> Json:
    if isinstance(content, EmailContent):
        return {
            "template_id": content.template_id,
            "thread_to": content.thread_to,
            "id": content.id,
        }
    return {
        "type": content.type.value,
        "priority": content.priority.value,
        "subject": content.subject,
        "notes": content.notes,
        "queue_id": content.queue_id,
        "template_id": content.template_id,
        "thread_to": content.thread_to,
        "id": content.id,
    }


def email_from(json: Json) -> EmailContent:
    return EmailContent(**json)


def task_from(json: Json) -> TaskContent:
    return TaskContent(
        **{**json, "type": TaskType(json["type"]), "priority": TaskPriority(json["priority"])}
    )


def json_of_variant(variant: Variant) -> Json:
    return {
        "ordinal": variant.ordinal,
        "is_active": variant.is_active,
        "content": variant.content and json_of_content(variant.content),
    }


def variant_from(json: Json) -> Variant:
    return Variant(
        ordinal=json["ordinal"],
        is_active=json["is_active"],
        content=content_from(json["content"]),
    )


def content_from(json: Json | None) -> Content | None:
    if json is None:
        return None
    return task_from(json) if "type" in json else email_from(json)


def json_of_dependency(dependency: Dependency) -> Json:
    return {
        "type": dependency.type.value,
        "relies_on": dependency.relies_on,
        "required_by": dependency.required_by,
        "branch": dependency.branch,
        **json_of_identity(dependency),
    }


def dependency_from(json: Json) -> Dependency:
    return Dependency(
        type=DependencyType(json["type"]),
        relies_on=json["relies_on"],
        required_by=json["required_by"],
        branch=json["branch"],
        **identity_from(json),
    )


def json_of_settings(settings: SequenceSettings) -> Json:
    return {
        "opens": settings.window.opens,
        "closes": settings.window.closes,
        "days": settings.days.value,
        "task_creation_minute": settings.task_creation_minute,
        "task_reminder_minute": settings.task_reminder_minute,
        "has_task_reminders": settings.has_task_reminders,
        "threads_follow_ups": settings.threads_follow_ups,
        "strategy": settings.strategy.value,
        "on_reply": json_of_rule(settings.on_reply),
        "on_meeting": json_of_rule(settings.on_meeting),
        **json_of_identity(settings),
    }


def settings_from(json: Json) -> SequenceSettings:
    return SequenceSettings(
        window=SendWindow(opens=json["opens"], closes=json["closes"]),
        days=EligibleDays(json["days"]),
        task_creation_minute=json["task_creation_minute"],
        task_reminder_minute=json["task_reminder_minute"],
        has_task_reminders=json["has_task_reminders"],
        threads_follow_ups=json["threads_follow_ups"],
        strategy=SellingStrategy(json["strategy"]),
        on_reply=rule_from(json["on_reply"]),
        on_meeting=rule_from(json["on_meeting"]),
        **identity_from(json),
    )


def json_of_rule(rule: UnenrollRule) -> Json:
    return {"criteria": rule.criteria.value, "strategy": rule.strategy.value}


def rule_from(json: Json) -> UnenrollRule:
    return UnenrollRule(
        criteria=Criteria(json["criteria"]), strategy=SellingStrategy(json["strategy"])
    )


def json_of_identity(part: Step | Dependency | SequenceSettings) -> Json:
    return {
        "id": part.id,
        "created_at": since_epoch(part.created_at),
        "updated_at": since_epoch(part.updated_at),
    }


def identity_from(json: Json) -> Json:
    return {
        "id": json["id"],
        "created_at": moment(json["created_at"]),
        "updated_at": moment(json["updated_at"]),
    }
