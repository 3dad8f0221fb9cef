"""Handing messages over by SMTP, and telling for certain what became of them.

Up to the 354 that asks for the data nothing of a message has left, and whatever goes wrong is
safe to try again. From then on only a clear answer after the final dot says what happened;
anything else leaves the message in doubt.
"""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from drumbeat.domain.message import OutgoingEmail
from drumbeat.domain.sender import SmtpServer
from drumbeat.mail.addresses import NotAnAddress, wire_address
from drumbeat.mail.mime import to_bytes
from drumbeat.mail.ports import Outcome, Receipt, Stage
from drumbeat.mail.smtp_connection import Broken, Reply, SmtpConnection, Unreachable

TIMEOUT_SECONDS = 30.0
# Servers hang up on those who are silent or talk too much; many after a minute or a few
# hundred messages.
KEPT_SECONDS = 60.0
MESSAGES_PER_CONNECTION = 100
# Of the whole goodbye to all servers: the process has promised to be gone soon.
GOODBYE_SECONDS = 0.5

GO_AHEAD = 354
SHUTTING_DOWN = 421
# Authentication required, too weak, wrong, or not without TLS (RFC 4954 section 6): said to
# MAIL, it is no word about the message but about how the inbox is connected.
LOGIN_WANTED = (530, 534, 535, 538)
ENHANCED_CODE = re.compile(r"5\.([0-9]{1,3})\.([0-9]{1,3})\b")
# What RFC 3463 calls the parts of such a code.
ADDRESSING = "1"
ABOUT_THE_SENDER = (("1", "7"), ("1", "8"))
MAILBOX_DISABLED = ("2", "1")
# "No such address" in codes of three digits (RFC 5321 section 4.2.3).
BAD_ADDRESS_CODES = (550, 551, 553)


class CannotTake(Exception):
    """The server lacks an extension without which it cannot be given this message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message as it crosses the wire, in its envelope."""

    mail_from: str
    rcpt_to: str
    data: bytes
    needs_smtputf8: bool


@dataclass(slots=True)
class Line:
    """The way to one server: at most one connection, used by one thread at a time."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    """Threads that hold the lock or wait for it; counted under the outbox's own lock."""
    connection: SmtpConnection | None = None

    @property
    def is_open(self) -> bool:
        return self.connection is not None and self.connection.is_open


class SmtpOutbox:
    """Hands messages over by SMTP. Any number of threads may share one."""

    def __init__(
        self,
        timeout: float = TIMEOUT_SECONDS,
        *,
        ssl_context: ssl.SSLContext | None = None,
        kept_seconds: float = KEPT_SECONDS,
        messages_per_connection: int = MESSAGES_PER_CONNECTION,
    ) -> None:
        self._timeout = timeout
        self._context = ssl_context or ssl.create_default_context()
        self._kept_seconds = kept_seconds
        self._messages_per_connection = messages_per_connection
        self._lines: dict[SmtpServer, Line] = {}
        self._lock = threading.Lock()

    def send(
        self, server: SmtpServer, email: OutgoingEmail, *, before_data: Callable[[], bool]
    ) -> Receipt:
        """Hand one message over, and say what became of it. Raises nothing for mail faults."""
        try:
            letter = sealed(email)
        except NotAnAddress as fault:
            return unaddressable(email, fault)
        hang_up(self._take_idle(older_than=self._kept_seconds), within=0)
        with self._line_to(server) as line:
            try:
                connection, reply = self._offer(line, server, letter)
            except Unreachable as fault:
                return unreachable(fault.stage, fault.text, fault.code)
            except CannotTake as fault:
                return Receipt(outcome=Outcome.PERMANENT, stage=Stage.MAIL, text=str(fault))
            return hand_over(connection, reply, letter, before_data)

    def close(self) -> None:
        """Take leave of every server politely; what is under way goes on."""
        hang_up(self._take_idle(older_than=0), within=GOODBYE_SECONDS)

    def _offer(
        self, line: Line, server: SmtpServer, letter: Letter
    ) -> tuple[SmtpConnection, Reply]:
        """A connection over which the message was offered by MAIL, and the answer to that.

        One that was kept may have died or had its fill since: then it is offered once more over
        a new one, which is safe before anything of it was sent.
        """
        kept = self._kept(line)
        if kept is not None:
            with suppress(Broken):
                reply = offer(kept, letter)
                if reply.is_positive:
                    return kept, reply
            hang_up([kept], within=0)
        line.connection = SmtpConnection(server, timeout=self._timeout, context=self._context)
        try:
            return line.connection, offer(line.connection, letter)
        except Broken as fault:
            raise Unreachable(Stage.MAIL, str(fault)) from fault

    def _kept(self, line: Line) -> SmtpConnection | None:
        connection, line.connection = line.connection, None
        if connection is None or not connection.is_open:
            return None
        is_used_up = connection.messages >= self._messages_per_connection
        if is_used_up or connection.idle_seconds > self._kept_seconds or connection.has_unread:
            hang_up([connection], within=0)
            return None
        line.connection = connection
        return connection

    @contextmanager
    def _line_to(self, server: SmtpServer) -> Iterator[Line]:
        """The line to *server*, for this thread alone."""
        with self._lock:
            line = self._lines.setdefault(server, Line())
            line.users += 1
        try:
            with line.lock, closed_if_left_halfway(line):
                yield line
        finally:
            with self._lock:
                line.users -= 1
                if line.users == 0 and not line.is_open:
                    del self._lines[server]

    def _take_idle(self, older_than: float) -> list[SmtpConnection]:
        """The connections nobody has used for so long, no longer kept."""
        with self._lock:
            idle = {
                server: line.connection
                for server, line in self._lines.items()
                if line.users == 0
                and line.connection is not None
                and line.connection.idle_seconds >= older_than
            }
            for server in idle:
                del self._lines[server]
        return list(idle.values())


def sealed(email: OutgoingEmail) -> Letter:
    mail_from, rcpt_to = wire_address(email.envelope_from), wire_address(email.to_email)
    shown_from = wire_address(email.from_email)
    return Letter(
        mail_from=mail_from,
        rcpt_to=rcpt_to,
        data=to_bytes(email),
        needs_smtputf8=not (mail_from + rcpt_to + shown_from).isascii(),
    )


def offer(connection: SmtpConnection, letter: Letter) -> Reply:
    """Say MAIL. Raises CannotTake where the server lacks what the message needs, and Broken."""
    command = f"MAIL FROM:<{letter.mail_from}>"
    if connection.offers("size"):
        command += f" SIZE={len(letter.data)}"
    if letter.needs_smtputf8:
        if not connection.offers("smtputf8"):
            raise CannotTake("the server cannot take addresses beyond ASCII (no SMTPUTF8)")
        command += " SMTPUTF8 BODY=8BITMIME"
    connection.messages += 1
    return connection.command(command)


def hand_over(
    connection: SmtpConnection, offered: Reply, letter: Letter, before_data: Callable[[], bool]
) -> Receipt:
    """From the answer to MAIL to the answer after the final dot."""
    if not offered.is_positive:
        return refused(connection, offered, Stage.MAIL)
    try:
        named = connection.command(f"RCPT TO:<{letter.rcpt_to}>")
    except Broken as fault:
        return unreachable(Stage.RCPT, str(fault))
    if not named.is_positive:
        return refused(connection, named, Stage.RCPT)
    if not before_data():
        connection.reset()
        text = "withdrawn before anything was sent"
        return Receipt(outcome=Outcome.WITHDRAWN, stage=Stage.RCPT, text=text)
    try:
        asked = connection.command("DATA")
    except Broken as fault:
        return unreachable(Stage.DATA, str(fault))
    if asked.code != GO_AHEAD:
        return refused(connection, asked, Stage.DATA)
    return transmitted(connection, letter)


def transmitted(connection: SmtpConnection, letter: Letter) -> Receipt:
    """Send the data. Whatever is not a clear answer to it leaves the message in doubt."""
    try:
        reply = connection.transmit(letter.data)
    except Broken as fault:
        return Receipt(outcome=Outcome.IN_DOUBT, stage=Stage.DATA, text=str(fault))
    if reply.is_positive:
        return Receipt(outcome=Outcome.ACCEPTED, stage=Stage.DATA, code=reply.code, text=reply.text)
    if reply.is_temporary or reply.is_permanent:
        return refused(connection, reply, Stage.DATA)
    connection.close()
    return Receipt(outcome=Outcome.IN_DOUBT, stage=Stage.DATA, code=reply.code, text=reply.text)


def refused(connection: SmtpConnection, reply: Reply, stage: Stage) -> Receipt:
    """What a refusal means; the connection is made ready for another message, or closed."""
    # A server that says neither yes nor no may be waiting for the data by now, and would take
    # the next command for its first line.
    is_clear = reply.is_temporary or reply.is_permanent
    if is_clear and reply.code != SHUTTING_DOWN:
        connection.reset()
    else:
        connection.close()
    if not is_clear:
        return unreachable(stage, f"an answer out of place: {reply.text}", reply.code)
    if reply.code in LOGIN_WANTED and stage is not Stage.DATA:
        return unreachable(Stage.LOGIN, reply.text, reply.code)
    return Receipt(
        outcome=Outcome.TEMPORARY if reply.is_temporary else Outcome.PERMANENT,
        stage=stage,
        code=reply.code,
        text=reply.text,
        is_bad_address=is_bad_address(reply, stage),
    )


def is_bad_address(reply: Reply, stage: Stage) -> bool:
    """Whether the recipient's address is named as the cause, and will be one tomorrow too."""
    if not reply.is_permanent or stage not in (Stage.RCPT, Stage.DATA):
        return False
    enhanced = ENHANCED_CODE.match(reply.text)
    if enhanced is None:
        return stage is Stage.RCPT and reply.code in BAD_ADDRESS_CODES
    subject_and_detail = enhanced.groups()
    if subject_and_detail in ABOUT_THE_SENDER:
        return False
    return subject_and_detail[0] == ADDRESSING or subject_and_detail == MAILBOX_DISABLED


def unreachable(stage: Stage, text: str, code: int | None = None) -> Receipt:
    return Receipt(outcome=Outcome.UNREACHABLE, stage=stage, code=code, text=text)


def unaddressable(email: OutgoingEmail, fault: NotAnAddress) -> Receipt:
    """Nothing of an address that is none may reach a server, which would take it for commands."""
    is_recipient = fault.address == email.to_email
    return Receipt(
        outcome=Outcome.PERMANENT,
        stage=Stage.RCPT if is_recipient else Stage.MAIL,
        text=str(fault),
        is_bad_address=is_recipient,
    )


@contextmanager
def closed_if_left_halfway(line: Line) -> Iterator[None]:
    """Whatever is raised in here, no other message is offered in the middle of this one."""
    try:
        yield
    except BaseException:
        if line.connection is not None:
            line.connection.close()
        raise


def hang_up(connections: Collection[SmtpConnection], *, within: float) -> None:
    for connection in connections:
        connection.say_goodbye()
    deadline = time.monotonic() + within
    for connection in connections:
        connection.hear_goodbye(deadline)
