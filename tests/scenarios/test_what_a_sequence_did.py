"""What is counted of a sequence, over days and through edits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drumbeat.domain.performance import Interval, Performance, Summary, TaskCounts
from drumbeat.errors import NotFound
from drumbeat.store import performance
from tests.memory_outbox import GREYLISTED, NO_SUCH_USER
from tests.wall_clock import shown
from tests.world import SERVER, World


def test_a_sequence_that_nobody_was_in_has_done_nothing(world: World) -> None:
    found = counted(world, world.sequence(world.email(), world.task(1)))

    assert found.summary == Summary(enrolled=0, contacts=0, bounced=0, unsubscribed=0)
    assert [(step.order, step.executions) for step in found.steps] == [(0, 0), (1, 0), (2, 0)]
    assert (found.standings, found.timeline) == ([], [])


def test_a_week_of_outreach_is_counted(world: World) -> None:
    sequence_id = world.sequence(world.email(), world.task(1), world.email(1), waits=((1, 2),))
    for name in ("ada", "bob", "cy", "dee"):
        world.enroll(sequence_id, world.contact(f"{name}@example.org"))
    world.until("Tue 2026-03-03 09:00")
    ada, bob, cy, _ = world.tasks()

    world.complete(ada)
    unsubscribe(world, "dee@example.org")
    world.until("Wed 2026-03-04 09:00")
    world.complete(bob)
    world.unenroll(cy.enrollment_id)
    world.until("Thu 2026-03-05 12:00")

    found = counted(world, sequence_id)
    assert found.summary == Summary(enrolled=4, contacts=4, bounced=0, unsubscribed=1)
    assert executions(found) == [4, 4, 2, 2]
    assert [step.tasks for step in found.steps][1] == TaskCounts(completed=2, on_time=1)
    assert standings(found) == ["2 UNENROLLED 2", "3 FINISHED 2"]


def test_everybody_stands_somewhere_and_who_waits_for_a_task_is_paused(world: World) -> None:
    sequence_id = world.sequence(world.task(), world.email(), waits=((0, 1),))
    waiting, resting, gone = (
        world.enroll(sequence_id, world.contact(f"{name}@example.org"))
        for name in ("ada", "bob", "cy")
    )

    world.pause(resting)
    world.unenroll(gone)

    assert world.standing(waiting).state == "EXECUTING"
    assert standings(counted(world, sequence_id)) == ["1 PAUSED 2", "1 UNENROLLED 1"]


def test_a_contact_that_comes_back_is_one_contact(world: World) -> None:
    contact_id = world.contact()
    sequence_id = world.sequence(world.email())

    for _ in range(2):
        world.enroll(sequence_id, contact_id)
        world.advance(hours=1)

    summary = counted(world, sequence_id).summary
    assert (summary.enrolled, summary.contacts) == (2, 1)


def test_a_bounce_counts_though_no_step_ever_ran(world: World) -> None:
    world.outbox.answers = [NO_SUCH_USER]
    sequence_id = world.sequence(world.email())

    world.enroll(sequence_id)

    found = counted(world, sequence_id)
    assert found.summary == Summary(enrolled=1, contacts=1, bounced=1, unsubscribed=0)
    assert executions(found) == [0, 0]


def test_who_only_waits_for_the_start_is_not_counted_yet(world: World) -> None:
    sequence_id = world.sequence(world.email(2), world.task(1))
    world.enroll(sequence_id)

    before = counted(world, sequence_id)
    world.advance(days=2)
    after = counted(world, sequence_id)

    assert (before.summary.enrolled, before.timeline) == (0, [])
    assert standings(before) == ["0 EXECUTING 1"]
    assert (after.summary.enrolled, [point.enrollments for point in after.timeline]) == (1, [1])


def test_who_waits_for_the_senders_next_slot_is_not_counted_yet(world: World) -> None:
    sequence_id = world.sequence(world.email())
    for name in ("ada", "bob", "cy"):
        world.enroll(sequence_id, world.contact(f"{name}@example.org"))

    at_once = counted(world, sequence_id).summary.enrolled
    world.advance(seconds=30)
    half_a_minute_later = counted(world, sequence_id).summary.enrolled

    assert (at_once, half_a_minute_later) == (1, 2)


def test_who_is_late_because_nobody_was_there_has_begun(world: World) -> None:
    delayed, waiting = world.sequence(world.email(2)), world.sequence(world.email())
    world.enroll(delayed, world.contact("ada@example.org"))
    for name in ("bob", "cy"):
        world.enroll(waiting, world.contact(f"{name}@example.org"))

    world.outage(days=3)

    assert counted(world, delayed).summary.enrolled == 1
    assert counted(world, waiting).summary.enrolled == 2


def test_who_was_put_off_by_the_server_has_begun(world: World) -> None:
    world.outbox.answers = [GREYLISTED]
    sequence_id = world.sequence(world.email())

    world.enroll(sequence_id)

    assert (world.outbox.sent, counted(world, sequence_id).summary.enrolled) == ([], 1)


def test_who_is_taken_out_before_the_start_is_never_counted(world: World) -> None:
    sequence_id = world.sequence(world.email(2))

    world.unenroll(world.enroll(sequence_id))
    world.advance(days=3)

    found = counted(world, sequence_id)
    assert (found.summary.enrolled, standings(found)) == (0, ["0 UNENROLLED 1"])


def test_a_first_email_that_is_held_has_begun(world: World) -> None:
    hole = world.template("{{ contact.company }}")
    sequence_id = world.sequence(world.email(template=hole))

    world.enroll(sequence_id)

    assert counted(world, sequence_id).summary.enrolled == 1


@pytest.mark.parametrize(
    ("completed", "on_time"),
    [("Tue 2026-03-03 23:59:59", 1), ("Wed 2026-03-04 00:00", 0), ("Wed 2026-03-04 08:00", 0)],
)
def test_a_task_is_on_time_until_the_end_of_its_day(
    world: World, completed: str, on_time: int
) -> None:
    sequence_id = world.sequence(world.task(1))
    world.enroll(sequence_id)
    world.until("Tue 2026-03-03 08:00")
    [task] = world.tasks()

    world.until(completed)
    world.complete(task)

    [first, _] = counted(world, sequence_id).steps
    assert first.tasks == TaskCounts(completed=1, on_time=on_time)


def test_the_day_of_a_task_is_a_day_where_it_is_done(world: World) -> None:
    cy = world.engine.access.add_user(
        world.account_id, email="cy@example.com", name="Cy", timezone="Asia/Tokyo"
    )
    world.engine.connecting.connect(
        world.account_id, user_id=cy.id, email=None, server=SERVER, daily_cap=None, gap=None
    )
    sequence_id = world.sequence(world.task())
    world.enroll(sequence_id, user_id=cy.id, sender_email="cy@example.com")

    # In Tokyo it is still the Tuesday that has just begun there.
    world.until("Tue 2026-03-03 09:59")
    world.complete(world.tasks()[0])

    assert counted(world, sequence_id).steps[0].tasks == TaskCounts(completed=1, on_time=1)


def test_a_task_in_a_zone_that_does_not_exist_is_done_and_not_on_time(world: World) -> None:
    sequence_id = world.sequence(world.task(), world.task(1))
    for name in ("ada", "bob"):
        damaged = world.enroll(sequence_id, world.contact(f"{name}@example.org"))
    for task in world.tasks():
        world.complete(task)

    world.damage(enrollment_id=damaged)

    assert counted(world, sequence_id).steps[0].tasks == TaskCounts(completed=2, on_time=1)


def test_weeks_are_whole_across_the_new_year_and_a_change_of_the_clocks(world: World) -> None:
    sequence_id = world.sequence(world.task())
    for wall in ("Sun 2026-03-08 23:30", "Sat 2026-12-26 12:00", "Fri 2027-01-01 00:00"):
        world.until(wall)
        world.enroll(sequence_id, world.contact(f"{wall[4:14]}@example.org"))
    world.until("Mon 2027-01-11 00:00")

    points = counted(world, sequence_id).timeline

    assert sum(point.enrollments for point in points) == 3
    assert {shown(point.begins_at)[:3] + shown(point.begins_at)[-5:] for point in points} == {
        "Mon00:00"
    }
    assert [(shown(point.begins_at)[4:14], point.enrollments) for point in points][-4:] == [
        ("2026-12-21", 1),
        ("2026-12-28", 1),
        ("2027-01-04", 0),
        ("2027-01-11", 0),
    ]
    assert (shown(points[0].begins_at), points[0].enrollments) == ("Mon 2026-03-02 00:00", 1)
    assert points[1].begins_at - points[0].begins_at == timedelta(days=7, hours=-1)
    assert len(points) == 46


def test_a_step_that_an_edit_leaves_alone_goes_on_counting(world: World) -> None:
    sequence_id = world.sequence(world.task(), world.email(1))
    world.enroll(sequence_id, world.contact("ada@example.org"))
    world.complete(world.tasks()[0])
    world.advance(days=2)
    kept, old, _ = counted(world, sequence_id).steps

    world.edit(sequence_id, world.task(), world.task(1))
    world.enroll(sequence_id, world.contact("bob@example.org"))

    found = counted(world, sequence_id)
    assert executions(found) == [2, 0, 1]
    assert found.steps[0].id == kept.id
    assert found.steps[1].id != old.id
    assert found.steps[0].tasks == TaskCounts(completed=1, on_time=1)
    assert found.summary.enrolled == 2


def test_another_sequence_and_another_account_are_not_counted(world: World) -> None:
    one, other = world.sequence(world.task()), world.sequence(world.task())
    world.enroll(one)

    assert counted(world, other).summary.enrolled == 0
    with world.engine.database.reading() as tx, pytest.raises(NotFound):
        performance.of_sequence(tx, world.account_id + 1, one, Interval.WEEK, world.clock.now())


def test_a_sequence_that_was_deleted_has_nothing_to_tell(world: World) -> None:
    sequence_id = world.sequence(world.task())
    world.engine.authoring.delete_sequence(world.account_id, sequence_id, override=True)

    with pytest.raises(NotFound):
        counted(world, sequence_id)


def counted(world: World, sequence_id: int) -> Performance:
    with world.engine.database.reading() as tx:
        return performance.of_sequence(
            tx, world.account_id, sequence_id, Interval.WEEK, world.clock.now()
        )


def unsubscribe(world: World, email: str) -> None:
    link = world.engine.suppressing.link(world.account_id, 0, email)
    world.engine.suppressing.unsubscribe(link.rpartition("/")[2])


def executions(found: Performance) -> list[int]:
    return [step.executions for step in found.steps]


def standings(found: Performance) -> list[str]:
    return [f"{each.step_order} {each.state} {each.enrollments}" for each in found.standings]
