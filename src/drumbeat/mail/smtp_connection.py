"""One connection to one mail server: opened, made private, logged in, spoken over.

smtplib speaks the protocol. What it leaves to luck is decided here: how long and how much is
read for one answer, what counts as an answer at all, and where a password may be sent.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import selectors
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from typing import NoReturn

from drumbeat.domain.sender import SmtpSecurity, SmtpServer
from drumbeat.mail.ports import Stage

# RFC 5321 (4.5.3.2.6) grants a server ten minutes after the final dot, because whoever leaves
# earlier does not know what became of the message. Four times the usual patience is two
# minutes by default: enough for servers that look through a message before they answer.
FINAL_PATIENCE = 4
LONGEST_ANSWER = 64 * 1024
LONGEST_TEXT = 500
TLS_PORT = 465
ASKED_FOR_MORE = 334
ANSWER_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?")
ANY_LINE_BREAK = re.compile(rb"\r\n|\r|\n")
FIRST_DOT = re.compile(rb"^\.", re.MULTILINE)


class Broken(Exception):
    """The connection is of no more use: it is closed, silent, or speaks something else."""


class Unreachable(Exception):
    """There is no connection over which a message could be offered."""

    def __init__(self, stage: Stage, text: str, code: int | None = None) -> None:
        super().__init__(text)
        self.stage = stage
        self.text = text
        self.code = code


@dataclass(frozen=True, slots=True)
class Reply:
    code: int
    text: str

    @property
    def is_positive(self) -> bool:
        return 200 <= self.code < 300

    @property
    def is_temporary(self) -> bool:
        return 400 <= self.code < 500

    @property
    def is_permanent(self) -> bool:
        return self.code >= 500


class SmtpConnection:
    def __init__(self, server: SmtpServer, *, timeout: float, context: ssl.SSLContext) -> None:
        """Connect as *server* asks for, up to where a message can be offered.

        Raises Unreachable.
        """
        self.messages = 0
        """How many were offered over it."""
        self.welcome: Reply | None = None
        """What the server said to the login; None where there was none."""
        self._used_at = time.monotonic()
        self._session = Session(timeout)
        try:
            connect(self._session, server, context)
            greet(self._session, server, context)
            self.welcome = log_in(self._session, server)
        except Broken as fault:
            raise Unreachable(Stage.CONNECT, str(fault)) from fault
        except Unreachable:
            self.close()
            raise

    def offers(self, extension: str) -> bool:
        return self._session.has_extn(extension)

    def command(self, line: str) -> Reply:
        """Say *line* and hear the answer. Raises Broken, and is closed then."""
        self._used_at = time.monotonic()
        return ask(self._session, line)

    def transmit(self, message: bytes) -> Reply:
        """Send the message that a 354 asked for, and hear what became of it. Raises Broken."""
        self._session.send(stuffed(message))
        reply = answer(self._session, FINAL_PATIENCE)
        self._used_at = time.monotonic()
        return reply

    def reset(self) -> None:
        """Take back what was offered, so that another message can be; or close."""
        try:
            reply = self.command("RSET")
        except Broken:
            return
        if not reply.is_positive:
            self.close()

    @property
    def is_open(self) -> bool:
        return self._session.sock is not None

    @property
    def privacy(self) -> str | None:
        """The version of TLS that is spoken, None where anyone on the way can read along."""
        sock = self._session.sock
        return sock.version() if isinstance(sock, ssl.SSLSocket) else None

    @property
    def idle_seconds(self) -> float:
        return time.monotonic() - self._used_at

    @property
    def has_unread(self) -> bool:
        """Whether the server said something unasked, which can only be a farewell."""
        return self._session.has_unread()

    def say_goodbye(self) -> None:
        try:
            self._session.putcmd("QUIT")
        except Broken:
            return

    def hear_goodbye(self, deadline: float) -> None:
        """Wait for the answer to the goodbye, though not for long, and close."""
        try:
            self._session.getreply_within(deadline - time.monotonic())
        except Broken:
            return
        self.close()

    def close(self) -> None:
        self._session.close()


class Session(smtplib.SMTP):
    """smtplib's session, but what is read for one answer is limited in time and size.

    Its own reads wait anew for every byte, take `550` cut off after the second 5 for a code
    of 55, and an endless line for a code of 500.
    """

    # Lower case is as good by the RFC, and is what spam filters know bad clients by.
    ehlo_msg = "EHLO"

    def __init__(self, patience: float) -> None:
        # Left to itself it asks DNS for our name, which can take many seconds.
        super().__init__(local_hostname="localhost", timeout=patience)
        self.command_encoding = "utf-8"
        self.patience = patience
        self.unread = bytearray()

    def send(self, s: str | bytes) -> None:  # type: ignore[override]
        if self.sock is None:
            raise Broken("the connection is closed")
        if self.unread:
            self.give_up("the server spoke out of turn")
        try:
            self.sock.settimeout(self.patience)
            self.sock.sendall(s.encode() if isinstance(s, str) else s)
        except OSError as error:
            self.give_up(in_words(error, self.patience))

    def getreply(self) -> tuple[int, bytes]:
        return self.getreply_within(self.patience)

    def getreply_within(self, seconds: float) -> tuple[int, bytes]:
        deadline = time.monotonic() + seconds
        texts = []
        size = 0
        while True:
            try:
                line = self.read_line(deadline)
            except OSError as error:
                self.give_up(in_words(error, seconds))
            match = ANSWER_LINE.fullmatch(line)
            if match is None:
                self.give_up(f"the server answered with something else than SMTP: {shown(line)}")
            code, dash, text = match.groups(b"")
            texts.append(text)
            size += len(line)
            if size > LONGEST_ANSWER:
                self.give_up("the server's answer has no end")
            if dash != b"-":
                return int(code), b"\n".join(texts)

    def read_line(self, deadline: float) -> bytes:
        while b"\n" not in self.unread:
            if self.sock is None:
                raise Broken("the connection is closed")
            # A timeout of nothing would mean not to wait at all, and is another error.
            self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
            some = self.sock.recv(8192)
            if not some:
                self.give_up("the server closed the connection")
            self.unread += some
            if len(self.unread) > LONGEST_ANSWER:
                self.give_up("the server's answer has no end")
        end = self.unread.index(b"\n")
        line = bytes(self.unread[:end])
        del self.unread[: end + 1]
        return line.removesuffix(b"\r")

    def has_unread(self) -> bool:
        if self.sock is None or self.unread:
            return True
        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, selectors.EVENT_READ)
            return bool(selector.select(0))

    def give_up(self, why: str) -> NoReturn:
        self.close()
        raise Broken(why)


def connect(session: Session, server: SmtpServer, context: ssl.SSLContext) -> None:
    try:
        address = (server.host, server.port)
        session.sock = socket.create_connection(address, timeout=session.patience)
        if server.security is SmtpSecurity.TLS:
            wrap(session, server, context)
    # A host that cannot be a name of DNS is a ValueError, a port that is none an OverflowError.
    except (OSError, ValueError, OverflowError) as error:
        why = in_words(error, session.patience)
        if isinstance(error, ssl.SSLError) and "WRONG_VERSION" in str(error):
            why += "; a port that expects STARTTLS goes with smtp://, not smtps://"
        raise Unreachable(Stage.CONNECT, f"{place(server)}: {why}") from error
    session.local_hostname = literal(session.sock.getsockname()[0])


def wrap(session: Session, server: SmtpServer, context: ssl.SSLContext) -> None:
    # What came before the handshake can have been slipped in by anyone (RFC 3207 section 6).
    if session.sock is None or session.unread:
        session.give_up("the server spoke out of turn")
    session.sock = context.wrap_socket(session.sock, server_hostname=server.host)


def greet(session: Session, server: SmtpServer, context: ssl.SSLContext) -> None:
    """Hear the greeting, say hello, and make the connection private as far as is asked for."""
    try:
        refuse_unless_positive(answer(session), server)
    except Broken as fault:
        hint = ""
        if server.port == TLS_PORT and server.security is not SmtpSecurity.TLS:
            hint = "; port 465 expects TLS from the start, which is smtps://"
        raise Unreachable(Stage.CONNECT, f"{place(server)}: {fault}{hint}") from fault
    say_hello(session, server)
    if server.security is not SmtpSecurity.IF_OFFERED:
        return
    if session.has_extn("starttls"):
        start_tls(session, server, context)
    elif not is_loopback(session):
        raise Unreachable(
            Stage.CONNECT,
            f"{place(server)} does not offer STARTTLS, and mail is not handed over in the clear; "
            "use smtps://, or ?tls=none if the way there is private",
        )


def say_hello(session: Session, server: SmtpServer) -> None:
    code, text = session.ehlo()
    refuse_unless_positive(Reply(code, shown(text)), server)


def start_tls(session: Session, server: SmtpServer, context: ssl.SSLContext) -> None:
    refuse_unless_positive(ask(session, "STARTTLS"), server)
    try:
        wrap(session, server, context)
    except (OSError, ValueError) as error:
        why = in_words(error, session.patience)
        raise Unreachable(Stage.CONNECT, f"{place(server)}: {why}") from error
    say_hello(session, server)


def log_in(session: Session, server: SmtpServer) -> Reply | None:
    if server.username is None:
        return None
    user, password = server.username.encode(), (server.password or "").encode()
    offered = session.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        secret = in_base64(b"\0" + user + b"\0" + password)
        # Said again to those who ask for it again, not having heard it the first time.
        steps = [f"AUTH PLAIN {secret}", secret]
    elif "LOGIN" in offered:
        steps = ["AUTH LOGIN", in_base64(user), in_base64(password)]
    else:
        text = f"{place(server)} does not let anyone log in with a password"
        raise Unreachable(Stage.LOGIN, text)
    try:
        reply = follow(session, steps)
    except Broken as fault:
        raise Unreachable(Stage.LOGIN, f"{place(server)}: {fault}") from fault
    if not reply.is_positive:
        raise Unreachable(Stage.LOGIN, reply.text or "the login was refused", reply.code)
    return reply


def follow(session: Session, steps: list[str]) -> Reply:
    """Say one step after the other for as long as the server asks for more."""
    reply = Reply(ASKED_FOR_MORE, "")
    for step in steps:
        if reply.code == ASKED_FOR_MORE:
            reply = ask(session, step)
    return reply


def refuse_unless_positive(reply: Reply, server: SmtpServer) -> None:
    if not reply.is_positive:
        text = reply.text or f"{place(server)} does not want to talk to us"
        raise Unreachable(Stage.CONNECT, text, reply.code)


def ask(session: Session, line: str) -> Reply:
    session.putcmd(line)
    return answer(session)


def answer(session: Session, patience: float = 1) -> Reply:
    code, text = session.getreply_within(session.patience * patience)
    return Reply(code, shown(text))


def stuffed(message: bytes) -> bytes:
    """The message with every line ended the same way and no dot alone, up to the final one.

    A lone CR or LF would be the end of a line to some servers and not to others, which is how
    a message is made to carry a second one.
    """
    lines = ANY_LINE_BREAK.sub(b"\r\n", message).removesuffix(b"\r\n")
    return FIRST_DOT.sub(b"..", lines) + b"\r\n.\r\n"


def is_loopback(session: Session) -> bool:
    """Asked of the connection itself: a name may lead anywhere."""
    assert session.sock is not None
    return ipaddress.ip_address(session.sock.getpeername()[0]).is_loopback


def literal(host: str) -> str:
    """Our address as a greeting takes it (RFC 5321 section 4.1.3)."""
    bare = host.partition("%")[0]
    return f"[IPv6:{bare}]" if ":" in bare else f"[{bare}]"


def in_base64(secret: bytes) -> str:
    return base64.b64encode(secret).decode("ascii")


def place(server: SmtpServer) -> str:
    return f"{server.host}:{server.port}"


def in_words(error: Exception, patience: float) -> str:
    match error:
        case TimeoutError():
            return f"no answer within {patience:g} s"
        case ssl.SSLCertVerificationError():
            return f"its certificate cannot be trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"TLS failed: {error.reason or error}"
        case socket.gaierror():
            return "there is no such host"
        case OSError():
            return (error.strerror or str(error) or "the connection was lost").lower()
    return "there can be no such host"


def shown(answer: bytes) -> str:
    """A server's words in one printable line."""
    text = answer.decode("utf-8", "replace")
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split())[:LONGEST_TEXT]
