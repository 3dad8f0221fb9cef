"""Sealing passwords, and the key file."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from structlog.testing import capture_logs

from drumbeat.errors import Invalid
from drumbeat.services.sealing import Vault


def new_key() -> str:
    return Fernet.generate_key().decode()


def test_what_is_sealed_is_unreadable_and_comes_back(tmp_path: Path) -> None:
    vault = Vault.open(None, tmp_path)

    sealed = vault.seal("sender 1", "correct horse")

    assert "horse" not in sealed
    assert vault.unseal("sender 1", sealed) == "correct horse"


def test_what_was_sealed_for_one_record_does_not_open_in_another(tmp_path: Path) -> None:
    vault = Vault.open(None, tmp_path)
    sealed = vault.seal("sender 1", "correct horse")

    with pytest.raises(Invalid, match="belongs to another record"):
        vault.unseal("sender 2", sealed)


def test_without_the_key_the_error_says_what_to_do() -> None:
    sealed = Vault((new_key(),)).seal("sender 1", "correct horse")

    with pytest.raises(Invalid, match=r"put back the key .* or connect the inbox again"):
        Vault((new_key(),)).unseal("sender 1", sealed)


def test_after_a_rotation_the_old_key_still_opens_and_the_new_one_seals() -> None:
    old, new = new_key(), new_key()
    sealed = Vault((old,)).seal("sender 1", "correct horse")

    rotated = Vault.open(SecretStr(f"{new}, {old}"), Path("nowhere"))

    assert rotated.unseal("sender 1", sealed) == "correct horse"
    assert Vault((new,)).unseal("sender 1", rotated.seal("sender 1", "battery")) == "battery"


def test_the_key_file_is_made_on_first_use_for_its_owner_only(tmp_path: Path) -> None:
    sealed = Vault.open(None, tmp_path / "data").seal("sender 1", "correct horse")

    file = tmp_path / "data" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["secret.key"]
    assert Vault.open(None, tmp_path / "data").unseal("sender 1", sealed) == "correct horse"


def test_two_that_start_at_once_use_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        vaults = list(threads.map(lambda _: Vault.open(None, tmp_path), range(8)))

    assert len({vault.keys for vault in vaults}) == 1


def test_a_key_file_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    Vault.open(None, tmp_path)
    (tmp_path / "secret.key").chmod(0o644)

    with capture_logs() as events:
        Vault.open(None, tmp_path)

    assert [event["event"] for event in events] == ["key_file_readable_by_others"]


@pytest.mark.parametrize("text", ["", "\n", "short", "not ascii: ä"])
def test_a_damaged_key_file_is_refused_and_not_replaced(tmp_path: Path, text: str) -> None:
    file = tmp_path / "secret.key"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(Invalid, match="key"):
        Vault.open(None, tmp_path)

    assert file.read_text(encoding="utf-8") == text


def test_a_wrong_key_is_told_by_its_place_and_never_by_its_text() -> None:
    with pytest.raises(Invalid, match="secret key 2 is not one") as refused:
        Vault.open(SecretStr(f"{new_key()},hunter2"), Path("nowhere"))

    assert "hunter2" not in str(refused.value)


def test_a_vault_does_not_show_its_keys() -> None:
    key = new_key()

    assert key not in repr(Vault((key,)))
