"""`drumbeat demo`: two weeks, told day by day over HTTP."""

from __future__ import annotations

import signal

from tests.cli.programs import PATIENCE_SECONDS, Home

DAYS = "Mon  2 Mar|Tue  3 Mar|Wed  4 Mar|Thu  5 Mar|Fri  6 Mar|Sat  7 Mar|Sun  8 Mar|Mon  9 Mar"
LATER_DAYS = "Tue 10 Mar|Wed 11 Mar|Thu 12 Mar|Fri 13 Mar|Sat 14 Mar|Sun 15 Mar"


def test_it_tells_every_day_and_ends_with_nothing_left_behind(home: Home) -> None:
    with home.started("demo", "--exit", TMPDIR=str(home.directory)) as demo:
        out = demo.process.communicate(timeout=PATIENCE_SECONDS)[0].decode()

    assert demo.process.returncode == 0, demo.err.read_text()
    begun = [line[:10] for line in out.splitlines()]
    assert [day for day in begun if day.endswith(" Mar")] == f"{DAYS}|{LATER_DAYS}".split("|")
    for told in ("14 e-mails", "11 calls", "Needs attention", "“Hi there,”", "unenrolls", "After"):
        assert told in out
    assert not list(home.directory.glob("drumbeat-demo-*"))


def test_it_serves_what_it_has_told_until_ctrl_c(home: Home) -> None:
    with home.started("demo", TMPDIR=str(home.directory)) as demo:
        demo.ready = demo.line_with("http://127.0.0.1:")
        token = demo.line_with("TOKEN=").strip().removeprefix("TOKEN=")
        captured = demo.client(token).get("/drumbeat/v1/captured", limit=100)
        demo.line_with("/drumbeat/v1/docs")
        status, _ = demo.stop(signal.SIGINT)

    assert len(captured["results"]) == 39
    assert status == 0
    assert not list(home.directory.glob("drumbeat-demo-*"))
