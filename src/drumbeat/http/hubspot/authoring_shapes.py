"""A sequence as HubSpot's management API is given it, and what that means to us."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.domain.sequence import (
    MAX_DELAY,
    MAX_STEPS,
    Action,
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
from drumbeat.errors import Fault, Invalid
from drumbeat.http.wire import MAX_INT32, Asked, AskedId, Flag, Int32, Name

ONE_MILLI = timedelta(milliseconds=1)

Count = Annotated[int, Field(strict=True, ge=0, le=MAX_INT32)]
Delay = Annotated[int, Field(strict=True, ge=0, le=MAX_DELAY // ONE_MILLI)]
QueueId = Annotated[AskedId, Field(le=MAX_INT32)]
# Lists end somewhere, or a body of a million faults would get an answer of a hundred million.
MOST_VARIANTS = 100
MOST_DEPENDENCIES = 1000
Line = Annotated[str, Field(max_length=1000)]


class EmailPatternAsked(Asked):
    """PublicSequenceEmailPatternRequest."""

    template_id: AskedId
    thread_email_to_step_order: Int32 | None = None

    def content(self) -> EmailContent:
        return EmailContent(template_id=self.template_id, thread_to=self.thread_email_to_step_order)


class TaskPatternAsked(Asked):
    """PublicSequenceTaskPatternRequest."""

    task_type: TaskType
    task_priority: TaskPriority
    subject: Line | None = None
    notes: str | None = None
    queue_id: QueueId | None = None
    template_id: AskedId | None = None
    thread_email_to_step_order: Int32 | None = None

    def content(self) -> TaskContent:
        return TaskContent(
            type=self.task_type,
            priority=self.task_priority,
            subject=self.subject,
            notes=self.notes,
            queue_id=self.queue_id,
            template_id=self.template_id,
            thread_to=self.thread_email_to_step_order,
        )


class Patterned(Asked):
    email_pattern: EmailPatternAsked | None = None
    task_pattern: TaskPatternAsked | None = None

    def content_for(self, action: Action) -> Content | None:
        if action is Action.EMAIL and self.email_pattern:
            return self.email_pattern.content()
        if action is Action.TASK and self.task_pattern:
            return self.task_pattern.content()
        return None


class VariantAsked(Patterned):
    """PublicSequenceStepVariantRequest."""

    activated: Flag
    variant_ordinal: Count

    def variant(self, action: Action) -> Variant:
        content = self.content_for(action)
        return Variant(ordinal=self.variant_ordinal, is_active=self.activated, content=content)


class StepAsked(Patterned):
    """PublicSequenceStepRequest."""

    step_order: Int32
    action_type: Action
    delay_millis: Delay
    delay_millis_min: Delay | None = None
    delay_millis_max: Delay | None = None
    dynamic: Flag
    branch_number: Count
    variants: list[VariantAsked] = Field(max_length=MOST_VARIANTS)

    def step(self) -> Step:
        variants = tuple(variant.variant(self.action_type) for variant in self.variants)
        said: dict[str, Any] = {
            "order": self.step_order,
            "delay": self.delay_millis * ONE_MILLI,
            "delay_min": lasting(self.delay_millis_min),
            "delay_max": lasting(self.delay_millis_max),
            "is_dynamic": self.dynamic,
            "branch": self.branch_number,
            "variants": variants,
        }
        if self.action_type is Action.FINISH:
            return FinishStep(**said)
        if self.action_type is Action.CONTAINER:
            return ContainerStep(**said)
        content = self.own_content()
        if isinstance(content, EmailContent):
            return EmailStep(email=content, **said)
        assert isinstance(content, TaskContent), "faults() was asked first"
        return TaskStep(task=content, **said)

    def own_content(self) -> Content | None:
        """The step's own pattern, or the one of the first variant that has one."""
        own = self.content_for(self.action_type)
        ordered = sorted(self.variants, key=lambda variant: variant.variant_ordinal)
        contents = [own, *(variant.content_for(self.action_type) for variant in ordered)]
        return next((content for content in contents if content is not None), None)

    def faults(self, at: str) -> Iterator[Fault]:
        wanted = {Action.EMAIL: "emailPattern", Action.TASK: "taskPattern"}
        pattern = wanted.get(self.action_type)
        if pattern and self.own_content() is None:
            message = f"a step of type {self.action_type} needs a {pattern}, its own or a variant's"
            yield Fault(field=f"{at}.{pattern}", message=message)


class DependencyAsked(Asked):
    """PublicSequenceStepDependencyRequest."""

    dependency_type: DependencyType
    relies_on_step_order: Int32
    required_by_step_order: Int32
    branch_number: Count

    def dependency(self) -> Dependency:
        return Dependency(
            type=self.dependency_type,
            relies_on=self.relies_on_step_order,
            required_by=self.required_by_step_order,
            branch=self.branch_number,
        )


class RuleAsked(Asked):
    """EmailSettingsResponse and MeetingSettingsResponse, which requests have too."""

    criteria: Criteria
    selling_strategy: SellingStrategy

    def rule(self) -> UnenrollRule:
        return UnenrollRule(criteria=self.criteria, strategy=self.selling_strategy)


class UnenrollmentAsked(Asked):
    """UnenrollmentSettingsResponse."""

    email_settings: RuleAsked
    meeting_settings: RuleAsked


class SettingsAsked(Asked):
    """PublicSequenceSettingsRequest."""

    eligible_follow_up_days: EligibleDays
    individual_task_reminders_enabled: Flag
    selling_strategy: SellingStrategy
    send_window_start_minute: Int32
    send_window_end_minute: Int32
    task_creation_minute: Int32
    task_reminder_minute: Int32
    unenrollment_settings: UnenrollmentAsked
    use_threaded_follow_ups: Flag

    def settings(self) -> SequenceSettings:
        rules = self.unenrollment_settings
        return SequenceSettings(
            window=SendWindow(self.send_window_start_minute, self.send_window_end_minute),
            days=self.eligible_follow_up_days,
            task_creation_minute=self.task_creation_minute,
            task_reminder_minute=self.task_reminder_minute,
            has_task_reminders=self.individual_task_reminders_enabled,
            threads_follow_ups=self.use_threaded_follow_ups,
            # The strategy at the top is deprecated and always given; the nested one counts.
            strategy=rules.email_settings.selling_strategy,
            on_reply=rules.email_settings.rule(),
            on_meeting=rules.meeting_settings.rule(),
        )


class TriggersAsked(Asked):
    """PublicSequenceEngagementTriggersRequest."""

    number_of_opens: Count | None = None
    number_of_clicks: Count | None = None

    def triggers(self) -> EngagementTriggers:
        return EngagementTriggers(opens=self.number_of_opens, clicks=self.number_of_clicks)


class SequenceAsked(Asked):
    """PublicSequenceRequest."""

    name: Name
    folder_id: AskedId | None = None
    dynamic: Flag
    engagement_triggers: TriggersAsked | None = None
    steps: list[StepAsked] = Field(max_length=MAX_STEPS)
    dependencies: list[DependencyAsked] = Field(max_length=MOST_DEPENDENCIES)
    settings: SettingsAsked

    def definition(self) -> Definition:
        faults = list(faults_of(self.steps))
        if faults:
            raise Invalid("the sequence cannot run as it is written", faults)
        triggers = self.engagement_triggers
        return Definition(
            steps=tuple(step.step() for step in self.steps),
            dependencies=tuple(dependency.dependency() for dependency in self.dependencies),
            settings=self.settings.settings(),
            is_dynamic=self.dynamic,
            triggers=triggers.triggers() if triggers else None,
        )


def faults_of(steps: Sequence[StepAsked]) -> Iterator[Fault]:
    for position, step in enumerate(steps):
        yield from step.faults(f"steps[{position}]")


def lasting(millis: int | None) -> timedelta | None:
    return None if millis is None else millis * ONE_MILLI
