"""Definitions as JSON: nothing is lost on the way there and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

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
from drumbeat.store import definitions

numbers = st.integers(0, 2**63 - 1)
orders = st.integers(0, 50)
maybe_numbers = st.none() | numbers
maybe_orders = st.none() | orders
maybe_texts = st.none() | st.text()
durations = st.integers(0, 10**12).map(lambda millis: timedelta(milliseconds=millis))
moments = st.none() | st.integers(0, 10**13).map(
    lambda millis: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis)
)
identity = {"id": numbers, "created_at": moments, "updated_at": moments}

emails = st.builds(EmailContent, template_id=numbers, thread_to=maybe_orders, id=numbers)
tasks = st.builds(
    TaskContent,
    type=st.sampled_from(TaskType),
    priority=st.sampled_from(TaskPriority),
    subject=maybe_texts,
    notes=maybe_texts,
    queue_id=maybe_numbers,
    template_id=maybe_numbers,
    thread_to=maybe_orders,
    id=numbers,
)
contents: st.SearchStrategy[Content] = st.one_of(emails, tasks)
variants = st.builds(Variant, ordinal=orders, is_active=st.booleans(), content=st.none() | contents)
of_every_step = {
    "order": orders,
    "delay": durations,
    "branch": orders,
    "is_dynamic": st.booleans(),
    "delay_min": st.none() | durations,
    "delay_max": st.none() | durations,
    "variants": st.lists(variants, max_size=3).map(tuple),
    **identity,
}
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(EmailStep, email=emails, **of_every_step),
    st.builds(TaskStep, task=tasks, **of_every_step),
    st.builds(FinishStep, **of_every_step),
    st.builds(ContainerStep, **of_every_step),
)
rules = st.builds(
    UnenrollRule,
    criteria=st.sampled_from(Criteria),
    strategy=st.sampled_from(SellingStrategy),
)
all_definitions = st.builds(
    Definition,
    steps=st.lists(steps, max_size=5).map(tuple),
    dependencies=st.lists(
        st.builds(
            Dependency,
            type=st.sampled_from(DependencyType),
            relies_on=orders,
            required_by=orders,
            branch=orders,
            **identity,
        ),
        max_size=5,
    ).map(tuple),
    settings=st.builds(
        SequenceSettings,
        window=st.builds(SendWindow, opens=st.integers(0, 1440), closes=st.integers(0, 1440)),
        days=st.sampled_from(EligibleDays),
        task_creation_minute=st.integers(0, 1439),
        task_reminder_minute=st.integers(0, 1439),
        has_task_reminders=st.booleans(),
        threads_follow_ups=st.booleans(),
        strategy=st.sampled_from(SellingStrategy),
        on_reply=rules,
        on_meeting=rules,
        **identity,
    ),
    is_dynamic=st.booleans(),
    triggers=st.none() | st.builds(EngagementTriggers, opens=maybe_numbers, clicks=maybe_numbers),
)


@given(all_definitions)
def test_every_definition_comes_back_as_it_went(definition: Definition) -> None:
    text = json.dumps(definitions.to_json(definition))

    assert definitions.from_json(json.loads(text)) == definition


def test_what_the_first_release_wrote_is_still_read() -> None:
    written = json.loads(WRITTEN_BY_THE_FIRST_RELEASE)

    read = definitions.from_json(written)

    assert [step.action.value for step in read.steps] == ["EMAIL", "TASK", "FINISH_ENROLLMENT"]
    assert definitions.to_json(read) == written


# Not to be changed: databases hold it.
WRITTEN_BY_THE_FIRST_RELEASE = """
{
  "steps": [
    {
      "action": "EMAIL", "order": 0, "delay": 0, "branch": 0, "is_dynamic": false,
      "delay_min": null, "delay_max": null, "variants": [],
      "id": 100000003, "created_at": 1772445600000, "updated_at": 1772445600000,
      "email": {"template_id": 1, "thread_to": null, "id": 100000002}
    },
    {
      "action": "TASK", "order": 1, "delay": 86400000, "branch": 0, "is_dynamic": false,
      "delay_min": 3600000, "delay_max": 7200000,
      "variants": [{"ordinal": 1, "is_active": true, "content": null}],
      "id": 100000005, "created_at": 1772445600000, "updated_at": 1772445600000,
      "task": {
        "type": "CALL", "priority": "HIGH", "subject": "Call", "notes": null,
        "queue_id": 7, "template_id": null, "thread_to": null, "id": 100000004
      }
    },
    {
      "action": "FINISH_ENROLLMENT", "order": 2, "delay": 0, "branch": 0, "is_dynamic": false,
      "delay_min": null, "delay_max": null, "variants": [],
      "id": 100000006, "created_at": 1772445600000, "updated_at": 1772445600000
    }
  ],
  "dependencies": [
    {
      "type": "TASK_COMPLETION", "relies_on": 1, "required_by": 2, "branch": 0,
      "id": 100000007, "created_at": 1772445600000, "updated_at": 1772445600000
    }
  ],
  "settings": {
    "opens": 540, "closes": 1020, "days": "BUSINESS_DAYS",
    "task_creation_minute": 480, "task_reminder_minute": 540,
    "has_task_reminders": false, "threads_follow_ups": true, "strategy": "LEAD_BASED",
    "on_reply": {"criteria": "ALL", "strategy": "LEAD_BASED"},
    "on_meeting": {"criteria": "NONE", "strategy": "ACCOUNT_BASED"},
    "id": 100000008, "created_at": 1772445600000, "updated_at": 1772445600000
  },
  "is_dynamic": false,
  "triggers": {"opens": 2, "clicks": null}
}
"""
