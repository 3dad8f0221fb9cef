"""The end of a command that runs on: signals, and how long there is after one."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from drumbeat.worker.loop import Worker

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# The promise is 5. A mail server that has a thread wait for its answer may not make us break
# it: the message is in doubt at the next start, as after a crash.
LAST_MOMENT_SECONDS = 4.7


@dataclass(slots=True)
class Departure:
    """From the signal to the end: the worker stops while the last requests are answered."""

    worker: Worker | None
    _stopping: threading.Thread | None = None
    _last_moment: threading.Timer = field(
        default_factory=lambda: threading.Timer(LAST_MOMENT_SECONDS, os._exit, [0])
    )

    def start_worker(self) -> None:
        if self.worker is not None:
            self.worker.start()

    def begin(self) -> None:
        if self._stopping is not None:
            return
        self._stopping = threading.Thread(target=self.stop_worker, name="departure")
        self._stopping.start()
        self._last_moment.daemon = True
        self._last_moment.start()

    def stop_worker(self) -> None:
        if self.worker is not None:
            self.worker.stop()

    def complete(self) -> None:
        self.begin()
        if self._stopping is not None:
            self._stopping.join()


def obey_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for each in SIGNALS:
        signal.signal(each, handler)
