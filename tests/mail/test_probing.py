"""Trying a mail server out: as far as the first message would come, and no message."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from drumbeat.domain.sender import SmtpSecurity, SmtpServer
from drumbeat.mail.probing import Cause, Missed, Reached, probe
from tests.mail.certificates import Issued, server_certificate
from tests.mail.conftest import PATIENCE, RealServer
from tests.mail.scripted_server import GREETING, Act, Script, scripted
from tests.mail.test_smtp_privacy import address_of, listener

LOGIN = ("rita", "s3cret")


def missed(server: SmtpServer, patience: float = 10) -> Missed:
    found = probe(server, patience=patience)
    assert isinstance(found, Missed), found
    return found


def test_a_server_is_asked_in_and_left_without_a_message() -> None:
    with scripted(extensions=("AUTH PLAIN",)) as server:
        found = probe(server.address(login=LOGIN), patience=10)

    assert isinstance(found, Reached)
    assert found.welcome is not None
    assert (found.welcome.code, found.welcome.text) == (235, "2.7.0 welcome")
    assert [command.partition(" ")[0] for command in server.commands] == ["EHLO", "AUTH", "QUIT"]


def test_a_real_server_takes_the_login_over_tls(
    ca: Issued, tmp_path: Path, real_server: Any
) -> None:
    heard: list[tuple[str, str]] = []
    tls = server_certificate(ca).server_context(tmp_path)
    server: RealServer = real_server(tls_context=tls, authenticator=listener(heard))

    found = probe(address_of(server, LOGIN), patience=10, context=ca.client_context())

    assert isinstance(found, Reached)
    assert (found.privacy, found.wants_login) == ("TLSv1.3", False)
    assert heard == [LOGIN]
    assert server.inbox.taken == []


@pytest.mark.parametrize(("extensions", "wants"), [((), False), (("AUTH PLAIN",), True)])
def test_a_server_that_lets_people_log_in_may_want_it(
    extensions: tuple[str, ...], wants: bool
) -> None:
    with scripted(extensions=extensions) as server:
        found = probe(server.address(), patience=10)

    assert found == Reached(privacy=None, welcome=None, wants_login=wants)


@pytest.mark.parametrize(
    ("script", "cause", "said"),
    [
        ({"AUTH": "535 5.7.8 Nope"}, Cause.LOGIN_REFUSED, "535 5.7.8 Nope"),
        ({"AUTH": "534 5.7.9 Get an app password"}, Cause.LOGIN_REFUSED, "534 5.7.9 Get an app"),
        ({"AUTH": "454 4.7.0 Later"}, Cause.LOGIN_FOR_NOW, "454 4.7.0 Later"),
        ({"AUTH": Act.CLOSE}, Cause.OTHER, "closed the connection"),
        ({GREETING: "554 5.7.1 You are listed"}, Cause.UNWELCOME, "554 5.7.1 You are listed"),
        ({GREETING: "421 Too busy"}, Cause.UNWELCOME, "421 Too busy"),
        ({GREETING: "SSH-2.0-OpenSSH_9.6"}, Cause.OTHER, "something else than SMTP: SSH-2.0"),
        ({GREETING: Act.CLOSE}, Cause.OTHER, "closed the connection"),
        ({"EHLO": "502 What?"}, Cause.UNWELCOME, "502 What?"),
    ],
)
def test_what_a_server_says_is_passed_on(script: Script, cause: Cause, said: str) -> None:
    with scripted(script, extensions=("AUTH PLAIN",)) as server:
        found = missed(server.address(login=LOGIN))

    assert found.cause is cause
    assert said in str(found)


def test_a_server_that_knows_no_passwords_is_told_none() -> None:
    with scripted(extensions=("AUTH XOAUTH2",)) as server:
        assert missed(server.address(login=LOGIN)).cause is Cause.NO_WAY_TO_LOG_IN

    assert server.count("AUTH") == 0


@pytest.mark.parametrize("act", [Act.STALL, Act.DRIP])
def test_a_server_that_never_ends_a_line_is_waited_for_so_long_and_no_longer(act: Act) -> None:
    with scripted({GREETING: act}) as server:
        assert f"no answer within {PATIENCE} s" in str(missed(server.address(), PATIENCE))


def test_a_server_that_does_not_say_goodbye_has_passed_all_the_same() -> None:
    with scripted({"QUIT": Act.STALL}) as server:
        assert isinstance(probe(server.address(), patience=PATIENCE), Reached)


def test_a_port_where_nobody_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = SmtpServer(host="127.0.0.1", port=port, security=SmtpSecurity.IF_OFFERED)

    found = missed(server)

    assert found.cause is Cause.NO_ANSWER
    assert str(found) == f"127.0.0.1:{port}: connection refused"


def test_a_certificate_that_nobody_vouches_for_is_told(tmp_path: Path) -> None:
    tls: ssl.SSLContext = server_certificate(None).server_context(tmp_path)
    with scripted(tls=tls) as server:
        found = missed(server.address(SmtpSecurity.TLS))

    assert found.cause is Cause.CERTIFICATE


def test_tls_where_none_is_spoken_is_told() -> None:
    with scripted() as server:
        assert missed(server.address(SmtpSecurity.TLS)).cause is Cause.TLS


def test_a_host_that_has_no_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lost)
    server = SmtpServer(host="smtp.example.invalid", port=25, security=SmtpSecurity.IF_OFFERED)

    assert missed(server).cause is Cause.NO_SUCH_HOST


def test_the_password_is_never_in_what_is_told() -> None:
    with scripted({"AUTH": Act.CLOSE}, extensions=("AUTH PLAIN",)) as server:
        assert "s3cret" not in repr(missed(server.address(login=LOGIN)))
