"""The worker: does what is due, waits until more is, and stops cleanly when told.

Steps are executed in the worker's own thread, messages are handed to servers in a few
others, so that a server that stalls holds up nobody but its sender.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

from drumbeat.app import Engine
from drumbeat.errors import Unavailable
from drumbeat.mail.ports import Receipt
from drumbeat.services.claiming import Claimed
from drumbeat.store import due

log = structlog.get_logger()

POLL_SECONDS = 0.5
BREATH_SECONDS = 0.05
SENDING_THREADS = 16
RETRY_SECONDS = 1.0
# Of a lease: early enough that a slow round does not let one run out.
RENEWED_AFTER = 0.25
# With the process's promise to be gone 5 s after SIGTERM.
PATIENCE_SECONDS = 4.0


@dataclass(slots=True)
class Worker:
    engine: Engine
    rest_seconds: float = POLL_SECONDS
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _sending: dict[Future[None], Claimed] = field(default_factory=dict)
    _renewed_at: float = 0.0
    _senders: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(SENDING_THREADS, thread_name_prefix="sender")
    )

    def start(self) -> None:
        """Begin to work, in a thread of its own. Raises Conflict where another worker may not
        be joined."""
        self.engine.become_only_worker()
        self._thread = threading.Thread(target=self.run, name="worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch and the messages at hand, as far as patience allows."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        self._stopped.set()
        self.engine.woken.set()
        if self._thread is not None:
            self._thread.join(PATIENCE_SECONDS)
        for sending in list(self._sending):
            remaining = max(0.0, deadline - time.monotonic())
            try:
                sending.result(timeout=remaining)
            except TimeoutError:
                log.warning("message_left_behind", remedy="it is in doubt after the next start")
        self._senders.shutdown(wait=False, cancel_futures=True)

    def tick(self) -> bool:
        """One round in this thread: everything that is due now; whether there was anything."""
        stepped = self.engine.stepping.step_due()
        expired = self.engine.sending.expire_abandoned()
        claimed = self.engine.claiming.claim()
        for message in claimed:
            self.engine.sending.send(message)
        return bool(stepped.claimed or expired or claimed)

    def run(self) -> None:
        while not self._stopped.is_set():
            # Cleared first, so that what is woken during the round starts another.
            self.engine.woken.clear()
            if not self.work():
                # Woken by every request, it would spend the server's time on looking in vain.
                self._stopped.wait(min(BREATH_SECONDS, self.rest_seconds))
                self.engine.woken.wait(self.rest_seconds)

    def work(self) -> bool:
        """One round with the sending handed to other threads; faults are told, not passed on."""
        try:
            self.renew_leases()
            was_busy = self.round()
        except Unavailable as fault:
            self.tell("the worker cannot reach its database", fault)
            return False
        except Exception as fault:
            # The edge of the worker: what was not foreseen must not end it.
            log.exception("round_failed")
            self.tell("the worker met a fault it does not know", fault)
            return False
        self.engine.worker_fault = None
        return was_busy

    def round(self) -> bool:
        if not self.is_anything_due():
            return False
        stepped = self.engine.stepping.step_due()
        expired = self.engine.sending.expire_abandoned()
        room = SENDING_THREADS - len(self._sending)
        claimed = self.engine.claiming.claim(most=room) if room else []
        for message in claimed:
            self._sending[self._senders.submit(self.hand_over, message)] = message
        # What is due and could not be had is in other hands; they say when they are done.
        self.rest_seconds = POLL_SECONDS
        return bool(stepped.claimed or expired or claimed)

    def renew_leases(self) -> None:
        """Tell the other workers that what is being sent here is in living hands."""
        self._sending = {
            sending: claimed for sending, claimed in self._sending.items() if not sending.done()
        }
        every = self.engine.settings.lease_seconds * RENEWED_AFTER
        if self._sending and time.monotonic() - self._renewed_at >= every:
            self.engine.claiming.renew(self._sending.values())
            self._renewed_at = time.monotonic()

    def is_anything_due(self) -> bool:
        """One cheap look, and how long to rest where there is nothing."""
        now = self.engine.clock.now()
        with self.engine.database.reading() as tx:
            due_at = due.next_due_at(tx)
        wait = (due_at - now).total_seconds() if due_at else POLL_SECONDS
        self.rest_seconds = min(max(wait, 0.0), POLL_SECONDS)
        return due_at is not None and due_at <= now

    def hand_over(self, claimed: Claimed) -> None:
        try:
            receipt = self.engine.sending.attempt(claimed)
            if receipt is not None:
                self.keep(claimed, receipt)
        except Unavailable as fault:
            # Nothing had left; the claim runs out, and the message is taken up again.
            self.tell("the worker cannot reach its database", fault)
        except Exception:
            # The edge of the worker: one poisonous message must not stop the others.
            log.exception("message_failed", message_id=claimed.message_id)
        self.engine.woken.set()

    def keep(self, claimed: Claimed, receipt: Receipt) -> None:
        """Write the receipt; if the database is away just now, until it is back."""
        while True:
            try:
                self.engine.sending.keep_receipt(claimed, receipt)
            except Unavailable as fault:
                self.tell("a receipt waits for the database", fault)
                if self._stopped.wait(RETRY_SECONDS):
                    return
            else:
                return

    def tell(self, what: str, fault: Exception) -> None:
        if self.engine.worker_fault is None:
            log.error("worker_hindered", what=what, fault=str(fault))
        # Shown to anybody who asks for the health; the log has the details.
        self.engine.worker_fault = what
        self._stopped.wait(RETRY_SECONDS)
