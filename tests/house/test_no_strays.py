"""What may stand in a few places only: late imports, catching everything, reading the time."""

from __future__ import annotations

import ast
import re

from tests.house.sources import find, trees

# Where a fault that nobody foresaw comes to an end: it is recorded, and the rest goes on.
EDGES = ("worker/", "cli/main.py", "http/gate.py")
CATCH_ALL = {"Exception", "BaseException"}
READS_THE_TIME = re.compile(
    r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime)"
    r"|func\.(now|current_timestamp|localtimestamp))$"
)
TIME_IN_SQL = re.compile(r"\bCURRENT_(TIME|DATE|TIMESTAMP)\b|\bnow\(\)|'now'", re.IGNORECASE)


def test_modules_import_at_their_top_except_where_the_command_line_saves_time() -> None:
    functions = find(ast.FunctionDef, ast.AsyncFunctionDef, outside=("cli/",))

    strays = [place for place, function in functions if imports_something(function)]
    assert not strays, "\n".join(strays)


def test_only_the_edges_catch_everything() -> None:
    handlers = find(ast.ExceptHandler, outside=EDGES)

    strays = [place for place, handler in handlers if swallows_everything(handler)]
    assert not strays, "\n".join(strays)


def test_only_the_clock_reads_the_time() -> None:
    calls = find(ast.Call, outside=("clock.py",))

    strays = [place for place, call in calls if READS_THE_TIME.search(ast.unparse(call.func))]
    assert not strays, "\n".join(strays)


def test_no_statement_asks_the_database_for_the_time() -> None:
    prose = {id(text) for tree in trees().values() for text in docstrings(tree)}
    texts = [(place, text) for place, text in find(ast.Constant) if id(text) not in prose]

    strays = [place for place, text in texts if TIME_IN_SQL.search(str(text.value))]
    assert not strays, "\n".join(strays)


def imports_something(function: ast.stmt) -> bool:
    return any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    caught = {node.id for node in ast.walk(handler.type or handler) if isinstance(node, ast.Name)}
    passes_it_on = isinstance(handler.body[-1], ast.Raise)
    return (handler.type is None or bool(caught & CATCH_ALL)) and not passes_it_on


def docstrings(tree: ast.Module) -> list[ast.expr]:
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
