"""What the outbox makes of a server's answers, stage by stage."""

from __future__ import annotations

from typing import Any

import pytest

from drumbeat.domain.sender import SmtpSecurity, SmtpServer
from drumbeat.mail.mime import parse, to_bytes
from drumbeat.mail.ports import Outcome, Receipt, Stage
from drumbeat.mail.smtp import SmtpOutbox
from drumbeat.mail.smtp_connection import stuffed
from tests.mail.conftest import PATIENCE, RealServer, Send
from tests.mail.letters import an_email
from tests.mail.scripted_server import FINAL_DOT, GREETING, Act, Move, ScriptedServer, scripted

AN_ENDLESS_LINE = b"2" * 70_000
AN_ENDLESS_ANSWER = b"250-more\r\n" * 20_000


def test_a_message_arrives_as_it_was_written_in_its_own_envelope(
    send: Send, real_server: Any
) -> None:
    server: RealServer = real_server()
    text = ".\n..\n.a dot first\nFrom here\n" + "long " * 400 + "\nü"

    receipt = send(address_of(server), envelope_from="rita@inbox.example", text=text)

    [taken] = server.inbox.taken
    assert (receipt.outcome, receipt.code) == (Outcome.ACCEPTED, 250)
    assert (taken.mail_from, taken.rcpt_tos) == ("rita@inbox.example", ["ada@example.org"])
    assert taken.content == to_bytes(an_email(text=text))


def test_a_dot_alone_never_ends_a_message_early() -> None:
    message = stuffed(b"one\r\n.\r\ntwo\n.\nthree\r.\rfour\r\n")

    assert message == b"one\r\n..\r\ntwo\r\n..\r\nthree\r\n..\r\nfour\r\n.\r\n"


def test_the_intent_is_committed_between_the_recipient_and_the_data(outbox: SmtpOutbox) -> None:
    with scripted() as server:
        said: list[str] = []

        def commit() -> bool:
            said.extend(verbs(server))
            return True

        outbox.send(server.address(), an_email(), before_data=commit)

    assert said == ["EHLO", "MAIL", "RCPT"]
    assert verbs(server)[3:4] == ["DATA"]


def test_a_message_withdrawn_at_the_last_gate_is_not_sent(outbox: SmtpOutbox) -> None:
    with scripted() as server:
        receipt = outbox.send(server.address(), an_email(), before_data=lambda: False)

    assert receipt.outcome is Outcome.WITHDRAWN
    assert verbs(server) == ["EHLO", "MAIL", "RCPT", "RSET"]
    assert server.messages == []


def test_an_intent_that_cannot_be_committed_leaves_nothing_half_sent(outbox: SmtpOutbox) -> None:
    def fail() -> bool:
        raise OSError("the disk is full")

    with scripted() as server:
        with pytest.raises(OSError, match="the disk is full"):
            outbox.send(server.address(), an_email(), before_data=fail)
        receipt = outbox.send(server.address(), an_email(), before_data=lambda: True)

    assert receipt.outcome is Outcome.ACCEPTED
    assert (server.connections, len(server.messages)) == (2, 1)


@pytest.mark.parametrize(
    ("verb", "answer", "outcome", "stage"),
    [
        pytest.param("MAIL", "451 4.3.0 later", Outcome.TEMPORARY, Stage.MAIL, id="later at MAIL"),
        pytest.param("MAIL", "550 5.7.1 no", Outcome.PERMANENT, Stage.MAIL, id="never at MAIL"),
        pytest.param("RCPT", "450 4.2.0 grey", Outcome.TEMPORARY, Stage.RCPT, id="greylisted"),
        pytest.param("RCPT", "421 4.3.2 bye", Outcome.TEMPORARY, Stage.RCPT, id="closing at RCPT"),
        pytest.param("RCPT", "554 5.7.1 spam", Outcome.PERMANENT, Stage.RCPT, id="policy at RCPT"),
        pytest.param("DATA", "451 4.3.0 full", Outcome.TEMPORARY, Stage.DATA, id="later at DATA"),
        pytest.param("DATA", "554 5.5.1 none", Outcome.PERMANENT, Stage.DATA, id="never at DATA"),
        pytest.param(
            FINAL_DOT, "452 4.3.1 full", Outcome.TEMPORARY, Stage.DATA, id="later after the dot"
        ),
        pytest.param(
            FINAL_DOT, "552 5.3.4 big", Outcome.PERMANENT, Stage.DATA, id="never after the dot"
        ),
        pytest.param(
            FINAL_DOT, "421 4.3.2 bye", Outcome.TEMPORARY, Stage.DATA, id="closing after the dot"
        ),
    ],
)
def test_a_clear_refusal_is_final_for_this_attempt(
    send: Send, verb: str, answer: str, outcome: Outcome, stage: Stage
) -> None:
    with scripted({verb: answer}) as server:
        receipt = send(server.address())

    assert (receipt.outcome, receipt.stage) == (outcome, stage)
    assert f"{receipt.code} {receipt.text}" == answer
    assert not receipt.is_bad_address


@pytest.mark.parametrize(
    ("answer", "is_bad"),
    [
        pytest.param("550 5.1.1 no such user", True, id="no such user"),
        pytest.param("550-5.1.1 there is\r\n550 5.1.1 nobody", True, id="on two lines"),
        pytest.param("556 5.1.10 takes no mail", True, id="a domain that takes no mail"),
        pytest.param("550 5.2.1 disabled", True, id="a mailbox closed"),
        pytest.param("550 no such user", True, id="550 alone"),
        pytest.param("553 bad name", True, id="553 alone"),
        pytest.param("550 5.7.1 blocked", False, id="550 for policy"),
        pytest.param("550 5.1.8 sender's domain", False, id="about the sender"),
        pytest.param("552 5.2.2 over quota", False, id="a mailbox that is full"),
        pytest.param("554 delivery error", False, id="554 alone"),
        pytest.param("450 4.1.1 unverified", False, id="only for now"),
    ],
)
def test_only_a_refusal_that_names_the_address_makes_it_a_bad_one(
    send: Send, answer: str, is_bad: bool
) -> None:
    with scripted({"RCPT": answer}) as server:
        receipt = send(server.address())

    assert receipt.is_bad_address is is_bad


@pytest.mark.parametrize(
    ("verb", "answer", "is_bad"),
    [
        pytest.param("MAIL", "550 5.1.1 unknown sender", False, id="at MAIL it is the sender's"),
        pytest.param(FINAL_DOT, "550 5.1.1 no such user", True, id="said late"),
        pytest.param(FINAL_DOT, "550 looks like spam", False, id="550 of the content"),
    ],
)
def test_whose_address_is_bad_depends_on_the_stage(
    send: Send, verb: str, answer: str, is_bad: bool
) -> None:
    with scripted({verb: answer}) as server:
        receipt = send(server.address())

    assert receipt.is_bad_address is is_bad


@pytest.mark.parametrize(
    "move",
    [
        pytest.param(Act.CLOSE, id="closes"),
        pytest.param(b"\xff\xfe what\r\n", id="answers garbage"),
        pytest.param("999 of no class", id="answers 999"),
        pytest.param("354 go ahead", id="asks for more"),
        pytest.param((b"25", Act.CLOSE), id="closes within the code"),
        pytest.param((b"550", Act.CLOSE), id="closes within the line"),
        pytest.param((b"250-kept\r\n", Act.CLOSE), id="closes between lines"),
        pytest.param(AN_ENDLESS_LINE, id="never ends a line"),
        pytest.param(AN_ENDLESS_ANSWER, id="never ends an answer"),
    ],
)
def test_no_clear_answer_after_the_data_leaves_the_message_in_doubt(send: Send, move: Move) -> None:
    with scripted({FINAL_DOT: move}) as server:
        receipt = send(server.address())

    assert (receipt.outcome, receipt.stage) == (Outcome.IN_DOUBT, Stage.DATA)
    assert receipt.text
    assert len(server.messages) == 1


@pytest.mark.parametrize("move", [Act.STALL, Act.DRIP])
def test_silence_after_the_data_is_waited_out_longer_and_leaves_a_doubt(
    impatient: SmtpOutbox, move: Move
) -> None:
    with scripted({FINAL_DOT: move}) as server:
        receipt = impatient.send(server.address(), an_email(), before_data=lambda: True)

    assert receipt.outcome is Outcome.IN_DOUBT
    assert receipt.text == f"no answer within {4 * PATIENCE:g} s"


def test_a_server_that_leaves_in_the_middle_of_the_data_leaves_a_doubt(send: Send) -> None:
    with scripted({"DATA": ("354 go ahead", Act.CLOSE)}) as server:
        receipt = send(server.address(), text="long enough to be noticed\n" * 100_000)

    assert (receipt.outcome, receipt.stage) == (Outcome.IN_DOUBT, Stage.DATA)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    "move", [Act.CLOSE, b"\xff\xfe what\r\n", "250 ok\r\n250 again", "999 of no class", "334 more"]
)
def test_what_breaks_before_the_data_is_asked_for_is_safe_to_try_again(
    send: Send, verb: str, move: Move
) -> None:
    with scripted({verb: move}) as server:
        receipt = send(server.address())

    assert receipt.outcome is Outcome.UNREACHABLE
    assert server.messages == []


@pytest.mark.parametrize("verb", [GREETING, "EHLO", "MAIL", "RCPT", "DATA"])
def test_silence_before_the_data_is_not_waited_out(impatient: SmtpOutbox, verb: str) -> None:
    with scripted({verb: Act.STALL}) as server:
        receipt = impatient.send(server.address(), an_email(), before_data=lambda: True)

    assert receipt.outcome is Outcome.UNREACHABLE
    assert f"no answer within {PATIENCE} s" in receipt.text


@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param({GREETING: "421 4.3.2 too busy"}, 421, id="421 for a greeting"),
        pytest.param({GREETING: "554 5.7.1 go away"}, 554, id="554 for a greeting"),
        pytest.param({"EHLO": "421 4.7.0 no"}, 421, id="421 for a hello"),
        pytest.param({"EHLO": "550 5.7.1 no"}, 550, id="550 for a hello"),
        pytest.param({GREETING: Act.CLOSE}, None, id="closes at once"),
        pytest.param({GREETING: b"HTTP/1.1 400 Bad Request\r\n"}, None, id="another protocol"),
    ],
)
def test_a_server_that_does_not_want_to_talk_is_unreachable(
    send: Send, script: dict[str, Move], code: int | None
) -> None:
    with scripted(script) as server:
        receipt = send(server.address())

    assert (receipt.outcome, receipt.stage) == (Outcome.UNREACHABLE, Stage.CONNECT)
    assert receipt.code == code


def test_a_server_that_is_not_there_is_unreachable(send: Send) -> None:
    with scripted() as server:
        gone = server.address()

    receipt = send(gone)

    assert (receipt.outcome, receipt.stage) == (Outcome.UNREACHABLE, Stage.CONNECT)
    assert receipt.text == f"127.0.0.1:{gone.port}: connection refused"


@pytest.mark.parametrize("host", ["no..such", "x" * 70 + ".example", ""])
def test_a_host_that_cannot_be_one_is_unreachable(send: Send, host: str) -> None:
    with scripted() as server:
        receipt = send(server.address(host=host))

    assert (receipt.outcome, receipt.stage) == (Outcome.UNREACHABLE, Stage.CONNECT)


def test_a_server_that_wants_a_login_first_says_nothing_against_the_message(send: Send) -> None:
    with scripted({"MAIL": "530 5.7.0 Authentication required"}) as server:
        receipt = send(server.address())

    assert (receipt.outcome, receipt.stage) == (Outcome.UNREACHABLE, Stage.LOGIN)


def test_a_servers_words_become_one_printable_line(send: Send) -> None:
    answer = b"550-5.7.1 one\x07\x1b[31m\r\n550-  \xc3\xbc\xff\r\n550 " + b"x" * 600 + b"\r\n"

    with scripted({"RCPT": answer}) as server:
        receipt = send(server.address())

    assert receipt.text.startswith("5.7.1 one [31m ü\ufffd xxx")
    assert len(receipt.text) == 500


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org>\r\nRCPT TO:<eve@example.org",
        "ada@example.org\r\nDATA",
        "ada@example.org\nX: y",
        "ada\x00@example.org",
        "ada@example.org\u2028",
        "ada@example.org> SIZE=1",
        "ada, eve@example.org",
        "<ada@example.org>",
        "ada",
        "@example.org",
        "ada@",
        "ada@exa mple.org",
        "ada@" + "x" * 400,
        "ada@ünter_strich.example",
        "",
    ],
)
def test_an_address_that_is_none_never_reaches_a_server(send: Send, address: str) -> None:
    with scripted() as server:
        to, sender = send(server.address(), to_email=address), send_from(send, server, address)

    assert (to.outcome, to.stage, to.is_bad_address) == (Outcome.PERMANENT, Stage.RCPT, True)
    assert (sender.outcome, sender.stage) == (Outcome.PERMANENT, Stage.MAIL)
    assert not sender.is_bad_address
    assert server.connections == 0


def test_an_address_beyond_ascii_goes_to_a_server_that_takes_it(
    send: Send, real_server: Any
) -> None:
    server: RealServer = real_server()

    receipt = send(address_of(server), to_email="jörg@example.org", sender_name="Zoë")

    [taken] = server.inbox.taken
    assert receipt.outcome is Outcome.ACCEPTED
    assert (taken.rcpt_tos, taken.smtp_utf8) == (["jörg@example.org"], True)
    assert parse(taken.original_content or b"").to == ("jörg@example.org",)


def test_an_address_beyond_ascii_is_refused_where_the_server_cannot_take_it(send: Send) -> None:
    with scripted() as server:
        receipt = send(server.address(), to_email="jörg@example.org")
        after = send(server.address())

    assert (receipt.outcome, receipt.is_bad_address) == (Outcome.PERMANENT, False)
    assert "SMTPUTF8" in receipt.text
    assert after.outcome is Outcome.ACCEPTED


def test_a_domain_beyond_ascii_goes_out_in_ascii(send: Send) -> None:
    with scripted() as server:
        receipt = send(server.address(), to_email="ada@straße.example")

    assert receipt.outcome is Outcome.ACCEPTED
    assert "RCPT TO:<ada@xn--strae-oqa.example>" in server.commands
    assert b"To: ada@xn--strae-oqa.example\r\n" in server.messages[0]


def send_from(send: Send, server: ScriptedServer, address: str) -> Receipt:
    return send(server.address(), envelope_from=address)


def verbs(server: ScriptedServer) -> list[str]:
    return [command.partition(" ")[0] for command in server.commands]


def address_of(server: RealServer) -> SmtpServer:
    return SmtpServer(host="127.0.0.1", port=server.port, security=SmtpSecurity.IF_OFFERED)
