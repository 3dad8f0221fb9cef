"""Processes beside this one: what is measured has one of its own, and so has who measures it."""

from __future__ import annotations

import multiprocessing
import os
import re
import select
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SPAWN = multiprocessing.get_context("spawn")
START_SECONDS = 60.0
END_SECONDS = 10.0
STATUS = "/proc/{pid}/status"
RESIDENT = re.compile(r"^VmRSS:\s*(\d+) kB", re.MULTILINE)
KIBIBYTE, MEBIBYTE = 2**10, 2**20


@dataclass(frozen=True)
class Server:
    """A program that listens on a port of this machine."""

    port: int
    pid: int

    def resident_mib(self) -> float:
        """How much memory it holds."""
        status = Path(STATUS.format(pid=self.pid))
        if status.exists():
            found = RESIDENT.search(status.read_text(encoding="utf-8"))
            kibibytes = found.group(1) if found else "nan"
        else:
            asked = ("ps", "-o", "rss=", "-p", str(self.pid))
            kibibytes = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        return float(kibibytes) * KIBIBYTE / MEBIBYTE


@contextmanager
def serving(*words: str, environ: Mapping[str, str]) -> Iterator[Server]:
    """A Python module that serves until the end; it says at which port on its standard output."""
    process = subprocess.Popen(
        [sys.executable, "-m", *words], cwd=ROOT, env=dict(environ), stdout=subprocess.PIPE
    )
    try:
        yield Server(port=port_said_by(process), pid=process.pid)
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def drumbeat_serving(data: Path, database: str, *words: str) -> Iterator[Server]:
    """`drumbeat serve` as it is without any settings, but that no mail leaves."""
    environ = {name: value for name, value in os.environ.items() if "DRUMBEAT_" not in name}
    environ |= {
        "DRUMBEAT_DATA": str(data),
        "DRUMBEAT_DATABASE": database,
        "DRUMBEAT_LOG_LEVEL": "error",
        "DRUMBEAT_RATE_LIMIT": "1000000000",
    }
    command = ("drumbeat", "serve", "--port", "0", "--mail", "capture", *words)
    with serving(*command, environ=environ) as server:
        yield server


@contextmanager
def bare_stack_serving(database: str, account_id: int) -> Iterator[Server]:
    """The yardstick, on the same kind of database."""
    command = ("benchmarks.bare_stack", database, str(account_id))
    with serving(*command, environ=os.environ) as server:
        yield server


def port_said_by(process: subprocess.Popen[bytes]) -> int:
    if process.stdout is None:
        raise ValueError("nothing can be heard of a process without its output")
    readable, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline().decode() if readable else ""
    found = re.search(r"http://[^/ ]*:(\d+)", line)
    if found is None:
        raise RuntimeError(f"a server did not start within {START_SECONDS:.0f} s: {line!r}")
    return int(found.group(1))


def at_once(act: Callable[..., Any], each: Sequence[Sequence[Any]], patience: float) -> list[Any]:
    """What *act* answers to each of these arguments, in processes that begin at the same time.

    It gets ready when it is called, and begins when it calls what it is given first.
    """
    ways = [SPAWN.Pipe() for _ in each]
    processes = [
        SPAWN.Process(target=answer, args=(theirs, act, arguments), daemon=True)
        for (_, theirs), arguments in zip(ways, each, strict=True)
    ]
    for process in processes:
        process.start()
    try:
        for ours, _ in ways:
            heard(ours, START_SECONDS)
        for ours, _ in ways:
            ours.send("begin")
        return [heard(ours, patience) for ours, _ in ways]
    finally:
        for process in processes:
            process.join(END_SECONDS)
            process.kill()
            process.join()


def answer(way: Connection, act: Callable[..., Any], arguments: Sequence[Any]) -> None:
    def begin() -> None:
        way.send("ready")
        way.recv()

    way.send(act(begin, *arguments))


def heard(way: Connection, patience: float) -> Any:
    if not way.poll(patience):
        raise TimeoutError(f"a process of the benchmark did not answer within {patience:.0f} s")
    return way.recv()
