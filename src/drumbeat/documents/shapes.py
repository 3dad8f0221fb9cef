"""What a sequence looks like written down: its fields, what each may hold, and what each is when
it is left out.

The structure is the same in JSON, over our API, and in YAML, in files. A step is one flat
mapping, whatever its kind; which fields belong to which kind is told in building.py.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from drumbeat.domain import durations
from drumbeat.domain.schedule import EligibleDays, SendWindow, wall
from drumbeat.domain.sequence import (
    MAX_DELAY,
    MAX_STEPS,
    MINUTES_A_DAY,
    Criteria,
    DependencyType,
    SellingStrategy,
    TaskPriority,
    TaskType,
)

ONE_MILLI = timedelta(milliseconds=1)
MAX_INT32 = 2**31 - 1
MAX_INT64 = 2**63 - 1
# Lists end somewhere, or a document of a million faults would be answered with them all.
MOST_VARIANTS = 100
MOST_DEPENDENCIES = 1000
# Longer than any file system has a path.
LONGEST_REFERENCE = 4_096
WALL = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)

DEFAULT_WINDOW = SendWindow(opens=8 * 60, closes=18 * 60)
DEFAULT_TASKS_AT = 8 * 60
# What is kept of reminders where there are none.
DEFAULT_REMINDERS_AT = 9 * 60


class StepKind(StrEnum):
    EMAIL = "email"
    TASK = "task"
    CONTAINER = "container"
    FINISH = "finish"


def minute_of(given: object, *, latest: int = MINUTES_A_DAY - 1) -> int:
    found = WALL.fullmatch(given) if isinstance(given, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else None
    if minute is None or minute > latest:
        raise PydanticCustomError("minute", 'is not a time of day; write "08:00"')
    return minute


def window_of(given: object) -> SendWindow:
    opens, _, closes = given.partition("-") if isinstance(given, str) else ("", "", "")
    try:
        parts = [minute_of(each.strip(), latest=MINUTES_A_DAY) for each in (opens, closes)]
    except PydanticCustomError:
        raise PydanticCustomError("window", 'is not a send window; write "08:00-18:00"') from None
    return SendWindow(*parts)


def delay_of(given: object) -> timedelta:
    if not isinstance(given, str):
        raise PydanticCustomError("delay", "is a duration, written as P3D or PT4H")
    try:
        length = durations.parsed(given, longest=MAX_DELAY)
    except ValueError as error:
        raise PydanticCustomError("delay", "{why}", {"why": str(error)}) from None
    if length % ONE_MILLI:
        raise PydanticCustomError("delay", "has parts of a millisecond, which are not kept")
    return length


def whole_number(given: object) -> int:
    """An id: digits, as text or as a number."""
    if isinstance(given, int) and not isinstance(given, bool):
        number = given
    elif isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 20:
        number = int(given)
    else:
        raise PydanticCustomError("number", "must be a number without a sign or a fraction")
    if not 0 <= number <= MAX_INT64:
        raise PydanticCustomError("number", "must lie between 0 and 9223372036854775807")
    return number


def reference(given: object) -> str:
    """A template's id, or the file it is kept in; the caller knows which."""
    if isinstance(given, str) and 0 < len(given) <= LONGEST_REFERENCE:
        return given
    return str(whole_number(given))


def as_text(pattern: str) -> Any:
    return WithJsonSchema({"type": "string", "pattern": pattern})


Minute: TypeAlias = Annotated[
    int, PlainValidator(minute_of), PlainSerializer(wall), as_text("^[0-2][0-9]:[0-5][0-9]$")
]
Window: TypeAlias = Annotated[
    SendWindow,
    PlainValidator(window_of),
    PlainSerializer(str),
    as_text("^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"),
]
Delay: TypeAlias = Annotated[
    timedelta,
    PlainValidator(delay_of),
    PlainSerializer(durations.written),
    WithJsonSchema({"type": "string", "format": "duration"}),
]
Id: TypeAlias = Annotated[
    int, PlainValidator(whole_number), PlainSerializer(str), WithJsonSchema({"type": "string"})
]
QueueId: TypeAlias = Annotated[Id, Field(le=MAX_INT32)]
TemplateReference: TypeAlias = Annotated[
    str, PlainValidator(reference), WithJsonSchema({"type": "string"})
]
Count: TypeAlias = Annotated[int, Field(strict=True, ge=0, le=MAX_INT32)]
Flag: TypeAlias = Annotated[bool, Field(strict=True)]
Orders: TypeAlias = Annotated[list[Count], Field(max_length=MAX_STEPS)]


class Part(BaseModel):
    """A mapping in a document. null means absent; a field that is not known is a fault."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, serialize_by_alias=True
    )

    @model_validator(mode="before")
    @classmethod
    def without_nulls(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        fields = {to_camel(name) for name in cls.model_fields}
        return {
            name: value for name, value in given.items() if value is not None or name not in fields
        }


class Begun(Part):
    """What every step begins with."""

    kind: StepKind
    delay: Annotated[
        Delay, Field(description="How long after the step before: P3D, PT4H. No months or years.")
    ] = timedelta(0)


class Said(Part):
    """What a step, or a variant of it, says: an e-mail has a template, a task has a type."""

    template: Annotated[
        TemplateReference | None, Field(description="The template's id, or its file.")
    ] = None
    thread_to: Annotated[
        Count | None, Field(description="The step whose e-mail this one answers, from 0.")
    ] = None
    type: Annotated[TaskType | None, Field(description="Of a task; needed there.")] = None
    priority: Annotated[TaskPriority | None, Field(description="Of a task; NONE.")] = None
    subject: Annotated[str | None, Field(description="Of a task.")] = None
    notes: Annotated[str | None, Field(description="Of a task.")] = None
    queue: Annotated[QueueId | None, Field(description="Of a task.")] = None


class VariantDocument(Said):
    active: Annotated[Flag, Field(description="Whether anyone gets it.")] = True
    ordinal: Annotated[
        Count | None, Field(description="Its place among the variants; as listed, from 0.")
    ] = None


class StepDocument(Said, Begun):
    variants: Annotated[
        list[VariantDocument],
        Field(max_length=MOST_VARIANTS, description="Split evenly among those who get there."),
    ] = []
    waits_for: Annotated[
        Orders, Field(description="The steps whose tasks must be done before, from 0.")
    ] = []
    pauses_after: Annotated[
        Orders, Field(description="The steps after which a person must press on first.")
    ] = []
    dynamic: Annotated[Flag, Field(description="Lets the delay vary between its bounds.")] = False
    min_delay: Annotated[Delay | None, Field(description="The least it varies to.")] = None
    max_delay: Annotated[Delay | None, Field(description="The most it varies to.")] = None
    branch: Annotated[Count, Field(description="Kept and shown.")] = 0


class DependencyDocument(Part):
    """A dependency that waitsFor and pausesAfter have no words for."""

    type: DependencyType
    relies_on: Count
    required_by: Count
    branch: Count = 0


class RuleDocument(Part):
    criteria: Annotated[Criteria, Field(description="ALL ends the enrollment; NONE does not.")] = (
        Criteria.ALL
    )
    strategy: Annotated[
        SellingStrategy, Field(description="Of the contact alone, or of all at its company.")
    ] = SellingStrategy.LEAD_BASED


class SettingsDocument(Part):
    send_window: Annotated[
        Window, Field(description="When e-mails may leave: 08:00-18:00. 00:00-00:00 is all day.")
    ] = DEFAULT_WINDOW
    days: EligibleDays = EligibleDays.BUSINESS_DAYS
    tasks_at: Annotated[Minute, Field(description="When tasks are made.")] = DEFAULT_TASKS_AT
    reminders_at: Annotated[
        Minute | None, Field(description="When people are reminded of tasks; null for never.")
    ] = None
    reminders: Annotated[
        Flag | None, Field(description="false keeps the time, and reminds nobody.")
    ] = None
    threads_follow_ups: Annotated[
        Flag, Field(description="Whether an e-mail answers the one before it.")
    ] = True
    on_reply: Annotated[RuleDocument, Field(description="What a reply ends.")] = RuleDocument()
    on_meeting: Annotated[RuleDocument, Field(description="What a meeting ends.")] = RuleDocument()
    strategy: Annotated[
        SellingStrategy | None, Field(description="Kept and shown; that of onReply.")
    ] = None


class TriggersDocument(Part):
    opens: Count | None = None
    clicks: Count | None = None


class SequenceDocument(Part):
    """A sequence, written down."""

    name: Annotated[str | None, Field(description="Needed where it is kept.")] = None
    folder: Id | None = None
    settings: SettingsDocument = SettingsDocument()
    steps: Annotated[
        list[StepDocument],
        Field(
            max_length=MAX_STEPS,
            description="In their order, from 0. The finish may be left out where nothing is said "
            "of it.",
        ),
    ]
    dependencies: Annotated[
        list[DependencyDocument],
        Field(max_length=MOST_DEPENDENCIES, description="Those that steps cannot say."),
    ] = []
    dynamic: Annotated[Flag, Field(description="Kept and shown.")] = False
    triggers: Annotated[TriggersDocument | None, Field(description="Kept and shown.")] = None
