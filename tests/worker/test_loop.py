from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from drumbeat.app import Engine
from drumbeat.errors import Conflict
from drumbeat.settings import Settings
from drumbeat.worker.loop import Worker
from tests.memory_outbox import MemoryOutbox
from tests.world import SERVER, World

PATIENCE = 20


class SignallingOutbox(MemoryOutbox):
    """Says when a message has arrived, so that no test has to sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived = threading.Event()
        self.at_the_gate = self.arrived.set


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    outbox = SignallingOutbox()
    engine = Engine.start(Settings(data=tmp_path, database=database_url), outbox=outbox)
    account = engine.access.create_account(
        email="rep@example.com", name="Rita Rep", timezone="America/New_York"
    )
    world = World.around(engine, outbox, account)
    yield world
    engine.close()


def enroll(world: World, email: str = "ada@example.org") -> int:
    enrollment = world.engine.enrolling.enroll(
        world.account_id,
        user_id=world.user_id,
        sequence_id=world.sequence(world.email()),
        contact_id=world.contact(email),
        sender_email="rep@example.com",
    )
    return enrollment.id


def test_one_round_does_everything_that_is_due(world: World) -> None:
    enroll(world)
    worker = Worker(world.engine)

    while worker.tick():
        pass

    assert world.story(1) == ["enrolled", "email_scheduled", "email_sent", "finished"]


def test_a_change_wakes_the_worker(world: World) -> None:
    worker = Worker(world.engine)
    worker.start()
    try:
        with world.engine.writing():
            enroll(world)
        assert isinstance(world.outbox, SignallingOutbox)
        assert world.outbox.arrived.wait(PATIENCE)
    finally:
        worker.stop()

    assert len(world.outbox.sent) == 1


def test_stopping_waits_for_the_message_at_hand(world: World) -> None:
    let_go = threading.Event()
    reached = threading.Event()

    def stall() -> None:
        reached.set()
        let_go.wait(PATIENCE)

    world.outbox.at_the_gate = stall
    worker = Worker(world.engine)
    worker.start()
    enroll(world)
    assert reached.wait(PATIENCE)

    threading.Timer(0.2, let_go.set).start()
    worker.stop()

    assert [message.state for message in world.messages()] == ["sent"]


def test_a_sender_whose_server_stalls_holds_up_nobody_else(world: World) -> None:
    # Each message waits at the gate until the other has come there too.
    meeting = threading.Barrier(2, timeout=PATIENCE)

    def meet() -> None:
        meeting.wait()

    world.outbox.at_the_gate = meet
    connect_another(world)
    enroll(world)
    enroll_with_another(world)
    worker = Worker(world.engine)

    worker.start()
    wait_until_sent(world, 2)
    worker.stop()


def connect_another(world: World) -> None:
    other = world.engine.access.add_user(
        world.account_id, email="ben@example.com", name="Ben", timezone="UTC"
    )
    world.engine.connecting.connect(
        world.account_id, user_id=other.id, email=None, server=SERVER, gap=timedelta(0)
    )


def enroll_with_another(world: World) -> None:
    world.engine.enrolling.enroll(
        world.account_id,
        user_id=2,
        sequence_id=world.sequence(world.email()),
        contact_id=world.contact("bob@example.org"),
        sender_email="ben@example.com",
    )


def wait_until_sent(world: World, count: int) -> None:
    waiting = threading.Event()
    for _ in range(PATIENCE * 100):
        if len(world.outbox.sent) == count:
            return
        waiting.wait(0.01)
    raise AssertionError(f"{len(world.outbox.sent)} of {count} were sent")


def test_a_second_worker_on_the_same_file_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database=sqlite_url)
    first, second = Engine.start(settings), Engine.start(settings)
    first.become_only_worker()

    with pytest.raises(Conflict, match="another worker is at work"):
        second.become_only_worker()

    first.close()
    second.become_only_worker()
    second.close()
