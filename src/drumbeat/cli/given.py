"""What was typed, and what the environment has, as settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from drumbeat.settings import Settings


def settings_of(data: Path | None, database: str | None, **others: Any) -> Settings:
    """Raises WrongSettings with everything that is wrong."""
    return Settings.load({"data": data, "database": database, **others}, os.environ)
