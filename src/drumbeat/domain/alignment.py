"""Which steps of two versions of a sequence are the same.

A step is the same while it does the same: its action, the template or the task, and its variants.
When it comes, and which e-mail it answers, may change. Only steps that stand in the same order in
both are matched, so whoever has one of them behind has all those before it behind in both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from drumbeat.domain.numbering import content_of
from drumbeat.domain.sequence import Action, Content, Definition, Step

Deed: TypeAlias = tuple[Action, Content | None, tuple[tuple[int, bool, Content | None], ...]]
Score: TypeAlias = tuple[int, int]
"""How many steps are matched, and how many of these have kept their id."""


def aligned(old: Definition, new: Definition) -> dict[int, int]:
    """The order of each old step that the new version has too: old order -> new order.

    As many as can be, in the same order in both; among several ways to match them the one in
    which most have kept their id, and then the one that matches the earliest.
    """
    scores = matches(old, new)
    pairs: dict[int, int] = {}
    i = j = 0
    while i < len(old.steps) and j < len(new.steps):
        if scores[i][j] == matched(old.steps[i], new.steps[j], scores[i + 1][j + 1]):
            pairs[i] = j
            i, j = i + 1, j + 1
        elif scores[i][j] == scores[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def matches(old: Definition, new: Definition) -> list[list[Score]]:
    """The best score for what is left of both from each pair of steps on."""
    height, width = len(old.steps), len(new.steps)
    scores: list[list[Score]] = [[(0, 0)] * (width + 1) for _ in range(height + 1)]
    for i in reversed(range(height)):
        for j in reversed(range(width)):
            score = matched(old.steps[i], new.steps[j], scores[i + 1][j + 1]) or (0, 0)
            scores[i][j] = max(score, scores[i + 1][j], scores[i][j + 1])
    return scores


def matched(old: Step, new: Step, rest: Score) -> Score | None:
    """The score of matching these two and the *rest*; None where they are not the same."""
    if deed(old) != deed(new):
        return None
    count, kept = rest
    return count + 1, kept + (old.id == new.id)


def deed(step: Step) -> Deed:
    """What the step does, whenever it does it."""
    variants = sorted(step.variants, key=lambda variant: variant.ordinal)
    return (
        step.action,
        bare(content_of(step)),
        tuple((each.ordinal, each.is_active, bare(each.content)) for each in variants),
    )


def bare(content: Content | None) -> Content | None:
    # The step that it answers has another order as soon as one is put in before it.
    return content and replace(content, id=0, thread_to=None)
