"""What the operator may set, from the command line and from DRUMBEAT_* in the environment.

Every setting is checked before anything starts, and every fault is reported at once. A value
that may hold a secret can also be given as the name of a file: DRUMBEAT_SECRET_KEYS_FILE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)

PREFIX = "DRUMBEAT_"
# Names that the test suite reads, and the program does not.
TESTS_OWN = "DRUMBEAT_TEST_"
# The database's address may have a password in it.
FROM_FILES = ("secret_keys", "database")
MOVABLE = "movable"
# Where a password stands in the address of a database.
IN_FRONT = re.compile(r"(://[^:/@]*):.+@")
IN_QUERY = re.compile(r"([?&]password=)[^&]+")


class WrongSettings(Exception):
    """Nothing was started: *faults* says, one by one, what is wrong and with which setting."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class Settings(BaseModel):
    """Everything that can be set; never changes while the program runs."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    data: Path = Path("drumbeat-data")
    """The directory for what is kept beside the database: the key file, and SQLite's file."""
    database: str | None = Field(default=None, repr=False)
    """sqlite:///FILE or postgresql://USER@HOST/NAME; a file in the data directory if not given."""
    host: str = "127.0.0.1"
    """The address that the server listens on."""
    port: int = Field(default=8787, ge=0, le=65535)
    """The port that the server listens on; 0 takes any that is free."""
    clock: str = "system"
    """system; or movable, which stands still until it is moved: movable@2026-03-02T09:00Z."""
    mail: Literal["real", "capture"] = "real"
    """real sends through the connected inboxes; with capture no mail ever leaves."""
    role: Literal["all", "web", "worker"] = "all"
    """What this process does: answer requests, work on what is due, or both."""
    public_url: str | None = None
    """Where the links in e-mails lead, if that is not the address listened on."""
    secret_keys: SecretStr | None = None
    """What seals passwords: keys with commas, newest first; those in DATA/secret.key if None."""
    rate_limit: int = Field(default=100_000, ge=1)
    """How many requests one token may make in 10 seconds."""
    max_body_bytes: int = Field(default=1_000_000, ge=1_000)
    """The largest request body that is read."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least serious events that are logged; debug also shows addresses."""
    log_format: Literal["console", "json"] = "console"
    """How events are written to standard error."""
    lease_seconds: int = Field(default=60, ge=2, le=3600)
    """How long after a worker's death what it was sending is left alone, in seconds."""
    allow_real_mail_at_movable_clock: bool = False
    """Start a movable clock even where inboxes are connected that mail would leave through."""

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'drumbeat.db'}"

    @property
    def has_movable_clock(self) -> bool:
        return self.clock.startswith(MOVABLE)

    @property
    def clock_starts_at(self) -> datetime | None:
        """Where a movable clock stands when it is first started, if that was said."""
        _, _, start = self.clock.partition("@")
        return datetime.fromisoformat(start).astimezone(UTC) if start else None

    @property
    def link_base(self) -> str:
        """What links in e-mails begin with, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @field_validator("clock")
    @classmethod
    def clock_is_known(cls, clock: str) -> str:
        kind, at, start = clock.partition("@")
        if clock in ("system", MOVABLE):
            return clock
        if kind != MOVABLE or not at or not has_zone(start):
            raise ValueError("write system, movable, or movable@ and a time like 2026-03-02T09:00Z")
        return clock

    @field_validator("public_url")
    @classmethod
    def public_url_is_complete(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write the whole address, like https://mail.example.com")
        if parts.query or parts.fragment:
            raise ValueError("write the address without ? and #; links are made from it")
        return url.rstrip("/")

    @field_validator("log_level", mode="before")
    @classmethod
    def log_level_in_any_case(cls, level: object) -> object:
        return level.lower() if isinstance(level, str) else level

    @classmethod
    def load(cls, overrides: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
        """The settings, from *overrides* where these are not None, else from the environment.

        Raises WrongSettings with everything that is wrong.
        """
        faults: list[str] = []
        values: dict[str, Any] = from_environment(environ, faults)
        given = {name: value for name, value in overrides.items() if value is not None}
        try:
            settings = cls.model_validate(values | given)
        except ValidationError as error:
            faults += in_words(error, given)
        if faults:
            raise WrongSettings(faults)
        return settings

    def shown(self) -> dict[str, str]:
        """Every setting as text, with what is secret left out."""
        shown = {name: str(value) for name, value in self if value is not None}
        shown["database"] = without_password(self.database_url)
        return shown


def has_zone(moment: str) -> bool:
    try:
        return datetime.fromisoformat(moment).utcoffset() is not None
    except ValueError:
        return False


def from_environment(environ: Mapping[str, str], faults: list[str]) -> dict[str, str]:
    """What is set there. An empty variable counts as not set: compose files write those."""
    values: dict[str, str] = {}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX) or variable.startswith(TESTS_OWN) or not value:
            continue
        name = variable.removeprefix(PREFIX).lower()
        setting = name.removesuffix("_file")
        if name in Settings.model_fields and variable.isupper():
            values[name] = value
        elif setting in FROM_FILES and variable.isupper():
            if environ.get(variable.removesuffix("_FILE")):
                faults.append(f"{variable}: is given without _FILE as well; keep one of the two")
            values[setting] = contents_of(value, variable, faults)
        else:
            faults.append(f"{variable}: there is no such setting")
    return values


def contents_of(path: str, variable: str, faults: list[str]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{variable}: {path} cannot be read ({error})")
        return ""


def in_words(error: ValidationError, given: Mapping[str, Any]) -> Iterator[str]:
    # Pydantic's own text repeats the value, which may be a secret.
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        name = str(fault["loc"][0])
        option = "--" + name.replace("_", "-")
        where = option if name in given else PREFIX + name.upper()
        yield f"{where}: {fault['msg'].removeprefix('Value error, ')}"


def without_password(url: str) -> str:
    """The database's address for others to see, also where it is not written as it should be."""
    return IN_QUERY.sub(r"\1***", IN_FRONT.sub(r"\1:***@", url))
