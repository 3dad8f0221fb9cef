"""Pages rendered here: plain HTML that needs no script, no cookie and nothing from elsewhere."""

from __future__ import annotations

import re

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

IN_BACKTICKS = re.compile("`([^`]+)`")


def in_code(text: str) -> Markup:
    """*text*, escaped, with what stands in backticks shown as code."""
    # As plain text: pieces put between those of a Markup are escaped like values.
    escaped = str(escape(text))
    return Markup(IN_BACKTICKS.sub(r"<code>\1</code>", escaped))


PAGES = Environment(
    loader=PackageLoader("drumbeat.http", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.filters["in_code"] = in_code
# The address of an unsubscribe page is a secret between the sender and the reader: it is not
# to be indexed, cached, framed, or told to another site as the referrer.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def page(name: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """The page called *name*, with *values* in it, every one of them escaped."""
    html = PAGES.get_template(f"{name}.html").render(values)
    return HTMLResponse(html, status, headers=HEADERS)
