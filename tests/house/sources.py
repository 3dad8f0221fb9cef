"""The package's source as syntax trees, for tests of what may not stand where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

PACKAGE = Path(__file__).parent.parent.parent / "src" / "drumbeat"

Found = TypeVar("Found", bound=ast.stmt | ast.expr | ast.excepthandler)


@cache
def trees() -> dict[str, ast.Module]:
    """The tree of every module, by its path from the package."""
    return {
        file.relative_to(PACKAGE).as_posix(): ast.parse(file.read_text(encoding="utf-8"))
        for file in sorted(PACKAGE.rglob("*.py"))
    }


def find(
    *kinds: type[Found], within: tuple[str, ...] = ("",), outside: tuple[str, ...] = ()
) -> Iterator[tuple[str, Found]]:
    """Every node of these *kinds*, with its place.

    It looks in modules whose path begins with one of *within* and with none of *outside*.
    """
    for path, tree in trees().items():
        if path.startswith(within) and not path.startswith(outside):
            for node in ast.walk(tree):
                if isinstance(node, kinds):
                    yield f"{path}:{node.lineno}", node
