"""What the operator may set, and how a mistake in it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from drumbeat.settings import Settings, WrongSettings
from tests.wall_clock import UTC_ZONE, at


def test_without_any_setting_there_is_a_server_on_this_machine() -> None:
    settings = Settings.load({}, {"PATH": "/bin"})

    assert settings.link_base == "http://127.0.0.1:8787"
    assert settings.database_url == "sqlite:///drumbeat-data/drumbeat.db"
    assert not settings.has_movable_clock


def test_the_command_line_outweighs_the_environment() -> None:
    environ = {"DRUMBEAT_PORT": "1", "DRUMBEAT_HOST": "0.0.0.0"}

    settings = Settings.load({"port": 2, "host": None}, environ)

    assert (settings.port, settings.host) == (2, "0.0.0.0")


def test_everything_wrong_is_named_at_once_where_it_was_set(tmp_path: Path) -> None:
    environ = {
        "DRUMBEAT_PORT": "many",
        "DRUMBEAT_CLOKC": "movable",
        "DRUMBEAT_PUBLIC_URL": "mail.example.com",
        "DRUMBEAT_SECRET_KEYS_FILE": str(tmp_path / "absent"),
    }

    with pytest.raises(WrongSettings) as refused:
        Settings.load({"clock": "yesterday", "log_level": "loud"}, environ)

    assert sorted(fault.partition(":")[0] for fault in refused.value.faults) == [
        "--clock",
        "--log-level",
        "DRUMBEAT_CLOKC",
        "DRUMBEAT_PORT",
        "DRUMBEAT_PUBLIC_URL",
        "DRUMBEAT_SECRET_KEYS_FILE",
    ]


def test_a_fault_does_not_repeat_what_may_be_secret() -> None:
    with pytest.raises(WrongSettings) as refused:
        Settings.load({"public_url": "ftp://rita:hunter2@example.com"}, {})

    assert "hunter2" not in str(refused.value)


def test_what_the_tests_read_is_no_setting_of_ours() -> None:
    Settings.load({}, {"DRUMBEAT_TEST_POSTGRES_URL": "postgresql://localhost"})


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    assert Settings.load({}, {"DRUMBEAT_PORT": "", "DRUMBEAT_DATABASE": ""}) == Settings()


def test_a_secret_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("abc\n", encoding="utf-8")

    settings = Settings.load({}, {"DRUMBEAT_SECRET_KEYS_FILE": str(file)})

    assert settings.secret_keys is not None
    assert settings.secret_keys.get_secret_value() == "abc"


def test_a_secret_is_given_once(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("abc", encoding="utf-8")
    environ = {"DRUMBEAT_SECRET_KEYS_FILE": str(file), "DRUMBEAT_SECRET_KEYS": "def"}

    with pytest.raises(WrongSettings, match="keep one of the two"):
        Settings.load({}, environ)


@pytest.mark.parametrize(
    "written",
    ["movable@2026-03-02T10:00Z", "movable@2026-03-02T11:00:00+01:00"],
)
def test_a_movable_clock_can_be_told_where_to_stand(written: str) -> None:
    settings = Settings.load({"clock": written}, {})

    assert settings.has_movable_clock
    assert settings.clock_starts_at == at("Mon 2026-03-02 10:00", UTC_ZONE)


@pytest.mark.parametrize(
    "written", ["", "fast", "movable@", "movable@noon", "movable@2026-03-02T10:00", "system@now"]
)
def test_a_clock_that_is_not_understood_is_refused(written: str) -> None:
    with pytest.raises(WrongSettings, match="2026-03-02T09:00Z"):
        Settings.load({"clock": written}, {})


def test_links_begin_with_the_public_url_without_its_last_slash() -> None:
    settings = Settings.load({"public_url": "https://mail.example.com/drumbeat/"}, {})

    assert settings.link_base == "https://mail.example.com/drumbeat"


def test_what_is_shown_holds_no_secret() -> None:
    settings = Settings.load(
        {"database": "postgresql://rita:hunter2@db:5432/drumbeat", "secret_keys": "hunter2"}, {}
    )

    shown = settings.shown()

    assert shown["database"] == "postgresql://rita:***@db:5432/drumbeat"
    assert "hunter2" not in f"{shown} {settings!r}"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (
            "postgresql://db/drumbeat?user=rita&password=hunter2",
            "postgresql://db/drumbeat?user=rita&password=***",
        ),
        ("postgresql://rita:hunter2#@db/x", "postgresql://rita:***@db/x"),
        ("postgresql://rita:h@nter2@db/x", "postgresql://rita:***@db/x"),
        ("postgresql://rita@db:5432/x", "postgresql://rita@db:5432/x"),
        ("postgresql://:@/x?host=%2Fvar%2Frun", "postgresql://:@/x?host=%2Fvar%2Frun"),
        ("sqlite:////var/lib/drumbeat.db", "sqlite:////var/lib/drumbeat.db"),
    ],
)
def test_a_password_is_left_out_wherever_it_stands(given: str, shown: str) -> None:
    assert Settings(database=given).shown()["database"] == shown
