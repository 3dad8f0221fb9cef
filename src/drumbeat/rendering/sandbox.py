"""What a template may say, and nothing else.

Templates are written by people and by programs that hold a token of ours. They are Jinja's
grammar in Jinja's sandbox, and of its tree only what is named here is let through: tokens,
text, filters and conditions. There is nothing left that loops, calls, computes or reaches an
attribute of Python's, so no template can take long or look where it should not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, NoReturn, TypeGuard
from urllib.parse import quote

from jinja2 import Template, TemplateSyntaxError, nodes, pass_context
from jinja2.filters import do_title
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from drumbeat.errors import Fault, Invalid
from drumbeat.rendering.tokens import OBJECTS, PROPERTY_NAME, UNSUBSCRIBE_LINK, Missing

Field = Literal["subject", "body"]

LONGEST: Final[Mapping[Field, int]] = {"subject": 1_000, "body": 256 * 1024}
# Jinja and Python give up at about ten times this depth.
DEEPEST = 50
MOST_TOKENS = 2_000
LONGEST_TAG = 5_000
OPENING = re.compile(r"\{[{%]")
CLOSING = re.compile(r"[%}]\}")
MOST_FAULTS = 20
LARGEST_NUMBER = 10**9
COMPILED_TEMPLATES = 512

SURROGATES = re.compile(r"[\ud800-\udfff]")

# How the one place that writes values reaches it from inside a template.
WRITER = "write value"


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


ALLOWED = (
    "a template holds tokens like {{ contact.firstname }} and {{ unsubscribe_link }}, "
    f"{{% if %}}, and the filters {', '.join(sorted(FILTERS))}"
)
# What people try, in their own words; for anything else it is the name of Jinja's node.
WORDS: Final[Mapping[type[nodes.Node], str]] = {
    nodes.Assign: "{% set %}",
    nodes.AssignBlock: "{% set %}",
    nodes.Block: "{% block %}",
    nodes.Call: "a call",
    nodes.CallBlock: "{% call %}",
    nodes.Concat: "joining with ~",
    nodes.CondExpr: "an if inside a token",
    nodes.Extends: "{% extends %}",
    nodes.FilterBlock: "{% filter %}",
    nodes.For: "a loop",
    nodes.FromImport: "{% from %}",
    nodes.Getattr: "a name with a second dot",
    nodes.Getitem: "a [bracket]",
    nodes.Import: "{% import %}",
    nodes.Include: "{% include %}",
    nodes.Macro: "{% macro %}",
    nodes.With: "{% with %}",
}
EQUALITY = ("eq", "ne")
MEMBERSHIP = ("in", "notin")


class Inspector:
    """Walks the tree of a template, and notes its tokens and everything that may not be there."""

    def __init__(self, where: Field) -> None:
        self.tokens: set[str] = set()
        self.faults: list[Fault] = []
        self._where = where
        self._seen = 0

    def statements(self, body: Iterable[nodes.Node], depth: int) -> None:
        for node in body:
            match node:
                case nodes.Output():
                    for written in node.nodes:
                        if not isinstance(written, nodes.TemplateData):
                            self.value(written, depth)
                case nodes.If():
                    self.branches(node, depth + 1)
                case _:
                    self.refuse(node)

    def branches(self, node: nodes.If, depth: int) -> None:
        if self.is_too_much(node, depth):
            return
        for branch in (node, *node.elif_):
            self.condition(branch.test, depth)
            self.statements(branch.body, depth)
        self.statements(node.else_, depth)

    def condition(self, node: nodes.Node, depth: int) -> None:
        if self.is_too_much(node, depth):
            return
        match node:
            case nodes.Not():
                self.condition(node.node, depth + 1)
            case nodes.And() | nodes.Or():
                self.condition(node.left, depth + 1)
                self.condition(node.right, depth + 1)
            case nodes.Test(name=name, args=[], kwargs=[], dyn_args=None, dyn_kwargs=None):
                if name not in TESTS:
                    self.refuse(node, f"is {name}")
                self.value(node.node, depth + 1)
            case nodes.Compare(ops=[operand]):
                self.comparison(node, operand, depth + 1)
            case _:
                self.value(node, depth)

    def comparison(self, node: nodes.Compare, operand: nodes.Operand, depth: int) -> None:
        sides = (node.expr, operand.expr)
        # Every value is text. A number would equal none of them, and the order of "10" and "9"
        # is not the order of 10 and 9.
        if operand.op not in (*EQUALITY, *MEMBERSHIP):
            self.refuse(node, "< or >")
        elif any(isinstance(side, nodes.Const) and not is_text(side) for side in sides):
            self.refuse(node, "comparing with what is not text; put it in quotes")
        elif operand.op in MEMBERSHIP and not (is_text(node.expr) and node.expr.value):
            self.refuse(node, 'in, but for "text" in a token')
        for side in sides:
            self.value(side, depth)

    def value(self, node: nodes.Node, depth: int) -> None:
        if self.is_too_much(node, depth):
            return
        match node:
            case nodes.Getattr(node=nodes.Name(name=name), attr=attribute):
                self.token(node, name, attribute)
            case nodes.Name(name="unsubscribe_link") if self._where == "body":
                self.tokens.add(UNSUBSCRIBE_LINK)
            case nodes.Name(name=name):
                self.lone_name(node, name)
            case nodes.Const():
                self.constant(node)
            case nodes.Or():
                self.value(node.left, depth + 1)
                self.value(node.right, depth + 1)
            case nodes.Filter():
                self.filter(node, depth + 1)
            case _:
                self.refuse(node)

    def token(self, node: nodes.Node, name: str, attribute: str) -> None:
        if name not in OBJECTS:
            self.fault(node, f"there is no object {name}; there are {', '.join(OBJECTS)}")
        elif not PROPERTY_NAME.fullmatch(attribute):
            self.fault(node, f"{name}.{attribute} is no token; names are of a-z, 0-9 and _")
        else:
            self.tokens.add(f"{name}.{attribute}")

    def lone_name(self, node: nodes.Node, name: str) -> None:
        if name == UNSUBSCRIBE_LINK:
            self.fault(node, f"{name} belongs into the body")
        elif name in OBJECTS:
            self.fault(node, f"{name} alone is no token; write {name}.firstname")
        else:
            self.fault(node, f"there is no token {name}; perhaps contact.{name} is meant")

    def constant(self, node: nodes.Const) -> None:
        is_number = isinstance(node.value, int) and not isinstance(node.value, bool)
        if not is_text(node) and not (is_number and abs(node.value) < LARGEST_NUMBER):
            self.refuse(node, f"the value {str(node.value)[:40]}")

    def filter(self, node: nodes.Filter, depth: int) -> None:
        if node.node is None or node.name not in FILTERS:
            self.refuse(node, f"the filter {node.name}")
            return
        self.value(node.node, depth)
        most = 2 if FILTERS[node.name] is filter_default else 0
        if len(node.args) > most or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self.refuse(node, f"the filter {node.name} with these arguments")
            return
        # The second argument of Jinja's default asks for what ours does anyway.
        for argument in node.args[:1]:
            self.value(argument, depth)
        if len(node.args) == most == 2 and not is_flag(node.args[1]):
            self.refuse(node, f"the filter {node.name} with these arguments")

    def is_too_much(self, node: nodes.Node, depth: int) -> bool:
        self._seen += 1
        if depth > DEEPEST:
            self.fault(node, "nested too deeply")
        elif self._seen == MOST_TOKENS:
            self.fault(node, f"more than {MOST_TOKENS:,} tokens and conditions")
        return depth > DEEPEST or self._seen >= MOST_TOKENS

    def refuse(self, node: nodes.Node, what: str | None = None) -> None:
        named = what or WORDS.get(type(node), type(node).__name__.lower())
        self.fault(node, f"{named} cannot be used; {ALLOWED}")

    def fault(self, node: nodes.Node, message: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            line = f"line {node.lineno}: {message}"
            self.faults.append(Fault(field=self._where, message=line))


def is_text(node: nodes.Node) -> TypeGuard[nodes.Const]:
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


def is_flag(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, bool)
