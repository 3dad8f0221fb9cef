from __future__ import annotations

import pytest

from drumbeat.store.database import Database
from tests.office import Office


@pytest.fixture
def office(database: Database) -> Office:
    """An account with one user, and the services that keep its records."""
    return Office.on(database)
