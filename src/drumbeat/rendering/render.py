"""A template and values in; a subject, HTML and text out.

The HTML is cleaned before the values are put into it, so that no value can add to its
structure: in a text it is escaped, in an attribute it stays inside the quotes. It is cleaned
once more where a value stands in an attribute, which could be a link or a style.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from drumbeat.errors import Fault, Invalid
from drumbeat.rendering.cleaning import clean, with_breaks
from drumbeat.rendering.grammar import Field
from drumbeat.rendering.plain_text import plain_text
from drumbeat.rendering.sandbox import compiled, refuse
from drumbeat.rendering.tokens import (
    OBJECTS,
    SIGNATURE,
    UNSUBSCRIBE_LINK,
    Html,
    Missing,
    Object,
    value_of,
)

# Beyond this a message is refused by many servers, and cut off by Gmail at a tenth of it.
LONGEST_HTML = 1_000_000
# Nobody outside this process knows it, so no template and no value can hold one by chance or
# by intent. Only letters and digits: it has to pass for part of a host, a number or a colour.
NONCE = f"v{secrets.token_hex(8)}n"
MARK = re.compile(rf"{NONCE}([0-9]+)e")
# As nh3 writes them, with every value in double quotes.
TAG = re.compile(r'(<[a-z/](?:[^<>"]|"[^"]*")*>)')
# A vertical tab is what some programs export a line break inside a field as.
LINE_BREAK = re.compile(r"\r\n?|[\n\x0b\x0c\x85\u2028\u2029]")
NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    html: str
    text: str


class MissingTokens(Invalid):
    """Tokens without a value stand where no `default(…)` was given; *names* is which."""

    def __init__(self, names: tuple[str, ...]) -> None:
        faults = [
            Fault(message=f'{name} has no value; give it one, or write {name}|default("…")')
            for name in names
        ]
        super().__init__(f"no value for {', '.join(names)}", faults)
        self.names = names


def check(subject: str, body: str) -> frozenset[str]:
    """The tokens that a template uses. Raises Invalid, naming everything wrong in both parts."""
    tokens: set[str] = set()
    faults: list[Fault] = []
    parts: tuple[tuple[str, Field], ...] = ((subject, "subject"), (body, "body"))
    for source, where in parts:
        try:
            tokens |= compiled(source, where).tokens
        except Invalid as error:
            faults += error.faults
    if faults:
        refuse(faults)
    return frozenset(tokens)


def render(
    subject: str,
    body: str,
    values: Mapping[str, Mapping[str, str | None]],
    *,
    signature: str | None = None,
    unsubscribe_url: str | None = None,
) -> Rendered:
    """The e-mail that a template and these values make.

    Raises MissingTokens where a token has no value (None, empty or blank) and no default, and
    Invalid where the template cannot be used. The signature follows the body, unless the body
    has it as a token.
    """
    title, marked, written = begun(subject, body, values, unsubscribe_url)
    if written.missing:
        raise MissingTokens(tuple(sorted(written.missing)))
    html = filled(clean(with_breaks(marked)), written.values)
    text = plain_text(html)
    if signature and SIGNATURE not in compiled(body, "body").tokens:
        closing = clean(with_breaks(signature))
        html, text = f"{html}\n<br>\n<div>{closing}</div>", f"{text}\n\n{plain_text(closing)}"
    return Rendered(subject=" ".join(title.split()), html=html, text=text.strip("\n"))


def missing_tokens(
    subject: str,
    body: str,
    values: Mapping[str, Mapping[str, str | None]],
    *,
    unsubscribe_url: str | None = None,
) -> tuple[str, ...]:
    """What render would raise MissingTokens for with these values, without the rest of its work.

    Raises Invalid where the template cannot be used.
    """
    _, _, written = begun(subject, body, values, unsubscribe_url)
    return tuple(sorted(written.missing))


def begun(
    subject: str,
    body: str,
    values: Mapping[str, Mapping[str, str | None]],
    unsubscribe_url: str | None,
) -> tuple[str, str, Written]:
    """The subject, and the body with marks where values go; and what was written."""
    written = Written()
    objects: dict[str, object] = {name: Object(name, values.get(name, {})) for name in OBJECTS}
    objects[UNSUBSCRIBE_LINK] = value_of(UNSUBSCRIBE_LINK, unsubscribe_url)
    subject_part, body_part = compiled(subject, "subject"), compiled(body, "body")
    title = subject_part.render(objects, written.in_line)
    return title, body_part.render(objects, written.as_mark), written


class Written:
    """The values a template writes, in their order, and which tokens had none."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self.missing: set[str] = set()

    def in_line(self, value: object) -> str:
        """The value as it stands in a subject."""
        self.miss(value)
        return as_text(value).replace("\n", " ")

    def as_mark(self, value: object) -> str:
        """What stands in the HTML for the value until it is cleaned."""
        self.miss(value)
        self.values.append(value if isinstance(value, Html) else str(value))
        return f"{NONCE}{len(self.values) - 1}e"

    def miss(self, value: object) -> None:
        if isinstance(value, Missing):
            self.missing.add(value.token)


def filled(html: str, values: Sequence[str]) -> str:
    """The cleaned HTML with the values in the places of their marks."""
    if len(html) + sum(map(len, values)) > LONGEST_HTML:
        raise Invalid(f"the e-mail comes to more than {LONGEST_HTML:,} characters")

    def value_in_text(mark: re.Match[str]) -> str:
        return in_text(values[int(mark.group(1))])

    def value_in_tag(mark: re.Match[str]) -> str:
        return in_tag(values[int(mark.group(1))])

    # Split at a group, every second piece is a tag.
    pieces = TAG.split(html)
    has_value_in_tag = any(NONCE in tag for tag in pieces[1::2])
    pieces[::2] = [MARK.sub(value_in_text, text) for text in pieces[::2]]
    if not has_value_in_tag:
        return "".join(pieces)
    pieces[1::2] = [MARK.sub(value_in_tag, tag) for tag in pieces[1::2]]
    return clean("".join(pieces))


def in_text(value: str) -> str:
    if isinstance(value, Html):
        return clean(with_breaks(value))
    return escape(as_text(value), quote=False).replace("\n", "<br>\n")


def in_tag(value: str) -> str:
    return escape(as_text(value).replace("\n", " "))


def as_text(value: object) -> str:
    """The value as plain text, its lines ended by `\\n` and without what no reader shows."""
    if isinstance(value, Html):
        return plain_text(clean(value))
    return NO_TEXT.sub("", LINE_BREAK.sub("\n", str(value)))
