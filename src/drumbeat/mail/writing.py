"""Messages as somebody else's mail program writes them, to be delivered here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from drumbeat.mail.addresses import wire_address
from drumbeat.mail.mime import SEVEN_BIT, body_text, text_header


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenEmail:
    from_email: str
    to_email: str
    subject: str
    date: datetime
    message_id: str
    text: str | None
    html: str | None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    """Others, by their names; none of them may be one that the fields above give."""


def written(email: WrittenEmail) -> bytes:
    """The message as it crosses the wire. Raises NotAnAddress for what none can be sent to."""
    block = "\r\n".join(headers_of(email)).encode("utf-8")
    return block + b"\r\n" + body_of(email)


def headers_of(email: WrittenEmail) -> Iterator[str]:
    yield f"From: {wire_address(email.from_email)}"
    yield f"To: {wire_address(email.to_email)}"
    yield text_header("Subject", email.subject)
    yield f"Date: {format_datetime(email.date)}"
    yield f"Message-ID: {email.message_id}"
    if email.in_reply_to:
        yield f"In-Reply-To: {email.in_reply_to}"
    if email.references:
        # A line each: an id that is folded in the middle is another id.
        yield "References: " + "\r\n ".join(email.references)
    for name, text in email.headers.items():
        yield text_header(name, text)


def body_of(email: WrittenEmail) -> bytes:
    body = EmailMessage(policy=SEVEN_BIT)
    if email.text is not None:
        body.set_content(body_text(email.text))
    if email.html is not None and email.text is not None:
        body.add_alternative(body_text(email.html), subtype="html")
        seed = hashlib.sha256(email.message_id.encode())
        body.set_boundary(f"=_{seed.hexdigest()[:32]}")
    elif email.html is not None:
        body.set_content(body_text(email.html), subtype="html")
    return body.as_bytes()
