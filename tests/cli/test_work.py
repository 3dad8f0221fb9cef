"""`drumbeat work`: does what falls due, beside servers that only answer."""

from __future__ import annotations

import signal

import pytest

from tests.cli.programs import PATIENCE_SECONDS, Home
from tests.cli.test_serve import PROMISED_SECONDS, enroll_ada, token_of
from tests.e2e.counting_smtp import counting_server


def connect(home: Home, port: int) -> None:
    smtp = ("--smtp", f"smtp://127.0.0.1:{port}")
    done = home.run("inbox", "connect", "--user", "ada@example.com", *smtp)
    assert done.status == 0, done.err


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_what_it_does_and_ends_with_0_when_told(home: Home, signal_number: int) -> None:
    home.init()
    with home.started("work") as worker:
        ready = worker.line_with("Drumbeat")
        status, seconds = worker.stop(signal_number)

    assert "is at work: steps are executed and e-mails sent as they fall due" in ready
    assert "clock: system, mail: real, database: sqlite:///drumbeat-data/drumbeat.db" in ready
    assert "http" not in ready
    assert status == 0
    assert seconds < PROMISED_SECONDS


def test_it_sends_what_a_server_that_only_answers_was_asked_for(home: Home) -> None:
    token = token_of(home)
    with (
        counting_server() as smtp,
        home.serving("--role", "web") as server,
        home.started("work") as worker,
    ):
        connect(home, smtp.port)
        worker.line_with("Drumbeat")

        enroll_ada(server.client(token))

        assert smtp.arrived.wait(PATIENCE_SECONDS)


def test_it_needs_a_database_that_is_there(home: Home) -> None:
    done = home.run("work")

    [fault] = done.faults
    assert "there is no database at drumbeat-data/drumbeat.db" in fault
    assert done.status == 1
    assert not home.data.exists()


def test_a_movable_clock_leaves_it_nothing_to_do(home: Home) -> None:
    home.init()

    done = home.run("work", DRUMBEAT_CLOCK="movable")

    [fault] = done.faults
    assert "with a movable clock there is no worker: moving it does the work" in fault
    assert "DRUMBEAT_CLOCK" in fault
    assert done.status == 1


def test_on_one_file_there_is_one_of_them(home: Home) -> None:
    home.init()
    with home.started("work") as first:
        first.line_with("Drumbeat")
        with home.started("work") as second:
            status = second.process.wait(PATIENCE_SECONDS)

    assert "another worker is at work on drumbeat-data/drumbeat.db" in second.err.read_text()
    assert status == 1


def test_any_number_share_the_work_on_postgresql(home: Home, postgresql_url: str) -> None:
    at = ("--database", postgresql_url)
    with home.started("work", *at) as one, home.started("work", *at) as another:
        assert "is at work" in one.line_with("Drumbeat")
        assert "is at work" in another.line_with("Drumbeat")


def test_the_role_that_the_environment_names_is_for_serve(home: Home) -> None:
    home.init()
    with home.started("work", DRUMBEAT_ROLE="web") as worker:
        assert "is at work" in worker.line_with("Drumbeat")
