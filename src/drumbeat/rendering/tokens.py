"""The tokens of a template: what they are called, and what one without a value is.

A token is `{{ object.name }}`, where a name is whatever a property can be called, or
`{{ unsubscribe_link }}`, which stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

OBJECTS = ("contact", "company", "owner", "sender")
UNSUBSCRIBE_LINK = "unsubscribe_link"
# The one value that is HTML: a person wrote it for the end of his own e-mails.
SIGNATURE = "sender.signature"
# An underscore is never first, so that no name is one of Python's own.
PROPERTY_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


class Missing(str):
    """A token without a value: empty text that knows which token it is.

    It passes through every filter but `default`, counts as false, and only where it would be
    written out is it missed.
    """

    __slots__ = ("token",)
    token: str

    @classmethod
    def of(cls, token: str) -> Missing:
        missing = cls()
        missing.token = token
        return missing


class Html(str):
    """A value that is HTML already, and yet to be cleaned."""

    __slots__ = ()


class Object:
    """The values of one object, as a template reads them."""

    def __init__(self, name: str, values: Mapping[str, str | None]) -> None:
        self._name = name
        self._values = values

    def __getitem__(self, name: str) -> str:
        token = f"{self._name}.{name}"
        value = value_of(token, self._values.get(name))
        return Html(value) if value and token == SIGNATURE else value


def value_of(token: str, value: str | None) -> str:
    """The value, or Missing for one that would leave a hole: none, empty, or only spaces."""
    return value if value and not value.isspace() else Missing.of(token)
