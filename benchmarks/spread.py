"""Where in a spread of figures most of them lie."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(figures: Sequence[float], percent: float) -> float:
    """The least figure that so many percent of them do not exceed."""
    if not figures:
        return math.nan
    return sorted(figures)[math.ceil(len(figures) * percent / 100) - 1]
