"""What the rest of the program knows of mail servers: the ports, and what can come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from drumbeat.domain.message import OutgoingEmail
from drumbeat.domain.sender import SmtpServer


class Outcome(Enum):
    """What became of one attempt to hand a message over."""

    ACCEPTED = auto()
    """The server took the message after its final dot."""
    TEMPORARY = auto()
    """The server said a 4xx to this message; it was not taken and may be tried again."""
    PERMANENT = auto()
    """The server said a 5xx to this message; it was not taken and never will be."""
    UNREACHABLE = auto()
    """Connecting, TLS or login failed, or the connection broke before the message's data was
    asked for: nothing was taken, and the fault is the server's or the inbox's settings'."""
    IN_DOUBT = auto()
    """No clear answer after the data was begun: whether it was taken cannot be known."""
    WITHDRAWN = auto()
    """The caller's own last gate said no between RCPT and DATA; nothing was sent."""


class Stage(Enum):
    CONNECT = auto()
    LOGIN = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a server said when it was handed a message, or that we cannot know."""

    outcome: Outcome
    stage: Stage
    code: int | None = None
    text: str = ""
    """The server's own words, in one line; ours where the server said nothing."""
    is_bad_address: bool = False
    """A PERMANENT refusal that names the recipient's address as the cause (RFC 3463 X.1.x,
    X.2.1, or 550/551/553 to RCPT without an enhanced code that says otherwise)."""


class Outbox(Protocol):
    def send(
        self, server: SmtpServer, email: OutgoingEmail, *, before_data: Callable[[], bool]
    ) -> Receipt:
        """Hand one message over, and say what became of it. Raises nothing for mail faults.

        *before_data* is called once, after the server has accepted the recipient and before
        the DATA command: it commits the intent, and answers whether the message may go.
        """
        ...

    def close(self) -> None:
        """Take leave of every server politely."""
        ...
