"""How events are written: to standard error, one line each, for people or for machines.

An event is a constant in the past tense, with ids and durations as fields. A password, a
token or a body is never a field; should one be, it is struck out here. Addresses are shown
at debug only. Local variables are never written beside a traceback: secrets stand there.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SECRETS = frozenset({"password", "secret", "secret_keys", "token", "authorization", "body", "raw"})
ADDRESSES = frozenset({"email", "to_email", "from_email", "sender_email", "address"})
STRUCK_OUT = "***"


def set_up(level: str, form: Literal["console", "json"]) -> None:
    """Log from *level* on; what other packages log through `logging` comes out the same way."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *rendering(form),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def rendering(form: Literal["console", "json"]) -> list[Processor]:
    if form == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    plain = structlog.dev.plain_traceback
    return [
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain),
    ]


def strike_out_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name in SECRETS & event.keys():
        event[name] = STRUCK_OUT
    return event


def keep_addresses_for_debug(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    if method != "debug":
        for name in ADDRESSES & event.keys():
            event[name] = STRUCK_OUT
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    strike_out_secrets,
    keep_addresses_for_debug,
]
