"""`drumbeat doctor`: what is wrong is said in plain words, with what to change, and nothing is."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from drumbeat.store.database import Database
from drumbeat.store.tables import EPOCH, clock_positions
from tests.cli.programs import PATIENCE_SECONDS, Home, Outcome
from tests.mail.name_server import SILENCE, NameServer, Zone, name_server
from tests.mail.scripted_server import GREETING, Act, scripted

OFFLINE = ("doctor", "--offline")
ZONE: Zone = {
    "example.com": {"TXT": ["v=spf1 mx -all"], "MX": ["10 mx.example.com."]},
    "mx.example.com": {"A": ["192.0.2.1"]},
    "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject; rua=mailto:d@example.com"]},
    "s1._domainkey.example.com": {"TXT": ["v=DKIM1; k=ed25519; p=" + "A" * 43 + "="]},
}


@pytest.fixture
def begun(home: Home) -> Home:
    home.init()
    return home


@pytest.fixture
def dns() -> Iterator[NameServer]:
    with name_server(ZONE) as server:
        yield server


def connect(home: Home, port: int, *more: str, host: str = "127.0.0.1") -> None:
    smtp = f"smtp://ada:s3cret@{host}:{port}"
    done = home.run("inbox", "connect", "--user", "ada@example.com", "--smtp", smtp, *more)
    assert done.status == 0, done.err


def checks(done: Outcome) -> dict[str, list[dict[str, Any]]]:
    """What --json says of each thing that was looked at."""
    answer = json.loads(done.out)
    by_name: dict[str, list[dict[str, Any]]] = {}
    for check in answer["checks"]:
        by_name.setdefault(check["check"], []).append(check)
    return by_name


def line_with(done: Outcome, text: str) -> str:
    [line] = [line for line in done.out.splitlines() if text in line]
    return line


def test_where_all_is_well_it_says_so(begun: Home, dns: NameServer) -> None:
    with scripted(extensions=("AUTH PLAIN",)) as smtp:
        connect(begun, smtp.port)
        done = begun.run("doctor", "--resolver", dns.place)

    assert {line.split()[0] for line in done.out.splitlines()[:-1]} == {"ok"}
    assert done.out.endswith("All is well.\n")
    assert line_with(done, "SPF of example.com").endswith("1 of 10 lookups, ends in -all")
    assert "235 2.7.0 welcome" in line_with(done, "inbox ada@example.com")
    assert (done.status, done.err) == (0, "")


def test_an_empty_directory_stays_empty(home: Home) -> None:
    done = home.run("doctor")

    assert line_with(done, "database").startswith("fault    database: there is no database at")
    assert "init --email" in done.out
    assert done.status == 3
    assert list(home.directory.iterdir()) == []


def test_settings_that_are_wrong_are_told_one_by_one(home: Home) -> None:
    done = home.run("doctor", DRUMBEAT_DATABSE="sqlite:///x.db", DRUMBEAT_PORT="high")

    assert "fault    settings: DRUMBEAT_DATABSE: there is no such setting" in done.out
    assert "DRUMBEAT_PORT" in done.out
    assert done.out.endswith("2 faults.\n")
    assert done.status == 3


def test_what_is_set_is_named_and_not_shown(begun: Home) -> None:
    keys = begun.written("keys", (begun.data / "secret.key").read_text())

    done = begun.run(
        *OFFLINE, "--data", "drumbeat-data", DRUMBEAT_PORT="9000", DRUMBEAT_SECRET_KEYS_FILE=keys
    )

    said = line_with(done, "ok       settings")
    assert said.endswith("settings: --data, DRUMBEAT_PORT, DRUMBEAT_SECRET_KEYS_FILE")
    assert "keys, named by DRUMBEAT_SECRET_KEYS_FILE, may be read by others" in done.out
    assert "chmod 600 keys" in done.out


def test_a_password_on_the_command_line_is_pointed_out_without_repeating_it(home: Home) -> None:
    done = home.run(*OFFLINE, "--database", "postgresql://ada:s3cret@127.0.0.1:1/drumbeat")

    assert "DRUMBEAT_DATABASE_FILE" in done.out
    assert "the database is not available" in line_with(done, "fault    ")
    assert "s3cret" not in done.out + done.err
    assert done.status == 3


def test_a_file_that_is_no_database_is_told(home: Home) -> None:
    home.data.mkdir()
    (home.data / "drumbeat.db").write_text("this is not a database, whatever its name\n" * 40)

    done = home.run(*OFFLINE)

    assert "file is not a database" in line_with(done, "fault    ")
    assert done.status == 3


def test_either_database_is_looked_at_and_left_as_it_is(
    home: Home, blank_database_url: str
) -> None:
    at = ("--database", blank_database_url)
    with closing(Database(blank_database_url)) as database:
        database.migrate("0001")

    before = home.run(*OFFLINE, *at)
    home.init("ada@example.com", *at)
    after = home.run(*OFFLINE, *at)

    assert "fault    schema: it is at 0001, and this release wants" in before.out
    assert "drumbeat migrate" in before.out
    assert before.status == 3
    assert "ok       schema: up to date" in after.out
    assert after.status == 0


def test_a_database_of_a_newer_release_is_told_by_doctor_and_by_all_others(
    home: Home, database_url: str
) -> None:
    with closing(Database(database_url)) as database, database.transaction() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    looked = home.run(*OFFLINE, "--database", database_url)
    tried = home.run("migrate", "--database", database_url)

    assert "it is at 9999, which a newer release has made" in line_with(looked, "fault    ")
    assert "a newer one has made it" in tried.faults[0]
    assert (looked.status, tried.status) == (3, 1)


@pytest.fixture
def stranger_url(postgresql_url: str) -> Iterator[str]:
    """The address of the database for a user who may connect, and nothing else."""
    stranger = f"stranger_{uuid4().hex}"
    with closing(Database(postgresql_url)) as database:
        with database.transaction() as tx:
            tx.execute(sa.text(f"CREATE ROLE {stranger} LOGIN"))
        url = sa.make_url(postgresql_url).set(username=stranger, password=None)
        yield url.render_as_string(hide_password=False)
        with database.transaction() as tx:
            tx.execute(sa.text(f"DROP ROLE {stranger}"))


def test_a_user_of_postgresql_who_may_not_read_is_told(home: Home, stranger_url: str) -> None:
    done = home.run(*OFFLINE, "--database", stranger_url)

    assert "permission denied" in line_with(done, "fault    ")
    assert done.status == 3


def test_a_key_that_others_may_read_is_told(begun: Home) -> None:
    (begun.data / "secret.key").chmod(0o644)

    done = begun.run(*OFFLINE)

    assert "may be read by others than its owner (mode 644)" in line_with(done, "warning  key")
    assert "chmod 600 drumbeat-data/secret.key" in done.out
    assert done.status == 0


def test_a_key_that_is_gone_is_told_and_not_made_anew(begun: Home) -> None:
    connect(begun, 25)
    (begun.data / "secret.key").unlink()

    done = begun.run(*OFFLINE)

    assert "is gone, and the password of 1 inbox cannot be opened" in line_with(
        done, "fault    key"
    )
    assert not (begun.data / "secret.key").exists()
    assert done.status == 3


@pytest.mark.parametrize("content", ["A" * 43 + "=", "not a key\n", "", "k\u00e9y"])
def test_a_key_that_is_another_or_none_is_told(begun: Home, content: str) -> None:
    connect(begun, 25)
    (begun.data / "secret.key").write_text(content, encoding="utf-8")

    done = begun.run(*OFFLINE)

    assert line_with(done, "fault    key")
    assert done.status == 3


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ({"AUTH": "535 5.7.8 Get lost"}, "did not let ada in: 535 5.7.8 Get lost"),
        ({GREETING: "554 5.7.1 Listed at example"}, "said: 554 5.7.1 Listed at example"),
        ({GREETING: Act.STALL}, "no answer within 0.2 s"),
        ({GREETING: Act.DRIP}, "no answer within 0.2 s"),
        ({GREETING: "HTTP/1.1 400 Bad Request"}, "something else than SMTP"),
        ({"EHLO": Act.CLOSE}, "closed the connection"),
    ],
)
def test_what_a_mail_server_says_is_told_in_its_own_words(
    begun: Home, script: dict[str, Any], said: str
) -> None:
    with name_server(ZONE) as dns, scripted(script, extensions=("AUTH PLAIN",)) as smtp:
        connect(begun, smtp.port)
        done = begun.run("doctor", "--resolver", dns.place, "--timeout", "0.2")

    assert said in line_with(done, "fault    inbox ada@example.com")
    assert smtp.messages == []
    assert done.status == 3
    assert "s3cret" not in done.out + done.err


def test_a_login_that_may_work_later_is_a_warning(begun: Home, dns: NameServer) -> None:
    with scripted({"AUTH": "454 4.7.0 Later"}, extensions=("AUTH PLAIN",)) as smtp:
        connect(begun, smtp.port)
        done = begun.run("doctor", "--resolver", dns.place)

    assert "454 4.7.0 Later" in line_with(done, "warning  inbox")
    assert done.status == 0


def test_inboxes_are_told_in_their_order_however_slow_the_first_is(
    begun: Home, dns: NameServer
) -> None:
    with scripted({GREETING: Act.STALL}) as slow, scripted(extensions=("AUTH PLAIN",)) as fast:
        connect(begun, slow.port)
        connect(begun, fast.port, "--email", "sales@example.com")
        done = begun.run("doctor", "--resolver", dns.place, "--timeout", "0.3", "--json")

    inboxes = checks(done)["inbox"]
    assert [each["about"] for each in inboxes] == ["ada@example.com", "sales@example.com"]
    assert [each["status"] for each in inboxes] == ["fault", "ok"]


def test_what_a_domain_lacks_comes_with_the_record_to_add(begun: Home) -> None:
    with name_server({"example.com": {"A": ["192.0.2.1"]}}) as dns:
        connect(begun, 1)
        done = begun.run("doctor", "--resolver", dns.place)

    assert '           example.com.  TXT  "v=spf1 ip4:127.0.0.1 ~all"' in done.out
    assert (
        '  _dmarc.example.com.  TXT  "v=DMARC1; p=none; rua=mailto:dmarc@example.com"' in done.out
    )
    assert "fault    DKIM of example.com: there is no key at all" in done.out
    assert done.status == 3


def test_json_has_the_record_in_its_parts(begun: Home) -> None:
    with name_server({"example.com": {"TXT": ["v=spf1 mx ?all"]}}) as dns:
        connect(begun, 1)
        done = begun.run("doctor", "--resolver", dns.place, "--json")

    [spf] = checks(done)["spf"]
    assert (spf["about"], spf["status"]) == ("example.com", "warning")
    assert spf["record"] == {"name": "example.com", "type": "TXT", "value": "v=spf1 mx ~all"}
    assert json.loads(done.out)["status"] == "fault"
    assert done.status == 3


def test_a_selector_that_is_given_is_the_one_looked_for(begun: Home, dns: NameServer) -> None:
    connect(begun, 1)
    given = begun.run("doctor", "--resolver", dns.place, "--json", "--dkim-selector", "s1")
    wrong = begun.run("doctor", "--resolver", dns.place, "--json", "--dkim-selector", "summer")

    assert checks(given)["dkim"][0]["message"] == "key s1, Ed25519"
    assert checks(wrong)["dkim"][0]["status"] == "fault"
    assert ("summer._domainkey.example.com", "TXT") in dns.asked


def test_an_alias_elsewhere_is_judged_by_what_receivers_see_of_it(begun: Home) -> None:
    zone: Zone = {
        **ZONE,
        "example.org": {"MX": ["10 mx.example.com."]},
        "_dmarc.example.org": {"TXT": ["v=DMARC1; p=reject; rua=mailto:d@example.org"]},
    }
    with name_server(zone) as dns:
        connect(begun, 1, "--alias", "ada@example.org")
        done = begun.run("doctor", "--resolver", dns.place, "--json")

    assert [each["about"] for each in checks(done)["spf"]] == ["example.com"]
    assert "SPF does not count for them" in checks(done)["dmarc"][-1]["message"]


def test_a_domain_that_does_not_exist_is_one_fault(begun: Home) -> None:
    with name_server({"example.net": {"TXT": ["x"]}}) as dns:
        connect(begun, 1)
        done = begun.run("doctor", "--resolver", dns.place, "--json")

    assert "there is no such domain" in checks(done)["domain"][0]["message"]
    assert not {"mx", "spf", "dkim", "dmarc"} & checks(done).keys()


def test_no_name_server_is_one_warning(begun: Home) -> None:
    with name_server({"": SILENCE}) as dns:
        connect(begun, 1)
        done = begun.run("doctor", "--resolver", dns.place, "--timeout", "0.2", "--json")

    [silence] = checks(done)["dns"]
    assert silence["status"] == "warning"
    assert "--offline" in silence["remedy"]
    assert not {"mx", "spf", "dkim", "dmarc", "domain"} & checks(done).keys()


def test_name_servers_that_fail_for_a_domain_are_a_warning(begun: Home) -> None:
    with name_server({"example.com": "SERVFAIL"}) as dns:
        connect(begun, 1)
        done = begun.run("doctor", "--resolver", dns.place, "--json")

    [domain] = checks(done)["domain"]
    assert domain["status"] == "warning"
    assert "SERVFAIL" in domain["message"]


def test_offline_nobody_is_asked(begun: Home, dns: NameServer) -> None:
    with scripted(extensions=("AUTH PLAIN",)) as smtp:
        connect(begun, smtp.port)
        done = begun.run(*OFFLINE, "--resolver", dns.place)

    assert (smtp.connections, dns.asked) == (0, [])
    assert "(--offline)" in done.err
    assert done.status == 0


def test_what_is_no_name_server_is_one_line(home: Home) -> None:
    done = home.run("doctor", "--resolver", "dns.example")

    assert done.faults == [
        "drumbeat: 'dns.example' is no name server; write 9.9.9.9, 127.0.0.1:5353 or [::1]:5353"
    ]
    assert done.status == 1


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ((), "warning", "lead to http://127.0.0.1:8787, where nobody outside"),
        (("--public-url", "http://10.0.0.7"), "warning", "http://10.0.0.7, where nobody outside"),
        (("--public-url", "http://drumbeat:80"), "warning", "where nobody outside"),
        (("--public-url", "http://mail.example.com"), "warning", "needs https"),
        (("--public-url", "https://mail.example.com"), "ok", "https://mail.example.com"),
    ],
)
def test_where_links_lead_is_looked_at_once_mail_leaves_this_machine(
    begun: Home, given: tuple[str, ...], status: str, said: str
) -> None:
    connect(begun, 587, host="mail.example.com")

    [links] = checks(begun.run(*OFFLINE, "--json", *given))["links"]

    assert links["status"] == status
    assert said in links["message"]


def test_mail_that_stays_here_may_have_links_that_lead_here(begun: Home) -> None:
    connect(begun, 2525)

    assert "links" not in checks(begun.run(*OFFLINE, "--json"))


def test_captured_mail_needs_no_servers(begun: Home) -> None:
    connect(begun, 1)

    done = begun.run("doctor", DRUMBEAT_MAIL="capture")

    assert "ok       mail: captured: none leaves" in done.out
    assert "inbox ada" not in done.out
    assert done.status == 0


def test_a_clock_that_was_moved_is_no_longer_that_of_the_day(begun: Home) -> None:
    url = f"sqlite:///{begun.data / 'drumbeat.db'}"
    with closing(Database(url)) as database, database.transaction() as tx:
        tx.execute(clock_positions.insert().values(id=1, stands_at=EPOCH))

    assert "stands at 1970-01-01 00:00Z" in line_with(begun.run(*OFFLINE), "warning  clock")


def test_a_database_without_an_account_says_how_to_begin(home: Home) -> None:
    home.run("migrate")

    done = home.run(*OFFLINE)

    assert "init --email" in done.out
    assert done.status == 0


def test_it_looks_at_a_database_that_is_being_written(begun: Home) -> None:
    with closing(sqlite3.connect(begun.data / "drumbeat.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        done = begun.run(*OFFLINE)

    assert done.status == 0


def test_ctrl_c_ends_it_at_once_and_without_a_traceback(begun: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connect(begun, silent.getsockname()[1])
        with begun.started("doctor", "--timeout", "600") as doctor:
            connection, _ = silent.accept()
            with connection:
                status, seconds = doctor.stop(signal.SIGINT)

    assert (status, doctor.err.read_text()) == (130, "")
    assert seconds < PATIENCE_SECONDS
