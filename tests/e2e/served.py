"""`drumbeat serve` as a process of its own, to talk to and to kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.e2e.counting_smtp import free_port

READY_SECONDS = 30


@dataclass
class Install:
    """A data directory with an account, and what its commands are given."""

    data: Path
    database: str | None
    token: str
    user_id: str

    @classmethod
    def made(cls, data: Path, database: str | None) -> Install:
        printed = command(
            *("init", "--email", "rep@example.com", "--name", "Rita Rep", "--json"),
            data=data,
            database=database,
        )
        answer = json.loads(printed.splitlines()[-1])
        return cls(data, database, answer["token"], answer["userId"])

    def run(self, *words: str) -> str:
        return command(*words, data=self.data, database=self.database)

    @contextmanager
    def served(self, *words: str) -> Iterator[Served]:
        server = Served.started(self, *words)
        try:
            yield server
        finally:
            server.kill()


@dataclass
class Served:
    process: subprocess.Popen[bytes]
    url: str
    api: httpx2.Client

    @classmethod
    def started(cls, install: Install, *words: str) -> Served:
        port = free_port()
        process = subprocess.Popen(
            [*drumbeat(), "serve", "--port", str(port), *words],
            env=environment(install.data, install.database),
        )
        url = f"http://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {install.token}"}
        served = cls(process, url, httpx2.Client(base_url=url, headers=headers, timeout=30))
        served.wait_until_ready()
        return served

    def wait_until_ready(self) -> None:
        self.wait_for(lambda: self.is_up(), "the server to answer")

    def is_up(self) -> bool:
        assert self.process.poll() is None, f"serve ended with {self.process.returncode}"
        try:
            return self.api.get("/health").status_code == 200
        except httpx2.TransportError:
            return False

    def wait_for(self, condition: Any, what: str, seconds: float = READY_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
            time.sleep(0.05)

    def kill(self) -> None:
        """What a power cut does to it."""
        self.api.close()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def terminate(self) -> int:
        """What a service manager does to it; the exit code."""
        self.api.close()
        self.process.terminate()
        return self.process.wait(timeout=10)

    def post(self, path: str, body: object) -> dict[str, Any]:
        answer = self.api.post(path, json=body)
        assert answer.is_success, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.api.get(path, params=query)
        assert answer.is_success, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def everything(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All results of a list, over its pages."""
        page = self.get(path, **query)
        results: list[dict[str, Any]] = page["results"]
        while "paging" in page:
            page = self.get(path, **query, after=page["paging"]["next"]["after"])
            results += page["results"]
        return results

    def contact(self, email: str) -> str:
        made = self.post("/crm/v3/objects/contacts", {"properties": {"email": email}})
        return str(made["id"])

    def one_email_sequence(self) -> str:
        template = self.post(
            "/automation/email-templates/2026-09-beta",
            {"name": "Hello", "subject": "Hello", "body": "<p>Good day</p>"},
        )
        made = self.post(
            "/automation/sequences/2026-09-beta/serviceaccounts/sequences",
            one_email(template["id"]),
        )
        return str(made["sequence"]["id"])

    def enroll(self, sequence_id: str, contact_id: str, user_id: str) -> dict[str, Any]:
        return self.post(
            f"/automation/v4/sequences/enrollments?userId={user_id}",
            {
                "sequenceId": sequence_id,
                "contactId": contact_id,
                "senderEmail": "rep@example.com",
            },
        )


def one_email(template_id: str) -> dict[str, Any]:
    step = {"branchNumber": 0, "dynamic": False, "variants": [], "delayMillis": 0}
    rule = {"criteria": "ALL", "sellingStrategy": "LEAD_BASED"}
    return {
        "name": "One e-mail",
        "dynamic": False,
        "dependencies": [],
        "steps": [
            {
                **step,
                "stepOrder": 0,
                "actionType": "EMAIL",
                "emailPattern": {"templateId": template_id},
            },
            {**step, "stepOrder": 1, "actionType": "FINISH_ENROLLMENT"},
        ],
        "settings": {
            "eligibleFollowUpDays": "EVERYDAY",
            "individualTaskRemindersEnabled": False,
            "sellingStrategy": "LEAD_BASED",
            "sendWindowStartMinute": 0,
            "sendWindowEndMinute": 1440,
            "taskCreationMinute": 480,
            "taskReminderMinute": 480,
            "useThreadedFollowUps": True,
            "unenrollmentSettings": {"emailSettings": rule, "meetingSettings": rule},
        },
    }


def drumbeat() -> list[str]:
    return [sys.executable, "-m", "drumbeat"]


def environment(data: Path, database: str | None) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if "DRUMBEAT_" not in name}
    given = {"DRUMBEAT_DATA": str(data), "DRUMBEAT_LOG_LEVEL": "error"}
    given["DRUMBEAT_LEASE_SECONDS"] = "2"
    return mine | given | ({"DRUMBEAT_DATABASE": database} if database else {})


def command(*words: str, data: Path, database: str | None) -> str:
    done = subprocess.run(
        [*drumbeat(), *words],
        env=environment(data, database),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
