"""Whether a mail server would take mail, found out without handing it any."""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass
from enum import Enum, auto

from drumbeat.domain.sender import SmtpServer
from drumbeat.mail.ports import Stage
from drumbeat.mail.smtp_connection import Reply, SmtpConnection, Unreachable

GOODBYE_SECONDS = 1.0


class Cause(Enum):
    """What stood in the way, as far as it decides what would help."""

    NO_SUCH_HOST = auto()
    NO_ANSWER = auto()
    CERTIFICATE = auto()
    TLS = auto()
    UNWELCOME = auto()
    """The server answered, and does not want to go on."""
    LOGIN_REFUSED = auto()
    LOGIN_FOR_NOW = auto()
    """The login was not taken this time; it need not be wrong."""
    NO_WAY_TO_LOG_IN = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The server would now be offered mail. *privacy* is the version of TLS, None without."""

    privacy: str | None
    welcome: Reply | None
    wants_login: bool
    """Whether it lets people log in, and we did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """How far we came. *said* has the server's own words, or ours where it said nothing."""

    cause: Cause
    code: int | None
    said: str

    def __str__(self) -> str:
        return f"{self.code} {self.said}" if self.code else self.said


def probe(
    server: SmtpServer, *, patience: float, context: ssl.SSLContext | None = None
) -> Reached | Missed:
    """Connect, make it private, log in and take leave, as the first message would."""
    try:
        connection = SmtpConnection(
            server, timeout=patience, context=context or ssl.create_default_context()
        )
    except Unreachable as fault:
        return Missed(cause=cause_of(fault), code=fault.code, said=fault.text)
    reached = Reached(
        privacy=connection.privacy,
        welcome=connection.welcome,
        wants_login=connection.welcome is None and connection.offers("auth"),
    )
    connection.say_goodbye()
    connection.hear_goodbye(time.monotonic() + min(patience, GOODBYE_SECONDS))
    return reached


def cause_of(fault: Unreachable) -> Cause:
    if fault.stage is Stage.LOGIN:
        return cause_at_login(fault)
    if fault.code is not None:
        return Cause.UNWELCOME
    match fault.__cause__:
        case ssl.SSLCertVerificationError():
            return Cause.CERTIFICATE
        case ssl.SSLError():
            return Cause.TLS
        case socket.gaierror():
            return Cause.NO_SUCH_HOST
        case OSError():
            return Cause.NO_ANSWER
    return Cause.OTHER


def cause_at_login(fault: Unreachable) -> Cause:
    if fault.code is not None:
        return Cause.LOGIN_REFUSED if fault.code >= 500 else Cause.LOGIN_FOR_NOW
    return Cause.NO_WAY_TO_LOG_IN if fault.__cause__ is None else Cause.OTHER
