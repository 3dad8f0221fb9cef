"""The ids that steps, dependencies and settings are known by on the wire.

A new version keeps the ids of what it has in common with the version before. A step is the
same while its order, action and content are; a dependency while it ties the same steps in the
same way. What is new gets a new id, and what is the same but not alike a later `updated_at`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from drumbeat.domain.sequence import (
    Content,
    Definition,
    Dependency,
    EmailStep,
    SequenceSettings,
    Step,
    TaskStep,
    Variant,
)

Numbered = TypeVar("Numbered", Step, Dependency, SequenceSettings)


def ids_needed(definition: Definition) -> int:
    """No fewer than what `numbered` will take."""
    contents = sum(1 + len(step.variants) for step in definition.steps)
    return len(definition.steps) + contents + len(definition.dependencies) + 1


def numbered(
    definition: Definition, before: Definition | None, ids: Iterator[int], now: datetime
) -> Definition:
    """The definition with every id and time filled in; *before* is the version it replaces."""
    old_steps = before.steps if before else ()
    old_dependencies = before.dependencies if before else ()
    return replace(
        definition,
        steps=tuple(numbered_step(step, old_steps, ids, now) for step in definition.steps),
        dependencies=tuple(
            stamped(dependency, same_dependency(dependency, old_dependencies), ids, now)
            for dependency in definition.dependencies
        ),
        settings=stamped(definition.settings, before.settings if before else None, ids, now),
    )


def numbered_step(step: Step, old_steps: Iterable[Step], ids: Iterator[int], now: datetime) -> Step:
    old = same_step(step, old_steps)
    return stamped(with_content_ids(step, old, ids), old, ids, now)


def stamped(new: Numbered, old: Numbered | None, ids: Iterator[int], now: datetime) -> Numbered:
    if old is None:
        return replace(new, id=next(ids), created_at=now, updated_at=now)
    kept = replace(new, id=old.id, created_at=old.created_at, updated_at=old.updated_at)
    return kept if kept == old else replace(kept, updated_at=now)


def same_step(step: Step, old_steps: Iterable[Step]) -> Step | None:
    for old in old_steps:
        if (old.order, old.action) == (step.order, step.action) and is_alike(
            content_of(step), content_of(old)
        ):
            return old
    return None


def same_dependency(dependency: Dependency, old: Iterable[Dependency]) -> Dependency | None:
    ties = (dependency.type, dependency.relies_on, dependency.required_by)
    for other in old:
        if (other.type, other.relies_on, other.required_by) == ties:
            return other
    return None


def with_content_ids(step: Step, old: Step | None, ids: Iterator[int]) -> Step:
    variants = tuple(
        replace(
            variant, content=numbered_content(variant.content, variant_before(variant, old), ids)
        )
        for variant in step.variants
    )
    step = replace(step, variants=variants)
    if isinstance(step, EmailStep):
        return replace(step, email=numbered_content(step.email, content_of(old), ids))
    if isinstance(step, TaskStep):
        return replace(step, task=numbered_content(step.task, content_of(old), ids))
    return step


AnyContent = TypeVar("AnyContent", bound=Content | None)


def numbered_content(content: AnyContent, old: Content | None, ids: Iterator[int]) -> AnyContent:
    if content is None:
        return content
    if old is not None and is_alike(content, old):
        return replace(content, id=old.id)
    return replace(content, id=next(ids))


def variant_before(variant: Variant, old: Step | None) -> Content | None:
    variants = old.variants if old else ()
    return next((each.content for each in variants if each.ordinal == variant.ordinal), None)


def content_of(step: Step | None) -> Content | None:
    if isinstance(step, EmailStep):
        return step.email
    return step.task if isinstance(step, TaskStep) else None


def is_alike(one: Content | None, other: Content | None) -> bool:
    """Whether both say the same; ids aside."""
    if one is None or other is None:
        return one is other
    return replace(one, id=0) == replace(other, id=0)
