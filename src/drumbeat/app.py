"""The engine: settings in, everything wired out. The only module that knows every other."""

from __future__ import annotations

import fcntl
import ipaddress
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO

from drumbeat.clock import Clock, MovableClock, SystemClock
from drumbeat.domain.sender import Sender, SmtpServer
from drumbeat.errors import Conflict, Invalid, Unavailable
from drumbeat.mail.capture import CaptureServer
from drumbeat.mail.ports import Outbox
from drumbeat.mail.smtp import SmtpOutbox
from drumbeat.services.access import Access
from drumbeat.services.authoring import Authoring
from drumbeat.services.batch_enrolling import BatchEnrolling
from drumbeat.services.capturing import Capturing
from drumbeat.services.claiming import Claiming
from drumbeat.services.clock_moving import ClockMoving
from drumbeat.services.connecting import Connecting
from drumbeat.services.contact_keeping import ContactKeeping
from drumbeat.services.delivering import Delivering
from drumbeat.services.editing import Editing
from drumbeat.services.enrolling import Enrolling
from drumbeat.services.explaining import Explaining
from drumbeat.services.holiday_keeping import HolidayKeeping
from drumbeat.services.importing import Importing
from drumbeat.services.migrating import Migrating
from drumbeat.services.planning import Planning
from drumbeat.services.publishing import Publishing
from drumbeat.services.sealing import Vault
from drumbeat.services.sending import Sending
from drumbeat.services.settling import Settling
from drumbeat.services.stepping import Stepping
from drumbeat.services.suppressing import Suppressing
from drumbeat.services.tasks import Tasks
from drumbeat.services.upkeep import Upkeep
from drumbeat.services.validating import Validating
from drumbeat.settings import Settings
from drumbeat.store import clock_positions, senders
from drumbeat.store.database import Database

WORKER_LOCK = "worker.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the program can do its work, and what keeps it from some of it."""

    has_database: bool
    faults: tuple[str, ...]
    now: datetime

    @property
    def status(self) -> str:
        if not self.has_database:
            return "unavailable"
        return "degraded" if self.faults else "ok"


@dataclass(slots=True, kw_only=True)
class Engine:
    """Everything that the doors call, wired together once."""

    settings: Settings
    database: Database
    clock: Clock
    vault: Vault
    capture: CaptureServer | None
    outbox: Outbox
    access: Access
    contacts: ContactKeeping
    authoring: Authoring
    publishing: Publishing
    connecting: Connecting
    importing: Importing
    holidays: HolidayKeeping
    enrolling: Enrolling
    batch_enrolling: BatchEnrolling
    planning: Planning
    editing: Editing
    migrating: Migrating
    tasks: Tasks
    delivering: Delivering
    suppressing: Suppressing
    stepping: Stepping
    claiming: Claiming
    sending: Sending
    settling: Settling
    explaining: Explaining
    validating: Validating
    upkeep: Upkeep
    clock_moving: ClockMoving | None
    woken: threading.Event = field(default_factory=threading.Event)
    """Set when a change may have made something due, so that the worker need not poll for it."""
    worker_fault: str | None = None
    _worker_lock: IO[str] | None = None

    @classmethod
    def start(
        cls, settings: Settings, *, clock: Clock | None = None, outbox: Outbox | None = None
    ) -> Engine:
        """Open the database, bring its schema up to date and wire everything.

        Raises Invalid where the settings do not suit what the database holds, and Unavailable
        where it cannot be reached. A *clock* or *outbox* given here is used instead of its own.
        """
        settings.data.mkdir(parents=True, exist_ok=True)
        database = Database(settings.database_url)
        database.migrate()
        clock = clock or clock_for(settings, database)
        vault = Vault.open(settings.secret_keys, settings.data)
        captures = settings.mail == "capture"
        connecting = Connecting(database=database, clock=clock, vault=vault, captures=captures)
        outbox = outbox or SmtpOutbox()
        capture = start_capture(database, clock) if captures else None
        suppressing = Suppressing(
            database=database, clock=clock, vault=vault, link_base=settings.link_base
        )
        stepping = Stepping(database=database, clock=clock)
        lease = timedelta(seconds=settings.lease_seconds)
        claiming = Claiming(database=database, clock=clock, lease=lease)
        sending = Sending(
            database=database,
            clock=clock,
            outbox=outbox,
            server_of=server_lookup(connecting, capture),
            suppressing=suppressing,
            lease=lease,
        )
        upkeep = Upkeep(database=database, clock=clock, sending=sending)
        return cls(
            settings=settings,
            database=database,
            clock=clock,
            vault=vault,
            capture=capture,
            outbox=outbox,
            access=Access(database=database, clock=clock),
            contacts=ContactKeeping(database=database, clock=clock),
            authoring=Authoring(database=database, clock=clock),
            publishing=Publishing(database=database, clock=clock),
            connecting=connecting,
            importing=Importing(database=database, clock=clock),
            holidays=HolidayKeeping(database=database, clock=clock),
            enrolling=Enrolling(database=database, clock=clock, connecting=connecting),
            batch_enrolling=BatchEnrolling(database=database, clock=clock, connecting=connecting),
            planning=Planning(database=database, clock=clock, connecting=connecting),
            editing=Editing(database=database, clock=clock),
            migrating=Migrating(database=database, clock=clock),
            tasks=Tasks(database=database, clock=clock),
            delivering=Delivering(database=database, clock=clock, captures=captures),
            suppressing=suppressing,
            stepping=stepping,
            claiming=claiming,
            sending=sending,
            settling=Settling(database=database, clock=clock),
            explaining=Explaining(database=database, clock=clock, sending=sending),
            validating=Validating(database=database, clock=clock, connecting=connecting),
            upkeep=upkeep,
            clock_moving=mover_of(database, clock, stepping, claiming, sending),
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around every change that a door makes: what it made due is then seen to.

        With a movable clock that happens before this ends; else the worker is woken.
        """
        if self.clock_moving is not None:
            with self.clock_moving.writing():
                yield
            return
        yield
        self.woken.set()

    def health(self) -> Health:
        now = self.clock.now()
        try:
            with self.database.reading() as tx:
                troubled = senders.count_troubled(tx)
        except Unavailable:
            # Anybody may ask; what the driver says of hosts and users is for the log.
            return Health(has_database=False, faults=("the database is away",), now=now)
        faults = []
        if troubled:
            faults.append(f"inboxes that cannot send: {troubled}; see /drumbeat/v1/senders")
        if self.worker_fault:
            faults.append(self.worker_fault)
        return Health(has_database=True, faults=tuple(faults), now=now)

    def become_only_worker(self) -> None:
        """Where there can be one worker only, make sure that this is it, and take over what the
        last one left. Raises Conflict where another is at work.
        """
        if self.database.is_sqlite:
            self.lock_data()
        if self.database.is_sqlite or self.clock_moving is not None:
            self.upkeep.take_over()

    def lock_data(self) -> None:
        # Beside the database, which two data directories may share.
        file = self.database.file
        lock = file.with_name(f"{file.name}.{WORKER_LOCK}").open("w")
        try:
            # The kernel lets go of it when the process ends, however it ends.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise Conflict(
                f"another worker is at work on {file}; stop it, or use PostgreSQL to run several"
            ) from error
        self._worker_lock = lock

    def close(self) -> None:
        self.outbox.close()
        if self.capture is not None:
            self.capture.stop()
        self.database.close()
        if self._worker_lock is not None:
            self._worker_lock.close()


def mover_of(
    database: Database, clock: Clock, stepping: Stepping, claiming: Claiming, sending: Sending
) -> ClockMoving | None:
    """What moves the clock, where it is one that can be moved."""
    if not isinstance(clock, MovableClock):
        return None
    return ClockMoving(
        database=database,
        clock=clock,
        stepping=stepping,
        claiming=claiming,
        sending=sending,
        lock=threading.RLock(),
    )


def clock_for(settings: Settings, database: Database) -> Clock:
    if not settings.has_movable_clock:
        return SystemClock()
    if settings.mail == "real" and not settings.allow_real_mail_at_movable_clock:
        refuse_real_senders(database)
    with database.transaction() as tx:
        position = clock_positions.find(tx)
        if position is None:
            position = settings.clock_starts_at or SystemClock().now()
            clock_positions.keep(tx, position)
    return MovableClock(position)


def refuse_real_senders(database: Database) -> None:
    """A movable clock sends at times that are not real; to a server next door that is a test."""
    with database.reading() as tx:
        hosts = senders.connected_hosts(tx)
    real = sorted(host for host in hosts if not is_loopback(host))
    if real:
        raise Invalid(
            f"the clock cannot be movable while inboxes at {', '.join(real)} are connected: "
            "their mail would leave at times that are not real. Use --mail capture, or --force"
        )


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def start_capture(database: Database, clock: Clock) -> CaptureServer:
    capture = CaptureServer(Capturing(database=database, clock=clock).keep)
    capture.start()
    return capture


def server_lookup(
    connecting: Connecting, capture: CaptureServer | None
) -> Callable[[Sender], SmtpServer]:
    """Which server takes a sender's mail: with capture it is always the one in this process."""
    if capture is None:
        return connecting.server_of
    return lambda sender: capture.server_for(sender.account_id)
