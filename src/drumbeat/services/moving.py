"""What moving one enrollment to another version does to it.

Decided from values alone: `migrating` writes the decision, and a dry run only shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from drumbeat.domain import migration, planner
from drumbeat.domain.edited_email import EditedEmail
from drumbeat.domain.enrollment import Enrollment, State, WaitingFor
from drumbeat.domain.message import Message, MessageState, message_id_for
from drumbeat.domain.migration import NOT_HERE, Past, Place
from drumbeat.domain.planner import Because, Block, Upcoming, Way
from drumbeat.domain.sequence import EmailContent, EmailStep, Step
from drumbeat.domain.timeline import Kind, TimelineEvent
from drumbeat.services.advancing import Advance, arrive, event
from drumbeat.services.move_cases import Case
from drumbeat.store.moves import Placed

# While it is not known whether these went out, it is not known what the enrollment has had.
UNKNOWN = {
    MessageState.SENDING: "an e-mail of it is being sent; run this again later",
    MessageState.IN_DOUBT: "an e-mail of it is in doubt; settle it and run this again",
}
# These wait, and can still be another e-mail, or none. What a pause took back comes with its end.
WAITING = {
    State.EXECUTING: (MessageState.SCHEDULED, MessageState.HELD),
    State.PAUSED: (MessageState.CANCELLED, MessageState.HELD),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What becomes of one enrollment; of one that stays, only why."""

    before: Enrollment
    to_version: int
    reason: str
    due_before: datetime | None
    after: Enrollment | None = None
    due_after: datetime | None = None
    changes: tuple[str, ...] = ()
    under_way: Message | None = None
    """Its e-mail that waits to be sent."""
    rewritten: Message | None = None
    """What that e-mail is there; None where there is none at the step it goes on at."""
    discarded: tuple[int, ...] = ()
    """Messages taken back when it was last in that version, in the way of new ones."""
    tasks: tuple[Placed, ...] = ()
    messages: tuple[Placed, ...] = ()
    edited: tuple[EditedEmail, ...] = ()
    events: tuple[TimelineEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The step at which it goes on there, and when that is due."""

    place: Place
    step: Step
    way: Way
    upcoming: Upcoming

    @property
    def is_blocked(self) -> bool:
        return self.upcoming.blocked_by is Block.TASK


def decide(case: Case, now: datetime) -> Move:
    """What moving it now would do."""
    for message in case.messages:
        if message.state in UNKNOWN:
            return stays(case, UNKNOWN[message.state])
    past = case.past()
    arrival = arrival_of(case, past)
    under_way = waiting_message(case)
    rewritten = rewrite(case, arrival, under_way, now) if under_way else None
    advance = onward(case, arrival, rewritten, now)
    move = Move(
        before=case.enrollment,
        to_version=case.route.to_version,
        reason=arrival.place.reason,
        due_before=due_of(case.enrollment, under_way),
        after=advance.enrollment,
        due_after=due_of(advance.enrollment, rewritten),
        under_way=under_way,
        rewritten=rewritten,
        discarded=tuple(
            each.id
            for each in case.messages
            if case.is_there(each) and each.state is MessageState.CANCELLED
        ),
        tasks=tuple(placed(case, row.id, order) for row, order in case.carried(case.tasks)),
        messages=tuple(placed(case, row.id, order) for row, order in case.carried(case.sent)),
        edited=tuple(edited_there(case)),
        events=(moved_event(case, advance.enrollment, now), *advance.events),
    )
    return replace(move, changes=tuple(changes_of(case, move, past, arrival)))


def stays(case: Case, reason: str) -> Move:
    return Move(
        before=case.enrollment,
        to_version=case.route.to_version,
        reason=reason,
        due_before=due_of(case.enrollment, case.under_way),
    )


def due_of(enrollment: Enrollment, message: Message | None) -> datetime | None:
    """When something of it is to happen: its step, or the e-mail that it waits for."""
    return enrollment.due_at or (message.send_at if message else None)


def arrival_of(case: Case, past: Past) -> Arrival:
    way = case.ways.of(case.enrollment)
    place = migration.place(case.route, way, case.enrollment.step_order, past)
    way = replace(way, start_order=start_order_there(case, place.order))
    step = case.route.new.steps[place.order]
    return Arrival(place=place, step=step, way=way, upcoming=upcoming_there(case, place.order, way))


def start_order_there(case: Case, order: int) -> int:
    if not case.has_begun:
        return order
    return case.route.alignment.get(case.enrollment.start_order, NOT_HERE)


def upcoming_there(case: Case, order: int, way: Way) -> Upcoming:
    enrollment, definition = case.enrollment, case.route.new
    if case.has_begun:
        upcoming = planner.reach(definition, order, way, enrollment.base_at, case.tasks_done())
    else:
        is_later = enrollment.base_at != enrollment.enrolled_at
        start_at = enrollment.base_at if is_later else None
        upcoming = planner.start(definition, way, enrollment.enrolled_at, start_at)
    if enrollment.because is not Because.RESUMED or not enrollment.due_at or not upcoming.due_at:
        return upcoming
    # A pause has moved it on, and its delay is what was left of it then.
    step = definition.steps[order]
    at = planner.suitable_at(step, definition.settings, way, enrollment.due_at)
    return replace(upcoming, due_at=at, because=Because.RESUMED)


def waiting_message(case: Case) -> Message | None:
    """The e-mail under way, where it has not been lost or taken back for good."""
    message = case.under_way
    is_waiting = message and message.state in WAITING[case.enrollment.state]
    return message if is_waiting else None


def rewrite(case: Case, arrival: Arrival, message: Message, now: datetime) -> Message | None:
    """The e-mail that waits as the one of the step there; None where that sends none yet."""
    step = arrival.step
    if arrival.is_blocked or not isinstance(step, EmailStep):
        return None
    content = planner.content_for(step, arrival.way)
    if not isinstance(content, EmailContent):
        raise TypeError(f"step {step.order} of an e-mail kind has no e-mail content")
    send_at, because = message.send_at, message.because
    if message.state is MessageState.SCHEDULED:
        send_at, because = send_time(case, arrival, step, message, now)
    return replace(
        message,
        version=case.route.to_version,
        step_order=step.order,
        template_id=content.template_id,
        thread_to=content.thread_to,
        # Never the id of what may be sent at the old step, should it come there again.
        message_id=message_id_for(
            case.salt,
            message.enrollment_id,
            case.route.to_version,
            step.order,
            message.generation,
            case.enrollment.sender_email,
        ),
        send_at=send_at,
        because=because,
    )


def send_time(
    case: Case, arrival: Arrival, step: EmailStep, message: Message, now: datetime
) -> tuple[datetime, Because | None]:
    """When the waiting e-mail suits the settings there, and why then."""
    # What the old window held back, the new one may let go; a slot or a retry is not its doing.
    held = None if message.because is Because.WINDOW else message.send_at
    times: list[tuple[datetime, Because | None]] = [(now, Because.AT_ONCE)]
    times += [(at, message.because) for at in (held,) if at]
    times += [(at, arrival.upcoming.because) for at in (arrival.upcoming.due_at,) if at]
    wanted, because = max(times, key=lambda time: time[0])
    at = planner.sendable_at(step, case.route.new.settings, arrival.way, wanted)
    if at == message.send_at:
        return at, message.because
    return at, because if at == wanted else Because.WINDOW


def onward(case: Case, arrival: Arrival, rewritten: Message | None, now: datetime) -> Advance:
    """The enrollment in the other version."""
    order = arrival.place.order
    moved = replace(
        case.enrollment, version=case.route.to_version, start_order=arrival.way.start_order
    )
    if moved.state is State.PAUSED:
        return Advance(paused_there(moved, arrival, rewritten, now))
    if rewritten is not None:
        return Advance(moved.wait(order, now=now, waiting_for=WaitingFor.MESSAGE))
    advance = arrive(
        moved, case.route.new, arrival.way, arrival.upcoming, case.enrollment.base_at, now
    )
    if arrival.is_blocked and case.enrollment.waiting_for is WaitingFor.TASK:
        advance.events.clear()
    return advance


def paused_there(
    moved: Enrollment, arrival: Arrival, rewritten: Message | None, now: datetime
) -> Enrollment:
    """It keeps its pause and what was left of its delay, but waits for a task that is open."""
    waiting_for = WaitingFor.TASK if arrival.is_blocked else None
    return replace(
        moved,
        step_order=arrival.place.order,
        waiting_for=WaitingFor.MESSAGE if rewritten else waiting_for,
        remaining=None if arrival.is_blocked else moved.remaining,
        updated_at=now,
    )


def placed(case: Case, id: int, order: int) -> Placed:
    account_id, version = case.enrollment.account_id, case.route.to_version
    return Placed(account_id=account_id, id=id, version=version, step_order=order)


def edited_there(case: Case) -> Iterator[EditedEmail]:
    for edited in case.edited:
        order = case.route.alignment.get(edited.step_order)
        if order is not None:
            yield replace(edited, step_order=order)


def moved_event(case: Case, after: Enrollment, now: datetime) -> TimelineEvent:
    return event(
        case.enrollment,
        Kind.MOVED_TO_VERSION,
        now,
        step_order=after.step_order,
        from_version=case.route.from_version,
        to_version=case.route.to_version,
        from_step_order=case.enrollment.step_order,
    )


def changes_of(case: Case, move: Move, past: Past, arrival: Arrival) -> Iterator[str]:
    """What is otherwise there for this contact, in sentences."""
    before, order = case.enrollment, arrival.place.order
    if order != before.step_order:
        yield f"goes on at step {order} instead of step {before.step_order}"
    yield from changes_of_waiting(case, move, arrival)
    yield from changes_of_steps(case, past, arrival)
    for edited in case.edited:
        is_to_come = edited.step_order >= before.step_order
        if is_to_come and edited.step_order not in case.route.alignment:
            yield f"what was edited at step {edited.step_order} is lost with that step"


def changes_of_waiting(case: Case, move: Move, arrival: Arrival) -> Iterator[str]:
    before, after = move.due_before, move.due_after
    if before and after and before != after:
        then, instead = (wall(at, arrival.way.zone) for at in (after, before))
        yield f"is due on {then} instead of {instead}, {arrival.way.zone.key}"
    was_waiting = case.enrollment.waiting_for is WaitingFor.TASK
    if arrival.is_blocked and not was_waiting:
        yield f"waits for the task of step {arrival.upcoming.waits_for[0]}"
    if was_waiting and not arrival.is_blocked:
        yield "no longer waits for a task"
    message, rewritten = move.under_way, move.rewritten
    if message and rewritten is None:
        yield f"the e-mail of step {message.step_order} that waits to be sent is cancelled"
    if message and rewritten and message.template_id != rewritten.template_id:
        yield (
            f"the e-mail that waits to be sent is that of template {rewritten.template_id} "
            f"instead of {message.template_id}"
        )


def changes_of_steps(case: Case, past: Past, arrival: Arrival) -> Iterator[str]:
    """Steps that it would have come to and does not, and new ones that it is past already."""
    route, order = case.route, arrival.place.order
    next_order = case.enrollment.step_order
    for old in range(next_order, route.old.finish_order):
        if route.alignment.get(old, NOT_HERE) < order:
            yield f"does not come to step {old} of version {route.from_version} any more"
    had = migration.behind(route, arrival.way, past)
    known = {there for old, there in route.alignment.items()}
    for new in range(order):
        if new not in had and new not in known:
            yield f"does not come to step {new} of version {route.to_version}, which is new"


def wall(at: datetime, zone: ZoneInfo) -> str:
    """The time as the wall in *zone* shows it."""
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}"
