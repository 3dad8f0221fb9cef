"""An SMTP server that counts what it accepts, and can be slow about it."""

from __future__ import annotations

import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Counting:
    """What was accepted: each Message-ID, and how often."""

    accepted: Counter[str] = field(default_factory=Counter)
    port: int = 0
    arrived: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        found = MESSAGE_ID.search(content)
        assert found is not None
        # Counted before it is answered: a server that dies on the answer has it all the same.
        self.accepted[found.group(1).decode()] += 1
        self.arrived.set()
        return "250 2.0.0 kept"


@contextmanager
def counting_server(port: int = 0) -> Iterator[Counting]:
    counting = Counting()
    controller: Any = Controller(counting, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    counting.port = controller.port
    try:
        yield counting
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
