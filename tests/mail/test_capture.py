from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from drumbeat.domain.sender import SmtpServer
from drumbeat.mail.capture import MESSAGE_NOT_KEPT, CapturedEnvelope, CaptureServer
from drumbeat.mail.mime import to_bytes
from drumbeat.mail.ports import Outcome, Stage
from drumbeat.mail.smtp import SmtpOutbox
from tests.mail.conftest import Send
from tests.mail.letters import an_email


@pytest.fixture
def kept() -> list[CapturedEnvelope]:
    return []


@pytest.fixture
def capturing() -> Iterator[Callable[..., CaptureServer]]:
    """Start a capture server with this callback."""
    with ExitStack() as running:

        def start(keep: Callable[[CapturedEnvelope], None]) -> CaptureServer:
            server = CaptureServer(keep)
            server.start()
            running.callback(server.stop)
            return server

        yield start


@pytest.fixture
def capture(capturing: Callable[..., CaptureServer], kept: list[CapturedEnvelope]) -> CaptureServer:
    return capturing(kept.append)


def test_what_is_sent_is_kept_with_its_envelope_and_its_account(
    capture: CaptureServer, kept: list[CapturedEnvelope], send: Send
) -> None:
    receipt = send(capture.server_for(7), envelope_from="box@example.com")

    assert receipt.outcome is Outcome.ACCEPTED
    assert kept == [
        CapturedEnvelope(
            account_id=7,
            mail_from="box@example.com",
            rcpt_to=("ada@example.org",),
            raw=to_bytes(an_email()),
        )
    ]


def test_accounts_share_the_server_and_not_the_mail(
    capture: CaptureServer, kept: list[CapturedEnvelope], send: Send
) -> None:
    for account_id in (1, 22, 1):
        send(capture.server_for(account_id))

    assert [envelope.account_id for envelope in kept] == [1, 22, 1]


def test_many_threads_send_at_once(
    capture: CaptureServer, kept: list[CapturedEnvelope], outbox: SmtpOutbox
) -> None:
    def hand(account_id: int) -> Outcome:
        server = capture.server_for(account_id % 5)
        return outbox.send(server, an_email(), before_data=lambda: True).outcome

    with ThreadPoolExecutor(8) as threads:
        outcomes = set(threads.map(hand, range(50)))

    assert outcomes == {Outcome.ACCEPTED}
    assert len(kept) == 50


def test_mail_from_nobody_known_is_refused(
    capture: CaptureServer, kept: list[CapturedEnvelope]
) -> None:
    with smtplib.SMTP("127.0.0.1", capture.port, timeout=10) as stranger:
        stranger.ehlo()
        code, _ = stranger.mail("eve@example.com")
        next_code, _ = stranger.rcpt("ada@example.org")

    assert (code, next_code) == (530, 503)
    assert kept == []


@pytest.mark.parametrize(
    "login",
    [("account-7", "guessed"), ("account-x", None), ("root", None), ("account-7\0", None)],
)
def test_a_login_that_is_not_ours_is_refused(
    capture: CaptureServer, send: Send, login: tuple[str, str | None]
) -> None:
    server = capture.server_for(7)
    username, password = login

    receipt = send(replace(server, username=username, password=password or server.password))

    assert (receipt.outcome, receipt.stage) == (Outcome.UNREACHABLE, Stage.LOGIN)


def test_the_password_is_new_in_every_server(capturing: Callable[..., CaptureServer]) -> None:
    one, other = capturing(print), capturing(print)

    assert one.server_for(7).password != other.server_for(7).password


def test_a_message_that_cannot_be_kept_is_not_taken_and_is_logged(
    capturing: Callable[..., CaptureServer], kept: list[CapturedEnvelope], send: Send
) -> None:
    faults = [OSError("the disk is full")]

    def keep(envelope: CapturedEnvelope) -> None:
        if faults:
            raise faults.pop()
        kept.append(envelope)

    capture = capturing(keep)
    with capture_logs() as log:
        first, second = (send(capture.server_for(7)) for _ in range(2))

    assert (first.outcome, first.code) == (Outcome.TEMPORARY, 451)
    assert [(line["event"], line["account_id"]) for line in log] == [(MESSAGE_NOT_KEPT, 7)]
    assert (second.outcome, len(kept)) == (Outcome.ACCEPTED, 1)


def test_a_server_that_was_stopped_takes_nothing_more(capture: CaptureServer, send: Send) -> None:
    server = capture.server_for(7)
    send(server)

    capture.stop()
    capture.stop()

    assert send(server).outcome is Outcome.UNREACHABLE


def test_a_server_that_was_stopped_can_be_started_again(
    capture: CaptureServer, kept: list[CapturedEnvelope], send: Send
) -> None:
    capture.stop()
    capture.start()

    assert send(capture.server_for(7)).outcome is Outcome.ACCEPTED
    assert len(kept) == 1


def test_a_server_is_not_started_twice(capture: CaptureServer) -> None:
    with pytest.raises(RuntimeError, match="running already"):
        capture.start()


def test_a_server_that_does_not_run_has_no_address() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        CaptureServer(print).server_for(7)


def test_the_address_is_on_this_machine_only(capture: CaptureServer) -> None:
    server: SmtpServer = capture.server_for(7)

    assert (server.host, server.port, server.username) == ("127.0.0.1", capture.port, "account-7")
