"""Connections that are kept from one message to the next, and those that have died since."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from drumbeat.domain.sender import SmtpServer
from drumbeat.mail.ports import Outcome, Receipt
from drumbeat.mail.smtp import SmtpOutbox
from tests.mail.conftest import PATIENCE, Send
from tests.mail.letters import an_email
from tests.mail.scripted_server import FINAL_DOT, Act, Move, scripted


def test_messages_to_one_server_share_a_connection(send: Send) -> None:
    with scripted() as server:
        receipts = [send(server.address()) for _ in range(3)]

    assert outcomes(receipts) == [Outcome.ACCEPTED] * 3
    assert (server.connections, server.count("EHLO"), len(server.messages)) == (1, 1, 3)


def test_a_refused_message_does_not_cost_the_connection(send: Send) -> None:
    with scripted({"RCPT": ["450 4.2.0 later"], FINAL_DOT: ["552 5.3.4 big"]}) as server:
        receipts = [send(server.address()) for _ in range(3)]

    assert outcomes(receipts) == [Outcome.TEMPORARY, Outcome.PERMANENT, Outcome.ACCEPTED]
    assert server.connections == 1


@pytest.mark.parametrize("answer", ["500 5.5.1 what?", Act.CLOSE])
def test_a_server_that_cannot_forget_a_refused_message_costs_only_the_connection(
    send: Send, answer: Move
) -> None:
    with scripted({"RCPT": ["450 4.2.0 later"], "RSET": answer}) as server:
        receipts = [send(server.address()) for _ in range(2)]

    assert outcomes(receipts) == [Outcome.TEMPORARY, Outcome.ACCEPTED]
    assert server.connections == 2


@pytest.mark.parametrize(
    "farewell",
    [
        pytest.param(("250 kept", Act.CLOSE), id="closed"),
        pytest.param("250 kept\r\n421 4.4.2 you are slow", id="said 421 and stays"),
        pytest.param(("250 kept", b"421 4.4.2 idle\r\n", Act.CLOSE), id="said 421 and closed"),
    ],
)
def test_a_connection_that_died_between_messages_is_opened_anew(send: Send, farewell: Move) -> None:
    with scripted({FINAL_DOT: [farewell]}) as server:
        receipts = [send(server.address()) for _ in range(2)]

    assert outcomes(receipts) == [Outcome.ACCEPTED] * 2
    assert (server.connections, len(server.messages)) == (2, 2)


@pytest.mark.parametrize("unasked", [b"421 4.4.2 idle for too long\r\n", b"250 ok\r\n", b"2"])
def test_a_server_that_spoke_between_messages_is_not_misunderstood(
    send: Send, unasked: bytes
) -> None:
    with scripted() as server:
        receipts = [send(server.address())]
        server.say(unasked)
        receipts.append(send(server.address()))

    assert outcomes(receipts) == [Outcome.ACCEPTED] * 2
    assert (server.connections, len(server.messages)) == (2, 2)


@pytest.mark.parametrize(
    "move",
    [
        pytest.param(Act.CLOSE, id="closes"),
        pytest.param("421 4.7.0 enough for one connection", id="says 421"),
        pytest.param("452 4.5.3 enough for one connection", id="says 452"),
        pytest.param("550 5.7.0 enough for one connection", id="says 550"),
        pytest.param(b"what?\r\n", id="says garbage"),
    ],
)
def test_a_kept_connection_that_takes_no_more_is_opened_anew(send: Send, move: Move) -> None:
    with scripted({"MAIL": ["250 ok", move]}) as server:
        receipts = [send(server.address()) for _ in range(2)]

    assert outcomes(receipts) == [Outcome.ACCEPTED] * 2
    assert (server.connections, len(server.messages)) == (2, 2)


def test_a_kept_connection_that_went_silent_is_opened_anew(impatient: SmtpOutbox) -> None:
    with scripted({"MAIL": ["250 ok", Act.STALL]}) as server:
        receipts = [hand(impatient, server.address()) for _ in range(2)]

    assert outcomes(receipts) == [Outcome.ACCEPTED] * 2
    assert server.connections == 2


def test_a_refusal_is_believed_when_a_new_connection_hears_it_too(send: Send) -> None:
    with scripted({"MAIL": ["250 ok", "550 5.7.1 no", "550 5.7.1 no"]}) as server:
        receipts = [send(server.address()) for _ in range(2)]

    assert outcomes(receipts) == [Outcome.ACCEPTED, Outcome.PERMANENT]
    assert server.count("MAIL") == 3


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
def test_past_mail_a_broken_connection_is_not_opened_anew(send: Send, verb: str) -> None:
    usual = "250 ok" if verb == "RCPT" else "354 go"
    with scripted({verb: [usual, Act.CLOSE]}) as server:
        receipts = [send(server.address()) for _ in range(2)]

    assert outcomes(receipts) == [Outcome.ACCEPTED, Outcome.UNREACHABLE]
    assert (server.connections, len(server.messages)) == (1, 1)


def test_a_message_in_doubt_is_never_sent_again_by_itself(send: Send) -> None:
    with scripted({FINAL_DOT: ["250 ok", Act.CLOSE]}) as server:
        receipts = [send(server.address()) for _ in range(2)]

    assert outcomes(receipts) == [Outcome.ACCEPTED, Outcome.IN_DOUBT]
    assert len(server.messages) == 2


def test_a_connection_carries_only_so_many_messages() -> None:
    with closing(SmtpOutbox(messages_per_connection=2)) as outbox, scripted() as server:
        for _ in range(5):
            hand(outbox, server.address())

    assert (server.connections, len(server.messages)) == (3, 5)


def test_a_connection_idle_for_too_long_is_not_used_again() -> None:
    with closing(SmtpOutbox(kept_seconds=0)) as outbox, scripted() as server:
        for _ in range(2):
            hand(outbox, server.address())

    assert (server.connections, len(server.messages)) == (2, 2)


def test_idle_connections_to_other_servers_are_given_up_too() -> None:
    with closing(SmtpOutbox(kept_seconds=0)) as outbox, scripted() as one, scripted() as other:
        hand(outbox, one.address())
        hand(outbox, other.address())
        one.stop()

    assert one.commands[-1] == "QUIT"


def test_each_login_has_a_connection_of_its_own(send: Send) -> None:
    with scripted(extensions=("AUTH PLAIN",)) as server:
        for user in ("rita", "rob", "rita"):
            send(server.address(login=(user, "secret")))

    assert (server.connections, server.count("AUTH")) == (2, 2)


def test_threads_take_turns_on_one_connection(outbox: SmtpOutbox) -> None:
    with scripted() as server, ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(lambda _: hand(outbox, server.address()), range(40)))

    assert outcomes(receipts) == [Outcome.ACCEPTED] * 40
    assert (server.connections, len(server.messages)) == (1, 40)


def test_leave_is_taken_politely(outbox: SmtpOutbox) -> None:
    with scripted() as server:
        hand(outbox, server.address())
        outbox.close()

        assert server.commands[-1] == "QUIT"


def test_leave_is_taken_even_of_a_server_that_never_answers(impatient: SmtpOutbox) -> None:
    with scripted({"QUIT": Act.STALL}) as server:
        hand(impatient, server.address())
        impatient.close()

        assert hand(impatient, server.address()).outcome is Outcome.ACCEPTED
        assert server.connections == 2


def test_patience_is_per_answer_and_not_for_the_whole(impatient: SmtpOutbox) -> None:
    assert PATIENCE < 1
    with scripted() as server:
        receipts = [hand(impatient, server.address()) for _ in range(50)]

    assert outcomes(receipts) == [Outcome.ACCEPTED] * 50


def hand(outbox: SmtpOutbox, server: SmtpServer) -> Receipt:
    return outbox.send(server, an_email(), before_data=lambda: True)


def outcomes(receipts: Iterator[Receipt] | list[Receipt]) -> list[Outcome]:
    return [receipt.outcome for receipt in receipts]
