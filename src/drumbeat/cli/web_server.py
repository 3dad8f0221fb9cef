"""The web server, for the commands that serve: a socket of its own, and signals it obeys."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from drumbeat.app import Engine
from drumbeat.errors import Conflict
from drumbeat.http.app import create_app

BACKLOG = 2048
# Requests at hand get this long to end; the process is to be gone after 5.
GRACE_SECONDS = 2


def listener_at(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises Conflict where that cannot be."""
    try:
        [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        listener = socket.socket(family, kind, protocol)
        try:
            # Else the connections of the server before this one would keep the port for minutes.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise Conflict(
            f"cannot listen on {host} port {port}: {(error.strerror or str(error)).lower()}; "
            "choose others with --host and --port"
        ) from error
    return listener


class WebServer(uvicorn.Server):
    """Uvicorn, which also says when it is ready and when it has been told to stop."""

    def __init__(
        self,
        engine: Engine,
        *,
        on_ready: Callable[[], None] = lambda: None,
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        config = uvicorn.Config(
            create_app(engine),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        super().__init__(config)
        self.on_ready = on_ready
        self.on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.on_stop()
        super().handle_exit(sig, frame)
