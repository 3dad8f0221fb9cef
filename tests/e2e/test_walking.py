"""A page that lies is found out, whatever it lies about."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from tests.e2e import walking
from tests.e2e.walking import PageLies, walk

SERVER = """\
import fcntl, os, time
lock = open("lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print("ready at 127.0.0.1:" + os.environ["DRUMBEAT_PORT"], flush=True)
time.sleep(300)"""


def page(*parts: str) -> str:
    return "\n\n".join(["# A page", *parts])


def block(language: str, *lines: str) -> str:
    return "\n".join([f"```{language}", *lines, "```"])


def test_a_page_that_tells_the_truth_is_followed_to_its_end(tmp_path: Path) -> None:
    told = page(
        block("sh", "word=hello-$RANDOM", "echo $word world"),
        "It greets you:",
        block("text", "hello-… world"),
        "Write `letter.txt`:",
        block("text", "Dear all,"),
        block("sh", 'cat letter.txt; test hello-… = "$word"'),
        block("", "Dear all,"),
        block("sh", "echo one; echo two; echo three; echo four"),
        block("", "one", "…", "four", "…"),
    )

    walk(told, tmp_path)

    assert (tmp_path / "desk" / "letter.txt").read_text() == "Dear all,\n"


RUN_PYTEST = block("sh", "pytest -q")


@pytest.mark.parametrize(
    ("lie", "complaint"),
    [
        pytest.param(
            [block("sh", "echo yes"), block("text", "no")],
            "line 7: not printed:\nno\n\nbut:\nyes",
            id="what is printed",
        ),
        pytest.param(
            [block("sh", "echo yes; echo more"), block("text", "yes")],
            "not printed",
            id="how much is printed",
        ),
        pytest.param(
            [block("sh", 'echo \'{"id":"1"}\''), block("json", '{"id":"…","name":"Ada"}')],
            "not printed",
            id="a field of an answer",
        ),
        pytest.param(
            [block("sh", "echo one; echo two"), block("text", "on…")],
            "not printed",
            id="two lines in one ellipsis",
        ),
        pytest.param(
            [block("sh", "echo gone >&2; false")],
            "line 3: ended with status 1\n\ngone",
            id="a command that fails",
        ),
        pytest.param(
            [block("sh", "echo token-…")], "nobody was told what … stands for", id="a secret"
        ),
        pytest.param([block("python", "print(1)")], "is no command, no file", id="a loose block"),
        pytest.param(
            ["`test_it.py`:", block("python", "def test_it(): assert 1 + 1 == 3"), RUN_PYTEST],
            "ended with status 1",
            id="a test of its own",
        ),
        pytest.param([block("sh", "exit 0")], "the shell has", id="the end of the shell"),
    ],
)
def test_a_page_that_lies_is_found_out(tmp_path: Path, lie: list[str], complaint: str) -> None:
    with pytest.raises(PageLies) as found:
        walk(page(*lie), tmp_path)

    assert complaint in str(found.value)


def test_what_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "PATIENCE_SECONDS", 0.2)

    with pytest.raises(PageLies, match="has not ended after"):
        walk(page(block("sh", "cat <<'END'", "and so on")), tmp_path)


def test_what_runs_beside_the_shell_is_waited_for_and_ended(tmp_path: Path) -> None:
    told = page(
        "`server.py`:",
        block("python", SERVER),
        block("sh", "python3 server.py &"),
        block("text", "ready at 127.0.0.1:8787"),
    )

    walk(told, tmp_path)

    with (tmp_path / "desk" / "lock").open() as lock:
        # It would wait for as long as the server is there.
        fcntl.flock(lock, fcntl.LOCK_EX)


def test_what_stands_under_a_heading_that_is_skipped_is_not_typed(tmp_path: Path) -> None:
    told = page("## Install", block("sh", "false"), "## Go on", block("sh", "true"))

    walk(told, tmp_path, skip=["Install"])
