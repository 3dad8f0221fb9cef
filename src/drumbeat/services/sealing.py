"""Keeping the passwords of inboxes unreadable in the database, and signing public links.

What is sealed carries the name of what it belongs to, so that a sealed value moved to
another row does not open there. The keys stand outside the database: whoever has a copy of
the one without the other has no password.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import BadData, URLSafeSerializer
from pydantic import SecretStr

from drumbeat.errors import Invalid

KEY_FILE = "secret.key"
OWNER_ONLY = 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO
HOW_TO_MAKE_A_KEY = (
    "a key is 32 random bytes in URL-safe base64, as this prints: "
    'python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and signs with the newest key, and opens and verifies with every one it has."""

    keys: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys:
            raise Invalid(f"there is no secret key; {HOW_TO_MAKE_A_KEY}")
        for position, key in enumerate(self.keys, start=1):
            try:
                Fernet(key)
            except ValueError as error:
                raise Invalid(f"secret key {position} is not one; {HOW_TO_MAKE_A_KEY}") from error

    @classmethod
    def open(cls, keys: SecretStr | None, data_dir: Path) -> Vault:
        """With the keys given, or those of the key file, which is made on first use."""
        if keys is not None:
            listed = keys.get_secret_value().replace("\n", ",").split(",")
        else:
            listed = keys_in(data_dir / KEY_FILE)
        return cls(tuple(key.strip() for key in listed if key.strip()))

    def seal(self, context: str, secret: str) -> str:
        """*secret*, unreadable, and to be opened only as what *context* names."""
        plain = json.dumps({"context": context, "secret": secret})
        return self._fernet().encrypt(plain.encode()).decode()

    def unseal(self, context: str, sealed: str) -> str:
        """The secret that was sealed as *context*. Raises Invalid where no key opens it."""
        try:
            plain = json.loads(self._fernet().decrypt(sealed))
        except InvalidToken as error:
            raise Invalid(
                "a stored password cannot be opened with this server's secret keys: put back "
                "the key it was sealed with (secret.key, or DRUMBEAT_SECRET_KEYS), or connect "
                "the inbox again"
            ) from error
        if plain["context"] != context:
            raise Invalid(
                "a stored password belongs to another record than the one it stands in; "
                "connect the inbox again"
            )
        return str(plain["secret"])

    def sign(self, purpose: str, payload: Any) -> str:
        """*payload* as text for a URL: readable by all, and changed by nobody."""
        return str(self._signer(purpose).dumps(payload))

    def verify(self, purpose: str, token: str) -> Any:
        """What was signed for *purpose*. Raises Invalid for anything else."""
        try:
            return self._signer(purpose).loads(token)
        except BadData as error:
            raise Invalid("the link is not one of ours, or has been changed") from error

    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in self.keys])

    def _signer(self, purpose: str) -> URLSafeSerializer:
        # It wants the newest last; and a key of its own for each purpose, made from the salt.
        return URLSafeSerializer(
            list(reversed(self.keys)),
            salt=f"drumbeat {purpose}",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )


def keys_in(file: Path) -> list[str]:
    try:
        if not file.exists():
            make_key_file(file)
        if stat.S_IMODE(file.stat().st_mode) & OTHERS:
            log.warning("key_file_readable_by_others", file=str(file), remedy=f"chmod 600 {file}")
        return file.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"the key file {file} cannot be read or made: {error}") from error


def make_key_file(file: Path) -> None:
    """Put a new key there, whole or not at all; the first of two processes to do so wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(Fernet.generate_key() + b"\n")
            opened.flush()
            os.fsync(opened.fileno())
        # A link is refused where the name is taken; a rename would replace the other's key.
        file.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    log.info("key_file_made", file=str(file))
