"""One sender's gap and cap, and what comes after an outage."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from drumbeat.domain.enrollment import State
from drumbeat.errors import Refused
from tests.wall_clock import NEW_YORK
from tests.world import SERVER, World


def seconds_between(world: World) -> list[float]:
    times = [email.date for email in world.outbox.sent]
    return [(later - earlier).total_seconds() for earlier, later in pairwise(times)]


def people(world: World, count: int) -> list[int]:
    return [world.contact(f"person{number}@example.org") for number in range(count)]


def test_emails_of_one_sender_leave_30_seconds_apart(world: World) -> None:
    sequence_id = world.sequence(world.email())
    for contact_id in people(world, 5):
        world.enroll(sequence_id, contact_id)

    world.advance(hours=1)

    assert seconds_between(world) == [30, 30, 30, 30]


def test_without_a_gap_they_leave_together(world: World) -> None:
    world.connect(gap=timedelta(0))
    sequence_id = world.sequence(world.task(), world.email(1))
    for contact_id in people(world, 5):
        world.enroll(sequence_id, contact_id)

    world.advance(days=1)

    assert seconds_between(world) == [0, 0, 0, 0]


def test_at_the_cap_hubspots_route_refuses_the_next(world: World) -> None:
    world.connect(daily_cap=2, gap=timedelta(0))
    sequence_id = world.sequence(world.email())
    first, second, third = people(world, 3)
    world.enroll(sequence_id, first)
    world.enroll(sequence_id, second)

    with pytest.raises(Refused) as refused:
        world.enroll(sequence_id, third)

    assert refused.value.code == "SEND_LIMIT_EXCEEDED"
    world.advance(hours=24)
    world.enroll(sequence_id, third)
    assert len(world.outbox.sent) == 3


def test_whoever_has_not_begun_yet_has_a_place_under_the_cap_all_the_same(world: World) -> None:
    world.connect(daily_cap=2)
    sequence_id = world.sequence(world.email())
    first, second, third = people(world, 3)
    enroll_without_working(world, sequence_id, first)
    enroll_without_working(world, sequence_id, second)

    with pytest.raises(Refused):
        enroll_without_working(world, sequence_id, third)


def enroll_without_working(world: World, sequence_id: int, contact_id: int) -> None:
    world.engine.enrolling.enroll(
        world.account_id,
        user_id=world.user_id,
        sequence_id=sequence_id,
        contact_id=contact_id,
        sender_email="rep@example.com",
    )


def test_over_the_cap_a_follow_up_waits_for_the_next_free_place(world: World) -> None:
    world.connect(daily_cap=2, gap=timedelta(0))
    sequence_id = world.sequence(world.task(), world.email(1))
    for contact_id in people(world, 5):
        world.enroll(sequence_id, contact_id)

    world.advance(days=7)

    assert world.sent() == [
        "Tue 2026-03-03 10:00",
        "Tue 2026-03-03 10:00",
        "Wed 2026-03-04 10:00",
        "Wed 2026-03-04 10:00",
        "Thu 2026-03-05 10:00",
    ]


def test_three_days_of_outage_are_caught_up_at_the_senders_pace(world: World) -> None:
    sequence_id = world.sequence(world.task(), world.email(1))
    for contact_id in people(world, 20):
        world.enroll(sequence_id, contact_id)

    world.outage(days=3)
    world.work()
    assert len(world.outbox.sent) == 1
    world.advance(hours=1)

    assert len(world.outbox.sent) == 20
    assert set(seconds_between(world)) == {30}


def test_an_outage_that_ends_at_night_is_caught_up_in_the_morning(world: World) -> None:
    sequence_id = world.sequence(world.task(), world.email(1))
    for contact_id in people(world, 3):
        world.enroll(sequence_id, contact_id)

    world.outage(days=2, hours=13)
    world.work()
    assert world.outbox.sent == []
    world.advance(days=1)

    assert [sent[:18] for sent in world.sent()] == ["Thu 2026-03-05 08:"] * 3
    assert min(seconds_between(world)) >= 30


def test_what_does_not_fit_before_closing_time_goes_on_the_next_morning(world: World) -> None:
    world.connect(gap=timedelta(minutes=30))
    sequence_id = world.sequence(world.task(), world.email(1))
    contacts = people(world, 20)
    world.until("Mon 2026-03-02 17:00")
    for contact_id in contacts:
        world.enroll(sequence_id, contact_id)

    world.advance(days=7)

    hours = [email.date.astimezone(NEW_YORK).hour for email in world.outbox.sent]
    assert len(hours) == 20
    assert all(8 <= hour < 18 for hour in hours)
    assert min(seconds_between(world)) == 1800


def test_two_senders_do_not_wait_for_each_other(world: World) -> None:
    other = world.engine.access.add_user(
        world.account_id, email="ben@example.com", name="Ben Rep", timezone="America/New_York"
    )
    world.engine.connecting.connect(
        world.account_id,
        user_id=other.id,
        email=None,
        server=SERVER,
        daily_cap=9,
        gap=timedelta(seconds=30),
    )
    sequence_id = world.sequence(world.email())
    first, second = people(world, 2)

    world.enroll(sequence_id, first)
    world.enroll(sequence_id, second, user_id=other.id, sender_email="ben@example.com")

    assert seconds_between(world) == [0]
    assert all(world.standing(number).state is State.FINISHED for number in (1, 2))
