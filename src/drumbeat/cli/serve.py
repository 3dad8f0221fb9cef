"""`drumbeat serve`: answers requests, works on what is due, or both, until told to stop."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from types import FrameType

import drumbeat
from drumbeat.app import Engine
from drumbeat.cli.opening import how_to_begin, set_up_log
from drumbeat.cli.saying import remark, say
from drumbeat.cli.web_server import WebServer, listener_at
from drumbeat.errors import Conflict
from drumbeat.settings import Settings
from drumbeat.worker.loop import Worker

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# The promise is 5. A mail server that has a thread wait for its answer may not make us break
# it: the message is in doubt at the next start, as after a crash.
LAST_MOMENT_SECONDS = 4.7


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; what is at hand is finished first, within 5 seconds."""
    if settings.role == "worker" and settings.has_movable_clock:
        raise Conflict("with a movable clock there is no worker: moving it does the work")
    set_up_log(settings.log_level, settings.log_format)
    if settings.role == "worker":
        with closing(Engine.start(settings)) as engine:
            work(engine)
        return
    with closing(listener_at(settings.host, settings.port)) as listener:
        # Port 0 stood for any; links are to lead to the one that it became.
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        with closing(Engine.start(settings)) as engine:
            if engine.clock_moving is not None:
                engine.become_only_worker()
            departure = Departure(Worker(engine) if has_worker(settings) else None)
            server = WebServer(engine, on_ready=lambda: announce(engine), on_stop=departure.begin)
            # Uvicorn raises the signal once more when it is done, for who was there before it.
            obey_signals(server.handle_exit)
            departure.start_worker()
            try:
                server.run([listener])
            finally:
                departure.complete()


def work(engine: Engine) -> None:
    """Work on what is due, without answering requests."""
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


def has_worker(settings: Settings) -> bool:
    return settings.role == "all" and not settings.has_movable_clock


def announce(engine: Engine) -> None:
    """What may still be missing, and then the one line that says what is ready, and where."""
    settings = engine.settings
    here = f"http://{bracketed(settings.host)}:{settings.port}"
    ready = "is at work" if settings.role == "worker" else f"is ready at {here}"
    facts = {
        "clock": clock_of(engine),
        "mail": settings.mail,
        "database": settings.shown()["database"],
    }
    if settings.role != "all":
        facts["role"] = settings.role
    told = ", ".join(f"{name}: {fact}" for name, fact in facts.items())
    if not engine.access.has_account():
        remark(f"There is no account yet; {how_to_begin()}.")
    if settings.mail == "real" and settings.public_url is None:
        remark(f"Links in e-mails will lead to {here}; --public-url says where else.")
    say(f"Drumbeat {drumbeat.__version__} {ready} ({told})")


def clock_of(engine: Engine) -> str:
    if engine.clock_moving is None:
        return "system"
    return f"movable, at {engine.clock.now():%Y-%m-%dT%H:%M:%SZ}"


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
