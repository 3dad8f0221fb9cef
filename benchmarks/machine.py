"""The machine that the figures are from, in words."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path

import drumbeat
from drumbeat.clock import SystemClock

GIBIBYTE = 2**30
CPUS = Path("/proc/cpuinfo")


def machine() -> str:
    """Cores, memory, versions, how busy it was, and the day."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GIBIBYTE
    parts = [
        f"Drumbeat {drumbeat.__version__}",
        f"{cores()} cores ({processor()})",
        f"{memory:.0f} GiB memory",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        f"load {os.getloadavg()[0]:.1f} at the start",
        f"{SystemClock().now():%Y-%m-%d}",
    ]
    return ", ".join(parts)


def cores() -> int:
    """Those that this process may use, which may be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    if CPUS.exists():
        for line in CPUS.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
