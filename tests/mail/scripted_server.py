"""A mail server that answers as it is told to, which can be badly."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias

from drumbeat.domain.sender import SmtpSecurity, SmtpServer

HOST = "127.0.0.1"
GREETING = "greeting"
FINAL_DOT = "."


class Act(Enum):
    CLOSE = auto()
    STALL = auto()
    """Says nothing more, and stays."""
    DRIP = auto()
    """Sends a byte now and then, and never ends the line."""


# A line, bytes as they are, something to do, or one after the other.
Move: TypeAlias = str | bytes | Act | tuple["Move", ...]
Script: TypeAlias = Mapping[str, Move | list[Move]]

ANSWERS: dict[str, Move] = {
    GREETING: "220 scripted",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go ahead",
    FINAL_DOT: "250 2.0.0 kept",
    "RSET": "250 2.0.0 ok",
    "QUIT": ("221 2.0.0 bye", Act.CLOSE),
}


@dataclass
class ScriptedServer:
    """Answers each command by the script: always the same, or from a list, first to last.

    What the script says nothing of, or no more, is answered as a good server would.
    """

    script: Script = field(default_factory=dict)
    extensions: tuple[str, ...] = ("SIZE 1000000",)
    tls: ssl.SSLContext | None = None
    commands: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    """As they crossed the wire, dots and all, up to the final dot."""
    connections: int = 0

    def __post_init__(self) -> None:
        self._left = {
            verb: list(moves) for verb, moves in self.script.items() if isinstance(moves, list)
        }
        self._last = ""
        self._stopped = threading.Event()
        self._listening = socket.create_server((HOST, 0))
        self.port: int = self._listening.getsockname()[1]
        self._connected: list[socket.socket] = []
        self._open = ExitStack()
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def address(
        self,
        security: SmtpSecurity = SmtpSecurity.IF_OFFERED,
        *,
        host: str = HOST,
        login: tuple[str, str] | None = None,
    ) -> SmtpServer:
        username, password = login or (None, None)
        return SmtpServer(
            host=host, port=self.port, security=security, username=username, password=password
        )

    def count(self, verb: str) -> int:
        return sum(command.upper().startswith(verb) for command in self.commands)

    def say(self, unasked: bytes) -> None:
        """Say something to everyone connected, without having been asked."""
        for connection in self._connected:
            connection.sendall(unasked)

    def stop(self) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._open.close()
        for thread in self._threads:
            thread.join()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                # What is said unasked is there when the test goes on, not when it suits TCP.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                self._connected.append(connection)
                self._open.callback(hang_up, connection)
                thread = threading.Thread(target=self._speak, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _speak(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self.tls is None:
                self._converse(connection)
                return
            with self.tls.wrap_socket(connection, server_side=True) as private:
                self._open.callback(hang_up, private)
                self._converse(private)

    def _converse(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            if not self._answer(connection, GREETING):
                return
            for line in lines:
                command = line.decode("utf-8", "replace").rstrip("\r\n")
                self.commands.append(command)
                verb = command.partition(" ")[0].upper()
                if not self._answer(connection, verb):
                    return
                if verb == "DATA" and self._last.startswith("354"):
                    self.messages.append(data_in(lines))
                    if not self._answer(connection, FINAL_DOT):
                        return

    def _answer(self, connection: socket.socket, verb: str) -> bool:
        """Do what comes next; whether the conversation goes on."""
        move = self._next(verb)
        for act in move if isinstance(move, tuple) else (move,):
            match act:
                case Act.CLOSE:
                    hang_up(connection)
                    return False
                case Act.STALL:
                    connection.recv(1024)
                    return False
                case Act.DRIP:
                    while not self._stopped.wait(0.02):
                        connection.sendall(b"2")
                case str():
                    self._last = act
                    connection.sendall(f"{act}\r\n".encode())
                case bytes():
                    connection.sendall(act)
        return True

    def _next(self, verb: str) -> Move:
        if verb in self._left:
            return self._left[verb].pop(0) if self._left[verb] else self._usual(verb)
        scripted = self.script.get(verb)
        if scripted is None or isinstance(scripted, list):
            return self._usual(verb)
        return scripted

    def _usual(self, verb: str) -> Move:
        if verb == "EHLO":
            return "\r\n".join(["250-scripted", *(f"250-{e}" for e in self.extensions), "250 HELP"])
        return ANSWERS.get(verb, "500 5.5.1 what?")


@contextmanager
def scripted(
    script: Script | None = None,
    *,
    extensions: tuple[str, ...] = ("SIZE 1000000",),
    tls: ssl.SSLContext | None = None,
) -> Iterator[ScriptedServer]:
    server = ScriptedServer(script or {}, extensions, tls)
    try:
        yield server
    finally:
        server.stop()


def data_in(lines: Iterator[bytes]) -> bytes:
    return b"".join(iter(lambda: next(lines), b".\r\n"))


def hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
