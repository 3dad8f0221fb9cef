"""Templates from source to something that renders, with nothing in it that could do harm.

They are written by people, and by programs that hold a token of ours. They are Jinja's grammar
in Jinja's sandbox, and of its tree only what `grammar` knows is let through. Nothing is left
that loops, calls, computes or reaches an attribute of Python's, so no template can take long
or look where it should not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NoReturn

from jinja2 import Template, TemplateSyntaxError, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from drumbeat.errors import Fault, Invalid
from drumbeat.rendering.filters import FILTERS, TESTS
from drumbeat.rendering.grammar import MOST_TOKENS, Field, Inspector

LONGEST: Final[Mapping[Field, int]] = {"subject": 1_000, "body": 256 * 1024}
LONGEST_TAG = 5_000
OPENING = re.compile(r"\{[{%]")
CLOSING = re.compile(r"[%}]\}")
COMPILED_TEMPLATES = 512
SURROGATES = re.compile(r"[\ud800-\udfff]")

# How the one place that writes values reaches it from inside a template.
WRITER = "write value"


@pass_context
def write(context: Context, value: object) -> str:
    written: str = context[WRITER](value)
    return written


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja without anything to reach: attributes are the names of values, never Python's."""

    def __init__(self) -> None:
        super().__init__(finalize=write)
        self.globals.clear()
        self.filters = dict(FILTERS)
        self.tests = dict(TESTS)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return obj[attribute]


SANDBOX = Sandbox()


@dataclass(frozen=True, slots=True)
class Compiled:
    template: Template
    tokens: frozenset[str]

    def render(self, objects: Mapping[str, object], writer: Callable[[object], str]) -> str:
        """The template's text, with what *writer* makes of each value in its place."""
        return self.template.render({**objects, WRITER: writer})


@lru_cache(maxsize=COMPILED_TEMPLATES)
def compiled(source: str, where: Field) -> Compiled:
    """The template in *source*, ready to render. Raises Invalid with everything wrong in it."""
    if len(source) > LONGEST[where]:
        refuse([Fault(field=where, message=f"longer than {LONGEST[where]:,} characters")])
    if SURROGATES.search(source):
        refuse([Fault(field=where, message="a character in it is no text (a lone surrogate)")])
    if is_long_winded(source):
        refuse([Fault(field=where, message="too many tags in it, or one of them too long")])
    inspector = Inspector(where)
    tree = parsed(source, where)
    inspector.statements(tree.body, depth=0)
    if inspector.faults:
        refuse(inspector.faults)
    code = SANDBOX.compile(tree)
    template = Template.from_code(SANDBOX, code, {})
    return Compiled(template, frozenset(inspector.tokens))


def parsed(source: str, where: Field) -> nodes.Template:
    try:
        return SANDBOX.parse(source)
    except TemplateSyntaxError as error:
        refuse([Fault(field=where, message=f"line {error.lineno}: {error.message}")])
    # A number of thousands of digits; brackets in brackets, thousands deep.
    except (ValueError, RecursionError):
        refuse([Fault(field=where, message="a number or a bracket in it goes too far")])


def is_long_winded(source: str) -> bool:
    """Whether parsing alone would take long: Jinja reads some 200 characters of a tag in 1 ms."""
    tags = OPENING.split(source)[1:]
    return len(tags) > MOST_TOKENS or any(
        len(CLOSING.split(tag, maxsplit=1)[0]) > LONGEST_TAG for tag in tags
    )


def refuse(faults: Sequence[Fault]) -> NoReturn:
    first = faults[0]
    raise Invalid(f"the template cannot be used: {first.field}, {first.message}", faults) from None
