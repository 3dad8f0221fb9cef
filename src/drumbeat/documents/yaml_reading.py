"""YAML to plain values, each with the line it stands on.

Only what documents need is read: mappings, lists and scalars. A scalar without quotes is a
number only if it is digits, and true, false and null are written so; `08:00`, `no` and a date are
text, whatever they are to other programs. Tags, anchors and aliases are refused, so nothing can be
made of a file but values, and nothing in it can be larger than the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from drumbeat.documents.places import written
from drumbeat.errors import FileFault, Invalid

DEEPEST = 20
MOST_VALUES = 100_000
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})", re.ASCII)
# PostgreSQL stores neither NUL nor half of a surrogate pair.
NO_TEXT = re.compile("[\0\ud800-\udfff]")
WORDS: Mapping[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
UNCLOSED = "what is opened here, in brackets or quotes, is not closed"
# What PyYAML says of the mistakes that people make, and what to do about them.
MISTAKES = {
    "'\\t'": "a tab stands where only spaces may; YAML is indented with spaces",
    "cannot start any token": "text that begins with such a character goes in quotes",
    "could not find expected ':'": "a name without a colon and a value; is it indented right?",
    "mapping values are not allowed": "a colon too many; text that has one goes in quotes",
    "expected <block end>": "this does not go with what stands before it; is it indented right, "
    "and is text that begins with { or [ in quotes?",
    "expected the node content": "a value is missing here, or what was opened is not closed",
    "expected ',' or": UNCLOSED,
    "found unexpected end": UNCLOSED,
}
NO_NAME = "a name has to be text; a value that begins with { or [ goes in quotes"
NEVER_ENDING = ("quoted scalar", "flow sequence", "flow mapping", "simple key")


@dataclass(frozen=True, slots=True)
class Read:
    """What was read. Places are written as in faults: ``steps[0].delay``; lines count from 1."""

    value: Any
    lines: Mapping[str, int]
    ends: Mapping[str, int]
    """The last line of what stands at each place, comments after it not counted."""
    is_in_brackets: bool
    """Whether its outermost mapping is written in { }, and so perhaps on a single line."""
    faults: Sequence[FileFault]
    """What is wrong that does not keep the rest from being read: names that are given twice."""

    def line_of(self, place: str | None) -> int:
        """The line of the place, or of the innermost that is there of what it stands in."""
        place = place or ""
        while place not in self.lines:
            place = place[: max(place.rfind("."), place.rfind("["), 0)]
        return self.lines[place]


def read_yaml(text: str, *, file: str, first_line: int = 1) -> Read:
    """The value that *text* holds, which begins on *first_line* of the file.

    Raises Invalid with FileFaults where it cannot be read at all.
    """
    builder = Builder(file, first_line)
    try:
        value = builder.document(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        raise builder.broken(said_of(error), line_of(error)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position)
        message = f"the character U+{int(error.character):04X} is no text"
        raise builder.broken(message, line) from None
    except (ValueError, OverflowError):
        # What the scanner makes of an escape that names no character.
        raise builder.broken("an escape (\\U…) names a character that there is not", 0) from None
    return Read(value, builder.lines, builder.ends, builder.is_in_brackets, builder.faults)


def said_of(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or ""
    for part, said in MISTAKES.items():
        if part in problem:
            return said
    return f"this cannot be read as YAML: {problem}"


def line_of(error: yaml.MarkedYAMLError) -> int:
    """Where a person would look: at the beginning of what never ends, else at what is odd."""
    is_unclosed = any((error.context or "").endswith(each) for each in NEVER_ENDING)
    mark = error.context_mark if is_unclosed else error.problem_mark
    return mark.line if mark else 0


@dataclass(slots=True)
class Builder:
    file: str
    first_line: int
    lines: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    faults: list[FileFault] = field(default_factory=list)
    count: int = 0
    is_in_brackets: bool = False

    def document(self, events: Iterator[Any]) -> Any:
        begun = [next(events), next(events)]
        if isinstance(begun[1], yaml.StreamEndEvent):
            raise self.broken("there is nothing in it", 0)
        root = next(events)
        self.is_in_brackets = bool(getattr(root, "flow_style", False))
        value = self.value(root, events, ())
        ended = [next(events), next(events)]
        if not isinstance(ended[1], yaml.StreamEndEvent):
            message = "a second document begins here; a file holds one"
            raise self.broken(message, ended[1].start_mark.line)
        return value

    def value(self, event: Any, events: Iterator[Any], path: tuple[Any, ...]) -> Any:
        self.refuse_unwanted(event, path)
        place = written(path)
        self.lines.setdefault(place, self.line(event))
        match event:
            case yaml.MappingStartEvent():
                value: Any = self.mapping(events, path)
            case yaml.SequenceStartEvent():
                value = self.list(events, path)
            case _:
                value = scalar(event)
                self.end(event, path)
        return value

    def mapping(self, events: Iterator[Any], path: tuple[Any, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in events:
            if isinstance(key, yaml.MappingEndEvent):
                self.end(key, path)
                break
            if not isinstance(key, yaml.ScalarEvent):
                raise self.broken(NO_NAME, key.start_mark.line)
            self.refuse_unwanted(key, path)
            name = key.value
            inner = (*path, name)
            if name in found:
                first = self.lines[written(inner)]
                message = f"is given twice; first on line {first}"
                self.faults.append(self.fault(message, written(inner), self.line(key)))
            self.lines[written(inner)] = self.line(key)
            found[name] = self.value(next(events), events, inner)
        return found

    def list(self, events: Iterator[Any], path: tuple[Any, ...]) -> list[Any]:
        found: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                self.end(event, path)
                break
            found.append(self.value(event, events, (*path, len(found))))
        return found

    def end(self, event: Any, path: tuple[Any, ...]) -> None:
        """Note where a scalar, or a collection in brackets, ends; it ends what it stands in too.

        What is indented ends, for the parser, where the next thing begins.
        """
        is_closed = event.end_mark.index > event.start_mark.index
        if not is_closed:
            return
        last = event.end_mark.line - (1 if event.end_mark.column == 0 else 0)
        for length in range(len(path) + 1):
            place = written(path[:length])
            line = self.first_line + last
            self.ends[place] = max(line, self.ends.get(place, 0))

    def refuse_unwanted(self, event: Any, path: tuple[Any, ...]) -> None:
        self.count += 1
        line = event.start_mark.line
        if self.count > MOST_VALUES:
            raise self.broken(f"there are more than {MOST_VALUES:,} values in it", line)
        if len(path) > DEEPEST:
            raise self.broken(f"lists and mappings stand in each other {DEEPEST} deep", line)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            message = "anchors and aliases (& and *) are not read; write it out, or in quotes"
            raise self.broken(message, line)
        if NO_TEXT.search(getattr(event, "value", "")):
            raise self.broken("an escape names a character that is no text", line)
        if getattr(event, "tag", None):
            raise self.broken("tags (!) are not read; write text that begins so in quotes", line)

    def line(self, event: Any) -> int:
        return self.first_line + int(event.start_mark.line)

    def broken(self, message: str, line: int) -> Invalid:
        """The fault that ends the reading, after those that were found before it."""
        last = self.fault(message, None, self.first_line + line)
        return Invalid("the file cannot be read", [*self.faults, last])

    def fault(self, message: str, place: str | None, line: int) -> FileFault:
        return FileFault(message=message, field=place, file=self.file, line=line)


def scalar(event: Any) -> str | int | bool | None:
    text: str = event.value
    if event.style is not None:
        return text
    if text in WORDS:
        return WORDS[text]
    return int(text) if NUMBER.fullmatch(text) else text
