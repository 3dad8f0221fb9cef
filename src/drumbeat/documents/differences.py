"""What changed from one document of a sequence to another, in words and for programs.

Steps are matched by what they do, so that one which is put in is one addition and what follows
it is not rewritten; where a step refers to another, the other's new number is no change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeAlias

from drumbeat.documents.places import joined
from drumbeat.documents.writing import DEFAULTS, Plain

Matches: TypeAlias = Mapping[int, int]
"""The order of a step in the document before -> its order in the one after."""

SHOWN_CHARACTERS = 60
DEEDS = {"kind", "template", "type", "priority", "subject", "notes", "queue"}
# No step has this number: what it refers to is not there any more.
GONE = -1


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is not as it was. What was added has no *before*, what was removed no
    *after*; the path of what was removed is that in the document before."""

    path: str
    kind: ChangeKind
    before: Any
    after: Any
    text: str


def differences(before: Plain, after: Plain, same: Matches) -> list[Change]:
    """Everything that has to change in *before* for it to be *after*, both in full; none only
    where the two are equal. *same* has the steps that do the same in both."""
    matches = with_changed(before["steps"], after["steps"], same)
    head = ("name", "folder", "settings")
    tail = ("dynamic", "triggers")
    return [
        *field_changes(chosen(before, head), chosen(after, head)),
        *step_changes(before["steps"], after["steps"], matches),
        *dependency_changes(before["dependencies"], after["dependencies"], matches),
        *field_changes(chosen(before, tail), chosen(after, tail)),
    ]


def alike(before: Plain, after: Plain) -> Matches:
    """The steps that say the same in both documents, in the same order."""
    says = [[repr(deed(step)) for step in document["steps"]] for document in (before, after)]
    blocks = SequenceMatcher(a=says[0], b=says[1], autojunk=False).get_matching_blocks()
    return {block.a + n: block.b + n for block in blocks for n in range(block.size)}


def deed(step: Plain) -> Plain:
    """What the step does, whenever it does it."""
    return {name: step[name] for name in step if name in DEEDS}


def chosen(document: Plain, names: Sequence[str]) -> Plain:
    return {name: document[name] for name in names}


def with_changed(before: Sequence[Plain], after: Sequence[Plain], same: Matches) -> Matches:
    """The steps that are the same and, between these, those of one kind in one place: they are
    taken for one step that was changed."""
    matches = dict(same)
    for (old, new), (next_old, next_new) in stretches(before, after, same):
        free = new + 1
        for order in range(old + 1, next_old):
            candidates = range(free, next_new)
            kind = before[order]["kind"]
            match = next((each for each in candidates if after[each]["kind"] == kind), None)
            if match is not None:
                matches[order] = match
                free = match + 1
    return matches


def stretches(
    before: Sequence[Plain], after: Sequence[Plain], matches: Matches
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """What lies between two matches, from before the first step until after the last."""
    return pairwise([(-1, -1), *sorted(matches.items()), (len(before), len(after))])


def step_changes(
    before: Sequence[Plain], after: Sequence[Plain], matches: Matches
) -> Iterator[Change]:
    for (old, new), (next_old, next_new) in stretches(before, after, matches):
        for order in range(old + 1, next_old):
            yield removed(f"steps[{order}]", before[order], f"step {order}: {told(before[order])}")
        for order in range(new + 1, next_new):
            yield added(f"steps[{order}]", after[order], f"step {order}: {told(after[order])}")
        if next_old < len(before):
            yield from changes_of_step(before[next_old], after[next_new], next_new, matches)


def changes_of_step(before: Plain, after: Plain, order: int, matches: Matches) -> Iterator[Change]:
    path, where = f"steps[{order}]", f"step {order} ({after['kind']})"
    fields = {name: value for name, value in after.items() if name != "variants"}
    yield from field_changes(before, fields, path, where, matches)
    yield from variant_changes(before["variants"], after["variants"], path, where, matches)


def variant_changes(
    before: Sequence[Plain], after: Sequence[Plain], path: str, where: str, matches: Matches
) -> Iterator[Change]:
    old = {variant["ordinal"]: variant for variant in before}
    new = {variant["ordinal"]: variant for variant in after}
    for position, (ordinal, variant) in enumerate(old.items()):
        if ordinal not in new:
            text = f"{where}: variant {ordinal}, {told(variant)}"
            yield removed(f"{path}.variants[{position}]", variant, text)
    for position, (ordinal, variant) in enumerate(new.items()):
        at, which = f"{path}.variants[{position}]", f"{where}, variant {ordinal}"
        if ordinal not in old:
            text = f"{where}: variant {ordinal}, {told(variant)}"
            yield added(at, variant, text)
        else:
            yield from field_changes(old[ordinal], variant, at, which, matches)
    kept = [[each for each in side if each in old and each in new] for side in (old, new)]
    if kept[0] != kept[1]:
        yield changed(f"{path}.variants", list(old), list(new), f"{where}: order of variants")


def dependency_changes(
    before: Sequence[Plain], after: Sequence[Plain], matches: Matches
) -> Iterator[Change]:
    renumbered = [as_after(dependency, matches) for dependency in before]
    for position, dependency in enumerate(renumbered):
        if dependency not in after:
            text = f"dependency: {tied(before[position])}"
            yield removed(f"dependencies[{position}]", before[position], text)
    for position, dependency in enumerate(after):
        if dependency not in renumbered:
            yield added(f"dependencies[{position}]", dependency, f"dependency: {tied(dependency)}")
    kept = [
        [each for each in side if each in after and each in renumbered]
        for side in (renumbered, after)
    ]
    if kept[0] != kept[1]:
        yield changed("dependencies", list(before), list(after), "order of dependencies")


def field_changes(
    before: Plain, after: Plain, path: str = "", where: str = "", matches: Matches | None = None
) -> Iterator[Change]:
    """What differs in the fields that *after* has, those of mappings in it one by one."""
    renumbered = before if matches is None else as_after(before, matches)
    for name, value in after.items():
        at = joined(path, name) or name
        if isinstance(value, dict) and isinstance(before[name], dict):
            yield from field_changes(before[name], value, at, f"{where}.{name}" if where else name)
        elif renumbered[name] != value:
            text = f"{where}: {name}" if where else name
            yield changed(at, before[name], value, text)


def as_after(part: Plain, matches: Matches) -> Plain:
    """The part with the numbers that the steps it refers to have in the document after."""
    renumbered = dict(part)
    for name in ("threadTo", "reliesOn", "requiredBy"):
        if renumbered.get(name) is not None:
            renumbered[name] = matches.get(renumbered[name], GONE)
    for name in ("waitsFor", "pausesAfter"):
        if name in renumbered:
            renumbered[name] = [matches.get(order, GONE) for order in renumbered[name]]
    return renumbered


def added(path: str, after: Plain, what: str) -> Change:
    text = f"added {what}"
    return Change(path=path, kind=ChangeKind.ADDED, before=None, after=after, text=text)


def removed(path: str, before: Plain, what: str) -> Change:
    text = f"removed {what}"
    return Change(path=path, kind=ChangeKind.REMOVED, before=before, after=None, text=text)


def changed(path: str, before: Any, after: Any, what: str) -> Change:
    now, then = shown(after), shown(before)
    # Of long texts only the beginning is shown, which may be the same.
    text = f"{what} is {now}, was {then}" if now != then else f"{what} is not as it was"
    return Change(path=path, kind=ChangeKind.CHANGED, before=before, after=after, text=text)


def told(said: Plain) -> str:
    """A step or a variant in one line: what was decided of it, without what goes by itself."""
    parts = [said["kind"]] if "kind" in said else []
    for name, value in said.items():
        if name not in ("kind", "ordinal") and value != DEFAULTS.get(name):
            parts.append(f"{name} {shown(value)}")
    return ", ".join(parts)


def tied(dependency: Plain) -> str:
    return (
        f"{dependency['type']}, step {dependency['requiredBy']} "
        f"relies on step {dependency['reliesOn']}"
    )


def shown(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case list():
            return f"[{', '.join(shown(each) for each in value)}]"
        case dict():
            return f"({told(value)})"
        case str():
            line = " ".join(value.split())
            is_long = len(line) > SHOWN_CHARACTERS
            return f"{line[:SHOWN_CHARACTERS]}…" if is_long else line
    return str(value)
