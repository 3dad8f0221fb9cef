"""The docs name everything there is: what is not in them cannot be used, and what is wrong in
them is worse.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute

from drumbeat.app import Engine
from drumbeat.documents.files import FrontMatter, SequenceEntry, TemplateEntry
from drumbeat.documents.reading import known_fields
from drumbeat.domain.enrollment import Reason, State
from drumbeat.domain.gates import Gate, Verdict
from drumbeat.domain.launch_findings import Code, Severity
from drumbeat.domain.message import MessageState
from drumbeat.domain.planner import Because
from drumbeat.domain.task import TaskStatus
from drumbeat.domain.timeline import Kind
from drumbeat.http.app import create_app
from drumbeat.settings import FROM_FILES, PREFIX, Settings
from drumbeat.store.tables import metadata
from tests.house import cli_page
from tests.house.sources import find

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]

FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
VARIABLE = re.compile(rf"\b{PREFIX}[A-Z_]+\b")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
METHODS = ("get", "post", "put", "patch", "delete")


def test_every_setting_is_in_the_docs() -> None:
    page = text_of("settings")
    variables = [PREFIX + name.upper() for name in Settings.model_fields]
    variables += [f"{PREFIX}{name.upper()}_FILE" for name in FROM_FILES]

    assert unnamed(variables, page) == []


def test_the_docs_name_no_variable_that_is_none() -> None:
    fields = {PREFIX + name.upper() for name in Settings.model_fields}
    known = {*fields, *(f"{PREFIX}{name.upper()}_FILE" for name in FROM_FILES)}
    # What the page on settings shows the fault of, and what the tests ask for themselves.
    known |= {"DRUMBEAT_FOO", "DRUMBEAT_TEST_POSTGRES_URL"}
    named = {variable for page in PAGES for variable in VARIABLE.findall(page.read_text())}

    assert named - known - {PREFIX} == set()


def test_every_command_and_option_is_in_the_docs_as_its_help_has_it() -> None:
    assert text_of("cli") == cli_page.page(), "run: .venv/bin/python -m tests.house.cli_page"


def test_every_route_is_in_the_docs(tmp_path: Path) -> None:
    pages = text_of("http-api") + text_of("hubspot-api")
    with closing(Engine.start(Settings(data=tmp_path))) as engine:
        routes = sorted(routes_of(create_app(engine)))

    assert len(routes) > 40
    assert unnamed(routes, pages) == []


def test_the_docs_name_no_route_that_is_none(tmp_path: Path) -> None:
    methods = "|".join(METHODS).upper()
    addresses = re.compile(rf"`((?:{methods}) /[^`?]*)")
    named = {route for page in PAGES for route in addresses.findall(page.read_text())}
    with closing(Engine.start(Settings(data=tmp_path))) as engine:
        known = routes_of(create_app(engine))

    # With an id in it the address is one that somebody called.
    strays = {route for route in named if route not in known and not re.search(r"/\d+", route)}
    assert strays == set()


def test_every_field_of_a_sequence_written_down_is_in_the_docs() -> None:
    in_files = (FrontMatter, SequenceEntry, TemplateEntry)
    fields = {name for part in in_files for name in part.model_fields}
    fields |= {name for names in known_fields().values() for name in names}

    assert len(fields) > 30
    assert unnamed(sorted(fields), text_of("sequence-files")) == []


def test_every_kind_of_timeline_event_is_in_the_docs() -> None:
    assert unnamed(Kind, text_of("timeline-events")) == []


def test_every_state_is_in_the_docs() -> None:
    states = [*State, *MessageState, *TaskStatus, *Because]

    assert unnamed(states, text_of("states")) == []


def test_every_gate_and_every_finding_is_in_the_docs() -> None:
    assert unnamed([*Gate, *Verdict, *Code, *Severity], text_of("http-api")) == []


def test_every_reason_that_is_ever_given_is_in_the_docs() -> None:
    given = {
        Reason[attribute.attr]
        for _, attribute in find(ast.Attribute, outside=("domain/enrollment.py",))
        if isinstance(attribute.value, ast.Name) and attribute.value.id == "Reason"
    }

    assert given
    assert unnamed(sorted(given), text_of("states")) == []


def test_no_class_and_no_table_is_called_what_the_glossary_says_it_is_not() -> None:
    avoided = {word for _, words in glossary() for word in words}
    classes = [(place, node.name) for place, node in find(ast.ClassDef)]
    tables = [(f"table {table}", table) for table in metadata.tables]
    columns = [
        (f"table {table.name}", column.name)
        for table in metadata.tables.values()
        for column in table.columns
    ]

    strays = [
        f"{place}: {name}"
        for place, name in (*classes, *tables, *columns)
        if avoided & {*words_in(name), *(word.removesuffix("s") for word in words_in(name))}
    ]
    assert len(avoided) > 20
    assert not strays, "\n".join(strays)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [link for link in links_in(page) if not leads_somewhere(link, page)]

    assert broken == []


def text_of(page: str) -> str:
    return (REFERENCE / f"{page}.md").read_text(encoding="utf-8")


def unnamed(names: Iterable[str], page: str) -> list[str]:
    """Those that do not stand in the page, by themselves and as code."""
    return [name for name in names if f"`{name}`" not in page]


def routes_of(app: FastAPI) -> set[str]:
    """Every method and address, also those that are not in the description."""
    described = {
        f"{method.upper()} {path}"
        for path, operations in app.openapi()["paths"].items()
        for method in METHODS
        if method in operations
    }
    hidden = {
        f"{method} {getattr(route, 'path', '')}"
        for route in leaves(app.routes)
        if not getattr(route, "include_in_schema", True)
        for method in getattr(route, "methods", ())
    }
    # Starlette adds HEAD to the one route that it serves itself.
    return described | hidden - {f"HEAD {app.openapi_url}"}


def leaves(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """The routes themselves, out of the routers they were put in with."""
    for route in routes:
        router = getattr(route, "original_router", None)
        if router is None:
            yield route
        else:
            yield from leaves(router.routes)


def glossary() -> Iterator[tuple[str, list[str]]]:
    """Each word of the glossary, and the single words that it is not."""
    for line in (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| **"):
            word, _, _, avoided = (cell.strip() for cell in line.strip("|").split("|"))
            listed = [each.strip() for each in avoided.split(",")]
            yield word.strip("*"), [each for each in listed if each and " " not in each]


def words_in(name: str) -> set[str]:
    """The words of a name, whether it is written likeThis, LikeThis or like_this."""
    return {word.lower() for word in WORD.findall(name)}


def links_in(page: Path) -> list[str]:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return [link for link in LINK.findall(text) if "://" not in link]


def leads_somewhere(link: str, page: Path) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors_in(target))


def anchors_in(page: Path) -> set[str]:
    """What the headings of the page can be linked as, as GitHub makes it of them."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(text)
    }
