"""Messages on the wire: what a server, a mail program and an attacker see of them."""

from __future__ import annotations

import email.policy
import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumbeat.mail.addresses import NotAnAddress
from drumbeat.mail.mime import parse, to_bytes
from tests.mail.letters import an_email

SINGLE = ["From", "To", "Subject", "Date", "Message-ID"]
BODY = ["MIME-Version", "Content-Type"]
LONG_ID = f"<{'x' * 300}@mail.example.com>"
ANYTHING = st.text(
    st.one_of(
        st.characters(), st.sampled_from('\r\n\0\t\x0b\x0c\x1c\x85\u2028\u2029 :=?_\ud800<>,"')
    )
)
# Line ends are CRLF on the wire, whatever they were; NUL and lone surrogates are no text.
BODIES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"))


def test_a_message_has_each_header_once_and_in_order() -> None:
    raw = to_bytes(an_email())

    assert header_names(raw) == [*SINGLE, *BODY]
    assert b'From: "Rita Rep"\r\n <rita@example.com>\r\n' in raw
    assert b"To: ada@example.org\r\n" in raw
    assert b"Date: Mon, 02 Mar 2026 09:00:00 +0000\r\n" in raw
    assert b"Message-ID: <0123456789abcdef@example.com>\r\n" in raw


def test_both_forms_of_the_body_are_there_and_the_richer_one_is_last() -> None:
    message = read(to_bytes(an_email(text="Grüße", html="<p>Grüße</p>")))

    parts = [part.get_content_type() for part in message.iter_parts()]
    assert message.get_content_type() == "multipart/alternative"
    assert parts == ["text/plain", "text/html"]
    assert [part.get_content().strip() for part in message.iter_parts()] == [
        "Grüße",
        "<p>Grüße</p>",
    ]


def test_the_same_message_always_gives_the_same_bytes() -> None:
    assert to_bytes(an_email()) == to_bytes(an_email())
    assert to_bytes(an_email()) != to_bytes(an_email(message_id="<other@example.com>"))


def test_a_sender_without_a_name_is_only_an_address() -> None:
    assert b"From: rita@example.com\r\n" in to_bytes(an_email(sender_name=None))


@pytest.mark.parametrize(
    "name",
    [
        "Rita",
        'Rita "Red" Rep',
        "Rep, Rita",
        "Rita <eve@example.com>",
        "Zoë Ångström",
        "=?x?q?y?=",
        "Rita\\",
        "リタ " * 40,
        "x" * 300,
        "a " * 150,
        "O'Neil (Sales)",
    ],
)
def test_a_senders_name_comes_back_as_it_is(name: str) -> None:
    message = message_from_bytes(to_bytes(an_email(sender_name=name)))

    shown, address = parseaddr(message["From"])
    assert str(make_header(decode_header(shown))) == name.strip()
    assert address == "rita@example.com"


def test_a_message_in_a_thread_names_every_one_before_it_whole() -> None:
    references = tuple(f"<{number}{'y' * 80}@example.com>" for number in range(30))

    raw = to_bytes(an_email(in_reply_to=LONG_ID, references=(*references, LONG_ID)))

    assert f"\r\nIn-Reply-To: {LONG_ID}\r\n".encode() in raw
    for each in (*references, LONG_ID):
        assert f" {each}\r\n".encode() in raw
    assert parse(raw).references == (*references, LONG_ID)


@pytest.mark.parametrize(
    "strange",
    [
        "<a@b>\r\nBcc: eve@example.com",
        "<a b@c>",
        "no brackets",
        "<ü@example.com>",
        "<a@b><c@d>",
        f"<{'x' * 1000}@example.com>",
        "",
    ],
)
def test_an_id_that_cannot_be_written_is_left_out_of_the_thread(strange: str) -> None:
    raw = to_bytes(an_email(in_reply_to=strange, references=(strange, LONG_ID)))

    assert "In-Reply-To" not in header_names(raw)
    assert parse(raw).references == (LONG_ID,)


def test_a_long_message_id_crosses_the_wire_in_one_piece() -> None:
    assert f"\r\nMessage-ID: {LONG_ID}\r\n".encode() in to_bytes(an_email(message_id=LONG_ID))


def test_a_message_id_at_a_domain_beyond_ascii_is_written_in_ascii() -> None:
    raw = to_bytes(an_email(message_id="<1@straße.example>"))

    assert b"\r\nMessage-ID: <1@xn--strae-oqa.example>\r\n" in raw


def test_one_click_unsubscribe_is_offered_where_there_is_a_link() -> None:
    url = f"https://mail.example.com/unsubscribe/{'t' * 200}?a=b&c=%20d"

    raw = to_bytes(an_email(unsubscribe_url=url))

    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


def test_a_link_cannot_end_its_header() -> None:
    raw = to_bytes(an_email(unsubscribe_url="https://x.test/>\r\nBcc: eve@example.com"))

    assert b"List-Unsubscribe: <https://x.test/%3E%0D%0ABcc:%20eve@example.com>\r\n" in raw


def test_a_long_subject_is_folded_between_words() -> None:
    subject = "word " * 60 + "end"

    raw = to_bytes(an_email(subject=subject))

    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert read(raw)["Subject"] == parse(raw).subject == subject


@pytest.mark.parametrize("subject", ["=?utf-8?q?eve?=", "a =?x?b?", "two  spaces", "Grüße", ""])
def test_a_subject_comes_back_as_it_is(subject: str) -> None:
    raw = to_bytes(an_email(subject=subject))

    assert read(raw)["Subject"] == parse(raw).subject == subject


@pytest.mark.parametrize("part", ["from_email", "to_email"])
def test_what_is_no_address_is_never_written(part: str) -> None:
    with pytest.raises(NotAnAddress, match="is not an e-mail address"):
        to_bytes(an_email(**{part: "ada@example.org\r\nBcc: eve@example.com"}))


@given(subject=ANYTHING, name=ANYTHING, html=ANYTHING, text=ANYTHING)
def test_nothing_anyone_types_becomes_another_header(
    subject: str, name: str, html: str, text: str
) -> None:
    raw = to_bytes(an_email(subject=subject, sender_name=name, html=html, text=text))

    assert header_names(raw) == [*SINGLE, *BODY]
    assert raw.isascii()
    assert b"\0" not in raw
    assert re.search(rb"[^\r]\n|\r[^\n]", raw) is None
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert len(list(read(raw).iter_parts())) == 2


@given(in_reply_to=ANYTHING, references=st.lists(ANYTHING), url=st.text(max_size=100))
def test_nothing_that_comes_from_others_becomes_another_header(
    in_reply_to: str, references: list[str], url: str
) -> None:
    raw = to_bytes(
        an_email(
            in_reply_to=in_reply_to,
            references=tuple(references),
            unsubscribe_url=url.encode("utf-8", "replace").decode(),
        )
    )

    allowed = {"In-Reply-To", "References", "List-Unsubscribe", "List-Unsubscribe-Post"}
    assert [name for name in header_names(raw) if name not in allowed] == [*SINGLE, *BODY]
    assert raw.isascii()


@given(
    subject=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])),
    html=BODIES,
    text=BODIES,
)
def test_what_is_written_is_read_back(subject: str, html: str, text: str) -> None:
    parsed = parse(to_bytes(an_email(subject=subject, html=html, text=text)))

    assert parsed.subject == subject.strip()
    assert (parsed.html, parsed.text) == (ended_once(html), ended_once(text))
    assert (parsed.from_email, parsed.to) == ("rita@example.com", ("ada@example.org",))


def header_names(raw: bytes) -> list[str]:
    """The names at the beginning of every line of the head that does not continue another."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return [line.partition(":")[0] for line in lines if not line.startswith((" ", "\t"))]


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=email.policy.default)


def ended_once(text: str) -> str:
    # A part ends with a line end, which is not the last one of its text.
    return text.removesuffix("\n")
