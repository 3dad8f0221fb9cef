"""Reading messages that others wrote, well or badly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumbeat.mail.mime import ParsedEmail, parse

A_REPLY = b"""\
Received: from b.example.com by c.example.com
Received: from a.example.com by b.example.com
From: =?utf-8?q?Ada_L=C3=B6velace?= <ada@example.org>
To: "Rep, Rita" <rita@example.com>, rob@example.com
subject: =?iso-8859-1?Q?Re:_Gr=FC=DFe?= =?utf-8?b?IPCfkYs=?=
 and more
Message-ID: <reply@example.org>
In-Reply-To: <sent@example.com>
References: <first@example.com>
\t<sent@example.com>
Content-Type: multipart/mixed; boundary=xx

--xx
Content-Type: multipart/alternative; boundary=yy

--yy
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe,=20
Ada
--yy
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PHA+R3LDvMOfZTwvcD4=
--yy--
--xx
Content-Type: text/plain; name=notes.txt
Content-Disposition: attachment; filename=notes.txt

not this
--xx--
"""


def test_a_reply_is_read_whole() -> None:
    parsed = parse(A_REPLY.replace(b"\n", b"\r\n"))

    assert parsed == ParsedEmail(
        from_email="ada@example.org",
        to=("rita@example.com", "rob@example.com"),
        subject="Re: Grüße \N{WAVING HAND SIGN} and more",
        message_id="<reply@example.org>",
        in_reply_to="<sent@example.com>",
        references=("<first@example.com>", "<sent@example.com>"),
        headers=parsed.headers,
        text="Grüße, \nAda",
        html="<p>Grüße</p>",
    )


def test_headers_are_decoded_and_those_that_repeat_are_on_lines_of_their_own() -> None:
    parsed = parse(A_REPLY)

    assert parsed.headers["From"] == "Ada Lövelace <ada@example.org>"
    assert parsed.header("SUBJECT") == parsed.headers["subject"] == parsed.subject
    assert parsed.headers["Received"].splitlines() == [
        "from b.example.com by c.example.com",
        "from a.example.com by b.example.com",
    ]
    assert parsed.header("X-Absent") is None


def test_what_is_inside_a_forwarded_or_bounced_message_is_not_the_message() -> None:
    raw = (
        b"Content-Type: multipart/report; boundary=xx\n\n--xx\nContent-Type: text/plain\n\nmine\n"
        b"--xx\nContent-Type: message/rfc822\n\nSubject: other\nContent-Type: text/html\n\ntheirs\n"
        b"--xx--\n"
    )

    parsed = parse(raw)

    assert (parsed.subject, parsed.text, parsed.html) == ("", "mine", None)


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        pytest.param("Subject: Grüße".encode(), "Grüße", id="UTF-8 as it is"),
        pytest.param(b"Subject: Gr\xfc\xdfe", "Gr\ufffd\ufffde", id="bytes of no known charset"),
        pytest.param(b"Subject: =?x-none?q?Gr=C3=BC?=", "Grü", id="a charset nobody knows"),
        pytest.param(b"Subject: =?hex?q?ff?=", "ff", id="a codec that is none for text"),
        pytest.param(b"Subject: =?utf-8?b?R?=", "=?utf-8?b?R?=", id="base64 cut short"),
        pytest.param(b"Subject: =?utf-8?q?a?= =?utf-8?q?b?= c", "ab c", id="two encoded words"),
        pytest.param(b"Subject: C:\\u0041 =?utf-8?q?b?=", "C:\\u0041 b", id="a backslash beside"),
        pytest.param(b"Subject: a\r\n\tb\r\n\r\n", "a b", id="folded with a tab"),
        pytest.param(b"Subject:", "", id="empty"),
        pytest.param(b"no header at all", "", id="no header"),
        pytest.param(b"", "", id="nothing"),
    ],
)
def test_a_subject_is_read_as_far_as_it_can_be(raw: bytes, subject: str) -> None:
    assert parse(raw).subject == subject


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b'Content-Type: text/plain; charset="nonsense"', id="an unknown charset"),
        pytest.param(b"Content-Type: text/plain; charset*=x'y'%ff", id="a charset that is none"),
        pytest.param(b"Content-Type: text/plain; charset=\0", id="a charset of NUL"),
        pytest.param(b"Content-Type: text/plain; charset*=?=x", id="a charset of a pair"),
        pytest.param(b"Content-Type: text/plain; charset*=x; charset*0*=y", id="two charsets"),
        pytest.param(b"Content-Transfer-Encoding: base64", id="not base64"),
        pytest.param(b"Content-Transfer-Encoding: x-uuencode", id="not uuencoded"),
        pytest.param(b"Content-Type: text/plain; charset=utf-7", id="UTF-7"),
        pytest.param(b"Content-Type: text/plain; charset=punycode", id="punycode"),
    ],
)
def test_a_text_is_read_as_far_as_it_can_be(head: bytes) -> None:
    assert parse(head + b"\n\nhello gr\xc3\xbc there\n").text


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"From: " + b"(" * 5_000, id="comments in comments"),
        pytest.param(b"From: " + b"<" * 50_000, id="angles in angles"),
        pytest.param(b"References: " + b"<" * 100_000, id="ids that never end"),
        pytest.param(b"Subject: " + b"=?" * 50_000, id="words that never begin"),
        pytest.param(b"Subject: " + b"=?a?q?" * 20_000, id="words that never end"),
        pytest.param(b"Content-Type: multipart/mixed", id="a multipart without a boundary"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=x\n\n--x\n--x\n", id="empty parts"),
        pytest.param(
            b"".join(
                b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (depth, depth)
                for depth in range(1_200)
            ),
            id="parts in parts",
        ),
    ],
)
def test_a_hostile_message_is_read_too(raw: bytes) -> None:
    assert parse(raw).html is None


@given(st.binary(max_size=500))
def test_no_bytes_are_too_broken_to_read(raw: bytes) -> None:
    assert isinstance(parse(raw), ParsedEmail)


HEADERS = st.sampled_from([b"From", b"To", b"Subject", b"Message-ID", b"Content-Type", b"Date"])
WORDS = st.lists(
    st.one_of(
        st.sampled_from(list("<>()\"\\,;:'[]@=%* \n\0")).map(str.encode),
        st.sampled_from([b"=?utf-8?q?", b"=?utf-8?b?", b"?=", b"a@b", b"x", b"\xff", b"\r\n "]),
        st.sampled_from([b"multipart/mixed", b"text/html", b"text/plain; ", b"boundary=x"]),
        st.sampled_from([b"charset=", b"charset*=", b"*0*=", b"punycode", b"utf-16", b"hex"]),
    )
)


@given(st.lists(st.tuples(HEADERS, WORDS)), st.binary(min_size=1, max_size=50))
def test_no_headers_are_too_broken_to_read(
    fields: list[tuple[bytes, list[bytes]]], body: bytes
) -> None:
    lines = [name + b": " + b"".join(words) for name, words in fields]

    assert isinstance(parse(b"\r\n".join([*lines, b"", body])), ParsedEmail)
