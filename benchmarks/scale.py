"""How much of everything a run makes: the same cases at the size that counts, or at a tiny one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Scale:
    due: int = 100_000
    """Enrollments that are due, for the steps."""
    bulk: int = 10_000
    """People to enroll in batches."""
    batch: int = 1_000
    """Rows of a batch, both of steps and of enrollments."""
    few_waiting: int = 10_000
    many_waiting: int = 200_000
    """Enrollments that wait for their time, while others are claimed."""
    claims: int = 60
    remembered: tuple[int, ...] = (10_000,)
    """Enrollments that wait while `serve` does nothing, for its memory."""
    people: int = 60_000
    """Contacts that requests are about."""
    senders: int = 200
    connections: int = 32
    rounds: int = 3
    seconds: float = 4.0
    """How long requests are sent, in each round."""
    profiled: int = 3_000
    """Requests that a profile is taken of."""
    rest: float = 5.0
    """How long a server is left alone before its memory is looked at."""
    patience: float = 300.0
    """Seconds after which a measurement is cut short."""


TINY = Scale(
    due=40,
    bulk=20,
    batch=10,
    few_waiting=20,
    many_waiting=40,
    claims=3,
    remembered=(20,),
    people=400,
    senders=2,
    connections=2,
    rounds=1,
    seconds=0.1,
    profiled=10,
    rest=0.1,
    patience=60.0,
)
