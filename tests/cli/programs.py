"""The command as users run it, which sees no settings but those it is given."""

from __future__ import annotations

import logging
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
import structlog
from structlog._config import BoundLoggerLazyProxy

from drumbeat.cli.demo_client import Client
from drumbeat.cli.main import main

COMMAND = (sys.executable, "-m", "drumbeat")
# Far more than anything takes, so that only what hangs is given up.
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def faults(self) -> list[str]:
        """What it said on standard error, for those that are to say one line and no more."""
        return self.err.splitlines()


@dataclass
class Home:
    """A directory that commands are run in, and what they leave there."""

    directory: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    @property
    def data(self) -> Path:
        return self.directory / "drumbeat-data"

    def run(self, *arguments: str, stdin: str = "", **environ: str) -> Outcome:
        """One command from beginning to end, in this process: most of its time is importing."""
        with self.monkeypatch.context() as patch, logging_as_before():
            patch.chdir(self.directory)
            patch.setattr(os, "environ", environment(environ))
            patch.setattr(sys, "argv", ["drumbeat", *arguments])
            patch.setattr(sys, "stdin", TextIOWrapper(BytesIO(stdin.encode())))
            self.capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        told = self.capsys.readouterr()
        return Outcome(int(ended.value.code or 0), told.out, told.err)

    def init(self, email: str = "ada@example.com", *arguments: str) -> Outcome:
        done = self.run("init", "--email", email, "--json", *arguments)
        assert done.status == 0, done.err
        return done

    def written(self, name: str, text: str) -> str:
        (self.directory / name).write_text(text, encoding="utf-8")
        return name

    @contextmanager
    def started(self, *arguments: str, **environ: str) -> Iterator[Running]:
        """The program while it runs; killed at the end if it is still there."""
        with (
            (self.directory / "stderr").open("w+b") as err,
            subprocess.Popen(
                [*COMMAND, *arguments],
                cwd=self.directory,
                env=environment(environ),
                stdout=subprocess.PIPE,
                # Else lines would wait in a buffer that select does not see.
                bufsize=0,
                stderr=err,
            ) as process,
        ):
            running = Running(process, Path(err.name))
            try:
                yield running
            finally:
                process.kill()

    @contextmanager
    def serving(self, *arguments: str, **environ: str) -> Iterator[Running]:
        """`drumbeat serve` on a free port, from its line that says it is ready."""
        with self.started("serve", "--port", "0", *arguments, **environ) as running:
            running.ready = running.line_with("Drumbeat")
            yield running


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    err: Path
    ready: str = ""

    def line_with(self, text: str) -> str:
        """The first line of standard output from here on that has *text* in it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        out = self.process.stdout
        assert out is not None
        while select.select([out], [], [], max(0.0, deadline - time.monotonic()))[0]:
            line = out.readline().decode()
            if text in line:
                return line
            if not line:
                break
        raise AssertionError(f"no line has {text!r} in it; {self.err.read_text()}")

    @property
    def port(self) -> int:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.ready)
        assert found, self.ready
        return int(found[1])

    def client(self, token: str = "") -> Client:
        return Client(host="127.0.0.1", port=self.port, token=token)

    def stop(self, signal_number: int = signal.SIGTERM) -> tuple[int, float]:
        """Its status, and how many seconds it took to end."""
        begun = time.monotonic()
        self.process.send_signal(signal_number)
        status = self.process.wait(PATIENCE_SECONDS)
        return status, time.monotonic() - begun


@contextmanager
def logging_as_before() -> Iterator[None]:
    """Undo what a command sets up for its own process: other tests listen to the same loggers."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    for module in [each for name, each in sys.modules.items() if name.startswith("drumbeat")]:
        for value in vars(module).values():
            if isinstance(value, BoundLoggerLazyProxy):
                # Where a logger keeps how it was set up when it was first used.
                vars(value).pop("bind", None)


def environment(given: Mapping[str, str]) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if "DRUMBEAT_" not in name}
    return {**outside, "COLUMNS": "100", **given}
