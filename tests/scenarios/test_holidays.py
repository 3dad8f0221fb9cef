"""Days on which nothing is sent and no task is made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from drumbeat.domain.holidays import HolidayScope, Region
from drumbeat.domain.planner import Because
from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.store.holiday_calendars import OF_ACCOUNT, Owner
from drumbeat.store.tables import step_executions
from tests.scenarios.conftest import WorldAt
from tests.wall_clock import BERLIN, NEW_YORK, shown
from tests.world import OFFICE_HOURS, SERVER, World

EVERYDAY = replace(OFFICE_HOURS, days=EligibleDays.EVERYDAY)
NIGHT = replace(EVERYDAY, window=SendWindow(90, 240))


def close(world: World, *days: str, owner: Owner = OF_ACCOUNT, region: str | None = None) -> None:
    regions = [Region(country=region)] if region else []
    with world.engine.writing():
        world.engine.holidays.set(
            world.account_id,
            owner,
            regions=regions,
            dates=[date.fromisoformat(day) for day in days],
        )


def made(world: World) -> list[str]:
    return [shown(task.due_at, world.zone) for task in world.tasks()]


def reasons(world: World) -> list[str | None]:
    """Why each step ran when it did, in the order of the steps."""
    statement = sa.select(step_executions.c.because).order_by(step_executions.c.step_order)
    with world.engine.database.reading() as tx:
        return list(tx.execute(statement).scalars())


@pytest.mark.parametrize("scope", HolidayScope)
def test_nothing_is_sent_and_no_task_made_on_a_holiday_of_whichever_scope(
    world: World, scope: HolidayScope
) -> None:
    sequence_id = world.sequence(world.email(), world.email(1), world.task(1))
    ids = {HolidayScope.USER: world.user_id, HolidayScope.SEQUENCE: sequence_id}
    close(world, "2026-03-03", "2026-03-05", owner=(scope, ids.get(scope, 0)))

    world.enroll(sequence_id)
    world.advance(days=7)

    assert world.sent() == ["Mon 2026-03-02 10:00", "Wed 2026-03-04 10:00"]
    assert made(world) == ["Fri 2026-03-06 08:00"]


def test_the_holidays_of_the_three_scopes_come_together(world: World) -> None:
    sequence_id = world.sequence(world.email(), world.email(1))
    close(world, "2026-03-03")
    close(world, "2026-03-04", owner=(HolidayScope.USER, world.user_id))
    close(world, "2026-03-05", owner=(HolidayScope.SEQUENCE, sequence_id))

    world.enroll(sequence_id)
    world.advance(days=7)

    assert world.sent() == ["Mon 2026-03-02 10:00", "Fri 2026-03-06 10:00"]


@pytest.mark.parametrize("scope", [HolidayScope.USER, HolidayScope.SEQUENCE])
def test_somebody_elses_holidays_do_not_count(world: World, scope: HolidayScope) -> None:
    other_user = world.engine.access.add_user(
        world.account_id, email="otto@example.com", name="Otto", timezone="UTC"
    )
    other = {HolidayScope.USER: other_user.id, HolidayScope.SEQUENCE: world.sequence(world.email())}
    close(world, "2026-03-03", owner=(scope, other[scope]))

    world.enroll(world.sequence(world.email(), world.email(1)))
    world.advance(days=7)

    assert world.sent() == ["Mon 2026-03-02 10:00", "Tue 2026-03-03 10:00"]


@pytest.mark.parametrize(
    ("days", "leaves"),
    [
        pytest.param(EligibleDays.BUSINESS_DAYS, "Fri 2026-03-06 10:00", id="not counted"),
        pytest.param(EligibleDays.WEEKDAYS_ONLY, "Thu 2026-03-05 10:00", id="counted"),
        pytest.param(EligibleDays.EVERYDAY, "Thu 2026-03-05 10:00", id="counted too"),
    ],
)
def test_only_business_days_do_not_count_a_holiday_on_the_way(
    world: World, days: EligibleDays, leaves: str
) -> None:
    close(world, "2026-03-04")
    settings = replace(OFFICE_HOURS, days=days)

    world.enroll(world.sequence(world.email(), world.email(3), settings=settings))
    world.advance(days=7)

    assert world.sent()[1] == leaves


@pytest.mark.parametrize("days", EligibleDays)
def test_whichever_days_are_eligible_what_falls_on_a_holiday_moves_off_it(
    world: World, days: EligibleDays
) -> None:
    close(world, "2026-03-03")
    settings = replace(OFFICE_HOURS, days=days)

    world.enroll(world.sequence(world.email(), world.email(1), settings=settings))
    world.advance(days=7)

    assert world.sent()[1] == "Wed 2026-03-04 10:00"


def test_holidays_and_a_weekend_in_a_row_are_all_passed_over(world_at: WorldAt) -> None:
    world = world_at("Wed 2026-12-23 10:00", BERLIN)
    close(world, "2026-12-24", region="DE")

    world.enroll(world.sequence(world.email(), world.email(1)))
    world.advance(days=7)

    assert world.sent() == ["Wed 2026-12-23 10:00", "Mon 2026-12-28 10:00"]


def test_the_first_step_and_the_finish_do_not_wait_for_a_holiday_to_pass(world: World) -> None:
    close(world, "2026-03-02")

    enrollment_id = world.enroll(world.sequence(world.task()))

    assert made(world) == ["Mon 2026-03-02 10:00"]
    assert world.standing(enrollment_id).state.is_final


def test_a_first_step_with_a_delay_does_wait(world: World) -> None:
    close(world, "2026-03-03")

    world.enroll(world.sequence(world.email(1)))
    world.advance(days=7)

    assert world.sent() == ["Wed 2026-03-04 10:00"]


def test_without_a_calendar_christmas_is_a_day_like_any_other(world_at: WorldAt) -> None:
    world = world_at("Thu 2026-12-24 10:00", NEW_YORK)

    world.enroll(world.sequence(world.email(), world.email(1)))
    world.advance(days=7)

    assert world.sent()[1] == "Fri 2026-12-25 10:00"


def test_a_holiday_is_a_day_on_the_clock_of_whoever_enrolled_the_contact(world: World) -> None:
    close(world, "2026-03-04")
    otto = world.engine.access.add_user(
        world.account_id, email="otto@example.com", name="Otto", timezone="Pacific/Auckland"
    )
    world.engine.connecting.connect(world.account_id, user_id=otto.id, email=None, server=SERVER)
    all_day = replace(EVERYDAY, window=SendWindow(0, 1440))
    sequence_id = world.sequence(world.email(), world.email(1), settings=all_day)

    # In Auckland it is Tuesday, 4:00 already, and the next day is the holiday.
    world.enroll(sequence_id)
    world.enroll(
        sequence_id,
        world.contact("bea@example.org"),
        user_id=otto.id,
        sender_email="otto@example.com",
    )
    world.advance(days=7)

    assert world.sent()[2:] == ["Tue 2026-03-03 10:00", "Wed 2026-03-04 10:00"]


@pytest.mark.parametrize(
    ("begins", "leaves"),
    [
        pytest.param("Sat 2026-03-07 10:00", "Mon 2026-03-09 10:00", id="by day"),
        pytest.param("Sat 2026-03-07 02:30", "Mon 2026-03-09 02:30", id="in the hour that is not"),
        pytest.param("Fri 2026-10-30 01:30", "Sat 2026-10-31 01:30", id="the day before"),
        pytest.param("Sat 2026-10-31 01:30", "Mon 2026-11-02 01:30", id="in the hour there twice"),
    ],
)
def test_a_holiday_on_which_the_clocks_change_keeps_the_time_of_day(
    world_at: WorldAt, begins: str, leaves: str
) -> None:
    world = world_at(begins, NEW_YORK)
    close(world, "2026-03-08", "2026-11-01")
    settings = NIGHT if begins.endswith("30") else EVERYDAY

    world.enroll(world.sequence(world.email(), world.email(1), settings=settings))
    world.advance(days=4)

    assert world.sent()[1] == leaves


def test_it_is_kept_that_a_step_ran_when_it_did_for_a_holiday(world: World) -> None:
    close(world, "2026-03-03")

    world.enroll(world.sequence(world.email(), world.email(1), world.task(1), world.email(1)))
    world.advance(days=7)

    assert reasons(world)[:4] == [
        Because.AT_ONCE,
        Because.HOLIDAY,
        Because.TASK_MINUTE,
        Because.DELAY,
    ]


def test_a_holiday_that_comes_while_an_email_waits_moves_it_to_the_next_opening(
    world: World,
) -> None:
    world.enroll(world.sequence(world.email(), world.email(1)))

    close(world, "2026-03-03")
    world.advance(days=7)

    first, second = world.sent()
    assert (first, second[:17]) == ("Mon 2026-03-02 10:00", "Wed 2026-03-04 08")
    assert reasons(world)[1] == Because.HOLIDAY


def test_a_holiday_that_comes_while_a_task_waits_moves_it_to_the_next_day(world: World) -> None:
    world.enroll(world.sequence(world.email(), world.task(1)))

    close(world, "2026-03-03")
    world.advance(days=7)

    assert made(world) == ["Wed 2026-03-04 08:00"]
    assert reasons(world)[1] == Because.HOLIDAY


def test_a_holiday_that_comes_while_a_message_waits_for_its_slot_moves_it_on(world: World) -> None:
    world.connect(daily_cap=1, gap=timedelta(0))
    sequence_id = world.sequence(world.task(), world.email(1))
    for email in ("ada@example.org", "bea@example.org"):
        world.enroll(sequence_id, world.contact(email))
    world.until("Tue 2026-03-03 12:00")
    [waiting] = [each for each in world.messages() if each.sent_at is None]

    close(world, "2026-03-04")
    world.advance(days=7)

    assert shown(waiting.send_at or world.clock.now()) == "Wed 2026-03-04 10:00"
    assert world.sent() == ["Tue 2026-03-03 10:00", "Thu 2026-03-05 08:00"]
    assert world.messages()[1].because is Because.HOLIDAY


def test_a_holiday_that_is_gone_again_before_its_day_moves_nothing(world: World) -> None:
    world.enroll(world.sequence(world.email(), world.email(1), world.task(1)))
    close(world, "2026-03-03", "2026-03-04")

    world.engine.holidays.remove(world.account_id, OF_ACCOUNT)
    world.advance(days=7)

    assert world.sent() == ["Mon 2026-03-02 10:00", "Tue 2026-03-03 10:00"]
    assert made(world) == ["Wed 2026-03-04 08:00"]


def test_an_outage_up_to_a_holiday_makes_no_task_on_it(world: World) -> None:
    close(world, "2026-03-04")
    world.enroll(world.sequence(world.email(), world.task(1)))

    world.outage(days=2)
    world.work()
    world.advance(days=7)

    assert made(world) == ["Thu 2026-03-05 10:00"]
    assert reasons(world)[1] == Because.HOLIDAY


def test_what_is_late_on_a_weekend_is_a_task_on_monday(world_at: WorldAt) -> None:
    world = world_at("Thu 2026-03-05 10:00", NEW_YORK)
    world.enroll(world.sequence(world.email(), world.task(1)))

    world.outage(days=2)
    world.work()
    world.advance(days=7)

    assert made(world) == ["Mon 2026-03-09 10:00"]
    assert reasons(world)[1] == Because.OVERDUE


def test_a_pause_that_ends_on_a_holiday_waits_for_the_next_day(world: World) -> None:
    close(world, "2026-03-04")
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))
    world.pause(enrollment_id)
    world.until("Wed 2026-03-04 10:00")

    world.resume(enrollment_id)
    world.advance(days=7)

    assert world.sent()[1] == "Thu 2026-03-05 10:00"


def test_a_region_that_is_no_longer_known_closes_no_day_and_stops_nobody(world: World) -> None:
    close(world, "2026-03-03", region="DE")
    renamed = sa.text('UPDATE holiday_calendars SET regions = \'[["DE", "Atlantis"]]\'')
    with world.engine.database.transaction() as tx:
        tx.execute(renamed)

    world.enroll(world.sequence(world.email(), world.email(1), world.task(1)))
    world.advance(days=7)

    assert world.sent()[1] == "Wed 2026-03-04 10:00"
    assert [message.state for message in world.messages()] == ["sent", "sent"]
