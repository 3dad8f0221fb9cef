"""How fast Drumbeat is, measured: ``python3 run.py bench``.

Each case makes a database of its own, fills it, measures one thing and says what it ought to be.
docs/explanation/how-fast.md tells what is measured, and has the figures of the last run.
"""

from __future__ import annotations

import warnings

# The PostgreSQL of the tests asks for a directory that only a desktop session has.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
