"""Suppressions, as rows."""

from __future__ import annotations

from drumbeat.store import suppressions
from drumbeat.store.database import Database
from tests.office import Office


def test_the_first_reason_stays(office: Office) -> None:
    with office.database.transaction() as tx:
        suppressions.add(tx, office.account_id, "Ada@example.org", "BOUNCED", office.clock.now())
        suppressions.add(
            tx, office.account_id, "ada@example.org", "UNSUBSCRIBED", office.clock.now()
        )
        found = suppressions.among(tx, office.account_id, ["ADA@example.org", "bea@example.org"])

    assert found == {"ADA@example.org": "BOUNCED"}


def test_what_one_account_must_not_mail_another_may(office: Office, database: Database) -> None:
    elsewhere = Office.on(database, "other@example.com")

    with database.transaction() as tx:
        suppressions.add(tx, office.account_id, "ada@example.org", "BOUNCED", office.clock.now())

        assert suppressions.is_suppressed(tx, office.account_id, "ada@example.org")
        assert not suppressions.is_suppressed(tx, elsewhere.account_id, "ada@example.org")
