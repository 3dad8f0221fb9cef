"""The commands in docs/reference/cli.md, made from the commands themselves.

    .venv/bin/python -m tests.house.cli_page

writes it anew; test_docs.py finds out where that was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from drumbeat.cli.main import app

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "cli.md"

FIRST = "## drumbeat\n"


def page() -> str:
    """The page as it ought to be: what somebody wrote at its top, and then the commands."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    introduction, _, _ = PAGE.read_text(encoding="utf-8").partition(FIRST)
    parts = [introduction + FIRST, options_of(root)]
    parts += [section(name, command) for name, command in commands_in(root)]
    return "\n".join(parts)


def commands_in(group: TyperGroup, before: str = "drumbeat") -> Iterator[tuple[str, TyperCommand]]:
    """Every command with its whole name, in the order that help shows them."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands_in(command, f"{before} {name}")
        elif isinstance(command, TyperCommand):
            yield f"{before} {name}", command


def section(name: str, command: TyperCommand) -> str:
    arguments = [each for each in command.params if isinstance(each, TyperArgument)]
    usage = " ".join([name, *(shown(each.metavar) for each in arguments)])
    meaning = " ".join((command.help or "").split())
    return f"## {usage}\n\n{meaning}\n\n{options_of(command)}"


def options_of(command: TyperCommand | TyperGroup) -> str:
    rows = [
        f"| {written(each)} | {meaning_of(each)} |"
        for each in command.params
        if isinstance(each, TyperArgument | TyperOption)
    ]
    return "\n".join(["| | |", "| --- | --- |", *rows, ""])


def written(parameter: TyperArgument | TyperOption) -> str:
    """The parameter as it is typed, and whether it has to be."""
    if isinstance(parameter, TyperArgument):
        return f"`{parameter.metavar}`"
    typed = f"{', '.join(parameter.opts)} {value_of(parameter)}".strip()
    return f"`{typed}`" + (", needed" if parameter.required else "")


def meaning_of(parameter: TyperArgument | TyperOption) -> str:
    meaning = " ".join((parameter.help or "").split())
    is_said = parameter.default is None or isinstance(parameter.default, bool)
    return meaning if is_said else f"{meaning} `{parameter.default}` if not given."


def value_of(option: TyperOption) -> str:
    if option.is_flag:
        return ""
    choices = option.type_descriptor.choices or ()
    return shown(option.metavar or "|".join(map(str, choices)))


def shown(text: str | None) -> str:
    # A bar would end the table's cell.
    return (text or "").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
