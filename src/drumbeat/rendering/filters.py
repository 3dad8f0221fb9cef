"""The filters and tests a template may use: plain functions of text.

None of them makes a text much longer than it was, and a token without a value passes through
all of them but `default` as what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

from jinja2.filters import do_title

from drumbeat.rendering.tokens import Missing


def filter_default(value: object, fallback: object = "", _: bool = True) -> object:
    return value if str(value) else fallback


def on_text(change: Callable[[str], str]) -> Callable[[object], str]:
    """A filter that changes text, and leaves a missing token the missing token it is."""

    def changed(value: object) -> str:
        return value if isinstance(value, Missing) else change(str(value))

    return changed


FILTERS: Final[Mapping[str, Callable[..., object]]] = {
    "default": filter_default,
    "d": filter_default,
    "capitalize": on_text(str.capitalize),
    "lower": on_text(str.lower),
    "upper": on_text(str.upper),
    "title": on_text(do_title),
    "trim": on_text(str.strip),
    # Every value is escaped when it is written, once; saying so changes nothing.
    "escape": on_text(str),
    "e": on_text(str),
    "urlencode": on_text(lambda text: quote(text, safe="")),
}
TESTS: Final[Mapping[str, Callable[[object], bool]]] = {
    "defined": lambda value: not isinstance(value, Missing),
    "undefined": lambda value: isinstance(value, Missing),
    "none": lambda value: isinstance(value, Missing),
}
