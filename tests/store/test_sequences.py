"""Sequences and their versions, as rows."""

from __future__ import annotations

import pytest

from drumbeat.errors import NotFound
from drumbeat.store import sequences
from drumbeat.store.database import Database
from tests.office import Office, call_then_email, only_a_call


def names(office: Office, name: str | None, offset: int = 0, limit: int = 10) -> list[str]:
    with office.database.reading() as tx:
        rows, _ = sequences.page(tx, office.account_id, name=name, offset=offset, limit=limit)
    return [row.name for row in rows]


def test_a_sequence_is_read_as_it_was_written(office: Office) -> None:
    written = office.authoring.create_sequence(
        office.account_id,
        office.user.id,
        name="Outreach",
        folder_id=7,
        definition=call_then_email(office.template().id),
    )

    with office.database.reading() as tx:
        assert sequences.get(tx, office.account_id, written.id) == written


def test_the_list_is_in_the_order_of_the_names_whatever_their_case(office: Office) -> None:
    for name in ("beta", "Alpha", "Gamma", "alpha"):
        office.sequence(only_a_call(), name)

    assert names(office, None) == ["Alpha", "alpha", "beta", "Gamma"]


@pytest.mark.parametrize(
    ("part", "found"),
    [
        pytest.param("cold", ["100% Cold_Mail"], id="other case"),
        pytest.param("0%", ["100% Cold_Mail"], id="percent"),
        pytest.param("%a%", [], id="percent is no wildcard"),
        pytest.param("d_M", ["100% Cold_Mail"], id="underscore"),
        pytest.param("c_ld", [], id="underscore is no wildcard"),
        pytest.param("ÜBER", ["Gruß über alles"], id="letters beyond English"),
    ],
)
def test_a_name_is_found_by_any_part_of_it(office: Office, part: str, found: list[str]) -> None:
    office.sequence(only_a_call(), "100% Cold_Mail")
    office.sequence(only_a_call(), "Gruß über alles")

    assert names(office, part) == found


def test_the_total_counts_what_other_pages_hold(office: Office) -> None:
    for number in range(5):
        office.sequence(only_a_call(), f"Outreach {number}")

    with office.database.reading() as tx:
        rows, total = sequences.page(tx, office.account_id, name="out", offset=2, limit=2)

    assert [row.name for row in rows] == ["Outreach 2", "Outreach 3"]
    assert total == 5


def test_a_deleted_sequence_is_gone_and_its_versions_stay(office: Office) -> None:
    sequence_id = office.sequence(only_a_call())

    office.authoring.delete_sequence(office.account_id, sequence_id, override=False)

    assert names(office, None) == []
    with office.database.reading() as tx:
        with pytest.raises(NotFound):
            sequences.get(tx, office.account_id, sequence_id)
        version = sequences.version(tx, office.account_id, sequence_id, 1)
    assert version.finish_order == 1


def test_versions_of_several_accounts_are_read_at_once(office: Office, database: Database) -> None:
    elsewhere = Office.on(database, "other@example.com")
    here = (office.account_id, office.sequence(only_a_call()), 1)
    there = (elsewhere.account_id, elsewhere.sequence(only_a_call()), 1)
    unknown = (office.account_id, there[1] + 1000, 1)

    with database.reading() as tx:
        found = sequences.versions(tx, [here, there, unknown])

    assert found.keys() == {here, there}


def test_a_version_that_is_not_there_is_not_found(office: Office) -> None:
    sequence_id = office.sequence(only_a_call())

    with pytest.raises(NotFound, match="version 2"), office.database.reading() as tx:
        sequences.version(tx, office.account_id, sequence_id, 2)
