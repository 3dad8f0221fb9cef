"""Our own API in its answers: what each noun looks like on the wire.

Every key is always there, null where there is no value, so that a reader may rely on it;
only `paging` and `warning` appear when there is something to say. Ids are strings.
"""

from __future__ import annotations

import re
from typing import Annotated, Generic, TypeVar

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

from drumbeat.domain.enrollment import Enrollment, Reason, State, WaitingFor
from drumbeat.domain.message import Direction, Message, MessageState
from drumbeat.domain.migration import NOT_HERE
from drumbeat.domain.planner import Because
from drumbeat.domain.sender import Sender, SmtpSecurity, SmtpServer
from drumbeat.domain.sequence import TaskPriority, TaskType
from drumbeat.domain.task import Task, TaskStatus
from drumbeat.domain.timeline import Kind, TimelineEvent
from drumbeat.http.paging import Paging, after_id
from drumbeat.http.wire import JSON, Shape, WireId, WireTime
from drumbeat.mail.mime import parse
from drumbeat.services.connecting import Connecting, is_connected
from drumbeat.store.captured import CapturedRow

IS_ID = re.compile(r".*(?<!message)_id")


class OurShape(Shape):
    """A shape of ours: null is written, where HubSpot leaves the key out."""

    def answer(self, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        return Response(self.model_dump_json(by_alias=True), status, headers, media_type=JSON)


class Row(OurShape):
    """Something that has an id, and so can stand in a list."""

    id: WireId


AnyRow = TypeVar("AnyRow", bound=Row)


class Listed(OurShape, Generic[AnyRow]):
    results: list[AnyRow]
    paging: Annotated[
        Paging | None, Field(exclude_if=lambda paging: paging is None, description="When more.")
    ] = None


def listed(request: Request, rows: list[AnyRow], limit: int) -> Response:
    """One page of *limit* rows; one row more than that says that there is a next page."""
    shown = rows[:limit]
    paging = after_id(request, shown[-1].id) if len(rows) > limit else None
    return Listed(results=shown, paging=paging).answer()


class ClockShape(OurShape):
    now: WireTime
    movable: Annotated[bool, Field(description="Whether POST may move it.")]


class MovedShape(OurShape):
    now: Annotated[WireTime, Field(description="Where the clock stands now.")]
    steps: Annotated[int, Field(description="Steps that were executed on the way.")]
    messages: Annotated[int, Field(description="E-mails that were sent on the way.")]
    tasks: Annotated[int, Field(description="Tasks that were created on the way.")]


class CapturedShape(Row):
    direction: Annotated[Direction, Field(description="out: we sent it. in: it was delivered.")]
    at: WireTime
    from_: Annotated[str, Field(alias="from")]
    to: list[str]
    subject: Annotated[str, Field(description="Decoded.")]
    message_id: Annotated[str | None, Field(description="With its angle brackets.")]
    in_reply_to: str | None
    references: list[str]
    headers: Annotated[dict[str, str], Field(description="Every header, decoded.")]
    text: str | None
    html: str | None
    raw: Annotated[str, Field(description="The message as it crossed the wire.")]

    @classmethod
    def of(cls, row: CapturedRow) -> CapturedShape:
        parsed = parse(row.raw)
        return cls.model_validate(
            {
                **fields_of(cls, parsed),
                "id": row.id,
                "direction": row.direction,
                "at": row.at,
                "from_": parsed.from_email or row.from_email,
                "to": list(parsed.to) or [row.to_email],
                "references": list(parsed.references),
                "raw": row.raw.decode("utf-8", "replace"),
            }
        )


class EnrollmentShape(Row):
    sequence_id: WireId
    version: Annotated[int, Field(description="The version of the sequence that it is in.")]
    contact_id: WireId
    to_email: Annotated[str, Field(description="Fixed when the contact was enrolled.")]
    sender_email: str
    timezone: str
    state: State
    reason: Annotated[Reason | None, Field(description="Why it was paused or ended.")]
    start_step_order: Annotated[
        int | None, Field(description="The step it began with; null where its version has it not.")
    ]
    step_order: Annotated[int, Field(description="The step that comes next, or is under way.")]
    due_at: Annotated[WireTime | None, Field(description="When that step is looked at next.")]
    because: Annotated[Because | None, Field(description="Why then.")]
    waiting_for: Annotated[WaitingFor | None, Field(description="What it waits for, if not time.")]
    enrolled_at: WireTime
    updated_at: WireTime

    @classmethod
    def of(cls, enrollment: Enrollment, **more: object) -> EnrollmentShape:
        start = None if enrollment.start_order == NOT_HERE else enrollment.start_order
        own = {**fields_of(cls, enrollment), "start_step_order": start}
        return cls.model_validate({**own, **more})


class TimelineShape(OurShape):
    """One event. Its facts, such as `taskStepOrder` or `answer`, stand beside the rest."""

    model_config = ConfigDict(extra="allow")

    at: WireTime
    kind: Kind
    step_order: int | None
    reason: str | None

    @classmethod
    def of(cls, event: TimelineEvent) -> TimelineShape:
        facts = {to_camel(name): wire_fact(name, value) for name, value in event.facts.items()}
        return cls.model_validate({**facts, **fields_of(cls, event)})


class EnrollmentWithTimeline(EnrollmentShape):
    timeline: Annotated[list[TimelineShape], Field(description="What happened, oldest first.")]


class StoppedShape(EnrollmentShape):
    in_flight: Annotated[bool, Field(description="Whether an e-mail was being sent just then.")]
    warning: Annotated[
        str | None,
        Field(exclude_if=lambda warning: warning is None, description="Only where it was."),
    ] = None


class TaskShape(Row):
    contact_id: WireId
    enrollment_id: WireId
    step_order: int
    type: TaskType
    priority: TaskPriority
    subject: str
    notes: str | None
    status: TaskStatus
    due_at: WireTime
    reminder_at: WireTime | None
    completed_at: WireTime | None
    owner_id: Annotated[WireId, Field(description="Whose it is, as /crm/v3/owners knows them.")]

    @classmethod
    def of(cls, task: Task, owner_id: int) -> TaskShape:
        return cls.model_validate({**fields_of(cls, task), "owner_id": owner_id})


class MessageShape(Row):
    enrollment_id: WireId
    contact_id: WireId
    step_order: int
    to: str
    subject: Annotated[str | None, Field(description="Known once it was begun to be sent.")]
    message_id: Annotated[str, Field(description="With its angle brackets.")]
    state: MessageState
    reason: Annotated[str | None, Field(description="Why it is held, in doubt, failed, …")]
    send_at: WireTime | None
    sent_at: WireTime | None
    attempts: int

    @classmethod
    def of(cls, message: Message) -> MessageShape:
        return cls.model_validate({**fields_of(cls, message), "to": message.to_email})


class SmtpShape(OurShape):
    """The server behind a sender. Its password is never answered."""

    host: str
    port: int
    security: SmtpSecurity
    username: str | None

    @classmethod
    def of(cls, server: SmtpServer) -> SmtpShape:
        return cls.model_validate(fields_of(cls, server))


class SenderShape(Row):
    user_id: WireId
    email: str
    name: str | None
    aliases: list[str]
    signature: str | None
    daily_cap: Annotated[int, Field(description="E-mails in any 24 hours.")]
    gap_seconds: Annotated[float, Field(description="Least time between two e-mails.")]
    smtp: SmtpShape | None
    connected: Annotated[bool, Field(description="Whether mail goes out as this sender.")]
    trouble: Annotated[str | None, Field(description="What the server last objected to.")]
    trouble_at: WireTime | None
    next_slot_at: Annotated[WireTime, Field(description="When it may send next.")]
    created_at: WireTime
    updated_at: WireTime

    @classmethod
    def of(cls, sender: Sender, connecting: Connecting) -> SenderShape:
        # Where mail is captured, an address of a user needs no server behind it.
        needs_none = connecting.captures and sender.disconnected_at is None
        return cls.model_validate(
            {
                **fields_of(cls, sender),
                "aliases": list(sender.aliases),
                "gap_seconds": sender.gap.total_seconds(),
                "smtp": SmtpShape.of(sender.server) if sender.server else None,
                "connected": needs_none or is_connected(sender),
                # A slot that has come is one that can be had now.
                "next_slot_at": max(sender.next_slot_at, connecting.clock.now()),
            }
        )


def fields_of(shape: type[OurShape], value: object) -> dict[str, object]:
    """What *value* has of the fields that the shape names."""
    return {name: getattr(value, name) for name in shape.model_fields if hasattr(value, name)}


def wire_fact(name: str, value: str | int | None) -> str | int | None:
    return str(value) if isinstance(value, int) and IS_ID.fullmatch(name) else value
