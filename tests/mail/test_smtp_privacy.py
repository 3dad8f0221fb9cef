"""What goes over which connection: TLS, and logins."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from drumbeat.domain.sender import SmtpSecurity, SmtpServer
from drumbeat.mail.ports import Outcome, Receipt, Stage
from drumbeat.mail.smtp import SmtpOutbox
from tests.mail.certificates import Issued, server_certificate
from tests.mail.conftest import RealServer, Send
from tests.mail.letters import an_email
from tests.mail.scripted_server import GREETING, Act, scripted

LOGIN = ("rita@example.com", "pässword")


@pytest.fixture
def trusting(ca: Issued) -> Iterator[SmtpOutbox]:
    """An outbox that trusts our own authority."""
    with closing(SmtpOutbox(timeout=10, ssl_context=ca.client_context())) as outbox:
        yield outbox


@pytest.fixture
def tls(ca: Issued, tmp_path: Path) -> ssl.SSLContext:
    return server_certificate(ca).server_context(tmp_path)


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    return server_certificate(None).server_context(tmp_path)


def test_tls_is_spoken_from_the_first_byte(trusting: SmtpOutbox, tls: ssl.SSLContext) -> None:
    with scripted(tls=tls) as server:
        receipt = hand(trusting, server.address(SmtpSecurity.TLS))

    assert receipt.outcome is Outcome.ACCEPTED
    assert len(server.messages) == 1


def test_a_certificate_nobody_vouches_for_is_refused(
    trusting: SmtpOutbox, self_signed: ssl.SSLContext
) -> None:
    with scripted(tls=self_signed) as server:
        receipt = hand(trusting, server.address(SmtpSecurity.TLS, login=LOGIN))

    assert (receipt.outcome, receipt.stage) == (Outcome.UNREACHABLE, Stage.CONNECT)
    assert "certificate cannot be trusted: self-signed certificate" in receipt.text
    assert server.commands == []


def test_a_certificate_for_another_name_is_refused(
    trusting: SmtpOutbox, ca: Issued, tmp_path: Path
) -> None:
    tls = server_certificate(ca, host="other.example").server_context(tmp_path)

    with scripted(tls=tls) as server:
        receipt = hand(trusting, server.address(SmtpSecurity.TLS))

    assert receipt.outcome is Outcome.UNREACHABLE
    assert "certificate is not valid for '127.0.0.1'" in receipt.text


def test_by_default_only_certificates_the_system_trusts_will_do(
    outbox: SmtpOutbox, tls: ssl.SSLContext
) -> None:
    with scripted(tls=tls) as server:
        receipt = hand(outbox, server.address(SmtpSecurity.TLS))

    assert "certificate cannot be trusted" in receipt.text


def test_tls_to_a_port_that_begins_in_the_clear_says_what_to_write(outbox: SmtpOutbox) -> None:
    with scripted() as server:
        receipt = hand(outbox, server.address(SmtpSecurity.TLS))

    assert receipt.outcome is Outcome.UNREACHABLE
    assert "smtp://" in receipt.text


def test_a_port_that_waits_for_tls_says_what_to_write(
    impatient: SmtpOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted({GREETING: Act.STALL}) as server:
        monkeypatch.setattr(socket, "create_connection", connect_to(server.port))
        receipt = hand(impatient, replace(server.address(), port=465))

    assert receipt.outcome is Outcome.UNREACHABLE
    assert "smtps://" in receipt.text


def test_starttls_is_used_where_it_is_offered(
    trusting: SmtpOutbox, tls: ssl.SSLContext, real_server: Any
) -> None:
    server: RealServer = real_server(tls_context=tls, require_starttls=True)

    receipt = hand(trusting, address_of(server))

    assert receipt.outcome is Outcome.ACCEPTED
    assert len(server.inbox.taken) == 1


def test_starttls_with_a_certificate_nobody_vouches_for_is_not_given_up_for_plain_text(
    trusting: SmtpOutbox, self_signed: ssl.SSLContext, real_server: Any
) -> None:
    server: RealServer = real_server(tls_context=self_signed)

    receipt = hand(trusting, address_of(server))

    assert (receipt.outcome, receipt.stage) == (Outcome.UNREACHABLE, Stage.CONNECT)
    assert "certificate cannot be trusted" in receipt.text
    assert server.inbox.taken == []


def test_starttls_that_is_offered_and_then_refused_is_not_given_up_for_plain_text(
    send: Send,
) -> None:
    with scripted({"STARTTLS": "454 4.7.0 not now"}, extensions=("STARTTLS",)) as server:
        receipt = send(server.address())

    assert (receipt.outcome, receipt.code) == (Outcome.UNREACHABLE, 454)
    assert server.count("MAIL") == 0


def test_what_is_slipped_in_before_the_handshake_ends_the_connection(send: Send) -> None:
    injected = "220 go ahead\r\n250 AUTH PLAIN"
    with scripted({"STARTTLS": injected}, extensions=("STARTTLS",)) as server:
        receipt = send(server.address(login=LOGIN))

    assert receipt.outcome is Outcome.UNREACHABLE
    assert "spoke out of turn" in receipt.text
    assert server.count("AUTH") == 0


def test_mail_is_not_handed_to_a_distant_server_in_the_clear(
    outbox: SmtpOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", connect_from_afar)
    with scripted(extensions=("AUTH PLAIN",)) as server:
        receipt = hand(outbox, server.address(login=LOGIN))

    assert (receipt.outcome, receipt.stage) == (Outcome.UNREACHABLE, Stage.CONNECT)
    assert "does not offer STARTTLS" in receipt.text
    assert server.commands == ["EHLO [127.0.0.1]"]


def test_mail_is_handed_over_in_the_clear_where_that_was_asked_for(
    outbox: SmtpOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", connect_from_afar)
    with scripted(extensions=("STARTTLS", "AUTH PLAIN")) as server:
        receipt = hand(outbox, server.address(SmtpSecurity.NONE, login=LOGIN))

    assert receipt.outcome is Outcome.ACCEPTED
    assert server.count("STARTTLS") == 0


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_login_is_made_by_whichever_way_the_server_knows(
    outbox: SmtpOutbox, real_server: Any, mechanism: str
) -> None:
    other = {"PLAIN": "LOGIN", "LOGIN": "PLAIN"}[mechanism]
    heard: list[tuple[str, str]] = []
    server: RealServer = real_server(
        authenticator=listener(heard), auth_require_tls=False, auth_exclude_mechanism=[other]
    )

    receipt = hand(outbox, address_of(server, LOGIN))

    assert receipt.outcome is Outcome.ACCEPTED
    assert heard == [LOGIN]


def test_a_refused_login_is_tried_once_and_is_the_inboxs_fault(send: Send) -> None:
    refusal = "535 5.7.8 Username and password not accepted"
    with scripted({"AUTH": refusal}, extensions=("AUTH LOGIN PLAIN",)) as server:
        receipt = send(server.address(login=LOGIN))

    assert (receipt.outcome, receipt.stage) == (Outcome.UNREACHABLE, Stage.LOGIN)
    assert f"{receipt.code} {receipt.text}" == refusal
    assert server.count("AUTH") == 1


@pytest.mark.parametrize("answer", ["454 4.7.0 try later", "421 4.7.0 too many", Act.CLOSE])
def test_a_login_that_fails_for_now_is_the_inboxs_fault_too(send: Send, answer: Any) -> None:
    with scripted({"AUTH": answer}, extensions=("AUTH PLAIN",)) as server:
        receipt = send(server.address(login=LOGIN))

    assert (receipt.outcome, receipt.stage) == (Outcome.UNREACHABLE, Stage.LOGIN)
    assert server.count("MAIL") == 0


def test_a_server_that_knows_no_passwords_is_told_none(send: Send) -> None:
    with scripted(extensions=("AUTH XOAUTH2",)) as server:
        receipt = send(server.address(login=LOGIN))

    assert (receipt.outcome, receipt.stage) == (Outcome.UNREACHABLE, Stage.LOGIN)
    assert server.count("AUTH") == 0


def test_a_failed_login_never_shows_the_password(send: Send) -> None:
    with scripted({"AUTH": Act.CLOSE}, extensions=("AUTH PLAIN",)) as server:
        receipt = send(server.address(login=("rita", "s3cret")))

    assert "s3cret" not in repr(receipt) + repr(server.address(login=("rita", "s3cret")))


class FarAway(socket.socket):
    """A connection to this machine that says it leads to another one."""

    def getpeername(self) -> tuple[str, int]:
        return ("192.0.2.1", 25)


def connect_to(port: int) -> Callable[[tuple[str, int], float], socket.socket]:
    """A way to connect that ends here, whichever port is asked for."""

    def connect(_address: tuple[str, int], timeout: float) -> socket.socket:
        near = socket.socket()
        near.settimeout(timeout)
        near.connect(("127.0.0.1", port))
        return near

    return connect


def connect_from_afar(address: tuple[str, int], timeout: float) -> socket.socket:
    near = socket.socket()
    near.connect(address)
    far = FarAway(fileno=near.detach())
    far.settimeout(timeout)
    return far


def listener(heard: list[tuple[str, str]]) -> Any:
    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: LoginPassword
    ) -> AuthResult:
        heard.append((login.login.decode(), login.password.decode()))
        return AuthResult(success=True)

    return authenticate


def hand(outbox: SmtpOutbox, server: SmtpServer) -> Receipt:
    return outbox.send(server, an_email(), before_data=lambda: True)


def address_of(server: RealServer, login: tuple[str, str] | None = None) -> SmtpServer:
    username, password = login or (None, None)
    return SmtpServer(
        host="127.0.0.1",
        port=server.port,
        security=SmtpSecurity.IF_OFFERED,
        username=username,
        password=password,
    )
