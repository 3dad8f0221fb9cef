"""A backup made while everybody works, and a server that goes on from it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.counting_smtp import counting_server
from tests.e2e.served import Install, Served

COPIES = 3


def test_a_copy_made_under_load_is_of_one_moment_and_can_be_served_from(tmp_path: Path) -> None:
    install = Install.made(tmp_path / "data", None)
    copies = [tmp_path / f"copy{number}" for number in range(COPIES)]
    with counting_server() as smtp, install.served() as server:
        connect(install, smtp.port)
        with people_enrolled_all_the_while(server, install.user_id):
            for copy in copies:
                smtp.arrived.clear()
                assert smtp.arrived.wait(30)
                install.run("backup", str(copy))
        enrolled = server.everything("/drumbeat/v1/enrollments")

    counts = [kept_in(copy, install) for copy in copies]
    assert 0 < counts[0] <= counts[1] <= counts[2] <= len(enrolled)


def kept_in(copy: Path, install: Install) -> int:
    """How many enrollments the copy has, each of them whole and none missing in between."""
    restored = Install(copy, None, install.token, install.user_id)
    with restored.served("--role", "web") as server:
        enrollments = server.everything("/drumbeat/v1/enrollments")
        ids = sorted(int(enrollment["id"]) for enrollment in enrollments)
        assert ids == list(range(1, len(ids) + 1))
        for enrollment in enrollments:
            told = server.get(f"/drumbeat/v1/enrollments/{enrollment['id']}")
            assert told["timeline"][0]["kind"] == "enrolled"
        # The last one is enrolled and kept: the copy is one to go on from.
        server.contact("after@example.org")
    return len(ids)


@contextmanager
def people_enrolled_all_the_while(server: Served, user_id: str) -> Iterator[None]:
    sequence_id = server.one_email_sequence()
    is_enough = threading.Event()

    def enroll() -> None:
        number = 0
        while not is_enough.is_set():
            number += 1
            server.enroll(sequence_id, server.contact(f"person{number}@example.org"), user_id)

    thread = threading.Thread(target=enroll)
    thread.start()
    try:
        yield
    finally:
        is_enough.set()
        thread.join()


def connect(install: Install, port: int) -> None:
    url = f"smtp://127.0.0.1:{port}?tls=none"
    install.run("inbox", "connect", "--user", "rep@example.com", "--smtp", url, "--gap", "0")
