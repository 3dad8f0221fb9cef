"""`drumbeat serve`: answers requests, works on what is due, or both, until told to stop."""

from __future__ import annotations

from contextlib import closing

from drumbeat.app import Engine
from drumbeat.cli.announcing import announce
from drumbeat.cli.departure import Departure, obey_signals
from drumbeat.cli.opening import set_up_log
from drumbeat.cli.web_server import WebServer, listener_at
from drumbeat.cli.work import work
from drumbeat.settings import Settings
from drumbeat.worker.loop import Worker


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; what is at hand is finished first, within 5 seconds."""
    if settings.role == "worker":
        work(settings)
        return
    set_up_log(settings.log_level, settings.log_format)
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


def has_worker(settings: Settings) -> bool:
    return settings.role == "all" and not settings.has_movable_clock
