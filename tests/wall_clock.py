"""Times as a person writes them, with the weekday checked."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
LONDON = ZoneInfo("Europe/London")
UTC_ZONE = ZoneInfo("UTC")


def at(wall: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    """The instant at which the wall in *zone* shows ``Mon 2026-03-02 07:15``."""
    form = "%a %Y-%m-%d %H:%M:%S" if wall.count(":") == 2 else "%a %Y-%m-%d %H:%M"
    moment = datetime.strptime(wall, form).replace(tzinfo=zone)
    assert f"{moment:%a}" == wall[:3], f"{wall} is not a {wall[:3]}"
    return moment.astimezone(UTC)


def shown(moment: datetime, zone: ZoneInfo = NEW_YORK) -> str:
    """*moment* as the wall in *zone* shows it."""
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"
