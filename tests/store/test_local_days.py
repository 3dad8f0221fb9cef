from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from drumbeat.store.database import Database
from drumbeat.store.local_days import covers, day_number, day_of, offsets, stretches_of
from drumbeat.store.tables import UTCMillis

ONE_HOUR = timedelta(hours=1)
ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "UTC",
)


@pytest.mark.parametrize("key", ZONES)
def test_stretches_follow_each_other_and_change_with_the_zones_clock(key: str) -> None:
    zone = ZoneInfo(key)
    begin, end = datetime(2011, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)

    stretches = list(stretches_of(zone, begin, end))

    assert stretches[0].begins_at == begin
    assert stretches[-1].ends_at == end + timedelta(milliseconds=1)
    for before, after in pairwise(stretches):
        assert before.ends_at == after.begins_at
        assert before.offset != after.offset
        assert after.begins_at.astimezone(zone).utcoffset() == after.offset


def test_a_moment_by_itself_has_its_stretch() -> None:
    moment = datetime(2026, 3, 2, tzinfo=UTC)

    [stretch] = stretches_of(ZoneInfo("Asia/Tokyo"), moment, moment)

    assert (stretch.zone, stretch.offset) == ("Asia/Tokyo", timedelta(hours=9))


def test_the_database_knows_the_day_that_the_wall_shows(database: Database) -> None:
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    moments = [begin + hours * ONE_HOUR for hours in range(0, 24 * 365, 5)]
    values = sa.values(sa.column("at", UTCMillis), name="moments").data([(at,) for at in moments])
    given = values.cte("moments")
    zones = [ZoneInfo(key) for key in ZONES]
    known = offsets(each for zone in zones for each in stretches_of(zone, begin, moments[-1]))
    statement = sa.select(
        known.c.zone, given.c.at, day_number(known, given.c.at).label("day")
    ).join_from(given, known, covers(known, known.c.zone, given.c.at))

    with database.reading() as tx:
        found = {(row.zone, row.at): day_of(row.day) for row in tx.execute(statement)}

    shown = {(zone.key, at): at.astimezone(zone).date() for zone in zones for at in moments}
    assert found == shown
