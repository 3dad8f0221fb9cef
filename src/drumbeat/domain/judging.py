"""What the engine will find at each gate of an enrollment's next step.

Each gate is judged by itself, so that everything that keeps a step back is seen at once: as it
is now, or at the instant the step is due if that is still to come, with all else as it stands.
What decides is what the engine asks as well, the planner and the sender's pace; here it is put
side by side and into words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from drumbeat.domain import planner, reasons, wording
from drumbeat.domain.enrollment import Reason, State
from drumbeat.domain.gates import Gate, Judged, Mail, Shut, Standing, Verdict, address_shut
from drumbeat.domain.message import (
    ADDRESS_CHANGED,
    CONTACT_DELETED,
    MISSING_TOKEN,
    SENDER_NOT_CONNECTED,
    TEMPLATE_INVALID,
    TEMPLATE_MISSING,
    MessageState,
)
from drumbeat.domain.pacing import Window
from drumbeat.domain.planner import Because
from drumbeat.domain.sequence import EmailStep, TaskStep

PAUSES: Mapping[Reason | None, str] = {
    Reason.BY_HAND: "it is paused, and goes on when somebody resumes it",
    Reason.MANUAL_PAUSE: "the sequence pauses here, until somebody resumes the enrollment",
}
# The facts of the case follow after a colon.
CLOSED: Mapping[str, str] = {
    CONTACT_DELETED: "the contact was archived",
    ADDRESS_CHANGED: "the contact's address is not the one that was enrolled",
    SENDER_NOT_CONNECTED: "the sender is not connected",
    TEMPLATE_MISSING: "the template is not there",
    TEMPLATE_INVALID: "the template cannot be used",
    MISSING_TOKEN: "tokens that have no value, and no default",
}


def judge(standing: Standing) -> tuple[Judged, ...]:
    """Every gate of the step, in the order in which the engine comes to them."""
    judged = [judge_state(standing), judge_tasks(standing), judge_due(standing)]
    if isinstance(standing.step, EmailStep | TaskStep):
        judged.append(judge_window(standing))
    if standing.mail is not None:
        judged += [judge_gate(standing, standing.mail) for judge_gate in OF_MAIL]
    return tuple(judged)


def happens_at(standing: Standing, judged: tuple[Judged, ...]) -> datetime | None:
    """When the step will happen as things stand; None where a gate is closed or has no time."""
    is_closed = any(each.verdict is Verdict.CLOSED for each in judged)
    return None if is_closed else arrives_at(standing)


def judge_state(standing: Standing) -> Judged:
    enrollment = standing.enrollment
    if enrollment.state is State.EXECUTING:
        return Judged(gate=Gate.STATE, verdict=Verdict.OPEN, text="it is on its way")
    return Judged(
        gate=Gate.STATE,
        verdict=Verdict.CLOSED,
        reason=enrollment.reason,
        text=PAUSES.get(enrollment.reason, f"it is {enrollment.state}"),
    )


def judge_tasks(standing: Standing) -> Judged:
    definition, order = standing.definition, standing.enrollment.step_order
    undone = planner.undone_before(definition, order, standing.done)
    if undone:
        return Judged(
            gate=Gate.TASKS,
            verdict=Verdict.WAITS,
            reason="TASK_COMPLETION",
            text=f"it waits until the task of {wording.steps(undone)} is done",
        )
    waits = [dependency.relies_on for dependency in definition.waits_of(order)]
    done = f"the task of {wording.steps(waits)} is done" if waits else "it waits for no task"
    return Judged(gate=Gate.TASKS, verdict=Verdict.OPEN, text=done)


def judge_due(standing: Standing) -> Judged:
    if standing.due_at is None:
        return judge_timeless(standing)
    is_due = standing.due_at <= standing.now
    text = f"it {'was' if is_due else 'is'} due on {standing.shown(standing.due_at)}"
    if standing.because is not None:
        tell = reasons.sentence_of_past if is_due else reasons.sentence_of
        step, definition, way = standing.step, standing.definition, standing.way
        told = tell(standing.because, step, definition, way, due_at=standing.due_at)
        text = f"its time has come: {told}" if is_due else f"{text}: {told}"
    return Judged(
        gate=Gate.DUE,
        verdict=Verdict.OPEN if is_due else Verdict.WAITS,
        reason=standing.because,
        at=None if is_due else standing.due_at,
        text=text,
    )


def judge_timeless(standing: Standing) -> Judged:
    """A step that has no time: because its time has come already, or because of another gate."""
    mail = standing.mail
    is_on_its_way = standing.enrollment.state is State.EXECUTING
    if is_on_its_way and mail is not None and mail.message is not None:
        text = "its time has come, and an e-mail was made for it"
        return Judged(gate=Gate.DUE, verdict=Verdict.OPEN, text=text)
    what = "its task is done" if is_on_its_way else "the enrollment goes on"
    return Judged(
        gate=Gate.DUE,
        verdict=Verdict.WAITS,
        text=f"it gets a time once {what}; if that were now: {standing.shown(standing.earliest)}",
    )


def judge_window(standing: Standing) -> Judged:
    """Of a task only the day is asked about: it is made at any hour."""
    moment = standing.moment
    if planner.goes_at_once(standing.step, standing.way):
        text = "the step that an enrollment begins with goes at once, at any hour"
        return Judged(gate=Gate.WINDOW, verdict=Verdict.OPEN, text=text)
    at, moved_by = put_off(standing)
    if moved_by is None:
        text = f"it may happen on {standing.shown(moment)}: {allowed(standing)}"
        return Judged(gate=Gate.WINDOW, verdict=Verdict.OPEN, text=text)
    cause = "that is a holiday"
    if moved_by is not Because.HOLIDAY:
        cause = f"it may happen {allowed(standing)}"
    text = (
        f"not on {standing.shown(moment)}: {cause}; it is looked at again on {standing.shown(at)}"
    )
    return Judged(gate=Gate.WINDOW, verdict=Verdict.WAITS, reason=moved_by, at=at, text=text)


def allowed(standing: Standing) -> str:
    settings, zone = standing.definition.settings, standing.way.zone
    if isinstance(standing.step, EmailStep):
        return wording.hours(settings.window, settings.days, zone)
    return f"{wording.DAYS_IN_WORDS[settings.days]}, {zone.key}"


def judge_message(standing: Standing, mail: Mail) -> Judged:
    message = mail.message
    if message is None:
        text = "its e-mail is made when it is due"
        return Judged(gate=Gate.MESSAGE, verdict=Verdict.OPEN, text=text)
    match message.state:
        case MessageState.HELD:
            verdict, text = (
                Verdict.CLOSED,
                "it is held, until its cause is mended and it is retried",
            )
        case MessageState.IN_DOUBT:
            verdict, text = Verdict.CLOSED, "it may be out already, and is in doubt until settled"
        case MessageState.SENDING:
            verdict, text = Verdict.WAITS, "it is being sent"
        case MessageState.SCHEDULED if is_in_hands(standing, mail):
            verdict, text = Verdict.WAITS, "a worker is about to hand it over"
        case MessageState.CANCELLED:
            verdict, text = Verdict.OPEN, "the pause took it back, and its end schedules it again"
        case _:
            verdict, text = Verdict.OPEN, f"it is {message.state}"
    reason = None if verdict is Verdict.OPEN else message.state.upper()
    why = f" ({message.reason})" if verdict is Verdict.CLOSED and message.reason else ""
    at = message.claimed_until if verdict is Verdict.WAITS else None
    return Judged(gate=Gate.MESSAGE, verdict=verdict, reason=reason, at=at, text=f"{text}{why}")


def judge_address(standing: Standing, mail: Mail) -> Judged:
    to_email = standing.enrollment.to_email
    shut = address_shut(standing.enrollment, mail.contact)
    if shut is None and mail.suppression is not None:
        text = f"{to_email} is not to be mailed ({mail.suppression}); that ends the enrollment"
        return closed(Gate.ADDRESS, standing, mail.suppression, text)
    return open_or_closed(Gate.ADDRESS, standing, shut, f"it goes to {to_email}")


def judge_sender(standing: Standing, mail: Mail) -> Judged:
    sender, free_at = mail.sender, mail.sender.next_slot_at
    if mail.server is None and sender.trouble is not None and free_at > standing.moment:
        return Judged(
            gate=Gate.SENDER,
            verdict=Verdict.WAITS,
            reason="RESTING",
            at=free_at,
            text=f"{sender.email} rests until {standing.shown(free_at)}, because its server said "
            f"or did: {sender.trouble}",
        )
    trouble = f"; its server last said or did: {sender.trouble}" if sender.trouble else ""
    text = f"{sender.email} is connected{trouble}"
    return open_or_closed(Gate.SENDER, standing, mail.server, text)


def judge_cap(standing: Standing, mail: Mail) -> Judged:
    if is_in_hands(standing, mail):
        return Judged(gate=Gate.CAP, verdict=Verdict.OPEN, text="it has its place")
    asked = put_off(standing)[0]
    free_at, cap = mail.pace.under_cap(asked), mail.pace.daily_cap
    used = f"{mail.pace.used(asked):,} of {wording.counted(cap, 'place')} in 24 hours are taken"
    if free_at == asked:
        return Judged(gate=Gate.CAP, verdict=Verdict.OPEN, text=used)
    return Judged(
        gate=Gate.CAP,
        verdict=Verdict.WAITS,
        reason=Because.SENDER_CAP,
        at=free_at,
        text=f"{used}; the next is free on {standing.shown(free_at)}",
    )


def judge_gap(standing: Standing, mail: Mail) -> Judged:
    if is_in_hands(standing, mail):
        return Judged(gate=Gate.GAP, verdict=Verdict.OPEN, text="it is its turn")
    pace, asked = mail.pace, put_off(standing)[0]
    gap = f"{wording.length(pace.gap)} between two e-mails" if pace.gap else "no gap is kept"
    rests = mail.sender.trouble is not None and pace.free_from == mail.sender.next_slot_at
    is_free = rests or pace.free_from <= asked
    keeps_gap = pace.clear_of_past(asked) if mail.is_next else pace.between_gaps(asked) == asked
    if is_free and keeps_gap:
        return Judged(gate=Gate.GAP, verdict=Verdict.OPEN, text=gap)
    slot = slot_at(standing, mail)
    return Judged(
        gate=Gate.GAP,
        verdict=Verdict.WAITS,
        reason=Because.SENDER_GAP,
        at=slot,
        text=f"other e-mails of {mail.sender.email} leave before it ({gap}); its turn is "
        f"on {standing.shown(slot)}",
    )


def judge_content(standing: Standing, mail: Mail) -> Judged:
    return open_or_closed(Gate.CONTENT, standing, mail.content, "every token has a value")


OF_MAIL: tuple[Callable[[Standing, Mail], Judged], ...] = (
    judge_message,
    judge_address,
    judge_sender,
    judge_cap,
    judge_gap,
    judge_content,
)


def open_or_closed(gate: Gate, standing: Standing, shut: Shut | None, text: str) -> Judged:
    if shut is None:
        return Judged(gate=gate, verdict=Verdict.OPEN, text=text)
    facts = ", ".join(fact for fact in shut.facts.values() if fact)
    told = CLOSED.get(shut.reason, shut.reason)
    return closed(gate, standing, shut.reason, f"{told}: {facts}" if facts else told)


def closed(gate: Gate, standing: Standing, reason: str, text: str) -> Judged:
    at = arrives_at(standing)
    return Judged(gate=gate, verdict=Verdict.CLOSED, reason=reason, at=at, text=text)


def arrives_at(standing: Standing) -> datetime | None:
    """When the step comes to its last gate, as things stand; None where nobody can know."""
    if judge_state(standing).verdict is Verdict.CLOSED:
        return None
    if standing.mail is None:
        return None if standing.due_at is None else put_off(standing)[0]
    message = judge_message(standing, standing.mail)
    if message.verdict is not Verdict.OPEN:
        return message.at
    return None if standing.due_at is None else slot_at(standing, standing.mail)


def slot_at(standing: Standing, mail: Mail) -> datetime:
    """When the sender gets to this e-mail, from its due time on."""
    asked, window = put_off(standing)[0], window_of(standing)
    if mail.is_next and mail.pace.may_send(asked, window):
        return asked
    return mail.pace.next_slot(asked, window.opening).at


def put_off(standing: Standing) -> tuple[datetime, Because | None]:
    """When the step is first tried, and why not when it is due: an e-mail gets a time in its
    window when it is made, and when it is found outside of it."""
    moment, mail = standing.moment, standing.mail
    if mail is None or mail.message is None:
        settings = standing.definition.settings
        return planner.put_off(standing.step, settings, standing.way, moment)
    window = window_of(standing)
    at, usual = window.opening(moment), window.usual_opening
    if at == moment:
        return at, None
    is_holiday = usual is not None and usual(moment) != at
    return at, Because.HOLIDAY if is_holiday else Because.WINDOW


def window_of(standing: Standing) -> Window:
    return Window.of(standing.step, standing.definition.settings, standing.way)


def is_in_hands(standing: Standing, mail: Mail) -> bool:
    """Whether a worker has the e-mail already, which had its turn then."""
    until = mail.message.claimed_until if mail.message else None
    return until is not None and until > standing.now
