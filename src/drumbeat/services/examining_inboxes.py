"""Trying out the mail servers of connected inboxes, without sending anything."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from drumbeat.domain.findings import Finding, Verdict
from drumbeat.domain.sender import Sender, SmtpServer
from drumbeat.errors import Conflict, DrumbeatError, Invalid
from drumbeat.mail.probing import Cause, Missed, Reached, probe
from drumbeat.services.connecting import Connecting, is_connected
from drumbeat.services.examining_keys import every_sender
from drumbeat.store.database import Database

CHECK = "inbox"
# More at once than this looks to a provider like somebody guessing passwords.
AT_ONCE = 4
FAILED_FOR_GOOD = 500

ANOTHER_LOGIN = (
    "connect the inbox again with the right user and password (`drumbeat inbox connect`); where "
    "two factors are asked for, that is an app password made for it"
)
REMEDIES = {
    Cause.NO_SUCH_HOST: "correct the host: connect the inbox again",
    Cause.NO_ANSWER: "is the port right, and does a firewall let this machine out to it? Many "
    "hosters close 25, and some 465 and 587 too",
    Cause.CERTIFICATE: "use the name that the certificate is for, or have the server get one that "
    "this machine trusts",
    Cause.TLS: "smtps:// is for ports that begin with TLS (465), smtp:// for the others (587, 25)",
    Cause.UNWELCOME: "the server's own words say why; ask whoever runs it",
    Cause.LOGIN_REFUSED: ANOTHER_LOGIN,
    Cause.LOGIN_FOR_NOW: "try again in a few minutes; too many tries may be what it minds",
    Cause.NO_WAY_TO_LOG_IN: "allow SMTP AUTH for the mailbox at the provider, or make an app "
    "password; OAuth is not there yet",
    Cause.OTHER: "is that a mail server's port, and is it smtp:// or smtps:// that it speaks?",
}

Job = TypeVar("Job")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminingInboxes:
    database: Database
    connecting: Connecting
    patience: float
    context: ssl.SSLContext | None = None

    def connected(self) -> list[Sender]:
        """Those that mail goes out through, of every account."""
        with self.database.reading() as tx:
            return [sender for sender in every_sender(tx) if is_connected(sender)]

    def tried(self, senders: Sequence[Sender]) -> Iterator[Finding]:
        """What each server said when it was tried just now, in the order of the senders."""
        return several_at_once(self.try_out, senders, AT_ONCE)

    def remembered(self, senders: Sequence[Sender]) -> Iterator[Finding]:
        """What is known of each without asking its server."""
        for sender in senders:
            if sender.trouble:
                text = f"it could not be used when it was last tried: {sender.trouble}"
                remedy = "`drumbeat doctor` without --offline tries it now"
                yield finding(sender, Verdict.WARNING, text, remedy)

    def try_out(self, sender: Sender) -> Finding:
        try:
            server = self.connecting.server_of(sender)
        except Conflict:
            text = "it has no server, and was only good for captured mail"
            return finding(sender, Verdict.WARNING, text, "connect it to one")
        except Invalid:
            # Which is a fault of the keys, and told there.
            return finding(sender, Verdict.WARNING, "not tried: no key opens its password")
        found = probe(server, patience=self.patience, context=self.context)
        if isinstance(found, Missed):
            return of_missed(sender, server, found)
        return of_reached(sender, server, found)


def of_missed(sender: Sender, server: SmtpServer, missed: Missed) -> Finding:
    is_for_now = missed.code is not None and missed.code < FAILED_FOR_GOOD
    verdict = Verdict.WARNING if is_for_now else Verdict.FAULT
    said = str(missed)
    if missed.cause in (Cause.LOGIN_REFUSED, Cause.LOGIN_FOR_NOW):
        said = f"{place(server)} did not let {server.username} in: {said}"
    elif missed.code is not None:
        said = f"{place(server)} said: {said}"
    return finding(sender, verdict, said, REMEDIES[missed.cause])


def of_reached(sender: Sender, server: SmtpServer, reached: Reached) -> Finding:
    how = reached.privacy or "in the clear"
    if reached.welcome is None:
        text = f"{place(server)} is there ({how}); no login was asked for"
        if reached.wants_login:
            text = f"{place(server)} is there ({how}), and takes logins, of which there is none"
            remedy = "if it refuses mail, connect the inbox again with user and password"
            return finding(sender, Verdict.WARNING, text, remedy)
        return finding(sender, Verdict.OK, text)
    welcome = f"{reached.welcome.code} {reached.welcome.text}"
    text = f"{place(server)} let {server.username} in ({how}): {welcome}"
    if reached.privacy is None and not is_this_machine(server.host):
        remedy = "use smtps://, or smtp:// without ?tls=none, unless the way there is private"
        return finding(sender, Verdict.WARNING, f"{text}; the password can be read along", remedy)
    return finding(sender, Verdict.OK, text)


def is_this_machine(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def place(server: SmtpServer) -> str:
    return f"{server.host}:{server.port}"


def several_at_once(do: Callable[[Job], Done], jobs: Sequence[Job], most: int) -> Iterator[Done]:
    """What *do* makes of each job, in their order, *most* of them being done at a time.

    Nobody who gives up waiting is held up by those that are not done yet.
    """
    futures: list[Future[Done]] = [Future() for _ in jobs]
    waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()
    for job, future in zip(jobs, futures, strict=True):
        waiting.put(partial(fulfil, future, do, job))
    for _ in range(min(most, len(jobs))):
        threading.Thread(target=work_off, args=(waiting,), daemon=True).start()
    for future in futures:
        yield future.result()


def work_off(waiting: SimpleQueue[Callable[[], None]]) -> None:
    while not waiting.empty():
        waiting.get()()


def fulfil(future: Future[Done], do: Callable[[Job], Done], job: Job) -> None:
    try:
        future.set_result(do(job))
    except DrumbeatError as fault:
        future.set_exception(fault)
    except BaseException as fault:
        # Else whoever waits for it would wait for ever.
        future.set_exception(fault)
        raise


def finding(sender: Sender, verdict: Verdict, text: str, remedy: str | None = None) -> Finding:
    return Finding(check=CHECK, about=sender.email, verdict=verdict, text=text, remedy=remedy)
