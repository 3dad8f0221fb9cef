"""What stands in the log, and what must not."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from drumbeat import log


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_an_event_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up("info", "json")

    structlog.get_logger("drumbeat.test").info("email_sent", message_id=7)

    event = json.loads(capsys.readouterr().err)
    assert (event["event"], event["message_id"], event["level"]) == ("email_sent", 7, "info")


def test_what_other_packages_log_comes_out_the_same_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.set_up("info", "json")

    logging.getLogger("uvicorn.error").warning("port %s is taken", 8787)

    event = json.loads(capsys.readouterr().err)
    assert (event["event"], event["logger"]) == ("port 8787 is taken", "uvicorn.error")


@pytest.mark.parametrize("form", ["console", "json"])
def test_secrets_are_struck_out(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up("debug", "json" if form == "json" else "console")

    structlog.get_logger().debug("inbox_connected", password="hunter2", token="hunter2")

    assert "hunter2" not in capsys.readouterr().err


def test_addresses_are_shown_at_debug_only(capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up("debug", "json")

    structlog.get_logger().info("email_sent", to_email="ada@example.org")
    structlog.get_logger().debug("email_sent", to_email="ada@example.org")

    at_info, at_debug = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (at_info["to_email"], at_debug["to_email"]) == ("***", "ada@example.org")


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_does_not_show_variables(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up("info", "json" if form == "json" else "console")

    try:
        fail_with("hunter" + "2")
    except ValueError:
        structlog.get_logger().exception("step_failed")

    written = capsys.readouterr().err
    assert "ValueError" in written
    assert "hunter2" not in written


def fail_with(password: str) -> None:
    raise ValueError(f"of {len(password)} letters")
