from __future__ import annotations

from datetime import timedelta

import pytest

from drumbeat.domain import reasons
from drumbeat.domain.planner import Because, Way
from drumbeat.domain.sequence import Definition, EmailContent, EmailStep, FinishStep
from tests.wall_clock import NEW_YORK, at
from tests.world import OFFICE_HOURS

WAY = Way(account_id=1, sequence_id=2, contact_id=3, zone=NEW_YORK)
EMAIL = EmailStep(order=0, delay=timedelta(days=1), email=EmailContent(template_id=1))
AT_ONCE = EmailStep(order=0, delay=timedelta(0), email=EmailContent(template_id=1))
FINISH = FinishStep(order=1, delay=timedelta(0))
DEFINITION = Definition(steps=(EMAIL, FINISH), dependencies=(), settings=OFFICE_HOURS)
DUE_AT = at("Thu 2026-03-05 10:00")


@pytest.mark.parametrize("because", Because)
def test_every_reason_has_its_words_before_and_afterwards(because: Because) -> None:
    ahead = reasons.sentence_of(because, EMAIL, DEFINITION, WAY, DUE_AT)
    past = reasons.sentence_of_past(because, EMAIL, DEFINITION, WAY, DUE_AT)

    assert ahead
    assert "Thursday 5 March 2026 at 10:00" in past
    assert "{" not in ahead + past


def test_a_step_without_a_delay_does_not_tell_of_one() -> None:
    ahead = reasons.sentence_of(Because.DELAY, AT_ONCE, DEFINITION, WAY, DUE_AT)
    past = reasons.sentence_of_past(Because.DELAY, AT_ONCE, DEFINITION, WAY, DUE_AT)

    assert ahead == "it follows the step before at once"
    assert past == "it had no delay, and was due on Thursday 5 March 2026 at 10:00"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (59, None),
        (60, "it ran 1 minute later, on Thursday 5 March 2026 at 10:01"),
        (7200, "it ran 2 hours later, on Thursday 5 March 2026 at 12:00"),
    ],
)
def test_what_is_late_by_a_minute_is_late(seconds: int, told: str | None) -> None:
    ran_at = DUE_AT + timedelta(seconds=seconds)

    assert reasons.lateness(DUE_AT, ran_at, WAY) == told
