"""A mail server inside this process, from which nothing leaves.

With `--mail capture` every sender hands its mail over here, by the same SMTP as it would to a
real server, and what arrives is given to a callback. It listens on loopback only and asks for
a login that tells it which account a message belongs to; the password is new in every process.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import structlog
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from drumbeat.domain.sender import SmtpSecurity, SmtpServer

log = structlog.get_logger()

MESSAGE_NOT_KEPT = "captured_message_not_kept"

HOST = "127.0.0.1"
LARGEST_MESSAGE = 32 * 1024 * 1024
USERNAME = re.compile(rb"account-([0-9]{1,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedEnvelope:
    """One message as it crossed the wire, and whom it came from and was for."""

    account_id: int
    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes


class CaptureServer:
    """Gives every message it takes to *keep*, which is called in a thread of its own choosing.

    A message that *keep* raises on is not taken: the client is told to try again later.
    """

    def __init__(self, keep: Callable[[CapturedEnvelope], None]) -> None:
        self._keep = keep
        self._password = secrets.token_urlsafe(24)
        self._listener = Listener(self._speaker)

    @property
    def port(self) -> int:
        return self._listener.port

    def start(self) -> None:
        """Listen on a free port of this machine, in a thread of its own."""
        self._listener.start()

    def stop(self) -> None:
        """Close every connection, in whatever it is in the middle of. Twice is as good as once."""
        self._listener.stop()

    def server_for(self, account_id: int) -> SmtpServer:
        """Where an account hands its mail over, and as whom."""
        return SmtpServer(
            host=HOST,
            port=self.port,
            security=SmtpSecurity.NONE,
            username=f"account-{account_id}",
            password=self._password,
        )

    def _speaker(self) -> SMTP:
        sink = Sink(self._keep, self._password.encode())
        return Speaker(
            sink,
            loop=asyncio.get_running_loop(),
            # Not asked of DNS for every connection.
            hostname="localhost",
            enable_SMTPUTF8=True,
            data_size_limit=LARGEST_MESSAGE,
            auth_require_tls=False,
            authenticator=sink.authenticate,
        )


class Listener:
    """Accepts connections on a free port of this machine, in an event loop and thread of its own.

    aiosmtpd's own controller wants to be told the port, and leaves connections open at its end.
    """

    def __init__(self, speaker: Callable[[], SMTP]) -> None:
        self._speaker = speaker
        self._speakers: WeakSet[SMTP] = WeakSet()
        self._listening: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._is_ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._stopping: asyncio.Event

    @property
    def port(self) -> int:
        if self._listening is None:
            raise RuntimeError("the server is not running")
        port: int = self._listening.getsockname()[1]
        return port

    def start(self) -> None:
        if self._thread is not None:
            raise RuntimeError("the server is running already")
        self._listening = socket.create_server((HOST, 0))
        serving = self._serve(self._listening)
        self._thread = threading.Thread(
            target=asyncio.run, args=(serving,), name="capture", daemon=True
        )
        self._thread.start()
        self._is_ready.wait()

    def stop(self) -> None:
        if self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = self._listening = None
        self._is_ready.clear()

    async def _serve(self, listening: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        server = await self._loop.create_server(self._accept, sock=listening)
        self._is_ready.set()
        await self._stopping.wait()
        server.close()
        for speaker in list(self._speakers):
            if isinstance(speaker.transport, asyncio.WriteTransport):
                speaker.transport.abort()

    def _accept(self) -> SMTP:
        speaker = self._speaker()
        self._speakers.add(speaker)
        return speaker


class Sink:
    """What one connection may do, in aiosmtpd's words."""

    def __init__(self, keep: Callable[[CapturedEnvelope], None], password: bytes) -> None:
        self._keep = keep
        self._password = password
        self._account_id: int | None = None

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: Any
    ) -> AuthResult:
        username = USERNAME.fullmatch(login.login)
        if username is None or not hmac.compare_digest(login.password, self._password):
            return AuthResult(success=False, handled=False)
        self._account_id = int(username.group(1))
        return AuthResult(success=True)

    # aiosmtpd can require the login by itself, but warns against doing so without TLS; here
    # nothing crosses a network.
    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._account_id is None:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        # Without a login there was no MAIL, and aiosmtpd takes no DATA without one.
        assert self._account_id is not None
        captured = CapturedEnvelope(
            account_id=self._account_id,
            mail_from=envelope.mail_from or "",
            rcpt_to=tuple(envelope.rcpt_tos),
            raw=envelope.original_content or b"",
        )
        # Keeping waits for a database, and would hold up every other connection.
        kept = asyncio.to_thread(self._keep, captured)
        [outcome] = await asyncio.gather(kept, return_exceptions=True)
        if outcome is not None:
            log.error(MESSAGE_NOT_KEPT, account_id=captured.account_id, exc_info=outcome)
            return "451 4.3.0 The message could not be kept"
        return "250 2.0.0 Captured"


class Speaker(SMTP):
    def _create_session(self) -> Session:
        return QuietSession(self.loop)


class QuietSession(Session):
    # aiosmtpd sets this at every login, and its own property warns in the log each time.
    login_data = None
