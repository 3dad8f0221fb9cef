"""Following a page of the docs word by word, as somebody would who has nothing else.

What stands in a block marked `sh` is typed into a shell, all of the page into the same one. The
block after it is what has to be printed then; `…` in it stands for what differs each time or is
left out. Where a later command has the same `pat-drumbeat-…`, what was printed is typed. A block
after a line that ends with the name of a file and a colon is that file. There are no other blocks.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.could_not_run import could_not_run
from tests.e2e.counting_smtp import free_port

ROOT = Path(__file__).parent.parent.parent
# Far more than anything takes, so that only what hangs is given up.
PATIENCE_SECONDS = 90.0
# Where the pages say that the server is; here it has another port each time.
ADDRESS = "127.0.0.1:8787"
PROGRAMS = {"drumbeat": "-m drumbeat", "pytest": "-m pytest", "python3": ""}

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FILE_NAME = re.compile(r"`([\w-]+\.\w+)`:\s*$")
ELLIPSIS = "…"
# By itself on a line it is any number of lines.
ANY_LINES = re.compile(rf"\n{ELLIPSIS}(?=\n|$)")
WORD_BEFORE = re.compile(r"[\w-]+$")
ENDED = re.compile(r"\n\[ended (\d+)\]\n")


class PageLies(AssertionError):
    """Somebody who follows the page does not get what it says."""

    def __init__(self, block: Block, fault: str) -> None:
        super().__init__(f"line {block.line}: {fault}")


@dataclass(frozen=True)
class Block:
    line: int
    heading: str
    language: str
    text: str
    file: str | None
    """Its name, where the block is a file."""


@dataclass
class Shell:
    """One bash, from the page's first command to its last."""

    process: subprocess.Popen[bytes]
    complaints: Path
    """What was said on standard error."""
    said: str = ""

    def type(self, commands: str) -> tuple[str, int]:
        """What was printed before the commands had ended, and the status of the last of them."""
        assert self.process.stdin is not None
        ended = "printf '\\n[ended %d]\\n' $?"
        self.process.stdin.write(f"{commands}\n{ended}\n".encode())
        self.process.stdin.flush()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := ENDED.search(self.said)) is None and self.listen(deadline):
            pass
        if found is None:
            raise TimeoutError(f"it has not ended after {PATIENCE_SECONDS:g} s, or the shell has")
        printed, self.said = self.said[: found.start()], self.said[found.end() :]
        return printed, int(found[1])

    def listen(self, deadline: float) -> bool:
        """Wait for something more to be printed; False where nothing is in time."""
        out = self.process.stdout
        assert out is not None
        if not select.select([out], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return False
        more = os.read(out.fileno(), 65_536)
        self.said += more.decode()
        return bool(more)


@dataclass
class Walk:
    """Where somebody is who follows a page."""

    desk: Path
    shell: Shell
    address: str
    learned: dict[str, str] = field(default_factory=dict)
    """What was printed in place of each word that has `…` in it."""

    def follow(self, blocks: list[Block]) -> None:
        for position, block in enumerate(blocks):
            after = blocks[position + 1] if position + 1 < len(blocks) else None
            before = blocks[position - 1] if position else None
            if block.file:
                (self.desk / block.file).write_text(block.text, encoding="utf-8")
            elif block.language == "sh":
                self.run(block, after if after and is_output(after) else None)
            elif before is None or before.language != "sh":
                raise PageLies(block, "is no command, no file, and nothing that was printed")

    def run(self, block: Block, expected: Block | None) -> None:
        commands = block.text.replace(ADDRESS, self.address)
        for word, meant in self.learned.items():
            commands = commands.replace(word, meant)
        if ELLIPSIS in commands:
            raise PageLies(block, f"nobody was told what {ELLIPSIS} stands for here")
        try:
            printed, status = self.shell.type(commands)
        except TimeoutError as error:
            raise PageLies(block, f"{error}\n{self.complaints()}") from None
        if status:
            fault = f"ended with status {status}\n{printed}\n{self.complaints()}"
            raise PageLies(block, fault)
        if expected is not None:
            self.compare(expected, printed, goes_on=commands.rstrip().endswith("&"))

    def compare(self, expected: Block, printed: str, *, goes_on: bool) -> None:
        wanted = expected.text.replace(ADDRESS, self.address)
        deadline = time.monotonic() + PATIENCE_SECONDS
        found = match(wanted, printed)
        # What runs beside the shell prints when it is ready to.
        while found is None and goes_on and self.shell.listen(deadline):
            printed, self.shell.said = printed + self.shell.said, ""
            found = match(wanted, printed)
        if found is None:
            fault = f"not printed:\n{wanted}\nbut:\n{printed}\n{self.complaints()}"
            raise PageLies(expected, fault)
        self.learned |= found

    def complaints(self) -> str:
        return self.shell.complaints.read_text(encoding="utf-8")


def walk(page: str, directory: Path, *, skip: Collection[str] = ()) -> None:
    """Follow the page in an empty directory, but for what stands under the headings *skip*.

    Raises PageLies at the first thing that is not as it says. Whatever it started has ended then.
    """
    blocks = [block for block in blocks_of(page) if block.heading not in skip]
    with shell_in(directory) as started:
        started.follow(blocks)


def blocks_of(page: str) -> Iterator[Block]:
    """The fenced blocks of the page, in order."""
    for found in BLOCK.finditer(page):
        before = page[: found.start()]
        headings = HEADING.findall(BLOCK.sub("", before))
        name = FILE_NAME.search(before)
        yield Block(
            line=before.count("\n") + 1,
            heading=headings[-1] if headings else "",
            language=found[1],
            text=found[2],
            file=name[1] if name else None,
        )


def is_output(block: Block) -> bool:
    return block.file is None and block.language != "sh"


def match(wanted: str, printed: str) -> dict[str, str] | None:
    """What stood in place of each word with `…` in it; None where something else was printed."""
    parts = [part.split(ELLIPSIS) for part in ANY_LINES.split(tidy(wanted))]
    in_lines = [r"([^\n]*?)".join(map(re.escape, pieces)) for pieces in parts]
    found = re.fullmatch(r"(?:\n[^\n]*)*?".join(in_lines), tidy(printed))
    if found is None:
        return None
    before = [piece for pieces in parts for piece in pieces[:-1]]
    words = [WORD_BEFORE.search(piece) for piece in before]
    meanings = zip(words, found.groups(), strict=True)
    return {word[0] + ELLIPSIS: word[0] + meant for word, meant in meanings if word}


def tidy(text: str) -> str:
    """The text without spaces that nobody sees; each line has its break before it."""
    return "".join(f"\n{line.rstrip()}" for line in text.strip("\n").splitlines())


@contextmanager
def shell_in(directory: Path) -> Iterator[Walk]:
    if shutil.which("curl") is None:
        could_not_run("curl is not there", "apt-get install -y curl")
    desk, complaints = directory / "desk", directory / "stderr"
    desk.mkdir()
    port = free_port()
    with complaints.open("wb") as stderr:
        process = subprocess.Popen(
            ["bash"],
            cwd=desk,
            env=environment(directory, port),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            # A group of its own, to which all belongs that the page starts.
            start_new_session=True,
        )
    try:
        yield Walk(desk, Shell(process, complaints), f"127.0.0.1:{port}")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        close(process.stdin, process.stdout)


def close(*pipes: IO[bytes] | None) -> None:
    for pipe in pipes:
        if pipe is not None:
            pipe.close()


def environment(directory: Path, port: int) -> dict[str, str]:
    """What somebody has who has installed Drumbeat and pytest, and begins."""
    programs, temporary = directory / "bin", directory / "tmp"
    programs.mkdir()
    temporary.mkdir()
    for name, module in PROGRAMS.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        program.chmod(0o755)
    ours = ("DRUMBEAT_", "PYTEST_")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {
        **mine,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "TMPDIR": str(temporary),
        "COLUMNS": "80",
        "DRUMBEAT_PORT": str(port),
        "DRUMBEAT_LOG_LEVEL": "error",
    }
