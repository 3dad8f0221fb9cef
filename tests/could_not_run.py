"""Tests that something missing on this machine keeps from running.

They are skipped, and the end of the report counts them and says what would make them run. With
DRUMBEAT_TEST_MUST_RUN_ALL=1 they fail instead, so that no machine is green for lack of a server.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from typing import NoReturn

import pytest

PROPERTY = "could not run"


def could_not_run(reason: str, remedy: str, *, must_run: bool | None = None) -> NoReturn:
    """Give up on this test, or on every test that asks for this fixture.

    *remedy* completes "to run them: …". *must_run* says whether that is a failure where it is
    not for the environment to say.
    """
    if must_run is None:
        must_run = os.environ.get("DRUMBEAT_TEST_MUST_RUN_ALL") == "1"
    if must_run:
        pytest.fail(f"could not run: {reason} (to run it: {remedy})", pytrace=False)
    raise CouldNotRun(reason, remedy)


# pytest types its exception as an attribute of a function, which mypy does not follow.
class CouldNotRun(pytest.skip.Exception):  # type: ignore[name-defined, misc]
    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason, _use_item_location=True)
        self.reason = reason
        self.remedy = remedy


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.excinfo and isinstance(call.excinfo.value, CouldNotRun):
        # Of a report, this is what xdist carries over from the process the test was in.
        error = call.excinfo.value
        report.user_properties.append((PROPERTY, [error.reason, error.remedy]))
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, None, None]:
    # After everything that the others have to say.
    yield
    lacking = Counter(
        (reason, remedy)
        for report in terminalreporter.getreports("skipped")
        for name, (reason, remedy) in getattr(report, "user_properties", ())
        if name == PROPERTY
    )
    if lacking:
        terminalreporter.section("could not run", yellow=True)
    for (reason, remedy), count in lacking.items():
        tests = "1 test" if count == 1 else f"{count} tests"
        terminalreporter.line(f"could not run: {tests}, {reason}  (to run them: {remedy})")
