from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from drumbeat.domain.launch import Load, findings_ahead, most_a_day
from drumbeat.domain.launch_findings import Code, LaunchFinding, Severity
from drumbeat.domain.planner import Way
from drumbeat.domain.schedule import EligibleDays, SendWindow
from drumbeat.domain.sender import Sender
from drumbeat.domain.sequence import (
    Definition,
    EmailContent,
    EmailStep,
    FinishStep,
    TaskContent,
    TaskPriority,
    TaskStep,
    TaskType,
)
from tests.wall_clock import NEW_YORK, at
from tests.world import OFFICE_HOURS

NOW = at("Mon 2026-03-02 10:00")
WAY = Way(account_id=1, sequence_id=2, contact_id=3, zone=NEW_YORK)
SENDER = Sender(
    id=1,
    account_id=1,
    user_id=1,
    email="rep@example.com",
    name=None,
    aliases=(),
    signature=None,
    daily_cap=1000,
    gap=timedelta(seconds=30),
    next_slot_at=NOW,
    server=None,
    connected_at=NOW,
    disconnected_at=None,
    trouble=None,
    trouble_at=None,
    created_at=NOW,
    updated_at=NOW,
)
EMAIL = EmailStep(order=0, delay=timedelta(0), email=EmailContent(template_id=1))
FOLLOW_UP = replace(EMAIL, order=1, delay=timedelta(days=1))
CALL = TaskStep(
    order=0, delay=timedelta(0), task=TaskContent(type=TaskType.CALL, priority=TaskPriority.NONE)
)
FINISH = FinishStep(order=2, delay=timedelta(0))
NO_LOAD = Load(committed=0, people=None)


def of(
    *, window: SendWindow = OFFICE_HOURS.window, begins_with: EmailStep | TaskStep = CALL
) -> Definition:
    settings = replace(OFFICE_HOURS, window=window, days=EligibleDays.EVERYDAY)
    return Definition(steps=(begins_with, FOLLOW_UP, FINISH), dependencies=(), settings=settings)


def found(
    definition: Definition,
    *,
    way: Way = WAY,
    sender: Sender | None = SENDER,
    load: Load = NO_LOAD,
) -> list[LaunchFinding]:
    return list(findings_ahead(definition, way, sender, load, NOW))


def all_days_but(*kept: date) -> frozenset[date]:
    days = {date(2026, 3, 2) + count * timedelta(days=1) for count in range(400)}
    return frozenset(days - set(kept))


@pytest.mark.parametrize(
    "window", [SendWindow(480, 1080), SendWindow(540, 540), SendWindow(0, 1440)]
)
def test_nothing_stands_in_the_way_of_a_window_that_opens(window: SendWindow) -> None:
    assert found(of(window=window)) == []


def test_holidays_that_leave_no_day_in_a_year_are_an_error() -> None:
    [finding] = found(of(), way=replace(WAY, holidays=all_days_but()))

    assert (finding.severity, finding.code) == (Severity.ERROR, Code.WINDOW_NEVER_OPENS)


def test_one_day_in_the_year_is_enough() -> None:
    holidays = all_days_but(date(2026, 12, 1))

    assert found(of(), way=replace(WAY, holidays=holidays)) == []


def test_a_window_that_the_clocks_jump_over_is_a_warning() -> None:
    [finding] = found(of(window=SendWindow(120, 180)))

    assert finding.code is Code.WINDOW_SKIPPED
    assert finding.message.endswith("not on 2026-03-08")


def test_a_window_only_matters_where_an_email_waits_for_it() -> None:
    at_once = replace(of(window=SendWindow(120, 180)), steps=(EMAIL, replace(FINISH, order=1)))

    assert found(at_once) == []


def test_a_window_shorter_than_the_gap_lets_one_email_out_a_day() -> None:
    sender = replace(SENDER, gap=timedelta(hours=2))

    [finding] = found(of(window=SendWindow(480, 540)), sender=sender)

    assert finding.code is Code.WINDOW_SHORTER_THAN_GAP
    assert most_a_day(timedelta(hours=1), sender) == 1


@pytest.mark.parametrize(
    ("gap", "cap", "most"),
    [(30, 1000, 1000), (60, 1000, 600), (0, 200, 200), (36_000, 1000, 1), (35_999, 1000, 2)],
)
def test_a_day_holds_what_the_gap_and_the_cap_let_through(gap: int, cap: int, most: int) -> None:
    sender = replace(SENDER, gap=timedelta(seconds=gap), daily_cap=cap)

    assert most_a_day(timedelta(hours=10), sender) == most


def test_more_people_than_fit_into_a_day_take_several() -> None:
    load = Load(committed=0, people=2500)

    [finding] = found(of(), load=load)

    assert finding.code is Code.WINDOW_TOO_SMALL
    assert finding.message.endswith("one step takes 3 days for 2,500 contacts")
    assert found(of(), load=replace(load, people=1000)) == []


def test_whoever_begins_with_an_email_needs_a_place_under_todays_cap() -> None:
    starting = of(begins_with=EMAIL)

    [finding] = found(starting, load=Load(committed=990, people=11))

    assert (finding.severity, finding.code) == (Severity.WARNING, Code.CAP_REACHED)
    assert finding.message.startswith("rep@example.com has 10 of 1,000 places left")
    assert found(starting, load=Load(committed=990, people=10)) == []
    assert found(of(), load=Load(committed=1000, people=10)) == []


def test_a_sender_whose_server_was_away_is_a_warning() -> None:
    later = NOW + timedelta(minutes=5)
    resting = replace(SENDER, trouble="connection refused", next_slot_at=later)

    [finding] = found(of(), sender=resting)

    assert finding.code is Code.SENDER_RESTING
    assert finding.message == (
        "the server of rep@example.com could not be used when last tried: connection refused, "
        "and it rests until Monday 2 March 2026 at 10:05"
    )


def test_without_a_sender_nothing_is_said_of_its_pace() -> None:
    assert found(of(begins_with=EMAIL), sender=None, load=Load(committed=0, people=9999)) == []
