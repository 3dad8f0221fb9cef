"""Mail servers, good and bad, and an outbox that is impatient with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any, TypeAlias

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from drumbeat.domain.sender import SmtpServer
from drumbeat.mail.capture import Listener
from drumbeat.mail.ports import Receipt
from drumbeat.mail.smtp import SmtpOutbox
from tests.mail.certificates import Issued, authority
from tests.mail.letters import an_email

# Long enough for a busy machine to answer, short enough to wait out.
PATIENCE = 0.2

Send: TypeAlias = Callable[..., Receipt]


@pytest.fixture
def outbox() -> Iterator[SmtpOutbox]:
    with closing(SmtpOutbox(timeout=10)) as outbox:
        yield outbox


@pytest.fixture
def impatient() -> Iterator[SmtpOutbox]:
    with closing(SmtpOutbox(timeout=PATIENCE)) as outbox:
        yield outbox


@pytest.fixture
def send(outbox: SmtpOutbox) -> Send:
    """Hand an e-mail over, with changes, and let it go when it is asked whether it may."""

    def send(server: SmtpServer, **changes: Any) -> Receipt:
        return outbox.send(server, an_email(**changes), before_data=lambda: True)

    return send


@pytest.fixture(scope="session")
def ca() -> Issued:
    return authority()


class Inbox:
    """aiosmtpd's handler: keeps what it takes."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope)
        return "250 2.0.0 taken"


class RealServer(Listener):
    """aiosmtpd, with these options of its own."""

    def __init__(self, **options: Any) -> None:
        self.inbox = Inbox()
        super().__init__(
            lambda: SMTP(
                self.inbox,
                hostname="localhost",
                loop=asyncio.get_running_loop(),
                enable_SMTPUTF8=True,
                **options,
            )
        )


@pytest.fixture
def real_server() -> Iterator[Callable[..., RealServer]]:
    """Start aiosmtpd with these options."""
    with ExitStack() as running:

        def start(**options: Any) -> RealServer:
            server = RealServer(**options)
            server.start()
            running.callback(server.stop)
            return server

        yield start
