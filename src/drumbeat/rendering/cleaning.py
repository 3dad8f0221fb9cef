"""HTML fit for other people's mail programs: what they show is kept, and nothing that acts.

nh3 reads it as a browser would and writes it anew, so that what comes out is whole: every tag
closed, every attribute in double quotes.
"""

from __future__ import annotations

import re

import nh3

ANY_TAG = re.compile(r"<[A-Za-z/!]")

CELL = frozenset({"align", "bgcolor", "colspan", "height", "rowspan", "valign", "width"})
ATTRIBUTES = {
    "*": frozenset({"dir", "lang", "style", "title"}),
    "a": frozenset({"href", "name", "target"}),
    "col": frozenset({"span", "width"}),
    "font": frozenset({"color", "face", "size"}),
    "img": frozenset({"align", "alt", "border", "height", "src", "width"}),
    "ol": frozenset({"start", "type"}),
    "p": frozenset({"align"}),
    "div": frozenset({"align"}),
    # Tables are how e-mails are laid out; the role tells screen readers that these are no data.
    "table": frozenset(
        {"align", "bgcolor", "border", "cellpadding", "cellspacing", "height", "role", "width"}
    ),
    "td": CELL,
    "th": CELL,
    "tr": frozenset({"align", "bgcolor", "height", "valign"}),
}
TAGS = frozenset(
    {
        *("a", "abbr", "address", "b", "blockquote", "br", "caption", "center", "cite", "code"),
        *("col", "colgroup", "dd", "del", "div", "dl", "dt", "em", "figcaption", "figure", "font"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre"),
        *("q", "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td"),
        *("tfoot", "th", "thead", "tr", "u", "ul"),
    }
)
# Nothing that takes a URL, and nothing that leaves its place.
STYLES = frozenset(
    {
        *("background-color", "border", "border-bottom", "border-collapse", "border-color"),
        *("border-left", "border-radius", "border-right", "border-spacing", "border-style"),
        *("border-top", "border-width", "color", "direction", "display", "font", "font-family"),
        *("font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing"),
        *("line-height", "list-style-type", "margin", "margin-bottom", "margin-left"),
        *("margin-right", "margin-top", "max-height", "max-width", "min-width", "overflow"),
        *("padding", "padding-bottom", "padding-left", "padding-right", "padding-top"),
        *("table-layout", "text-align", "text-decoration", "text-indent", "text-transform"),
        *("vertical-align", "white-space", "width", "word-break", "word-spacing"),
    }
)
URL_SCHEMES = frozenset({"cid", "http", "https", "mailto", "tel"})

CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    url_schemes=URL_SCHEMES,
    filter_style_properties=STYLES,
    # A rel would show every reader that a program wrote the link.
    link_rel=None,
)


def clean(html: str) -> str:
    """The HTML without anything that is not named above."""
    return CLEANER.clean(html)


def with_breaks(text: str) -> str:
    """Text without a single tag was typed as plain text: its line breaks become HTML's."""
    if ANY_TAG.search(text):
        return text
    return text.strip().replace("\r\n", "\n").replace("\n", "<br>\n")
