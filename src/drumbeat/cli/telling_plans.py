"""What a plan says, and what came of it: in lines for people, in facts for programs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from drumbeat.cli.saying import counted
from drumbeat.documents import Change
from drumbeat.domain.contact import in_millis
from drumbeat.errors import FileFault, Invalid
from drumbeat.services.comparing import Doing, Drift, Plan, PlannedSequence, PlannedTemplate
from drumbeat.services.publishing import Applied

MOST_LINES = 100
INDENT = "  "
DID = {Doing.CREATE: "created", Doing.CHANGE: "changed", Doing.NOTE: "found as the file has it"}


def lines_of_plan(plan: Plan) -> Iterator[str]:
    for template in plan.templates:
        yield from lines_of_template(template)
    for sequence in plan.sequences:
        yield from lines_of_sequence(sequence)
    yield from lines_of_the_rest(plan)
    yield summary(plan) if plan.changes_something else "Nothing would change."


def lines_of_the_rest(plan: Plan) -> Iterator[str]:
    """What nothing is done about."""
    for missing in plan.missing:
        yield f"Not in these files: sequence {missing.id}, {missing.name}. It stays as it is."
    for file in plan.unused:
        yield f"{file.path}: no sequence names it, and nothing is done with it"


def summary(plan: Plan) -> str:
    """What would be done, counted."""
    parts = [
        f"{verb} {counts}"
        for doing, verb in ((Doing.CREATE, "make"), (Doing.CHANGE, "change"))
        if (counts := counted_by_noun(plan, doing))
    ]
    doings = [each.doing for each in plan.sequences] + [each.doing for each in plan.templates]
    told = doings.count(Doing.NOTE)
    if told:
        parts.append(f"tell {counted(told, 'file')} what they are")
    return f"Applying would {', and '.join(parts)}."


def counted_by_noun(plan: Plan, doing: Doing) -> str:
    counts = {
        "sequence": sum(each.doing is doing for each in plan.sequences),
        "template": sum(each.doing is doing for each in plan.templates),
    }
    return " and ".join(counted(count, noun) for noun, count in counts.items() if count)


def lines_of_template(planned: PlannedTemplate) -> Iterator[str]:
    if planned.doing is Doing.NOTHING:
        return
    yield f"{planned.file.path}: {meant(planned, 'template')}"
    if planned.drift is not None:
        yield f"{INDENT}somebody changed it in the account, last on {shown(planned.drift.at)}"
    yield from indented(planned.changes)


def lines_of_sequence(planned: PlannedSequence) -> Iterator[str]:
    if planned.doing is Doing.NOTHING:
        return
    yield f"{planned.file.path}: {meant(planned, 'sequence')}"
    if planned.drift is None:
        yield from indented(planned.changes)
    else:
        yield from lines_of_drift(planned.drift)
        yield from indented(planned.changes, depth=2)


def meant(planned: PlannedTemplate | PlannedSequence, noun: str) -> str:
    """What would be done about a file."""
    standing = planned.standing
    if standing is None:
        return f"a new {noun} would be made"
    if planned.doing is Doing.NOTE:
        return f"is {noun} {standing.id} already, and would be told so"
    if isinstance(planned, PlannedSequence) and planned.standing is not None:
        return f"sequence {standing.id} would get version {planned.standing.version + 1}"
    return f"{noun} {standing.id} would be changed, and with it every e-mail not yet sent"


def lines_of_drift(drift: Drift) -> Iterator[str]:
    since = f"somebody changed it in the account since version {drift.version}"
    yield f"{INDENT}{since}, last on {shown(drift.at)}:"
    yield from indented(drift.changes, depth=2)
    yield f"{INDENT}what these files would make of it:"


def indented(changes: Sequence[Change], depth: int = 1) -> Iterator[str]:
    for change in changes:
        yield f"{INDENT * depth}{change.text}"
        if change.path == "body":
            yield from (f"{INDENT * (depth + 1)}{line}" for line in body_lines(change))


def body_lines(change: Change) -> Iterator[str]:
    """How a body differs, line by line, as diff shows it."""
    before, after = str(change.before).splitlines(), str(change.after).splitlines()
    lines = list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"… and {len(lines) - MOST_LINES:,} lines more"


def lines_of_applied(applied: Applied) -> Iterator[str]:
    plan = applied.plan
    for template in plan.templates:
        if template.doing is not Doing.NOTHING:
            entry = applied.templates[template.file.path]
            yield f"{template.file.path}: template {entry.id} {DID[template.doing]}"
    for sequence in plan.sequences:
        if sequence.doing is not Doing.NOTHING:
            kept = applied.sequences[sequence.file.path]
            did = f"sequence {kept.id} {DID[sequence.doing]}, version {kept.version}"
            yield f"{sequence.file.path}: {did}"
    yield from lines_of_the_rest(plan)
    if applied.texts:
        count = counted(len(applied.texts), "file")
        yield f"{count} now say what they are in this account; keep them with the others."
    if not plan.changes_something:
        yield "Nothing was to be changed."


def shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def facts_of_plan(plan: Plan) -> dict[str, object]:
    return {
        "mark": plan.mark,
        "changes": plan.changes_something,
        "sequences": [facts_of(each) for each in plan.sequences],
        "templates": [facts_of(each) for each in plan.templates],
        "missing": [{"id": str(each.id), "name": each.name} for each in plan.missing],
        "unused": [file.path for file in plan.unused],
    }


def facts_of(planned: PlannedTemplate | PlannedSequence) -> dict[str, object]:
    standing = planned.standing
    facts: dict[str, object] = {
        "file": planned.file.path,
        "id": None if standing is None else str(standing.id),
        "doing": planned.doing.value,
        "changes": [facts_of_change(change) for change in planned.changes],
        "drift": None if planned.drift is None else facts_of_drift(planned.drift),
    }
    if isinstance(planned, PlannedSequence):
        facts["version"] = None if planned.standing is None else planned.standing.version
    return facts


def facts_of_change(change: Change) -> Mapping[str, object]:
    return {
        "path": change.path,
        "kind": change.kind.value,
        "before": change.before,
        "after": change.after,
        "text": change.text,
    }


def facts_of_drift(drift: Drift) -> Mapping[str, object]:
    return {
        "version": drift.version,
        "at": in_millis(drift.at),
        "changes": [facts_of_change(change) for change in drift.changes],
    }


def facts_of_applied(applied: Applied) -> dict[str, object]:
    kept = applied.sequences
    sequences = [
        {
            "file": each.file.path,
            "id": str(kept[each.file.path].id),
            "version": kept[each.file.path].version,
            "doing": each.doing.value,
        }
        for each in applied.plan.sequences
    ]
    templates = [
        {
            "file": each.file.path,
            "id": str(applied.templates[each.file.path].id),
            "doing": each.doing.value,
        }
        for each in applied.plan.templates
    ]
    return {
        "mark": applied.plan.mark,
        "sequences": sequences,
        "templates": templates,
        "written": [text.path for text in applied.texts],
    }


def facts_of_faults(error: Invalid) -> dict[str, object]:
    return {
        "message": str(error),
        "faults": [
            {
                "file": fault.file if isinstance(fault, FileFault) else None,
                "line": fault.line if isinstance(fault, FileFault) else None,
                "field": fault.field,
                "message": fault.message,
            }
            for fault in error.faults
        ],
    }
