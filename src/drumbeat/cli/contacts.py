"""`drumbeat contacts import`: people from a CSV file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from drumbeat.cli.opening import account_of, opened
from drumbeat.cli.saying import counted, remark, say
from drumbeat.services.importing import ImportReport
from drumbeat.settings import Settings

STANDARD_INPUT = Path("-")
SOME_ROWS_WERE_BAD = 3


def import_contacts(settings: Settings, *, account: int | None, file: Path) -> None:
    """Keep every good row and report every bad one; ends with status 3 where there were any."""
    with opened(settings) as engine, lines_of(file) as lines:
        account_id = account_of(engine, account)
        with progress_bar(file) as on_progress, engine.writing():
            report = engine.importing.import_contacts(account_id, lines, on_progress=on_progress)
    tell(report)
    if report.bad_rows:
        raise typer.Exit(SOME_ROWS_WERE_BAD)


@contextmanager
def lines_of(file: Path) -> Iterator[TextIO]:
    if file == STANDARD_INPUT:
        yield TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
        return
    with file.open(encoding="utf-8-sig", newline="") as lines:
        yield lines


@contextmanager
def progress_bar(file: Path) -> Iterator[Callable[[int], None]]:
    """A bar where someone is there to see it, told by what it yields how many rows are done."""
    console = Console(stderr=True)
    if not console.is_terminal or file == STANDARD_INPUT:
        yield lambda _rows: None
        return
    columns = (TextColumn(file.name), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=rows_in(file))
        yield lambda rows: progress.update(task, completed=rows)


def rows_in(file: Path) -> int:
    """About how many rows the file has: a row may take several lines."""
    with file.open("rb") as lines:
        return max(sum(1 for _ in lines) - 1, 0)


def tell_skipped(report: ImportReport) -> None:
    if report.skipped_columns:
        names = ", ".join(report.skipped_columns)
        remark(f"{counted(len(report.skipped_columns), 'column')} skipped, not known here: {names}")


def tell(report: ImportReport) -> None:
    for bad in report.bad_rows:
        remark(f"line {bad.line}: {bad.reason}")
    tell_skipped(report)
    said = f"{counted(report.created, 'contact')} added, {report.updated:,} already known"
    if report.bad_rows:
        said += f", {counted(len(report.bad_rows), 'row')} left out"
    say(f"{said}.")
