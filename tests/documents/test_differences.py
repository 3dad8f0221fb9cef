"""What is told of two documents that differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from drumbeat import documents
from drumbeat.documents import Change, ChangeKind
from drumbeat.domain.sequence import Definition
from tests.documents.definitions import sound_definitions

OPENER = {"kind": "email", "template": "1"}
CALL = {"kind": "task", "type": "CALL"}
FOLLOW_UP = {"kind": "email", "template": "2", "delay": "P3D", "threadTo": 0}


def full(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    document = documents.read({"steps": list(steps), **more})
    definition = documents.to_definition(document, documents.ids_given(document))
    return documents.in_full(document.name, document.folder, definition, str)


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    return documents.differences(before, after, documents.alike(before, after))


def told(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [change.text for change in changes(before, after)]


def test_a_step_that_is_put_in_is_one_addition() -> None:
    wait = {"waitsFor": [0]}
    before = full(CALL, {**OPENER, **wait}, {**FOLLOW_UP, "threadTo": 1})
    after = full(CALL, OPENER, {**OPENER, **wait}, {**FOLLOW_UP, "threadTo": 2})

    [change] = changes(before, after)

    assert (change.path, change.kind, change.before) == ("steps[1]", ChangeKind.ADDED, None)
    assert change.after == after["steps"][1]
    assert change.text == "added step 1: email, template 1"


def test_a_step_that_is_taken_out_is_one_removal() -> None:
    [change] = changes(full(OPENER, CALL, FOLLOW_UP), full(OPENER, FOLLOW_UP))

    assert (change.path, change.kind, change.after) == ("steps[1]", ChangeKind.REMOVED, None)
    assert change.text == "removed step 1: task, type CALL"


def test_a_field_of_a_step_is_named_with_both_values() -> None:
    [change] = changes(full(OPENER, FOLLOW_UP), full(OPENER, {**FOLLOW_UP, "delay": "P5D"}))

    assert change == Change(
        path="steps[1].delay",
        kind=ChangeKind.CHANGED,
        before="P3D",
        after="P5D",
        text="step 1 (email): delay is P5D, was P3D",
    )


def test_a_step_that_says_something_else_in_its_place_was_changed() -> None:
    assert told(full(OPENER, CALL), full({**OPENER, "template": "9"}, CALL)) == [
        "step 0 (email): template is 9, was 1"
    ]


def test_a_step_that_waits_for_one_that_is_gone_has_changed() -> None:
    before = full(CALL, OPENER, {**OPENER, "waitsFor": [0]})

    assert told(before, full(OPENER, OPENER)) == [
        "removed step 0: task, type CALL",
        "step 1 (email): waitsFor is [], was [0]",
    ]


def test_settings_are_told_one_by_one() -> None:
    before = full(OPENER, settings={"sendWindow": "08:00-18:00"})
    after = full(
        OPENER,
        settings={
            "sendWindow": "09:00-17:00",
            "remindersAt": "10:00",
            "onReply": {"criteria": "NONE"},
        },
    )

    assert told(before, after) == [
        "settings: sendWindow is 09:00-17:00, was 08:00-18:00",
        "settings: remindersAt is 10:00, was none",
        "settings: reminders is true, was false",
        "settings.onReply: criteria is NONE, was ALL",
    ]


def test_variants_are_known_by_their_ordinals() -> None:
    one, two = {"template": "1", "ordinal": 1}, {"template": "2", "ordinal": 2}
    before = full({"kind": "email", "template": "1", "variants": [one, two]})
    after = full(
        {
            "kind": "email",
            "template": "1",
            "variants": [{**two, "active": False}, {"template": "3", "ordinal": 3}],
        }
    )

    assert [(change.path, change.text) for change in changes(before, after)] == [
        ("steps[0].variants[0]", "removed step 0 (email): variant 1, template 1"),
        ("steps[0].variants[0].active", "step 0 (email), variant 2: active is false, was true"),
        ("steps[0].variants[1]", "added step 0 (email): variant 3, template 3"),
    ]


def test_long_texts_that_begin_alike_are_said_to_differ() -> None:
    before, after = ({**CALL, "notes": "x" * 100 + end} for end in "ab")

    assert told(full(before), full(after)) == ["step 0 (task): notes is not as it was"]


def test_the_name_and_what_else_is_about_the_whole_is_told() -> None:
    before = full(OPENER, name="Old", triggers={"opens": 2})
    after = full(OPENER, name="New", folder="7", dynamic=True)

    assert told(before, after) == [
        "name is New, was Old",
        "folder is 7, was none",
        "dynamic is true, was false",
        "triggers is none, was (opens 2)",
    ]


@given(sound_definitions())
def test_nothing_is_told_of_what_is_equal(definition: Definition) -> None:
    written = documents.in_full("Outreach", None, definition, str)

    assert changes(written, written) == []


@given(sound_definitions(), sound_definitions(), st.sets(st.sampled_from(["steps", "settings"])))
def test_something_is_told_wherever_two_differ(
    one: Definition, other: Definition, shared: set[str]
) -> None:
    other = replace(other, **{name: getattr(one, name) for name in shared})
    if "steps" in shared:
        other = replace(other, dependencies=one.dependencies[::-1])
    before, after = (documents.in_full("Outreach", None, each, str) for each in (one, other))

    assert bool(changes(before, after)) == (one != other)
