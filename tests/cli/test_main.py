"""What every command has in common: its settings, and one line for what went wrong."""

from __future__ import annotations

from contextlib import closing

import sqlalchemy as sa

import drumbeat
from drumbeat.cli.saying import in_words
from drumbeat.errors import Fault, Invalid, Unavailable
from drumbeat.settings import WrongSettings
from drumbeat.store.database import Database
from tests.cli.programs import Home


def test_the_version_is_told(home: Home) -> None:
    assert home.run("--version").out == f"Drumbeat {drumbeat.__version__}\n"


def test_an_unknown_setting_in_the_environment_is_an_error(home: Home) -> None:
    done = home.run("migrate", DRUMBEAT_DATABSE="sqlite:///x.db", DRUMBEAT_PORT="high")

    assert [line.split(":")[1].strip() for line in done.faults] == [
        "DRUMBEAT_DATABSE",
        "DRUMBEAT_PORT",
    ]
    assert done.status == 1


def test_settings_come_from_the_environment_unless_they_are_given(home: Home) -> None:
    home.run("migrate", DRUMBEAT_DATA="from-environment")
    home.run("migrate", "--data", "given", DRUMBEAT_DATA="from-environment")

    assert (home.directory / "from-environment" / "drumbeat.db").exists()
    assert (home.directory / "given" / "drumbeat.db").exists()


def test_a_database_that_is_away_is_one_line_without_its_password(home: Home) -> None:
    done = home.run("migrate", "--database", "postgresql://ada:s3cret@127.0.0.1:1/drumbeat")

    [fault] = done.faults
    assert "database is not available" in fault
    assert "s3cret" not in fault
    assert done.status == 1


def test_a_directory_without_a_database_is_not_made_by_accident(home: Home) -> None:
    done = home.run("inbox", "list", "--data", "drumbaet-data")

    [fault] = done.faults
    assert "there is no database at drumbaet-data/drumbeat.db" in fault
    assert "init" in fault
    assert list(home.directory.iterdir()) == []


def test_every_fault_is_told_in_one_line_of_its_own() -> None:
    assert in_words(WrongSettings(["one", "two"])) == ["one", "two"]
    assert in_words(Unavailable("away:\n\tis it  running?")) == ["away: is it running?"]
    assert in_words(FileNotFoundError(2, "No such file", "x.csv")) == ["No such file: x.csv"]


def test_a_fault_of_our_own_is_one_line_too(home: Home, postgresql_url: str) -> None:
    home.init("ada@example.com", "--database", postgresql_url)
    with closing(Database(postgresql_url)) as database, database.transaction() as tx:
        tx.execute(sa.text("DROP TABLE senders"))

    done = home.run("inbox", "list", "--database", postgresql_url)

    [fault] = done.faults
    assert 'relation "senders" does not exist' in fault
    assert "SELECT" not in fault
    assert "DRUMBEAT_LOG_LEVEL=debug" in fault
    assert done.status == 1


def test_faults_that_say_more_than_their_error_are_told_with_it() -> None:
    faults = [Fault(message="name may not be empty"), Fault(message="gap is too long")]

    assert in_words(Invalid("it cannot be kept", faults)) == [
        "it cannot be kept: name may not be empty; gap is too long"
    ]
    assert in_words(Invalid("no such scope", [Fault(message="no such scope")])) == ["no such scope"]
