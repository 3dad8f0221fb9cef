"""Templates, as rows, and the folders that they make."""

from __future__ import annotations

import pytest

from drumbeat.errors import NotFound
from drumbeat.store import templates
from drumbeat.store.database import Database
from drumbeat.store.templates import Folder
from tests.office import Office


def test_there_is_a_folder_for_every_folder_id_that_a_template_has(office: Office) -> None:
    opened = office.clock.now()
    first, second = office.template(), office.template()
    office.template()
    office.clock.advance(days=1)
    for template in (first, second):
        office.authoring.change_template(office.account_id, template.id, {"folder_id": 7})

    with office.database.reading() as tx:
        folders = templates.folders(tx, office.account_id)

    assert folders == [
        Folder(id=7, name="Folder 7", created_at=opened, updated_at=office.clock.now())
    ]


def test_pages_follow_one_another_without_a_gap(office: Office) -> None:
    ids = [office.template().id for _ in range(3)]

    with office.database.reading() as tx:
        first = templates.page(tx, office.account_id, after=0, limit=2)
        second = templates.page(tx, office.account_id, after=first[-1].id, limit=2)

    assert [template.id for template in first + second] == ids


def test_another_account_sees_nothing_of_a_template(office: Office, database: Database) -> None:
    template = office.template()
    elsewhere = Office.on(database, "other@example.com")

    with database.reading() as tx, pytest.raises(NotFound):
        templates.get(tx, elsewhere.account_id, template.id)
