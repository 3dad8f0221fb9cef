"""Why an enrollment is where it is: its past steps, and the gates before its next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from drumbeat.clock import Clock
from drumbeat.domain import planner
from drumbeat.domain.enrollment import Enrollment, State, StepExecution, WaitingFor
from drumbeat.domain.explanation import Explanation, NextStep, next_step, past_steps, undecidable
from drumbeat.domain.gates import Mail, Shut, Standing
from drumbeat.domain.message import Message, MessageState
from drumbeat.domain.planner import Because, TasksDone, Way
from drumbeat.domain.sender import Sender
from drumbeat.domain.sequence import Definition, EmailContent, EmailStep
from drumbeat.domain.timeline import TimelineEvent
from drumbeat.services.enrolling import starts_at_resume, suited
from drumbeat.services.queueing import turn_of
from drumbeat.services.sending import Draft, Held, Sending, template_of
from drumbeat.services.ways import way_of
from drumbeat.store import (
    contacts,
    enrollments,
    messages,
    senders,
    sequences,
    suppressions,
    tasks,
    timeline,
    users,
)
from drumbeat.store.database import Database, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """An enrollment with all that there is to tell of it, as it was at one moment."""

    enrollment: Enrollment
    timeline: list[TimelineEvent]
    explanation: Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Explaining:
    database: Database
    clock: Clock
    sending: Sending

    def explain(self, account_id: int, enrollment_id: int) -> Explained:
        """What happened to an enrollment and why, and what its next step waits for.

        Raises NotFound. Whatever the row holds, there is an answer.
        """
        now = self.clock.now()
        with self.database.reading() as tx:
            enrollment = enrollments.get(tx, account_id, enrollment_id)
            events = timeline.of_enrollment(tx, account_id, enrollment_id)
            ran = enrollments.executions(tx, account_id, enrollment_id)
            definitions = definitions_of(tx, enrollment, ran)
            done = tasks.done_by_step(tx, [enrollment]).get(enrollment_id, {})
            way: Way | None = None
            standing: Standing | NextStep | None = None
            try:
                way = way_of(tx, enrollment)
                if not enrollment.state.is_final:
                    definition = definitions[enrollment.version]
                    standing = self.standing(tx, enrollment, definition, way, done, now)
            # What the worker sets a row aside for.
            except (ArithmeticError, LookupError, TypeError, ValueError) as fault:
                standing = undecidable(enrollment, fault)
        past = past_steps(ran, definitions, way, {enrollment.version: done})
        explanation = Explanation(past=past, next=self.judged(standing))
        return Explained(enrollment=enrollment, timeline=events, explanation=explanation)

    def standing(
        self,
        tx: Tx,
        enrollment: Enrollment,
        definition: Definition,
        way: Way,
        done: TasksDone,
        now: datetime,
    ) -> Standing:
        step = definition.steps[enrollment.step_order]
        message, mail = None, None
        if isinstance(step, EmailStep):
            message = messages.find_under_way(tx, enrollment)
            mail = self.mail(tx, enrollment, step, way, message, now)
        due_at, because = time_of(enrollment, message)
        earliest = due_at or earliest_of(enrollment, definition, way, done, now)
        return Standing(
            now=now,
            enrollment=enrollment,
            definition=definition,
            way=way,
            done=done,
            due_at=due_at,
            because=because,
            earliest=earliest,
            mail=mail,
        )

    def mail(
        self,
        tx: Tx,
        enrollment: Enrollment,
        step: EmailStep,
        way: Way,
        message: Message | None,
        now: datetime,
    ) -> Mail:
        account_id, email = enrollment.account_id, enrollment.to_email
        contact = contacts.find(tx, account_id, enrollment.contact_id)
        sender = senders.get(tx, account_id, enrollment.sender_id)
        turn = turn_of(tx, enrollment, message, sender, now)
        template_id = message.template_id if message else template_for(step, way)
        return Mail(
            message=message,
            contact=contact,
            suppression=suppressions.among(tx, account_id, [email]).get(email),
            sender=sender,
            pace=turn.pace,
            is_next=turn.is_next,
            server=None,
            content=shut_in(lambda: self.write(tx, enrollment, step.order, sender, template_id)),
        )

    def write(
        self, tx: Tx, enrollment: Enrollment, step_order: int, sender: Sender, template_id: int
    ) -> None:
        """Write the e-mail as it would be sent, to see what it lacks. Raises Held for that."""
        account_id = enrollment.account_id
        people = contacts.many(tx, account_id, [enrollment.contact_id])
        draft = Draft(
            contact=people[enrollment.contact_id],
            user=users.get(tx, account_id, enrollment.user_id),
            sender=sender,
            template=template_of(tx, enrollment, step_order, template_id),
        )
        self.sending.rendered(enrollment, draft)

    def judged(self, standing: Standing | NextStep | None) -> NextStep | None:
        if not isinstance(standing, Standing):
            return standing
        mail = standing.mail
        if mail is not None:
            # It reads for itself, and so comes when the other reading has ended.
            sender = mail.sender
            server = shut_in(lambda: self.sending.server_for(sender))
            standing = replace(standing, mail=replace(mail, server=server))
        return next_step(standing)


def definitions_of(
    tx: Tx, enrollment: Enrollment, ran: Iterable[StepExecution]
) -> dict[int, Definition]:
    """What the enrollment's version says, and each in which it has run a step."""
    numbers = {enrollment.version, *(each.version for each in ran)}
    keys = [(enrollment.account_id, enrollment.sequence_id, number) for number in numbers]
    found = sequences.versions(tx, keys)
    return {version: definition for (_, _, version), definition in found.items()}


def time_of(
    enrollment: Enrollment, message: Message | None
) -> tuple[datetime | None, Because | None]:
    """The time that is written for the step, and why then; None where it has none."""
    if enrollment.state is not State.EXECUTING:
        return None, None
    if message is not None and message.state is MessageState.SCHEDULED:
        return message.send_at, message.because
    return enrollment.due_at, enrollment.because if enrollment.due_at else None


def earliest_of(
    enrollment: Enrollment, definition: Definition, way: Way, done: TasksDone, now: datetime
) -> datetime:
    """When a step without a time would be due, if what it waits for happened now."""
    order = enrollment.step_order
    is_paused = enrollment.state is State.PAUSED
    if enrollment.waiting_for is WaitingFor.MESSAGE or enrollment.remaining is not None:
        return suited(definition, enrollment, way, now)
    base = now if is_paused and starts_at_resume(definition, order) else enrollment.base_at
    all_done = {**done, **dict.fromkeys(planner.undone_before(definition, order, done), now)}
    upcoming = planner.reach(definition, order, way, base, all_done)
    # Nothing is left that it could wait for without a time.
    return planner.no_earlier(upcoming, definition, way, now).due_at or now


def template_for(step: EmailStep, way: Way) -> int:
    content = planner.content_for(step, way)
    if not isinstance(content, EmailContent):
        raise TypeError(f"step {step.order} of an e-mail kind has no e-mail content")
    return content.template_id


def shut_in(attempt: Callable[[], object]) -> Shut | None:
    """What would hold an e-mail, as the attempt itself finds it."""
    try:
        attempt()
    except Held as held:
        return held.shut
    return None
