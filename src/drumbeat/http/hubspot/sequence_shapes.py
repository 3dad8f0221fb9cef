"""Sequences as HubSpot shows them: to those who read, and with V2 patterns where they are managed.

What a person wrote for us alone (`dynamic`, variants, branches, triggers, the minute at which
tasks are made) is never echoed: HubSpot's answers do not have it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from drumbeat.domain.schedule import EligibleDays
from drumbeat.domain.sequence import (
    Action,
    Content,
    Dependency,
    DependencyType,
    EmailContent,
    EmailStep,
    SellingStrategy,
    SequenceSettings,
    StandingSequence,
    Step,
    TaskContent,
    TaskPriority,
    TaskStep,
    TaskType,
)
from drumbeat.domain.user import User
from drumbeat.http.paging import Paging
from drumbeat.http.wire import Shape, WireId, WireTime
from drumbeat.store.sequences import SequenceRow

ONE_MILLI = timedelta(milliseconds=1)


class SequenceLite(Shape):
    """PublicSequenceLiteResponse."""

    id: WireId
    name: str
    user_id: WireId
    folder_id: WireId | None = None
    created_at: WireTime
    updated_at: WireTime

    @classmethod
    def of_row(cls, row: SequenceRow) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            user_id=row.user_id,
            folder_id=row.folder_id,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class SequenceList(Shape):
    """CollectionResponseWithTotalPublicSequenceLiteResponse."""

    total: int
    results: Sequence[SequenceLite]
    paging: Paging | None = None


class Dated(Shape):
    """What every part of a version carries: its id, and when it was written."""

    id: WireId
    created_at: WireTime
    updated_at: WireTime


class EmailPattern(Dated):
    """PublicEmailPatternResponse: the template's id is a string in every family."""

    template_id: WireId
    thread_email_to_step_order: int | None = None


class TaskPattern(Dated):
    """PublicTaskPatternResponse: queue and template are numbers."""

    task_type: TaskType
    task_priority: TaskPriority
    subject: str | None = None
    notes: str | None = None
    queue_id: int | None = None
    template_id: int | None = None
    thread_email_to_step_order: int | None = None


class TaskPatternV2(Dated):
    """PublicTaskPatternResponseV2: queue and template are strings."""

    task_type: TaskType
    task_priority: TaskPriority
    subject: str | None = None
    notes: str | None = None
    queue_id: WireId | None = None
    template_id: WireId | None = None
    thread_email_to_step_order: int | None = None


class StepBase(Dated):
    step_order: int
    action_type: Action
    delay_millis: int
    email_pattern: EmailPattern | None = None


class StepShape(StepBase):
    """PublicSequenceStepResponse."""

    task_pattern: TaskPattern | None = None

    @classmethod
    def of(cls, step: Step, written_at: datetime) -> Self:
        return cls(**fields_of_step(step, written_at, TaskPattern))


class StepShapeV2(StepBase):
    """PublicSequenceStepResponseV2."""

    task_pattern: TaskPatternV2 | None = None

    @classmethod
    def of(cls, step: Step, written_at: datetime) -> Self:
        return cls(**fields_of_step(step, written_at, TaskPatternV2))


class DependencyShape(Dated):
    """PublicSequenceStepDependencyResponse."""

    dependency_type: DependencyType
    relies_on_step_order: int
    relies_on_sequence_step_id: WireId
    required_by_step_order: int
    required_by_sequence_step_id: WireId

    @classmethod
    def of(cls, dependency: Dependency, step_ids: Mapping[int, int], written_at: datetime) -> Self:
        return cls(
            id=dependency.id,
            dependency_type=dependency.type,
            relies_on_step_order=dependency.relies_on,
            relies_on_sequence_step_id=step_ids[dependency.relies_on],
            required_by_step_order=dependency.required_by,
            required_by_sequence_step_id=step_ids[dependency.required_by],
            **dates_of(dependency, written_at),
        )


class SettingsShape(Dated):
    """PublicSequenceSettingsResponse."""

    eligible_follow_up_days: EligibleDays
    individual_task_reminders_enabled: bool
    selling_strategy: SellingStrategy
    send_window_start_minute: int
    send_window_end_minute: int
    task_reminder_minute: int

    @classmethod
    def of(cls, settings: SequenceSettings, written_at: datetime) -> Self:
        return cls(
            id=settings.id,
            eligible_follow_up_days=settings.days,
            individual_task_reminders_enabled=settings.has_task_reminders,
            selling_strategy=settings.strategy,
            send_window_start_minute=settings.window.opens,
            send_window_end_minute=settings.window.closes,
            task_reminder_minute=settings.task_reminder_minute,
            **dates_of(settings, written_at),
        )


class SequenceBase(SequenceLite):
    dependencies: Sequence[DependencyShape]
    settings: SettingsShape


class SequenceShape(SequenceBase):
    """PublicSequenceResponse."""

    steps: Sequence[StepShape]

    @classmethod
    def of(cls, sequence: StandingSequence) -> Self:
        return cls(**fields_of_sequence(sequence, StepShape))


class SequenceShapeV2(SequenceBase):
    """PublicSequenceResponseV2."""

    steps: Sequence[StepShapeV2]

    @classmethod
    def of(cls, sequence: StandingSequence) -> Self:
        return cls(**fields_of_sequence(sequence, StepShapeV2))


class UserView(Shape):
    """PublicCreateSequenceUserViewResponse."""

    email: str
    first_name: str
    last_name: str

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(email=user.email, first_name=user.first_name, last_name=user.last_name)


class CreatedSequence(Shape):
    """PublicCreateSequenceResponse."""

    sequence: SequenceShapeV2
    user_view: UserView


def fields_of_sequence(
    sequence: StandingSequence,
    step_shape: type[StepShape | StepShapeV2],
    dependency_shape: type[DependencyShape] = DependencyShape,
) -> dict[str, Any]:
    definition = sequence.definition
    written_at = sequence.updated_at
    step_ids = {step.order: step.id for step in definition.steps}
    return {
        "id": sequence.id,
        "name": sequence.name,
        "user_id": sequence.user_id,
        "folder_id": sequence.folder_id,
        "created_at": sequence.created_at,
        "updated_at": sequence.updated_at,
        "steps": [step_shape.of(step, written_at) for step in definition.steps],
        "dependencies": [
            dependency_shape.of(dependency, step_ids, written_at)
            for dependency in definition.dependencies
        ],
        "settings": SettingsShape.of(definition.settings, written_at),
    }


def fields_of_step(
    step: Step, written_at: datetime, task_shape: type[TaskPattern | TaskPatternV2]
) -> dict[str, Any]:
    dates = dates_of(step, written_at)
    fields: dict[str, Any] = {
        "id": step.id,
        "step_order": step.order,
        "action_type": step.action,
        "delay_millis": step.delay // ONE_MILLI,
        **dates,
    }
    content = shown(step)
    if isinstance(content, EmailContent):
        fields["email_pattern"] = email_pattern(content, dates)
    elif isinstance(content, TaskContent):
        fields["task_pattern"] = task_pattern(task_shape, content, dates)
    return fields


def shown(step: Step) -> Content | None:
    """What the step says to someone who knows of one pattern only: its first active variant's."""
    active = [
        (variant.ordinal, variant.content)
        for variant in step.variants
        if variant.is_active and variant.content is not None
    ]
    if active:
        return min(active, key=lambda variant: variant[0])[1]
    if isinstance(step, EmailStep):
        return step.email
    return step.task if isinstance(step, TaskStep) else None


def dates_of(
    part: Step | Dependency | SequenceSettings, written_at: datetime
) -> dict[str, datetime]:
    return {
        "created_at": part.created_at or written_at,
        "updated_at": part.updated_at or written_at,
    }


def email_pattern(content: EmailContent, dates: dict[str, datetime]) -> EmailPattern:
    return EmailPattern(
        id=content.id,
        template_id=content.template_id,
        thread_email_to_step_order=content.thread_to,
        **dates,
    )


def task_pattern(
    shape: type[TaskPattern | TaskPatternV2], content: TaskContent, dates: dict[str, datetime]
) -> TaskPattern | TaskPatternV2:
    return shape(
        id=content.id,
        task_type=content.type,
        task_priority=content.priority,
        subject=content.subject,
        notes=content.notes,
        queue_id=content.queue_id,
        template_id=content.template_id,
        thread_email_to_step_order=content.thread_to,
        **dates,
    )
