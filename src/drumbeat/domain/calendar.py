"""The calendar: everything that will happen to some enrollments of one sender, and when.

It goes through what the engine would do, instant by instant, and asks the same functions: the
planner when a step falls due, the pace which message may leave. So it is what the engine then
does, to the second, as long as nothing comes in between: a reply, a fault, another enrollment.
What waits for a person has no time, and neither has anything after it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from drumbeat.domain import planner
from drumbeat.domain.pacing import Pace, Slot, Window, share_out
from drumbeat.domain.planner import Because, Block, Upcoming, Way
from drumbeat.domain.sequence import Action, Definition, EmailStep, FinishStep, Step, TaskStep

# As many as the engine takes at a time: it decides who is given which slot.
BATCH = 1000


@dataclass(slots=True, kw_only=True)
class Journey:
    """One enrollment, standing or to be, at the step that comes next for it."""

    number: int
    """Its id, or where it will stand among those that are not enrolled yet."""
    way: Way
    definition: Definition
    order: int
    due_at: datetime | None
    """None where its message is under way."""
    because: Because | None
    tasks_done: dict[int, datetime | None] = field(default_factory=dict)
    is_asked_for: bool = True
    """Whether the calendar shows it; the others only take their places in the sender's pace."""

    @property
    def step(self) -> Step:
        return self.definition.steps[self.order]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that waits for its time or its slot."""

    number: int
    journey: Journey
    send_at: datetime
    because: Because | None
    has_slot: bool
    """Whether its place in the pace is taken."""

    @property
    def window(self) -> Window:
        return Window.of(self.journey.step, self.journey.definition.settings, self.journey.way)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One step of one contact: when it happens and why then, or what it waits for."""

    contact_id: int
    step_order: int
    action: Action
    at: datetime | None
    because: Because | Block | None
    waits_for: tuple[int, ...] = ()
    """The steps whose tasks have to be done first."""


@dataclass(slots=True)
class Calendar:
    """What is planned from *now* on. *pace* has what the sender sent in the last 24 hours."""

    now: datetime
    pace: Pace
    next_number: int = 1
    """What the next message will be known by: they are taken in this order."""
    planned: list[Planned] = field(default_factory=list)
    _due: list[tuple[datetime, int, Journey]] = field(default_factory=list)
    _ahead: list[tuple[datetime, int, Letter]] = field(default_factory=list)
    _waiting: list[Letter] = field(default_factory=list)
    _under_way: int = 0

    def add(self, journey: Journey) -> None:
        """Follow this enrollment, which has a time for its next step."""
        self._under_way += journey.is_asked_for
        self.fall_due(journey)

    def add_scheduled(self, journey: Journey, number: int, send_at: datetime) -> None:
        """Follow this enrollment, whose message is scheduled already and known by *number*."""
        self._under_way += journey.is_asked_for
        self.post(journey, number, send_at, journey.because)

    def add_sent(self, journey: Journey) -> None:
        """Follow this enrollment, whose message is just leaving."""
        self._under_way += journey.is_asked_for
        self.move_on(journey)

    def run(self) -> list[Planned]:
        """Everything up to the end of what was asked for, in the order it happens."""
        while self._under_way and (instant := self.next_instant()) is not None:
            self.now = max(self.now, instant)
            while self.step_all() or self.send_one():
                pass
        return self.planned

    def next_instant(self) -> datetime | None:
        if self._waiting:
            return self.now
        heads = [queue[0][0] for queue in (self._due, self._ahead) if queue]
        return min(heads, default=None)

    def step_all(self) -> bool:
        """One batch of the steps that are due; whether there were any."""
        batch: list[Journey] = []
        while self._due and self._due[0][0] <= self.now and len(batch) < BATCH:
            batch.append(heapq.heappop(self._due)[2])
        for journey in batch:
            self.decide(journey)
        return bool(batch)

    def decide(self, journey: Journey) -> None:
        step, settings = journey.step, journey.definition.settings
        match step:
            case EmailStep():
                send_at, moved_by = planner.put_off(step, settings, journey.way, self.now)
                self.post(journey, self.next_number, send_at, moved_by or journey.because)
                self.next_number += 1
            case FinishStep():
                self.end(journey)
            case TaskStep():
                at, moved_by = planner.put_off(step, settings, journey.way, self.now)
                if moved_by is None:
                    self.note(journey, self.now, journey.because)
                    journey.tasks_done[step.order] = None
                    self.move_on(journey)
                else:
                    journey.due_at, journey.because = at, moved_by
                    self.fall_due(journey)
            case _:
                self.note(journey, self.now, journey.because)
                self.move_on(journey)

    def post(
        self, journey: Journey, number: int, send_at: datetime, because: Because | None
    ) -> None:
        is_ahead = send_at > self.now
        if is_ahead:
            self.pace.take(send_at)
        letter = Letter(
            number=number, journey=journey, send_at=send_at, because=because, has_slot=is_ahead
        )
        self.put(letter)

    def put(self, letter: Letter) -> None:
        heapq.heappush(self._ahead, (letter.send_at, letter.number, letter))

    def send_one(self) -> bool:
        """The one message that may leave now; the others that are due get their slots."""
        self.collect_due()
        if not self._waiting:
            return False
        queue, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        share = share_out(self.pace, [each.window for each in queue], self.now, is_busy=False)
        for position, slot in share.slots:
            self.reslot(queue[position], slot)
        if share.chosen is None:
            return False
        letter = queue[share.chosen]
        self.note(letter.journey, self.now, letter.because)
        self.move_on(letter.journey)
        return True

    def reslot(self, letter: Letter, slot: Slot) -> None:
        if slot.at > self.now:
            because = slot.because or letter.because
            self.put(replace(letter, send_at=slot.at, because=because, has_slot=True))
        else:
            # Its turn is now, after the one that was chosen: it stays as it is.
            self.pace.give_back(slot.at)
            self._waiting.append(letter)

    def collect_due(self) -> None:
        while self._ahead and self._ahead[0][0] <= self.now:
            letter = heapq.heappop(self._ahead)[2]
            if letter.has_slot:
                self.pace.give_back(letter.send_at)
            self._waiting.append(letter)
        self._waiting.sort(key=lambda letter: (letter.send_at, letter.number))

    def move_on(self, journey: Journey) -> None:
        way, done = journey.way, journey.tasks_done
        upcoming = planner.after(journey.definition, journey.order, way, self.now, done)
        journey.order = upcoming.order
        if upcoming.blocked_by is not None:
            self.stop(journey, upcoming)
            return
        upcoming = planner.no_earlier(upcoming, journey.definition, way, self.now)
        journey.due_at, journey.because = upcoming.due_at, upcoming.because
        self.fall_due(journey)

    def fall_due(self, journey: Journey) -> None:
        if journey.due_at is None:
            raise ValueError(f"enrollment {journey.number} has no time to be followed to")
        heapq.heappush(self._due, (journey.due_at, journey.number, journey))

    def stop(self, journey: Journey, upcoming: Upcoming) -> None:
        """From here on it depends on a person: what is left is shown without a time."""
        while not isinstance(journey.step, FinishStep):
            self.note(journey, None, upcoming.blocked_by, upcoming.waits_for)
            journey.order += 1
        self.end(journey)

    def end(self, journey: Journey) -> None:
        self._under_way -= journey.is_asked_for

    def note(
        self,
        journey: Journey,
        at: datetime | None,
        because: Because | Block | None,
        waits_for: tuple[int, ...] = (),
    ) -> None:
        step = journey.step
        if not journey.is_asked_for or step.action not in (Action.EMAIL, Action.TASK):
            return
        planned = Planned(
            contact_id=journey.way.contact_id,
            step_order=step.order,
            action=step.action,
            at=at,
            because=because,
            waits_for=waits_for,
        )
        self.planned.append(planned)


def last_first_email_at(planned: Iterable[Planned]) -> datetime | None:
    """When the last contact gets the first e-mail; None where nobody gets one, or somebody's
    first one has no time."""
    first: dict[int, Planned] = {}
    for each in planned:
        if each.action is Action.EMAIL:
            before = first.setdefault(each.contact_id, each)
            if each.step_order < before.step_order:
                first[each.contact_id] = each
    times = [each.at for each in first.values()]
    return max((at for at in times if at is not None), default=None) if all(times) else None
