"""Plain values to YAML that reads well in a diff, and is read back as the same values.

One field to a line, in the order it is given in; text of several lines as it is, under a bar; what
other programs might take for something else, such as a time of day, in quotes.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

# A line that is broken where it is long would be another line as soon as a word is put in.
NEVER_BREAK = 2**31
TIMES = re.compile(r"\d\d:\d\d(-\d\d:\d\d)?", re.ASCII)
# Line breaks to YAML, which makes one and the same of them all where they stand as they are.
ODD_BREAKS = re.compile("[\r\x85\u2028\u2029\ufeff]")
# What a reader that follows YAML 1.2 could take for something other than text.
UNLIKE_TEXT = re.compile(r"[-+.0-9][-+.0-9eExXoO_:a-fA-F]*|[~<=]*", re.ASCII)


def written_yaml(value: Any) -> str:
    return yaml.dump(
        value,
        Dumper=Writer,
        sort_keys=False,
        allow_unicode=True,
        width=NEVER_BREAK,
        default_flow_style=False,
    )


class OnOneLine(dict[str, Any]):
    """A mapping that is short, and reads best in braces."""


class Writer(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        # Lists are indented under their name, as people write them.
        super().increase_indent(flow, False)


def write_text(writer: Writer, text: str) -> yaml.ScalarNode:
    style = None
    # Nobody sees where a text ends that ends in empty lines.
    if ODD_BREAKS.search(text) or text.endswith("\n\n") or text == "\n":
        style = '"'
    elif "\n" in text:
        style = "|"
    elif TIMES.fullmatch(text) or UNLIKE_TEXT.fullmatch(text):
        style = '"'
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def write_list(writer: Writer, values: list[Any]) -> yaml.SequenceNode:
    are_numbers = all(isinstance(value, int) for value in values)
    return writer.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=are_numbers)


def write_on_one_line(writer: Writer, values: OnOneLine) -> yaml.MappingNode:
    return writer.represent_mapping("tag:yaml.org,2002:map", values, flow_style=True)


Writer.add_representer(OnOneLine, write_on_one_line)
Writer.add_representer(str, write_text)
Writer.add_representer(list, write_list)
