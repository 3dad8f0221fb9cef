"""A sequence: ordered steps, what ties them together, and the settings they run under.

A version of a sequence never changes once it is written; an enrollment runs through the
version it began with until it is moved to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, TypeAlias

from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.errors import Fault, Invalid

MAX_STEPS = 50
# Ten years: longer than any outreach, and short of where dates overflow.
MAX_DELAY = timedelta(days=3650)
MINUTES_A_DAY = 24 * 60


class Action(StrEnum):
    EMAIL = "EMAIL"
    TASK = "TASK"
    FINISH = "FINISH_ENROLLMENT"
    CONTAINER = "ADAPTIVE_CONTAINER"


class TaskType(StrEnum):
    CALL = "CALL"
    EMAIL = "EMAIL"
    LINKED_IN_CONNECT = "LINKED_IN_CONNECT"
    LINKED_IN_MESSAGE = "LINKED_IN_MESSAGE"
    MEETING = "MEETING"
    TODO = "TODO"


class TaskPriority(StrEnum):
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    NONE = "NONE"


class DependencyType(StrEnum):
    TASK_COMPLETION = "TASK_COMPLETION"
    MANUAL_PAUSE = "MANUAL_PAUSE"
    ADAPTIVE_COMPLETION = "ADAPTIVE_COMPLETION"


class SellingStrategy(StrEnum):
    LEAD_BASED = "LEAD_BASED"
    ACCOUNT_BASED = "ACCOUNT_BASED"


class Criteria(StrEnum):
    """Which replies, or which meetings, end an enrollment."""

    ALL = "ALL"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailContent:
    template_id: int
    thread_to: int | None = None
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContent:
    type: TaskType
    priority: TaskPriority
    subject: str | None = None
    notes: str | None = None
    queue_id: int | None = None
    template_id: int | None = None
    thread_to: int | None = None
    id: int = 0


Content: TypeAlias = EmailContent | TaskContent


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    ordinal: int
    is_active: bool
    content: Content | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happens in a sequence. Its *id* is given when the version is kept."""

    action: ClassVar[Action]

    order: int
    delay: timedelta
    id: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    branch: int = 0
    is_dynamic: bool = False
    delay_min: timedelta | None = None
    delay_max: timedelta | None = None
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailStep(Step):
    action = Action.EMAIL
    email: EmailContent


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStep(Step):
    action = Action.TASK
    task: TaskContent


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishStep(Step):
    action = Action.FINISH


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerStep(Step):
    """HubSpot's adaptive container: kept and shown, and passed through at once."""

    action = Action.CONTAINER


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """The step *required_by* waits until what *relies_on* asks for has happened."""

    type: DependencyType
    relies_on: int
    required_by: int
    branch: int = 0
    id: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnenrollRule:
    criteria: Criteria = Criteria.ALL
    strategy: SellingStrategy = SellingStrategy.LEAD_BASED


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceSettings:
    window: SendWindow
    days: EligibleDays
    task_creation_minute: int
    task_reminder_minute: int
    has_task_reminders: bool
    threads_follow_ups: bool
    strategy: SellingStrategy = SellingStrategy.LEAD_BASED
    on_reply: UnenrollRule = field(default_factory=UnenrollRule)
    on_meeting: UnenrollRule = field(default_factory=UnenrollRule)
    id: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementTriggers:
    opens: int | None = None
    clicks: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What one version of a sequence says: all that a person wrote, and nothing that happened."""

    steps: tuple[Step, ...]
    dependencies: tuple[Dependency, ...]
    settings: SequenceSettings
    is_dynamic: bool = False
    triggers: EngagementTriggers | None = None

    @property
    def finish_order(self) -> int:
        return len(self.steps) - 1

    def waits_of(self, order: int) -> tuple[Dependency, ...]:
        """The tasks that must be done before the step *order* may begin."""
        return tuple(
            dependency
            for dependency in self.dependencies
            if dependency.required_by == order and dependency.type is DependencyType.TASK_COMPLETION
        )

    def pauses_after(self, order: int) -> bool:
        """Whether someone must press on once the step *order* has run."""
        return any(
            dependency.relies_on == order and dependency.type is DependencyType.MANUAL_PAUSE
            for dependency in self.dependencies
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingSequence:
    """A sequence as it stands: its name, whose it is, and its current version."""

    id: int
    account_id: int
    user_id: int
    name: str
    folder_id: int | None
    version: int
    definition: Definition
    created_at: datetime
    updated_at: datetime


def check(definition: Definition) -> None:
    """Raise Invalid with every fault that would keep this definition from running."""
    faults = [
        *faults_of_steps(definition.steps),
        *faults_of_threads(definition.steps),
        *faults_of_dependencies(definition),
        *faults_of_settings(definition.settings),
    ]
    if faults:
        raise Invalid("the sequence cannot run as it is written", faults)


def faults_of_steps(steps: Sequence[Step]) -> Iterator[Fault]:
    if not steps:
        yield Fault(field="steps", message="a sequence needs at least its finish step")
        return
    if len(steps) > MAX_STEPS:
        yield Fault(field="steps", message=f"a sequence has at most {MAX_STEPS} steps")
    for position, step in enumerate(steps):
        at = f"steps[{position}]"
        if step.order != position:
            yield Fault(
                field=f"{at}.stepOrder",
                message=f"step orders count up from 0 without a gap; expected {position}",
            )
        is_last = position == len(steps) - 1
        if isinstance(step, FinishStep) != is_last:
            yield Fault(
                field=f"{at}.actionType",
                message="the finish stands once, as the last step",
            )
        yield from faults_of_delay(step, at)
        yield from faults_of_variants(step, at)


def faults_of_delay(step: Step, at: str) -> Iterator[Fault]:
    bounds = {
        "delayMillis": step.delay,
        "delayMillisMin": step.delay_min,
        "delayMillisMax": step.delay_max,
    }
    for name, delay in bounds.items():
        if delay is not None and not timedelta(0) <= delay <= MAX_DELAY:
            yield Fault(field=f"{at}.{name}", message="a delay lies between 0 and 3650 days")
    least, most = step.delay_min, step.delay_max
    if least is not None and most is not None and least > most:
        yield Fault(field=f"{at}.delayMillisMin", message="the shortest delay is above the longest")


def faults_of_variants(step: Step, at: str) -> Iterator[Fault]:
    ordinals = [variant.ordinal for variant in step.variants]
    if len(set(ordinals)) != len(ordinals):
        yield Fault(field=f"{at}.variants", message="two variants have the same ordinal")
    said = {type(content) for content in contents_of(step)}
    if len(said) > 1 or (said and step.action in (Action.CONTAINER, Action.FINISH)):
        yield Fault(field=f"{at}.variants", message="a variant is of another kind than its step")


def faults_of_threads(steps: Sequence[Step]) -> Iterator[Fault]:
    for position, step in enumerate(steps):
        for content in contents_of(step):
            target = content.thread_to
            if target is None or is_mail(steps, target, before=position):
                continue
            yield Fault(
                field=f"steps[{position}].threadEmailToStepOrder",
                message=f"step {target} is not an earlier e-mail that can be replied to",
            )


def contents_of(step: Step) -> list[Content]:
    """Everything the step may say: its own content and that of its variants."""
    contents: list[Content] = []
    if isinstance(step, EmailStep):
        contents.append(step.email)
    if isinstance(step, TaskStep):
        contents.append(step.task)
    contents += [variant.content for variant in step.variants if variant.content is not None]
    return contents


def is_mail(steps: Sequence[Step], order: int, *, before: int) -> bool:
    if not 0 <= order < before:
        return False
    step = steps[order]
    is_manual_email = isinstance(step, TaskStep) and step.task.type is TaskType.EMAIL
    return isinstance(step, EmailStep) or is_manual_email


def faults_of_dependencies(definition: Definition) -> Iterator[Fault]:
    steps = definition.steps
    seen: set[tuple[DependencyType, int, int]] = set()
    for position, dependency in enumerate(definition.dependencies):
        at = f"dependencies[{position}]"
        relies_on, required_by = dependency.relies_on, dependency.required_by
        key = (dependency.type, relies_on, required_by)
        if key in seen:
            yield Fault(field=at, message="the same dependency is given twice")
        seen.add(key)
        if not (0 <= relies_on < len(steps) and 0 <= required_by < len(steps)):
            yield Fault(field=at, message="the dependency names a step that does not exist")
        elif relies_on >= required_by:
            yield Fault(
                field=f"{at}.reliesOnStepOrder", message="a step can only wait for an earlier step"
            )
        elif dependency.type is DependencyType.TASK_COMPLETION and not isinstance(
            steps[relies_on], TaskStep
        ):
            yield Fault(
                field=f"{at}.reliesOnStepOrder",
                message=f"a step can wait for a task, and step {relies_on} is none",
            )


def faults_of_settings(settings: SequenceSettings) -> Iterator[Fault]:
    minutes = {
        "taskCreationMinute": settings.task_creation_minute,
        "taskReminderMinute": settings.task_reminder_minute,
    }
    for name, minute in minutes.items():
        if not 0 <= minute < MINUTES_A_DAY:
            yield Fault(
                field=f"settings.{name}", message="a minute of the day lies between 0 and 1439"
            )
    window = settings.window
    bounds = {"sendWindowStartMinute": window.opens, "sendWindowEndMinute": window.closes}
    for name, minute in bounds.items():
        if not 0 <= minute <= MINUTES_A_DAY:
            yield Fault(field=f"settings.{name}", message="a minute lies between 0 and 1440")
    if window.opens > window.closes:
        yield Fault(
            field="settings.sendWindowStartMinute",
            message="the send window closes before it opens",
        )
