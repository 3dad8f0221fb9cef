"""What was measured, beside what it ought to be: as a table, as JSON, and in the docs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "how-fast.md"
BEGIN = "<!-- figures: written by `python3 run.py bench --write-docs` -->"
END = "<!-- end of figures -->"
HEADINGS = ("what", "database", "measured", "target", "", "beside it")
NUMBERS = (HEADINGS.index("measured"), HEADINGS.index("target"))


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a figure is to be: no less than *least*, or no more than *most*."""

    least: float | None = None
    most: float | None = None

    def is_met(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One thing that was measured, or, where *value* is None, the reason why it was not."""

    case: str
    what: str
    database: str
    value: float | None
    unit: str
    target: Target | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.value is None:
            return "not measured"
        if self.target is None:
            return ""
        return "met" if self.target.is_met(self.value) else "missed"

    @property
    def shown(self) -> str:
        return "-" if self.value is None else with_unit(self.value, self.unit)

    @property
    def shown_target(self) -> str:
        if self.target is None:
            return ""
        if self.target.least is not None:
            return f"≥ {with_unit(self.target.least, self.unit)}"
        return f"≤ {with_unit(self.target.most or 0, self.unit)}"

    def cells(self) -> tuple[str, ...]:
        measured = (self.shown, self.shown_target, self.verdict)
        return (self.what, self.database, *measured, self.note)


def with_unit(value: float, unit: str) -> str:
    number = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
    return f"{number}{unit}" if unit.startswith("/") else f"{number} {unit}"


def table(figures: Iterable[Figure]) -> str:
    """The figures in columns, for a terminal."""
    rows = [HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [[*map(aligned, row, widths, range(len(row)))] for row in rows]
    return "\n".join("  ".join(cells).rstrip() for cells in lines)


def aligned(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column in NUMBERS else cell.ljust(width)


def markdown(figures: Iterable[Figure]) -> str:
    rules = ["---:" if column in NUMBERS else "---" for column in range(len(HEADINGS))]
    rows = [HEADINGS, rules, *(figure.cells() for figure in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def write_json(file: Path, machine: Sequence[str], figures: Iterable[Figure]) -> None:
    shown = [asdict(figure) | {"verdict": figure.verdict} for figure in figures]
    document = {"machine": list(machine), "figures": shown}
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_docs(machine: Sequence[str], figures: Iterable[Figure], page: Path = PAGE) -> None:
    """Put these figures in the place of those that the page has. Raises ValueError where the
    page has no place for them."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no place for figures: {BEGIN} … {END}")
    told = "\n".join(f"{line}  " for line in machine).rstrip()
    section = f"{BEGIN}\n\n{told}\n\n{markdown(figures)}\n\n{END}"
    page.write_text(before + section + after, encoding="utf-8")
