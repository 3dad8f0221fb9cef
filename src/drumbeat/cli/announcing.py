"""What a process that runs on says when it is ready."""

from __future__ import annotations

import drumbeat
from drumbeat.app import Engine
from drumbeat.cli.opening import how_to_begin
from drumbeat.cli.saying import remark, say
from drumbeat.settings import Settings

AT_WORK = "is at work: steps are executed and e-mails sent as they fall due; requests go elsewhere"


def announce(engine: Engine) -> None:
    """What may still be missing, and then the one line that says what is ready, and where."""
    settings = engine.settings
    here = address_of(settings)
    ready = AT_WORK if settings.role == "worker" else f"is ready at {here}"
    facts = {
        "clock": clock_of(engine),
        "mail": settings.mail,
        "database": settings.shown()["database"],
    }
    if settings.role == "web":
        facts["role"] = settings.role
    told = ", ".join(f"{name}: {fact}" for name, fact in facts.items())
    if not engine.access.has_account():
        remark(f"There is no account yet; {how_to_begin()}.")
    if settings.mail == "real" and settings.public_url is None:
        remark(f"Links in e-mails will lead to {here}; --public-url says where else.")
    say(f"Drumbeat {drumbeat.__version__} {ready} ({told})")


def address_of(settings: Settings) -> str:
    return f"http://{bracketed(settings.host)}:{settings.port}"


def clock_of(engine: Engine) -> str:
    if engine.clock_moving is None:
        return "system"
    return f"movable, at {engine.clock.now():%Y-%m-%dT%H:%M:%SZ}"


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
