"""What a sequence has done, as HubSpot's management API tells it."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.http.clients import client_of
from tests.http.hubspot.addresses import BETA, GA
from tests.http.hubspot.bodies import email, step, task
from tests.http.hubspot.integrator import Integrator
from tests.wall_clock import NEW_YORK

MANAGED = f"{BETA}/serviceaccounts/sequences"
# Monday the second of March, midnight in New York.
THIS_WEEK = 1_772_427_600_000
UNHEARD = {"opened": 0, "clicked": 0, "replied": 0, "meetingsBooked": 0}


def test_performance_is_told_whole(integrator: Integrator) -> None:
    created = integrator.create(email(0, integrator.world.template_id))
    integrator.enroll(created["id"], integrator.contact())

    answer = integrator.api.get(f"{MANAGED}/{created['id']}/performance")

    of_step = {
        **UNHEARD,
        "executionCount": 1,
        "tasksCompleted": 0,
        "onTimeTaskCompletionCount": 0,
        "onTimeTaskCompletionSum": 0,
        "calls": 0,
        "callsConnected": 0,
        "personalizationRateCount": 0,
    }
    assert answer.status_code == 200
    assert answer.json() == {
        "sequenceId": created["id"],
        "summary": {
            **UNHEARD,
            "enrolled": 1,
            "contacts": 1,
            "bounced": 0,
            "unsubscribed": 0,
            "engaged": 0,
            "noResponse": 0,
        },
        "statusByStep": [{"currentStepOrder": 1, "enrollmentStatus": "FINISHED", "count": 1}],
        "steps": [
            {**of_step, "stepKey": each["id"], "stepOrder": each["stepOrder"]}
            for each in created["steps"]
        ],
        "timeline": [{"enrolledAt": THIS_WEEK, "enrollments": 1, "meetingsBooked": 0}],
    }


def test_of_the_tasks_completed_it_is_told_how_many_were_on_time(integrator: Integrator) -> None:
    created = integrator.create(task(0))
    for name in ("ada", "bob"):
        integrator.enroll(created["id"], integrator.contact(f"{name}@example.org"))
    on_time, late = integrator.world.tasks()
    integrator.world.complete(on_time)
    integrator.world.advance(days=1)
    integrator.world.complete(late)

    [first, _] = integrator.api.get(f"{MANAGED}/{created['id']}/performance").json()["steps"]

    assert first["tasksCompleted"] == 2
    assert (first["onTimeTaskCompletionCount"], first["onTimeTaskCompletionSum"]) == (2, 1)


def test_a_container_is_among_the_steps(integrator: Integrator) -> None:
    created = integrator.create(step(0, "ADAPTIVE_CONTAINER"))
    integrator.enroll(created["id"], integrator.contact())

    found = integrator.api.get(f"{MANAGED}/{created['id']}/performance").json()

    assert [each["executionCount"] for each in found["steps"]] == [1, 1]


def test_a_timeline_is_told_in_weeks_or_in_what_is_asked_for(integrator: Integrator) -> None:
    created = integrator.create(task(0))
    integrator.enroll(created["id"], integrator.contact())
    path = f"{GA}/serviceaccounts/sequences/{created['id']}/performance"

    begins = {}
    for interval in (None, "week", "DAY", "month", "Quarter", "YEAR"):
        asked = {"timelineInterval": interval} if interval else {}
        [point] = integrator.api.get(path, params=asked).json()["timeline"]
        begins[interval] = datetime.fromtimestamp(point["enrolledAt"] / 1000, NEW_YORK).isoformat()

    assert begins == {
        None: "2026-03-02T00:00:00-05:00",
        "week": "2026-03-02T00:00:00-05:00",
        "DAY": "2026-03-02T00:00:00-05:00",
        "month": "2026-03-01T00:00:00-05:00",
        "Quarter": "2026-01-01T00:00:00-05:00",
        "YEAR": "2026-01-01T00:00:00-05:00",
    }


@pytest.mark.parametrize("interval", ["", "HOUR", "WEEKLY", "1", "x" * 1000])
def test_an_interval_that_is_none_is_400_and_says_which_there_are(
    shared: Integrator, interval: str
) -> None:
    answer = shared.api.get(f"{MANAGED}/1/performance", params={"timelineInterval": interval})

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["message"] == (
        "timelineInterval: must be DAY, WEEK, MONTH, QUARTER or YEAR"
    )


@pytest.mark.parametrize(("given", "status"), [("999", 404), ("abc", 400), ("9" * 30, 400)])
def test_a_sequence_that_is_none_has_no_performance(
    shared: Integrator, given: str, status: int
) -> None:
    assert shared.api.get(f"{MANAGED}/{given}/performance").status_code == status


def test_another_accounts_performance_is_not_there(integrator: Integrator) -> None:
    created = integrator.create()
    account = integrator.world.engine.access.create_account(
        email="eve@example.net", name="Eve", timezone="UTC"
    )
    eve = client_of(integrator.world)
    eve.headers["Authorization"] = f"Bearer {account.token}"

    assert eve.get(f"{MANAGED}/{created['id']}/performance").status_code == 404
    assert integrator.api.get(f"{MANAGED}/{created['id']}/performance").status_code == 200


def test_reading_it_takes_the_scope_for_reading(integrator: Integrator) -> None:
    created = integrator.create()
    writer = client_of(integrator.world, ["automation.sequences.write"])

    assert writer.get(f"{MANAGED}/{created['id']}/performance").status_code == 403
