from __future__ import annotations

import pytest

from drumbeat.domain.sender import SmtpSecurity, SmtpServer
from drumbeat.errors import Invalid
from drumbeat.mail.smtp_url import parse_smtp_url


def server(
    host: str,
    port: int,
    security: SmtpSecurity = SmtpSecurity.IF_OFFERED,
    login: tuple[str, str] | None = None,
) -> SmtpServer:
    username, password = login or (None, None)
    return SmtpServer(host=host, port=port, security=security, username=username, password=password)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.com", server("mail.example.com", 587)),
        ("smtp://mail.example.com:25/", server("mail.example.com", 25)),
        ("SMTP://Mail.Example.COM:2525", server("mail.example.com", 2525)),
        ("smtp://localhost:1025?tls=none", server("localhost", 1025, SmtpSecurity.NONE)),
        ("smtps://mail.example.com", server("mail.example.com", 465, SmtpSecurity.TLS)),
        ("smtps://mail.example.com:8465", server("mail.example.com", 8465, SmtpSecurity.TLS)),
        ("smtp://[::1]:25", server("::1", 25)),
        ("smtp://127.0.0.1", server("127.0.0.1", 587)),
        ("smtp://rita:s3cret@host", server("host", 587, login=("rita", "s3cret"))),
        (
            "smtp://rita%40example.com:p%40ss%2Fw%C3%B6rd%3A%25@host:25",
            server("host", 25, login=("rita@example.com", "p@ss/wörd:%")),
        ),
        (
            "smtp://rita@example.com:a:b@host",
            server("host", 587, login=("rita@example.com", "a:b")),
        ),
    ],
)
def test_a_server_is_read_from_one_line(url: str, expected: SmtpServer) -> None:
    assert parse_smtp_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.com",
        "rita:s3cret@mail.example.com",
        "http://rita:s3cret@mail.example.com",
        "smtp:rita:s3cret@mail.example.com",
        "smtp://",
        "smtp://rita:s3cret@",
        "smtp://rita:s3cret@:25",
        "smtp://rita:s3cret@host:0",
        "smtp://rita:s3cret@host:65536",
        "smtp://rita:s3cret@host:mail",
        "smtp://rita:s3cret@host:-1",
        "smtp://rita@host",
        "smtp://rita:@host",
        "smtp://:s3cret@host",
        "smtp://rita:s3cret/x@host",
        "smtp://rita:s3cret?x@host",
        "smtp://rita:s3cret#x@host",
        "smtp://rita:s3cret%zz@host",
        "smtp://rita:s3cret%0d%0aQUIT@host",
        "smtp://rita:s3cret%ff@host",
        "smtp://rita%00:s3cret@host",
        "smtp://rita:s3cret@host\r\nQUIT",
        "smtp://rita:s3cret@ho\tst",
        "smtp://rita:s3cret@ho st",
        "smtp://rita:s3cret@host/path",
        "smtp://rita:s3cret@host#",
        "smtp://rita:s3cret@host?tls=maybe",
        "smtp://rita:s3cret@host?tls=none&tls=none",
        "smtp://rita:s3cret@host?starttls=1",
        "smtps://rita:s3cret@host?tls=none",
        "smtp://rita:s3cret@[::1",
        "smtp://rita:s3cret@::1",
        "smtp://rita:s3cret@host,other",
        "smtp://rita:s3cret@ho%20st",
        "smtp://rita:s3cret@..",
        "smtp://rita:s3cret@\u2100.example",
    ],
)
def test_a_mistake_says_what_to_write_and_never_the_password(url: str) -> None:
    with pytest.raises(Invalid, match=r"write smtp\[s\]://user:password@host:port") as refused:
        parse_smtp_url(url)

    error = refused.value
    assert "s3cret" not in f"{error} {error.faults} {error.__cause__}"
    assert error.__suppress_context__
