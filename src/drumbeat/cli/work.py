"""`drumbeat work`: what falls due is done, and no requests are answered, until told to stop."""

from __future__ import annotations

import threading
from contextlib import closing
from types import FrameType

from drumbeat.app import Engine
from drumbeat.cli.announcing import announce
from drumbeat.cli.departure import Departure, obey_signals
from drumbeat.cli.opening import refuse_missing, set_up_log
from drumbeat.errors import Conflict
from drumbeat.settings import Settings
from drumbeat.worker.loop import Worker


def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; what is at hand is finished first, within 5 seconds.

    Raises Conflict where there is nothing for a worker to do: with a movable clock, without a
    database, and on SQLite beside another worker.
    """
    if settings.has_movable_clock:
        raise Conflict(
            "with a movable clock there is no worker: moving it does the work. "
            "`serve` is enough; or take back --clock and DRUMBEAT_CLOCK"
        )
    set_up_log(settings.log_level, settings.log_format)
    refuse_missing(settings)
    with closing(Engine.start(settings)) as engine:
        work_until_told_to_stop(engine)


def work_until_told_to_stop(engine: Engine) -> None:
    departure = Departure(Worker(engine))
    told_to_stop = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        departure.begin()
        told_to_stop.set()

    obey_signals(stop)
    departure.start_worker()
    try:
        announce(engine)
        told_to_stop.wait()
    finally:
        departure.complete()
