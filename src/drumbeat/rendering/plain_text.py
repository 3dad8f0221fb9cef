"""The text that stands beside the HTML, for those who read mail without it.

Made from cleaned HTML. A paragraph has an empty line around it, a `<div>` only a line of its
own, as mail programs show them.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

PARAGRAPHS = frozenset(
    {"address", "blockquote", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p"}
    | {"pre", "table", "ul"}
)
LINES = frozenset({"caption", "center", "dd", "div", "dt", "figcaption", "li", "tr"})
CELLS = frozenset({"td", "th"})
LISTS = frozenset({"ol", "ul"})
HTML_SPACE = re.compile(r"[ \t\r\n\f]+")
MANY_EMPTY_LINES = re.compile(r"\n{3,}")
RULE = "-" * 20


def plain_text(html: str) -> str:
    """The text of *html* as a person would have typed it."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._written: list[str] = []
        self._breaks = 0
        """Line breaks owed before the next word; what follows a block owes as much as it does."""
        self._has_space = False
        self._is_at_bullet = False
        self._preformatted = 0
        self._lists: list[int | None] = []
        """The lists we are in: the number of the next item, or None where they have none."""
        self._links: list[tuple[str, int]] = []
        """The links we are in: where they lead, and where their label begins."""

    def text(self) -> str:
        lines = "".join(self._written).replace("\xa0", " ").split("\n")
        text = "\n".join(line.rstrip() for line in lines).strip("\n")
        return MANY_EMPTY_LINES.sub("\n\n", text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.begin_block(tag)
        match tag:
            case "br":
                self.write("\n")
            case "hr":
                self.write(RULE)
                self.owe(2)
            case "img":
                self.handle_data(attributes.get("alt") or "")
            case "a":
                self._links.append((attributes.get("href") or "", len(self._written)))
            case "pre":
                self._preformatted += 1
            case "ol" | "ul":
                self._lists.append(first_number(attributes) if tag == "ol" else None)
            case "li":
                self.write(self.bullet())
                self._is_at_bullet = True

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "a" if self._links:
                self.end_link(*self._links.pop())
            case "pre":
                self._preformatted = max(0, self._preformatted - 1)
            case "ol" | "ul" if self._lists:
                self._lists.pop()
        self.end_block(tag)

    def handle_data(self, data: str) -> None:
        if self._preformatted:
            self.write(data)
            return
        words = HTML_SPACE.sub(" ", data)
        if words.startswith(" "):
            self._has_space = True
        if words.strip(" "):
            self.write(words.strip(" "))
            self._has_space = words.endswith(" ")

    def begin_block(self, tag: str) -> None:
        # A list in a list goes on with the next line.
        is_inner_list = tag in LISTS and bool(self._lists)
        if tag in PARAGRAPHS and not is_inner_list:
            self.owe(2)
        elif tag in LINES or is_inner_list:
            self.owe(1)

    def end_block(self, tag: str) -> None:
        self.begin_block(tag)
        if tag in CELLS:
            self._has_space = True

    def owe(self, breaks: int) -> None:
        # A paragraph that begins a list item stands beside its bullet.
        if not self._is_at_bullet:
            self._breaks = max(self._breaks, breaks)

    def write(self, words: str) -> None:
        # A <br> at the end of a block ends the line that the block would have ended.
        is_after_break = bool(self._written) and self._written[-1] == "\n"
        if self._written and self._breaks:
            self._written.append("\n" * (self._breaks - is_after_break))
        elif self._written and self._has_space and not self._written[-1].endswith(("\n", " ")):
            self._written.append(" ")
        self._breaks = 0
        self._has_space = self._is_at_bullet = False
        self._written.append(words)

    def bullet(self) -> str:
        indent = "  " * (len(self._lists) - 1)
        number = self._lists[-1] if self._lists else None
        if number is None:
            return f"{indent}- "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "

    def end_link(self, target: str, start: int) -> None:
        label = "".join(self._written[start:]).strip()
        shown = target.removeprefix("mailto:").removeprefix("tel:")
        if not shown or shown.startswith("#") or is_same(label, shown):
            return
        self._has_space = bool(label)
        self.write(f"({shown})" if label else shown)


def first_number(attributes: dict[str, str | None]) -> int:
    start = attributes.get("start") or ""
    return int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1


def is_same(label: str, target: str) -> bool:
    """Whether the label shows where the link leads, as most people write it."""
    return bare(label) == bare(target)


def bare(link: str) -> str:
    without_scheme = re.sub(r"^https?://", "", link.strip().lower())
    return without_scheme.rstrip("/")
