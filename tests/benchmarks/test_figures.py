from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.figures import BEGIN, END, PAGE, Figure, Target, table, write_docs, write_json

FAST = Target(least=1000)
SMALL = Target(most=150)


def figure(value: float | None, target: Target | None = FAST, note: str = "") -> Figure:
    return Figure(
        case="steps",
        what="due steps",
        database="SQLite",
        value=value,
        unit="/s",
        target=target,
        note=note,
    )


@pytest.mark.parametrize(
    ("value", "target", "verdict"),
    [
        (1000, FAST, "met"),
        (999, FAST, "missed"),
        (150, SMALL, "met"),
        (151, SMALL, "missed"),
        (7, None, ""),
        (None, FAST, "not measured"),
    ],
)
def test_a_figure_says_whether_it_meets_its_target(
    value: float | None, target: Target | None, verdict: str
) -> None:
    assert figure(value, target).verdict == verdict


def test_the_table_has_a_line_for_each_figure_and_aligns_its_numbers() -> None:
    heading, slow, fast = table([figure(12.5), figure(25_000)]).splitlines()

    assert heading.split() == ["what", "database", "measured", "target", "beside", "it"]
    assert slow.index("12.5/s") + len("12.5/s") == fast.index("25,000/s") + len("25,000/s")
    assert "≥ 1,000/s  missed" in slow


def test_the_json_has_every_figure_with_its_verdict(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"

    write_json(file, ["a machine"], [figure(None, note="not there yet")])

    written = json.loads(file.read_text())
    assert written["machine"] == ["a machine"]
    assert written["figures"][0]["verdict"] == "not measured"


def test_new_figures_take_the_place_of_the_old_ones_in_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Before\n\n{BEGIN}\nold\n{END}\n\nAfter\n")

    write_docs(["a machine"], [figure(25_000)], page)
    write_docs(["a machine"], [figure(26_000)], page)

    text = page.read_text()
    assert text.startswith("Before")
    assert text.endswith("After\n")
    assert [part in text for part in ("26,000/s", "25,000/s", "old")] == [True, False, False]


def test_the_page_in_the_docs_has_a_place_for_the_figures() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert 0 < text.find(BEGIN) < text.find(END)
