"""A database that goes away or is full: the server stays up, says so, and goes on after."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg.sql import SQL, Identifier, Literal

from tests.databases import PostgresDatabases
from tests.e2e.counting_smtp import counting_server
from tests.e2e.served import Install, Served

CONTACTS = "/crm/v3/objects/contacts"
NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def is_answered(server: Served, status: int) -> Callable[[], bool]:
    return lambda: server.api.get("/health").status_code == status


def test_a_lost_database_is_said_and_work_goes_on_when_it_is_back(
    postgresql_url: str, postgresql_databases: PostgresDatabases, tmp_path: Path
) -> None:
    install = Install.made(tmp_path, postgresql_url)
    with counting_server() as smtp, install.served() as server:
        smtp_url = f"smtp://127.0.0.1:{smtp.port}?tls=none"
        install.run("inbox", "connect", "--user", "rep@example.com", "--smtp", smtp_url)
        sequence_id, contact_id = server.one_email_sequence(), server.contact("ada@example.org")

        let_in(postgresql_databases, postgresql_url, False)
        server.wait_for(is_answered(server, 503), "the loss to show")
        refused = server.api.post(CONTACTS, json={"properties": {"email": "bob@example.org"}})
        let_in(postgresql_databases, postgresql_url, True)
        server.wait_for(is_answered(server, 200), "the database to be back")
        server.enroll(sequence_id, contact_id, install.user_id)
        assert smtp.arrived.wait(30)

    assert (refused.status_code, refused.json()["category"]) == (503, "SERVICE_UNAVAILABLE")


def let_in(databases: PostgresDatabases, url: str, allowed: bool) -> None:
    """Whether PostgreSQL lets anyone into the database; if not, whoever is in is thrown out."""
    name = sa.make_url(url).database or ""
    with psycopg.connect(databases.url.render_as_string(hide_password=False)) as admin:
        admin.autocommit = True
        change = SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
        admin.execute(change.format(Identifier(name), Literal(allowed)))
        if not allowed:
            thrown_out = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            admin.execute(thrown_out, [name])


def test_a_full_disk_loses_nothing_and_work_goes_on_when_there_is_room(
    sqlite_url: str, tmp_path: Path
) -> None:
    install = Install.made(tmp_path, sqlite_url)
    with install.served() as server:
        server.contact("ada@example.org")

        # No file may grow any more, which is what a full disk looks like from inside.
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        refused = server.api.post(CONTACTS, json={"properties": {"email": "bob@example.org"}})
        kept = server.everything(CONTACTS)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, NO_LIMIT)
        server.contact("bob@example.org")

    assert (refused.status_code, refused.json()["category"]) == (503, "SERVICE_UNAVAILABLE")
    assert len(kept) == 1


def test_sigterm_lets_the_server_end_by_itself(sqlite_url: str, tmp_path: Path) -> None:
    install = Install.made(tmp_path, sqlite_url)
    with install.served() as server:
        code = server.terminate()

    assert code == 0


def test_a_start_after_kill_is_never_blocked(sqlite_url: str, tmp_path: Path) -> None:
    install = Install.made(tmp_path, sqlite_url)
    with install.served() as first:
        first.kill()

    with install.served() as second:
        assert second.get("/drumbeat/v1/enrollments") == {"results": []}


def test_a_body_of_10_mb_is_answered_and_not_cut_off(sqlite_url: str, tmp_path: Path) -> None:
    install = Install.made(tmp_path, sqlite_url)
    with install.served() as server:
        huge = {"properties": {"email": "a" * 10_000_000}}
        answer = server.api.post(CONTACTS, json=huge)

    assert (answer.status_code, answer.json()["category"]) == (413, "PAYLOAD_TOO_LARGE")
