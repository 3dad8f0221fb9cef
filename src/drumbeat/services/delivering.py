"""Delivering a message into a captured inbox, as if somebody out there had sent it.

It is kept beside what was captured on its way out, and looked at by nobody yet.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from drumbeat.clock import Clock
from drumbeat.domain.message import Direction
from drumbeat.errors import Fault, Invalid
from drumbeat.mail.mime import CONTROLS, ParsedEmail, addresses, is_writable_id, parse
from drumbeat.mail.writing import WrittenEmail, written
from drumbeat.services.checking import checked_email, email_faults, raise_if_any, text_faults
from drumbeat.services.sending import reply_subject
from drumbeat.store import captured, senders, users
from drumbeat.store.captured import CapturedRow
from drumbeat.store.database import Database, Tx

LONGEST_LINE = 2000
LONGEST_BODY = 65_536
LONGEST_RAW = 1_000_000
MOST_REFERENCES = 100
MOST_HEADERS = 50
MOST_ADDRESSES_SHOWN = 20
MOST_USERS = 10_000

# RFC 5322 section 2.2: what a header's name may consist of; and no longer than fits its line.
HEADER_NAME = re.compile(r"[!-9;-~]{1,70}")
LINE_END = re.compile(r"\r\n|\r|\n")
# What says for whom a message is, in the order in which it is asked.
RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "To", "Cc")
# Given as fields of their own, or not left to chance.
RESERVED = {
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "auto-submitted",
    "mime-version",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What somebody writes to us."""

    from_email: str
    to_email: str
    subject: str
    text: str | None = None
    html: str | None = None
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    auto_submitted: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer to something that was captured; what is None follows from that."""

    text: str | None = None
    html: str | None = None
    from_email: str | None = None
    subject: str | None = None
    auto_submitted: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    database: Database
    clock: Clock
    captures: bool
    """Whether mail is captured at all: nothing can arrive in an inbox that is a real one."""

    def deliver(self, account_id: int, letter: Letter) -> CapturedRow:
        """Let this letter come in. Raises Invalid where it is for nobody here."""
        refuse_real_mail(self.captures)
        raise_if_any("the message cannot be delivered as given", letter_faults(letter))
        now = self.clock.now()
        with self.database.transaction() as tx:
            return keep(tx, account_id, letter, now)

    def reply(self, account_id: int, captured_id: int, reply: Reply) -> CapturedRow:
        """Let an answer to this captured message come in, in its thread.

        Raises NotFound where there is no such message, and Invalid where it came in itself.
        """
        refuse_real_mail(self.captures)
        now = self.clock.now()
        with self.database.transaction() as tx:
            letter = answer_to(captured.get(tx, account_id, captured_id), reply)
            raise_if_any("the message cannot be delivered as given", letter_faults(letter))
            return keep(tx, account_id, letter, now)

    def deliver_raw(self, account_id: int, raw: str) -> CapturedRow:
        """Let a whole message come in, for the first of its recipients that is one of ours."""
        refuse_real_mail(self.captures)
        raise_if_any("the message cannot be delivered as given", raw_faults(raw))
        content = LINE_END.sub("\r\n", raw).encode("utf-8")
        parsed = parse(content)
        now = self.clock.now()
        with self.database.transaction() as tx:
            to = first_of_ours(tx, account_id, recipients_of(parsed), field="raw")
            return arrived(tx, account_id, parsed.from_email, to, content, now)


def refuse_real_mail(captures: bool) -> None:
    if not captures:
        raise Invalid(
            "this server works with real inboxes, into which nothing can be delivered; "
            "start it with `serve --mail capture`"
        )


def keep(tx: Tx, account_id: int, letter: Letter, now: datetime) -> CapturedRow:
    to = first_of_ours(tx, account_id, [letter.to_email], field="to")
    from_email = letter.from_email.strip()
    automatic = {"Auto-Submitted": letter.auto_submitted} if letter.auto_submitted else {}
    references = tuple(letter.references)
    if not references and letter.in_reply_to:
        references = (letter.in_reply_to,)
    email = WrittenEmail(
        from_email=from_email,
        to_email=to,
        subject=letter.subject,
        date=now,
        message_id=new_message_id(from_email),
        text=letter.text,
        html=letter.html,
        in_reply_to=letter.in_reply_to,
        references=references,
        headers={**automatic, **letter.headers},
    )
    return arrived(tx, account_id, from_email, to, written(email), now)


def arrived(
    tx: Tx, account_id: int, from_email: str, to: str, raw: bytes, now: datetime
) -> CapturedRow:
    return captured.add(
        tx,
        account_id,
        direction=Direction.IN,
        at=now,
        from_email=from_email,
        to_email=to,
        raw=raw,
    )


def answer_to(row: CapturedRow, reply: Reply) -> Letter:
    """The letter that a mail program makes of pressing on reply."""
    if row.direction is Direction.IN:
        message = f"captured message {row.id} came in; answer one that went out"
        raise Invalid(message, [Fault(message=message, field="replyTo")])
    answered = parse(row.raw)
    wanted = addresses(answered.header("Reply-To") or "")
    letter = Letter(
        from_email=reply.from_email or row.to_email,
        to_email=wanted[0] if wanted else answered.from_email or row.from_email,
        subject=reply.subject if reply.subject is not None else reply_subject(answered.subject),
        text=reply.text,
        html=reply.html,
        auto_submitted=reply.auto_submitted,
        headers=reply.headers,
    )
    if answered.message_id is None:
        return letter
    # RFC 5322 section 3.6.4.
    before = answered.references or ((answered.in_reply_to,) if answered.in_reply_to else ())
    references = (*before, answered.message_id)[-MOST_REFERENCES:]
    return replace(letter, in_reply_to=answered.message_id, references=references)


def recipients_of(parsed: ParsedEmail) -> list[str]:
    return [
        address for name in RECIPIENT_HEADERS for address in addresses(parsed.header(name) or "")
    ]


def first_of_ours(tx: Tx, account_id: int, given: Sequence[str], *, field: str) -> str:
    """The first of the addresses that is one of the account's. Raises Invalid where none is."""
    ours = addresses_of(tx, account_id)
    found = [address for each in given if (address := each.strip().lower()) in ours]
    if found:
        return found[0]
    shown = ", ".join(ours[:MOST_ADDRESSES_SHOWN])
    more = ", …" if len(ours) > MOST_ADDRESSES_SHOWN else ""
    message = f"the message is for no address of this account; there are {shown}{more}"
    raise Invalid(message, [Fault(message=message, field=field)])


def addresses_of(tx: Tx, account_id: int) -> list[str]:
    """Every address that mail can be for: of users and senders, and their aliases."""
    people = [user.email for user in users.page(tx, account_id, limit=MOST_USERS)]
    inboxes = [(sender.email, *sender.aliases) for sender in senders.listed(tx, account_id)]
    return list(dict.fromkeys([*people, *(each for addresses in inboxes for each in addresses)]))


def new_message_id(from_email: str) -> str:
    domain = checked_email(from_email, field="from").rpartition("@")[2]
    return f"<{secrets.token_hex(16)}@{domain}>"


def letter_faults(letter: Letter) -> Iterator[Fault]:
    yield from email_faults(letter.from_email, field="from")
    yield from line_faults(letter.subject, field="subject")
    yield from text_faults(letter.text, field="text", longest=LONGEST_BODY)
    yield from text_faults(letter.html, field="html", longest=LONGEST_BODY)
    if letter.text is None and letter.html is None:
        yield Fault(field="text", message="a message has a text, or html, or both")
    yield from id_faults(letter)
    if len(letter.headers) > MOST_HEADERS:
        yield Fault(field="headers", message=f"a message has at most {MOST_HEADERS} headers")
    for name, text in letter.headers.items():
        yield from header_faults(name, text)


def id_faults(letter: Letter) -> Iterator[Fault]:
    if len(letter.references) > MOST_REFERENCES:
        message = f"a message refers to at most {MOST_REFERENCES} others"
        yield Fault(field="references", message=message)
    ids = [(f"references[{place}]", each) for place, each in enumerate(letter.references)]
    if letter.in_reply_to is not None:
        ids.append(("inReplyTo", letter.in_reply_to))
    for place, each in ids:
        if not is_writable_id(each):
            message = f"{each[:100]!r} is not a Message-ID, which is like <a.b.c@example.com>"
            yield Fault(field=place, message=message)


def header_faults(name: str, text: str) -> Iterator[Fault]:
    at = f"headers.{name[:100]}"
    if not HEADER_NAME.fullmatch(name):
        yield Fault(field=at, message=f"{name[:100]!r} is not the name of a header")
    elif name.lower() in RESERVED or name.lower().startswith("content-"):
        hint = "give it as a field of its own, or the whole message as raw"
        yield Fault(field=at, message=f"{name} is not among the headers; {hint}")
    yield from line_faults(text, field=at)


def line_faults(text: str, *, field: str) -> Iterator[Fault]:
    """What would end a header's line, and begin another header, is refused."""
    if CONTROLS.search(text):
        yield Fault(field=field, message=f"{field} is one line, without control characters")
    yield from text_faults(text, field=field, longest=LONGEST_LINE)


def raw_faults(raw: str) -> Iterator[Fault]:
    yield from text_faults(raw, field="raw", longest=LONGEST_RAW)
    if not parse(raw.encode("utf-8", "replace")).from_email:
        hint = "headers, an empty line, and the text"
        message = f"raw is a whole message: {hint}; this one has no From with an address"
        yield Fault(field="raw", message=message)
