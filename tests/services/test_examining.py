"""What is said of disks that run full, servers that let everyone read along, and the like."""

from __future__ import annotations

import os
import shutil
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from drumbeat.domain.findings import Verdict
from drumbeat.domain.sender import Sender, SmtpSecurity, SmtpServer
from drumbeat.errors import Unavailable
from drumbeat.mail.probing import Reached
from drumbeat.mail.smtp_connection import Reply
from drumbeat.services.examining_database import GIB, MIB, bytes_in_words, of_disk, of_log
from drumbeat.services.examining_inboxes import of_reached, several_at_once
from tests.office import Office

WELCOME = Reply(235, "2.7.0 Accepted")
Usage = namedtuple("Usage", ["free"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    database = tmp_path / "drumbeat.db"
    database.touch()
    return database


@pytest.fixture
def sender(office: Office) -> Sender:
    server = SmtpServer(host="mail.example.com", port=25, security=SmtpSecurity.NONE)
    return office.connecting.connect(
        office.account_id, user_id=office.user.id, email=None, server=server
    )


@pytest.mark.parametrize(
    ("free", "size", "verdict"),
    [
        (50 * GIB, 0, Verdict.OK),
        (GIB // 2, 0, Verdict.WARNING),
        (2 * GIB, 3 * GIB, Verdict.WARNING),
        (50 * MIB, 0, Verdict.FAULT),
    ],
)
def test_a_disk_that_runs_full_is_told_in_time(
    file: Path, monkeypatch: pytest.MonkeyPatch, free: int, size: int, verdict: Verdict
) -> None:
    os.truncate(file, size)
    monkeypatch.setattr(shutil, "disk_usage", lambda _where: Usage(free))

    assert of_disk(file).verdict is verdict


@pytest.mark.parametrize(("size", "found"), [(None, 0), (4 * MIB, 0), (200 * MIB, 1)])
def test_a_write_ahead_log_that_is_never_folded_in_is_told(
    file: Path, size: int | None, found: int
) -> None:
    if size is not None:
        log = file.with_name("drumbeat.db-wal")
        log.touch()
        os.truncate(log, size)

    assert len(list(of_log(file))) == found


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 KB"), (300_000, "293 KB"), (MIB, "1.0 MB"), (3 * GIB, "3.0 GB")]
)
def test_sizes_are_told_in_words(size: int, words: str) -> None:
    assert bytes_in_words(size) == words


@pytest.mark.parametrize(
    ("host", "privacy", "verdict"),
    [
        ("mail.example.com", "TLSv1.3", Verdict.OK),
        ("mail.example.com", None, Verdict.WARNING),
        ("127.0.0.1", None, Verdict.OK),
        ("localhost", None, Verdict.OK),
    ],
)
def test_a_password_that_others_can_read_along_is_told(
    sender: Sender, host: str, privacy: str | None, verdict: Verdict
) -> None:
    server = SmtpServer(host=host, port=25, security=SmtpSecurity.NONE, username="ada")
    reached = Reached(privacy=privacy, welcome=WELCOME, wants_login=False)

    assert of_reached(sender, server, reached).verdict is verdict


@pytest.mark.parametrize(("wants", "verdict"), [(True, Verdict.WARNING), (False, Verdict.OK)])
def test_a_server_that_takes_logins_and_is_given_none_is_told(
    sender: Sender, wants: bool, verdict: Verdict
) -> None:
    server = SmtpServer(host="mail.example.com", port=25, security=SmtpSecurity.NONE)
    reached = Reached(privacy="TLSv1.3", welcome=None, wants_login=wants)

    assert of_reached(sender, server, reached).verdict is verdict


def test_several_are_done_at_once_and_told_in_their_order() -> None:
    together = threading.Barrier(3, timeout=30)

    def twice(number: int) -> int:
        together.wait()
        return 2 * number

    assert list(several_at_once(twice, [1, 2, 3], 3)) == [2, 4, 6]


def test_what_goes_wrong_in_one_of_several_goes_wrong_for_who_asked() -> None:
    def away(_number: int) -> int:
        raise Unavailable("the database is away")

    with pytest.raises(Unavailable, match="away"):
        list(several_at_once(away, [1], 1))
