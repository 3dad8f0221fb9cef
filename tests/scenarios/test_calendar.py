"""What the calendar says is what the engine then does, to the second."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drumbeat.domain.holidays import HolidayCalendar, HolidayScope, Region
from drumbeat.domain.planner import Because, Block
from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.domain.sequence import SequenceSettings, Step
from drumbeat.errors import AlreadyEnrolled, Invalid, Refused
from drumbeat.services.batch_enrolling import Wanted
from drumbeat.services.planning import Asked, Foreseen
from drumbeat.store import holiday_calendars
from drumbeat.store.tables import enrollments, step_executions
from tests.databases import PostgresDatabases, SqliteDatabases
from tests.wall_clock import at, shown
from tests.world import OFFICE_HOURS, World

Happening: TypeAlias = tuple[int, int, datetime, str | None]
"""Contact, step, instant, and because of what."""

ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
# Nights on which the clocks change stand between these days and a month later.
STARTS = ("Thu 2026-03-05 09:30", "Tue 2026-03-24 17:55", "Wed 2026-10-21 03:00")
DELAYS = (0, 0.02, 0.25, 1, 1.4, 2, 3)


@dataclass(frozen=True)
class Plot:
    """A sequence, as random as it may be."""

    kinds: tuple[tuple[str, float], ...]
    settings: SequenceSettings
    waits: bool

    def sequence(self, world: World) -> int:
        steps = [step_of(world, kind, delay) for kind, delay in self.kinds]
        tasks = [order for order, (kind, _) in enumerate(self.kinds) if kind == "task"]
        waits = ((tasks[-1], tasks[-1] + 1),) if self.waits and tasks else ()
        return world.sequence(*steps, settings=self.settings, waits=waits)


def step_of(world: World, kind: str, delay: float) -> Step:
    return world.email(delay) if kind == "email" else world.task(delay)


windows = st.tuples(st.integers(0, 1440), st.integers(0, 1440)).map(sorted)
sequence_settings = st.builds(
    lambda window, days, minute: replace(
        OFFICE_HOURS, window=SendWindow(*window), days=days, task_creation_minute=minute
    ),
    windows,
    st.sampled_from(EligibleDays),
    st.integers(0, 1439),
)
steps = st.lists(
    st.tuples(st.sampled_from(["email", "email", "task"]), st.sampled_from(DELAYS)),
    min_size=1,
    max_size=4,
)
plots = st.builds(Plot, steps.map(tuple), sequence_settings, st.booleans())
holidays = st.builds(
    HolidayCalendar,
    regions=st.sampled_from([(), (Region(country="DE", part="BY"),), (Region(country="US"),)]),
    dates=st.frozensets(st.dates(date(2026, 3, 5), date(2026, 12, 1)), max_size=20),
)


@dataclass(frozen=True)
class Story:
    start: str
    standing: Plot
    asked: Plot
    people: tuple[int, int]
    cap: int
    gap_seconds: int
    pause_hours: int
    calendars: dict[HolidayScope, HolidayCalendar]
    timezone: str
    start_at_hours: int | None
    start_order: int


stories = st.builds(
    Story,
    start=st.sampled_from(STARTS),
    standing=plots,
    asked=plots,
    people=st.tuples(st.integers(0, 5), st.integers(1, 7)),
    cap=st.integers(1, 12),
    gap_seconds=st.sampled_from([0, 1, 30, 600, 7200]),
    pause_hours=st.integers(0, 90),
    calendars=st.dictionaries(st.sampled_from(HolidayScope), holidays, max_size=3),
    timezone=st.sampled_from(ZONES),
    start_at_hours=st.none() | st.integers(0, 100),
    start_order=st.integers(0, 3),
)


def play(url: str, data: Path, story: Story) -> tuple[list[Happening], list[Happening]]:
    """What was foreseen, and what then happened."""
    world = World.on(url, data, start=at(story.start))
    with closing(world.engine):
        world.connect(daily_cap=story.cap, gap=timedelta(seconds=story.gap_seconds))
        sequence_id = story.asked.sequence(world)
        keep_holidays(world, story, sequence_id)
        standing, asked = story.people
        enroll(world, story.standing.sequence(world), people(world, "standing", standing))
        world.advance(hours=story.pause_hours)
        contact_ids = people(world, "asked", asked)
        begins = Asked(
            sequence_id=sequence_id,
            contact_ids=contact_ids,
            sender_email="rep@example.com",
            timezone=story.timezone,
            start_order=min(story.start_order, len(story.asked.kinds)),
            start_at=start_of(world, story),
        )
        foreseen = world.engine.planning.calendar(world.account_id, world.user_id, begins)
        enroll(world, sequence_id, contact_ids, begins)
        for _ in range(4):
            world.advance(days=200)
        return in_order(times_of(foreseen)), in_order(happened(world, contact_ids))


def start_of(world: World, story: Story) -> datetime | None:
    if story.start_at_hours is None:
        return None
    return world.clock.now() + timedelta(hours=story.start_at_hours)


def people(world: World, kind: str, count: int) -> list[int]:
    return [world.contact(f"{kind}{number}@example.org") for number in range(count)]


def keep_holidays(world: World, story: Story, sequence_id: int) -> None:
    owners = {
        HolidayScope.ACCOUNT: 0,
        HolidayScope.USER: world.user_id,
        HolidayScope.SEQUENCE: sequence_id,
    }
    now = world.clock.now()
    with world.engine.database.transaction() as tx:
        for scope, calendar in story.calendars.items():
            holiday_calendars.put(tx, world.account_id, (scope, owners[scope]), calendar, now)


def enroll(
    world: World, sequence_id: int, contact_ids: list[int], begins: Asked | None = None
) -> None:
    wanted = {
        position: Wanted(
            sequence_id=sequence_id,
            contact_id=contact_id,
            sender_email="rep@example.com",
            timezone=begins.timezone if begins else ZONES[position % len(ZONES)],
            start_order=begins.start_order if begins else 0,
            start_at=begins.start_at if begins else None,
        )
        for position, contact_id in enumerate(contact_ids)
    }
    with world.engine.writing():
        done = world.engine.batch_enrolling.enroll_all(world.account_id, world.user_id, wanted)
    assert done.refusals == {}


def times_of(foreseen: Foreseen) -> Iterable[Happening]:
    for each in foreseen.planned:
        if each.at is not None:
            yield each.contact_id, each.step_order, each.at, each.because


def happened(world: World, contact_ids: list[int]) -> Iterable[Happening]:
    """The steps that were executed, but for the last, which is the finish."""
    executed, enrolled = step_executions.c, enrollments.c
    statement = (
        sa.select(enrolled.contact_id, executed.step_order, executed.executed_at, executed.because)
        .join_from(step_executions, enrollments, executed.enrollment_id == enrolled.id)
        .where(
            enrolled.contact_id.in_(contact_ids),
            sa.or_(enrolled.state != "FINISHED", executed.step_order != enrolled.step_order),
        )
    )
    with world.engine.database.reading() as tx:
        yield from (tuple(row) for row in tx.execute(statement))


def in_order(happenings: Iterable[Happening]) -> list[Happening]:
    return sorted(happenings, key=lambda each: each[:2])


@given(story=stories)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_the_calendar_is_what_then_happens(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory, story: Story
) -> None:
    with sqlite_databases.fresh() as url:
        foreseen, happened = play(url, tmp_path_factory.getbasetemp(), story)

    assert foreseen == happened


@given(story=stories)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_the_calendar_is_what_then_happens_on_postgresql_too(
    postgresql_databases: PostgresDatabases,
    tmp_path_factory: pytest.TempPathFactory,
    story: Story,
) -> None:
    with postgresql_databases.fresh() as url:
        foreseen, happened = play(url, tmp_path_factory.getbasetemp(), story)

    assert foreseen == happened


def foresee(world: World, sequence_id: int, contact_ids: list[int], **more: object) -> Foreseen:
    asked = Asked(sequence_id=sequence_id, contact_ids=contact_ids, sender_email="rep@example.com")
    return world.engine.planning.calendar(
        world.account_id,
        world.user_id,
        replace(asked, **more),  # type: ignore[arg-type]
    )


def told(foreseen: Foreseen) -> list[tuple[int, str | None, str | None]]:
    return [
        (each.step_order, shown(each.at) if each.at else None, each.because)
        for each in foreseen.planned
    ]


def test_it_says_when_each_step_happens_and_why_then(world: World) -> None:
    sequence_id = world.sequence(world.email(), world.task(1), world.email(0.5))

    foreseen = foresee(world, sequence_id, [world.contact()])

    first, second, third = told(foreseen)
    assert first == (0, "Mon 2026-03-02 10:00", Because.AT_ONCE)
    assert second == (1, "Tue 2026-03-03 08:00", Because.TASK_MINUTE)
    assert (third[0], third[2]) == (2, Because.WINDOW)
    assert third[1] is not None
    assert third[1].startswith("Wed 2026-03-04 08:")


def test_nothing_is_kept(world: World) -> None:
    foresee(world, world.sequence(world.email()), [world.contact()])
    world.advance(days=3)

    assert world.messages() == []
    assert world.sent() == []


def test_what_waits_for_a_task_has_no_time_and_says_what_it_waits_for(world: World) -> None:
    sequence_id = world.sequence(world.task(), world.email(1), world.email(1), waits=((0, 1),))

    foreseen = foresee(world, sequence_id, [world.contact()])

    assert told(foreseen)[1:] == [(1, None, Block.TASK), (2, None, Block.TASK)]
    assert foreseen.planned[1].waits_for == (0,)
    assert foreseen.last_first_email_at is None


def test_what_waits_for_someone_to_press_on_has_no_time_either(world: World) -> None:
    sequence_id = world.sequence(world.email(), world.email(1), pauses=((0, 1),))

    foreseen = foresee(world, sequence_id, [world.contact()])

    assert told(foreseen)[1:] == [(1, None, Block.PERSON)]


def test_the_cap_spreads_first_emails_over_days_and_the_last_is_told(world: World) -> None:
    world.connect(daily_cap=2)
    contact_ids = people(world, "person", 5)

    foreseen = foresee(world, world.sequence(world.email()), contact_ids)

    assert [each[1] for each in told(foreseen)] == [
        "Mon 2026-03-02 10:00",
        "Mon 2026-03-02 10:00",
        "Tue 2026-03-03 10:00",
        "Tue 2026-03-03 10:00",
        "Wed 2026-03-04 10:00",
    ]
    assert foreseen.planned[-1].because is Because.SENDER_CAP
    assert foreseen.last_first_email_at == at("Wed 2026-03-04 10:00")


def test_who_goes_ahead_takes_a_place_and_is_not_shown(world: World) -> None:
    world.connect(daily_cap=2)
    first, second, third = people(world, "person", 3)

    foreseen = foresee(world, world.sequence(world.email()), [third], ahead=[first, second])

    assert told(foreseen) == [(0, "Tue 2026-03-03 10:00", Because.SENDER_CAP)]


def test_pieces_with_those_before_them_ahead_are_the_whole_calendar(world: World) -> None:
    world.connect(daily_cap=3, gap=timedelta(minutes=7))
    sequence_id = world.sequence(world.email(), world.email(1))
    contact_ids = people(world, "person", 9)

    whole = foresee(world, sequence_id, contact_ids).planned
    head = foresee(world, sequence_id, contact_ids[:4]).planned
    tail = foresee(world, sequence_id, contact_ids[4:], ahead=contact_ids[:4]).planned

    tail_ids = set(contact_ids[4:])
    assert tail == [each for each in whole if each.contact_id in tail_ids]
    assert {each.contact_id for each in head} == set(contact_ids[:4])


def test_a_message_that_is_held_is_left_out_of_the_pace(world: World) -> None:
    world.connect(daily_cap=1)
    needs_name = world.template("Hi {{ contact.firstname }}")
    world.enroll(world.sequence(world.email(template=needs_name)))
    world.advance(minutes=1)

    foreseen = foresee(world, world.sequence(world.email()), [world.contact("b@example.org")])

    assert told(foreseen) == [(0, "Mon 2026-03-02 10:01", Because.AT_ONCE)]


def test_who_cannot_be_enrolled_is_named_and_the_others_are_shown(world: World) -> None:
    sequence_id = world.sequence(world.task(), world.email(3))
    busy, free = people(world, "person", 2)
    world.enroll(sequence_id, busy)

    foreseen = foresee(world, sequence_id, [busy, free, 77])

    assert {each.contact_id for each in foreseen.planned} == {free}
    assert isinstance(foreseen.refusals[0], AlreadyEnrolled)
    assert str(foreseen.refusals[2]) == "there is no contact 77"


def test_too_many_are_refused_with_the_way_to_have_all_of_them(world: World) -> None:
    with pytest.raises(Invalid, match=r"at most 1,000 contacts at a time.*10,000.*as `ahead`"):
        foresee(world, world.sequence(world.email()), list(range(10_000)))


def test_a_start_in_the_past_is_refused_once_and_not_for_each(world: World) -> None:
    with pytest.raises(Invalid, match="cannot begin so"):
        foresee(
            world,
            world.sequence(world.email()),
            [world.contact()],
            start_at=at("Sun 2026-03-01 10:00"),
        )


def test_a_sender_that_is_nobodys_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="no connected inboxes"):
        foresee(world, world.sequence(world.email()), [world.contact()], sender_email="x@y.example")


def test_a_damaged_row_of_the_sender_does_not_keep_the_calendar_from_being_made(
    world: World,
) -> None:
    world.damage(enrollment_id=world.enroll(world.sequence(world.task(), world.email(3))))

    foreseen = foresee(world, world.sequence(world.email()), [world.contact("b@example.org")])

    assert len(foreseen.planned) == 1
