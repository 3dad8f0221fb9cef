"""What `drumbeat doctor` says of the settings themselves, and of where they lead."""

from __future__ import annotations

import ipaddress
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from drumbeat.app import is_loopback
from drumbeat.domain.findings import Finding, Verdict
from drumbeat.domain.sender import Sender
from drumbeat.services.sealing import OTHERS
from drumbeat.settings import FROM_FILES, PREFIX, Settings, WrongSettings, without_password

FROM_FILE = tuple(f"{PREFIX}{name.upper()}_FILE" for name in FROM_FILES)


def of_wrong_settings(fault: WrongSettings) -> Iterator[Finding]:
    for each in fault.faults:
        yield finding("settings", Verdict.FAULT, " ".join(each.split()))


def of_settings(
    settings: Settings, given: Mapping[str, Any], environ: Mapping[str, str]
) -> Iterator[Finding]:
    """What was set, by name, and which secret others may read."""
    options = [f"--{name.replace('_', '-')}" for name, value in given.items() if value is not None]
    named = [*options, *sorted(name for name in environ if is_setting(name) and environ[name])]
    yield finding("settings", Verdict.OK, ", ".join(named) or "as they come, nothing is set")
    for variable in FROM_FILE:
        if environ.get(variable):
            yield from of_secret_file(variable, Path(environ[variable]))
    typed = given.get("database") or ""
    if without_password(typed) != typed:
        text = (
            "the database's password is on the command line, where all on this machine can see it"
        )
        remedy = f"put the address into a file, and the file's name into {PREFIX}DATABASE_FILE"
        yield finding("settings", Verdict.WARNING, text, remedy)
    if settings.mail == "capture":
        yield finding("mail", Verdict.OK, "captured: none leaves, whatever inbox is connected")


def of_secret_file(variable: str, file: Path) -> Iterator[Finding]:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & OTHERS:
        text = f"{file}, named by {variable}, may be read by others (mode {mode:o})"
        yield finding("settings", Verdict.WARNING, text, f"chmod 600 {file}")


def of_links(settings: Settings, senders: Sequence[Sender]) -> Finding | None:
    """Where links in e-mails lead, once there are e-mails that leave this machine."""
    base = settings.link_base
    if all(sender.server is None or is_loopback(sender.server.host) for sender in senders):
        return None
    parts = urlsplit(base)
    remedy = (
        "give what the outside reaches this machine by to everything that sends, as "
        f"{PREFIX}PUBLIC_URL=https://mail.example.com or --public-url"
    )
    if is_near(parts.hostname or ""):
        text = f"links in e-mails lead to {base}, where nobody outside can unsubscribe"
        return finding("links", Verdict.WARNING, text, remedy)
    if parts.scheme != "https":
        text = f"links in e-mails lead to {base}; unsubscribing by one click needs https"
        return finding("links", Verdict.WARNING, text, remedy)
    return finding("links", Verdict.OK, f"those in e-mails lead to {base}")


def is_near(host: str) -> bool:
    """Whether only this machine or its own network is reached by that name."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))


def is_setting(name: str) -> bool:
    return name in FROM_FILE or (
        name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() in Settings.model_fields
    )


def finding(check: str, verdict: Verdict, text: str, remedy: str | None = None) -> Finding:
    return Finding(check=check, verdict=verdict, text=text, remedy=remedy)
