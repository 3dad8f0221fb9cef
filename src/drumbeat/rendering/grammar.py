"""What of Jinja's grammar a template may use, and the words for what it may not.

A value is a token, a text, a number, alternatives of these joined by `or`, and filters on
them; it is what may be written. A condition is what may stand in an `if`. Whatever is neither
is refused, so what Jinja learns tomorrow is refused too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeGuard

from jinja2 import nodes

from drumbeat.errors import Fault
from drumbeat.rendering.filters import FILTERS, TESTS, filter_default
from drumbeat.rendering.tokens import OBJECTS, PROPERTY_NAME, UNSUBSCRIBE_LINK

Field = Literal["subject", "body"]

# Python gives up on ifs in ifs at a hundred.
DEEPEST = 50
MOST_TOKENS = 2_000
MOST_FAULTS = 20
LARGEST_NUMBER = 10**9
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
    nodes.Scope: "{% autoescape %}",
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
        if is_text(node):
            return
        if not isinstance(node.value, int) or isinstance(node.value, bool):
            self.refuse(node, f"the value {node.value}")
        elif node.value >= LARGEST_NUMBER:
            self.refuse(node, "a number so large")

    def filter(self, node: nodes.Filter, depth: int) -> None:
        if node.node is None or node.name not in FILTERS:
            self.refuse(node, f"the filter {node.name}")
            return
        if not has_right_arguments(node):
            self.refuse(node, f"the filter {node.name} with these arguments")
            return
        for text in (node.node, *node.args[:1]):
            self.value(text, depth)

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
            line = f"line {node.lineno or 1}: {message}"
            self.faults.append(Fault(field=self._where, message=line))


def is_text(node: nodes.Node) -> TypeGuard[nodes.Const]:
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


def has_right_arguments(node: nodes.Filter) -> bool:
    if node.kwargs or node.dyn_args or node.dyn_kwargs:
        return False
    if FILTERS[node.name] is not filter_default:
        return not node.args
    # The second argument of Jinja's own default asks for what ours does anyway.
    return len(node.args) < 2 or (len(node.args) == 2 and is_flag(node.args[1]))


def is_flag(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, bool)
