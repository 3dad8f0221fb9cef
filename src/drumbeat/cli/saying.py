"""How commands speak: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import typer

from drumbeat.errors import Fault, FileFault, Invalid
from drumbeat.settings import WrongSettings


def say(text: str) -> None:
    typer.echo(text)


def remark(text: str) -> None:
    """Something beside the result, which nobody reads who only takes in the result."""
    typer.echo(text, err=True)


def say_json(answer: dict[str, object]) -> None:
    say(json.dumps(answer, separators=(",", ":")))


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def as_called() -> str:
    """What to write before a command so that it works here: not everyone has us on PATH."""
    if shutil.which("drumbeat"):
        return "drumbeat"
    program = Path(sys.argv[0])
    return "python -m drumbeat" if program.name == "__main__.py" else str(program)


def in_words(fault: Exception) -> list[str]:
    """One line for each thing that is wrong, for someone who has never seen our code."""
    match fault:
        case WrongSettings():
            return [in_one_line(each) for each in fault.faults]
        case Invalid() if any(isinstance(each, FileFault) for each in fault.faults):
            return [*(placed(each) for each in fault.faults), in_one_line(str(fault))]
        case Invalid():
            told = [each.message for each in fault.faults if each.message not in str(fault)]
            return [in_one_line(": ".join([str(fault), "; ".join(told)] if told else [str(fault)]))]
        case OSError(strerror=str(reason)):
            return [f"{reason}: {fault.filename}" if fault.filename else reason]
        case _:
            return [in_one_line(str(fault))]


def unforeseen(fault: Exception) -> str:
    """What to say of a fault in the program itself."""
    # Further lines of a database's fault hold the statement, and what was to be written.
    first, *_ = [*str(fault).splitlines(), ""]
    return (
        f"this should not happen: {type(fault).__name__}: {first or 'no more is known'}; "
        "with DRUMBEAT_LOG_LEVEL=debug it says where"
    )


def placed(fault: Fault) -> str:
    """The fault with its file and line first, as programs that open files there expect it."""
    where = ""
    if isinstance(fault, FileFault):
        where = f"{fault.file}:{fault.line}" if fault.line else fault.file
    return in_one_line(": ".join(part for part in (where, fault.field, fault.message) if part))


def in_one_line(text: str) -> str:
    # What PostgreSQL says of a connection goes over several.
    return " ".join(text.split())
