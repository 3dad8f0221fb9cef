"""`drumbeat serve`: ready when it says so, and gone within 5 seconds when it is told to."""

from __future__ import annotations

import json
import signal
import socket

import pytest

from drumbeat.cli import demo_facts
from drumbeat.cli.demo_client import Client
from tests.cli.programs import PATIENCE_SECONDS, Home

MOVABLE = ("--clock", "movable@2026-03-02T08:00:00Z", "--mail", "capture")
PROMISED_SECONDS = 5


def token_of(home: Home) -> str:
    token: str = json.loads(home.init().out)["token"]
    return token


def enroll_ada(client: Client) -> None:
    """Into a sequence whose first step is an e-mail that goes at once."""
    templates = "/automation/email-templates/2026-09-beta"
    template = client.post(templates, demo_facts.LAST_ONE)["id"]
    created = client.post(
        "/automation/sequences/2026-09-beta/serviceaccounts/sequences",
        demo_facts.three_emails(template, template, template),
    )
    contact = client.post("/crm/v3/objects/contacts", {"properties": {"email": "ada@example.org"}})
    client.post(
        "/automation/v4/sequences/enrollments?userId=1",
        {
            "sequenceId": created["sequence"]["id"],
            "contactId": contact["id"],
            "senderEmail": "ada@example.com",
        },
    )


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_once_it_is_ready_and_ends_with_0_when_told(
    home: Home, signal_number: int
) -> None:
    with home.serving("--mail", "capture") as server:
        health = server.client().get("/health")
        status, seconds = server.stop(signal_number)

    assert health["status"] == "ok"
    assert status == 0
    assert seconds < PROMISED_SECONDS


def test_the_line_says_what_it_runs_on_and_what_is_missing(home: Home) -> None:
    with home.serving("--mail", "capture") as server:
        ready, err = server.ready, server.err.read_text()

    assert "clock: system, mail: capture, database: sqlite:///drumbeat-data/drumbeat.db" in ready
    assert "There is no account yet" in err


def test_a_port_in_use_is_one_line(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        done = home.run("serve", "--port", str(port))

    [fault] = done.faults
    assert f"cannot listen on 127.0.0.1 port {port}: address already in use" in fault
    assert done.status == 1
    assert not home.data.exists()


def test_links_lead_to_the_port_that_was_free(home: Home) -> None:
    token = token_of(home)

    with home.serving(*MOVABLE) as server:
        enroll_ada(server.client(token))
        [email] = server.client(token).get("/drumbeat/v1/captured")["results"]

        link = email["headers"]["List-Unsubscribe"]
        assert link.startswith(f"<http://127.0.0.1:{server.port}/unsubscribe/")


def test_a_movable_clock_keeps_its_position_over_a_restart(home: Home) -> None:
    token = token_of(home)

    with home.serving(*MOVABLE) as server:
        server.client(token).post("/drumbeat/v1/clock", {"advance": "P3D"})
        server.stop()
    with home.serving(*MOVABLE) as server:
        clock = server.client(token).get("/drumbeat/v1/clock")

    assert clock == {"now": "2026-03-05T08:00:00.000Z", "movable": True}
    assert "clock: movable, at 2026-03-05T08:00:00Z" in server.ready


def test_an_inbox_connected_before_the_clock_was_set_back_sends_all_the_same(home: Home) -> None:
    token = token_of(home)
    smtp = ("--smtp", "smtp://mail.example.com")
    home.run("inbox", "connect", "--user", "ada@example.com", *smtp)

    with home.serving(*MOVABLE) as server:
        enroll_ada(server.client(token))
        captured = server.client(token).get("/drumbeat/v1/captured")["results"]

    assert len(captured) == 1


def test_a_movable_clock_is_refused_where_mail_would_leave(home: Home) -> None:
    home.init()
    home.run("inbox", "connect", "--user", "ada@example.com", "--smtp", "smtp://mail.example.com")

    refused = home.run("serve", "--port", "0", "--clock", "movable")

    [fault] = refused.faults
    assert "--force" in fault
    with home.serving("--clock", "movable", "--force") as server:
        assert "clock: movable" in server.ready


def test_the_role_of_a_worker_is_what_work_does(home: Home) -> None:
    home.init()
    with home.started("serve", "--role", "worker", "--mail", "capture") as worker:
        ready = worker.line_with("Drumbeat")
        status, _ = worker.stop()

    assert "is at work" in ready
    assert status == 0


def test_a_second_worker_on_the_same_file_is_refused_in_one_line(home: Home) -> None:
    home.init()
    with (
        home.serving("--mail", "capture"),
        home.started("serve", "--port", "0", "--mail", "capture") as second,
    ):
        status = second.process.wait(PATIENCE_SECONDS)

    assert "another worker is at work" in second.err.read_text()
    assert status == 1


def test_a_mail_server_that_never_answers_does_not_hold_up_the_end(home: Home) -> None:
    token = token_of(home)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        smtp = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        home.run("inbox", "connect", "--user", "ada@example.com", "--smtp", smtp)
        with home.serving() as server:
            enroll_ada(server.client(token))
            connection, _ = silent.accept()
            with connection:
                status, seconds = server.stop()

    assert status == 0
    assert seconds < PROMISED_SECONDS


def test_a_postgresql_that_is_away_at_the_start_is_one_line(home: Home) -> None:
    done = home.run("serve", "--port", "0", "--database", "postgresql://u:s3cret@127.0.0.1:1/x")

    [fault] = done.faults
    assert "database is not available" in fault
    assert "s3cret" not in fault
    assert done.status == 1


def test_it_serves_on_either_database(home: Home, blank_database_url: str) -> None:
    with home.serving("--mail", "capture", "--database", blank_database_url) as server:
        assert server.client().get("/health")["database"] is True
        status, _ = server.stop()

    assert status == 0
