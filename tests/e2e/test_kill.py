"""kill -9 while e-mails leave: nothing is sent twice, and nothing is lost without a word."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.e2e.counting_smtp import Counting, counting_server
from tests.e2e.served import Install, Served

PEOPLE = 40
KILLS = 5
SETTLED = {"sent", "in_doubt"}


def test_a_server_killed_while_it_sends_never_sends_a_second_copy(
    database_url: str, tmp_path: Path
) -> None:
    install = Install.made(tmp_path, database_url)
    with counting_server() as smtp:
        connect(install, smtp)
        enroll_everyone(install)
        for kill in range(KILLS):
            kill_while_sending(install, smtp, random.Random(kill))
        with install.served() as server:
            server.wait_for(lambda: all_settled(server), "every message to be settled", 60)
            messages = server.everything("/drumbeat/v1/messages")

    assert len(messages) == PEOPLE
    assert set(smtp.accepted.values()) == {1}
    said_sent = {message["messageId"] for message in messages if message["state"] == "sent"}
    in_doubt = {message["messageId"] for message in messages if message["state"] == "in_doubt"}
    assert said_sent <= set(smtp.accepted)
    assert set(smtp.accepted) <= said_sent | in_doubt
    # A crash leaves at most one message in doubt for each open connection.
    assert len(in_doubt) <= KILLS


def test_two_processes_on_postgresql_share_the_work_and_send_each_message_once(
    postgresql_url: str, tmp_path: Path
) -> None:
    install = Install.made(tmp_path, postgresql_url)
    with counting_server() as smtp:
        connect(install, smtp)
        enroll_everyone(install)
        with install.served() as one, install.served():
            one.wait_for(lambda: all_settled(one), "every message to be settled", 60)
            messages = one.everything("/drumbeat/v1/messages")

    assert {message["state"] for message in messages} == {"sent"}
    assert set(smtp.accepted.values()) == {1}
    assert len(smtp.accepted) == PEOPLE


def connect(install: Install, smtp: Counting) -> None:
    url = f"smtp://127.0.0.1:{smtp.port}?tls=none"
    install.run("inbox", "connect", "--user", "rep@example.com", "--smtp", url, "--gap", "0")


def enroll_everyone(install: Install) -> None:
    with install.served("--role", "web") as server:
        sequence_id = server.one_email_sequence()
        for number in range(PEOPLE):
            contact_id = server.contact(f"person{number}@example.org")
            server.enroll(sequence_id, contact_id, install.user_id)


def kill_while_sending(install: Install, smtp: Counting, chance: random.Random) -> None:
    smtp.arrived.clear()
    with install.served() as server:
        # It may have sent everything before it was asked whether it is up.
        server.wait_for(lambda: smtp.arrived.is_set() or all_settled(server), "an e-mail")
        time.sleep(chance.uniform(0, 0.05))


def all_settled(server: Served) -> bool:
    messages = server.everything("/drumbeat/v1/messages")
    return len(messages) == PEOPLE and all(message["state"] in SETTLED for message in messages)
