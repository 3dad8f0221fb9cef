"""Messages to bytes and back.

Going out, every header is written here, line by line: a subject or a name can hold anything,
and must never become a second header; Message-IDs and links must cross the wire as they are,
and the standard library folds long ones into encoded words that no client puts together
again. Everything is 7-bit and no line is long, so no server needs an extension for it. The
same message always gives the same bytes.

Coming in, a message can be broken in any way, and is read as far as it can be.
"""

from __future__ import annotations

import email.policy
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import Header, decode_header
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import format_datetime, getaddresses
from urllib.parse import quote

from drumbeat.domain.message import OutgoingEmail
from drumbeat.mail.addresses import ascii_domain, wire_address

# RFC 5322 section 2.1.1, for a header as well as for the body.
LONGEST_LINE = 998
FOLDED_LINE = 76
# A quoted name longer than this is not worth folding by hand: it is encoded.
LONGEST_QUOTED_NAME = 60
LONGEST_WORD = 60

SEVEN_BIT = email.policy.SMTP.clone(cte_type="7bit")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
SURROGATES = re.compile(r"[\ud800-\udfff]")
MESSAGE_ID = re.compile(r"<[^<>\s]+>")
# Whatever else stands in a link, these would end it or its line.
SAFE_IN_LINK = "!#$%&'()*+,/:;=?@[]~"


def to_bytes(email: OutgoingEmail) -> bytes:
    """The message as it crosses the wire, before dots are stuffed.

    Raises NotAnAddress where it is addressed to, or from, something that is none.
    """
    headers = [
        from_header(email.sender_name, wire_address(email.from_email)),
        f"To: {wire_address(email.to_email)}",
        text_header("Subject", email.subject),
        f"Date: {format_datetime(email.date)}",
        f"Message-ID: {wire_message_id(email.message_id)}",
        *thread_headers(email),
        *unsubscribe_headers(email.unsubscribe_url),
    ]
    block = "\r\n".join(headers).encode("utf-8")
    return block + b"\r\n" + body_bytes(email)


def from_header(name: str | None, address: str) -> str:
    shown = one_line(name or "")
    if not shown:
        return f"From: {address}"
    if shown.isascii() and len(shown) <= LONGEST_QUOTED_NAME and "=?" not in shown:
        escaped = re.sub(r'(["\\])', r"\\\1", shown)
        return f'From: "{escaped}"\r\n <{address}>'
    return f"From: {encoded('From', shown)}\r\n <{address}>"


def text_header(name: str, text: str) -> str:
    line = one_line(text)
    words = line.split(" ")
    if not line.isascii() or "=?" in line or max(map(len, words)) > LONGEST_WORD:
        return f"{name}: {encoded(name, line)}"
    return folded(f"{name}: {line}")


def encoded(name: str, text: str) -> str:
    """The text as encoded words (RFC 2047), folded, none of its characters cut in two."""
    header = Header(text, "utf-8", maxlinelen=FOLDED_LINE, header_name=name)
    return header.encode(linesep="\r\n")


def folded(line: str) -> str:
    """The line broken before spaces where it grows long; what was there is all still there."""
    lines = [""]
    for word in re.findall(r" *[^ ]+", line):
        if lines[-1] and len(lines[-1]) + len(word) > FOLDED_LINE:
            lines.append("")
        lines[-1] += word
    return "\r\n".join(lines)


def wire_message_id(message_id: str) -> str:
    """The id as given; a domain beyond ASCII is written in ASCII."""
    bare = re.sub(r"[\s<>]", "", one_line(message_id))
    left, at, domain = bare.rpartition("@")
    if at and not domain.isascii():
        bare = f"{left}@{ascii_domain(bare, domain)}"
    return f"<{bare}>"


def thread_headers(email: OutgoingEmail) -> Iterator[str]:
    # A line each: an id that is folded in the middle is another id.
    if email.in_reply_to and is_writable_id(email.in_reply_to):
        yield f"In-Reply-To: {email.in_reply_to}"
    references = [each for each in email.references if is_writable_id(each)]
    if references:
        yield "References: " + "\r\n ".join(references)


def is_writable_id(message_id: str) -> bool:
    """Ids to answer come from other people's mail, and may hold anything at all."""
    is_short = len(message_id) < LONGEST_LINE - len("In-Reply-To: ")
    is_id = MESSAGE_ID.fullmatch(message_id) is not None
    return is_id and is_short and message_id.isascii() and message_id.isprintable()


def unsubscribe_headers(url: str | None) -> Iterator[str]:
    if url:
        yield f"List-Unsubscribe: <{quote(url, safe=SAFE_IN_LINK)}>"
        yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click"


def body_bytes(email: OutgoingEmail) -> bytes:
    """The headers that speak of the body, and the body in its two forms."""
    body = EmailMessage(policy=SEVEN_BIT)
    body.set_content(body_text(email.text))
    body.add_alternative(body_text(email.html), subtype="html")
    # Neither quoted-printable nor base64 ever has "=_" in it, so this ends no part early.
    seed = hashlib.sha256(email.message_id.encode("utf-8", "replace"))
    body.set_boundary(f"=_{seed.hexdigest()[:32]}")
    return body.as_bytes()


def body_text(text: str) -> str:
    return without_surrogates(text.replace("\x00", ""))


def one_line(text: str) -> str:
    """The text without anything that could end its line; NULs are gone, breaks are spaces."""
    return without_surrogates(CONTROLS.sub(" ", text.replace("\x00", ""))).strip()


def without_surrogates(text: str) -> str:
    return SURROGATES.sub("\ufffd", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEmail:
    """A message as it can be read; what is missing or beyond reading is empty or None."""

    from_email: str
    to: tuple[str, ...]
    subject: str
    message_id: str | None
    """With its angle brackets, like those below."""
    in_reply_to: str | None
    references: tuple[str, ...]
    headers: dict[str, str]
    """Decoded, named as they were first written; those that occur again follow on a new line."""
    text: str | None
    html: str | None

    def header(self, name: str) -> str | None:
        """The header, however its name is capitalised."""
        wanted = name.lower()
        return next((text for key, text in self.headers.items() if key.lower() == wanted), None)


# What the standard library is known to raise on mail that is not as it should be.
UNREADABLE = (AttributeError, LookupError, MessageError, RecursionError, TypeError, ValueError)
# A run of them: the spaces between two are not part of the text (RFC 2047 section 6.2).
ENCODED_WORD = r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?="
ENCODED_WORDS = re.compile(rf"{ENCODED_WORD}(?:\s+{ENCODED_WORD})*")
# More of a header than this is not looked through for addresses and encoded words.
LONGEST_HEADER = 64 * 1024


def parse(raw: bytes) -> ParsedEmail:
    """The message in *raw*, as far as it can be read. Never raises."""
    message = read(raw)
    fields = [(name, decoded(text)) for name, text in raw_headers(message)]
    first = {name.lower(): text for name, text in reversed(fields)}
    texts = list(text_parts(message))
    senders = addresses(first.get("from", ""))
    return ParsedEmail(
        from_email=senders[0] if senders else "",
        to=addresses(first.get("to", "")),
        subject=first.get("subject", ""),
        message_id=first_id(first.get("message-id")),
        in_reply_to=first_id(first.get("in-reply-to")),
        references=tuple(MESSAGE_ID.findall(first.get("references", ""))),
        headers=joined(fields),
        text=next((text for subtype, text in texts if subtype == "plain"), None),
        html=next((text for subtype, text in texts if subtype == "html"), None),
    )


def read(raw: bytes) -> Message:
    try:
        return BytesParser(policy=email.policy.compat32).parsebytes(raw)
    except UNREADABLE:
        # Parts nested thousands deep are more than the parser can follow.
        return BytesHeaderParser(policy=email.policy.compat32).parsebytes(raw)


def raw_headers(message: Message) -> Iterable[tuple[str, str]]:
    for name, value in message.raw_items():
        line = str(value)[:LONGEST_HEADER].encode("utf-8", "surrogateescape")
        yield name, line.decode("utf-8", "replace")


def decoded(text: str) -> str:
    """A header's text unfolded, and its encoded words read."""
    unfolded = re.sub(r"\s*[\r\n]+\s*", " ", text).strip()
    return ENCODED_WORDS.sub(decoded_words, unfolded)


def decoded_words(words: re.Match[str]) -> str:
    try:
        pieces = decode_header(words.group())
    except UNREADABLE:
        return words.group()
    return "".join(
        piece if isinstance(piece, str) else decoded_bytes(piece, charset or "utf-8")
        for piece, charset in pieces
    )


def decoded_bytes(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except UNREADABLE:
        return content.decode("utf-8", "replace")


def addresses(text: str) -> tuple[str, ...]:
    try:
        pairs = getaddresses([text])
    except UNREADABLE:
        return ()
    return tuple(address for _, address in pairs if "@" in address)


def first_id(text: str | None) -> str | None:
    found = MESSAGE_ID.search(text or "")
    return found.group() if found else None


def joined(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    names: dict[str, str] = {}
    headers: dict[str, str] = {}
    for name, text in fields:
        key = names.setdefault(name.lower(), name)
        headers[key] = f"{headers[key]}\n{text}" if key in headers else text
    return headers


def text_parts(message: Message) -> Iterator[tuple[str, str]]:
    """The parts meant to be read, first to last; not what is attached, nor mail within mail."""
    waiting: list[Message] = [message]
    while waiting:
        part = waiting.pop()
        kind = part.get_content_maintype()
        # Of a part that is no list, even asking for what is in it can raise.
        content = part.get_payload() if part.is_multipart() else None
        if kind == "multipart" and isinstance(content, list):
            waiting.extend(each for each in reversed(content) if isinstance(each, Message))
        elif kind == "text" and not is_attached(part):
            yield part.get_content_subtype(), part_text(part)


def is_attached(part: Message) -> bool:
    return str(part.get("content-disposition", "")).strip().lower().startswith("attachment")


def part_text(part: Message) -> str:
    try:
        charset = part.get_content_charset("utf-8")
    except UNREADABLE:
        charset = "utf-8"
    content = part.get_payload(decode=True)
    text = decoded_bytes(content, charset) if isinstance(content, bytes) else ""
    return text.replace("\r\n", "\n").removesuffix("\n")
