"""Looking at the secret keys: whether they are there, kept from others, and open what is sealed."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from cryptography.fernet import Fernet

from drumbeat.domain.findings import Finding, Verdict
from drumbeat.domain.sender import Sender
from drumbeat.errors import Invalid
from drumbeat.services.connecting import context_of
from drumbeat.services.sealing import KEY_FILE, OTHERS, Vault
from drumbeat.settings import Settings
from drumbeat.store import accounts, senders
from drumbeat.store.database import Database, Tx

CHECK = "key"


def examine_keys(settings: Settings, database: Database | None) -> Iterator[Finding]:
    """What is to be said of the keys, and of each password that none of them opens.

    Without a database it is only whether there are keys. None is made here.
    """
    sealed = [] if database is None else sealed_in(database)
    file = settings.data / KEY_FILE
    if settings.secret_keys is None and not file.exists():
        yield missing(file, len(sealed))
        return
    try:
        if settings.secret_keys is None:
            yield from of_file(file)
        vault = Vault.open(settings.secret_keys, settings.data)
    except Invalid as fault:
        yield finding(Verdict.FAULT, str(fault), "put the right ones back")
        return
    where = str(file) if settings.secret_keys is None else "what DRUMBEAT_SECRET_KEYS gives"
    closed = [sender for sender, secret in sealed if not opens(vault, sender, secret)]
    for sender in closed:
        yield unopened(sender)
    if not closed:
        use = (
            f"opens {in_words(len(sealed))}" if sealed else "is there, and no password is kept yet"
        )
        yield finding(Verdict.OK, f"{where} {use}")


def vault_as_it_is(settings: Settings) -> Vault:
    """With the keys there are; where there are none, or no good ones, it opens nothing."""
    try:
        if settings.secret_keys is not None or (settings.data / KEY_FILE).exists():
            return Vault.open(settings.secret_keys, settings.data)
    except Invalid:
        pass
    return Vault((Fernet.generate_key().decode(),))


def sealed_in(database: Database) -> list[tuple[Sender, str]]:
    """Each sender whose password is kept, with what is kept."""
    with database.reading() as tx:
        found = ((each, sealed_of(tx, each)) for each in every_sender(tx))
        return [(sender, secret) for sender, secret in found if secret is not None]


def every_sender(tx: Tx) -> list[Sender]:
    return [each for account_id in accounts.all_ids(tx) for each in senders.listed(tx, account_id)]


def sealed_of(tx: Tx, sender: Sender) -> str | None:
    return senders.sealed_password(tx, sender.account_id, sender.id)


def of_file(file: Path) -> Iterator[Finding]:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & OTHERS:
        text = f"{file} may be read by others than its owner (mode {mode:o})"
        yield finding(Verdict.WARNING, text, f"chmod 600 {file}")


def opens(vault: Vault, sender: Sender, secret: str) -> bool:
    try:
        vault.unseal(context_of(sender.account_id, sender.email), secret)
    except Invalid:
        return False
    return True


def missing(file: Path, sealed: int) -> Finding:
    if not sealed:
        return finding(Verdict.OK, f"{file} is made when it is first needed")
    return finding(
        Verdict.FAULT,
        f"{file} is gone, and {in_words(sealed)} cannot be opened",
        "put it back from a backup before anything else is started: a new one would be made. "
        "Without it every inbox has to be connected again, and links in e-mails stop working",
    )


def unopened(sender: Sender) -> Finding:
    return Finding(
        check=CHECK,
        about=sender.email,
        verdict=Verdict.FAULT,
        text="no key opens its password, and its mail is held",
        remedy="put back the key it was sealed with, or connect the inbox again",
    )


def in_words(count: int) -> str:
    return "the password of 1 inbox" if count == 1 else f"the passwords of {count} inboxes"


def finding(verdict: Verdict, text: str, remedy: str | None = None) -> Finding:
    return Finding(check=CHECK, verdict=verdict, text=text, remedy=remedy)
