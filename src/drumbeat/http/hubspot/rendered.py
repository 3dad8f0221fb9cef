"""Sequences as they were answered before, so that they need not be made again.

What is kept is the answer for one version of a sequence, and such a version never changes:
whoever knows which one stands can have the answer from here. Nothing has to be told of a change.
"""

from __future__ import annotations

from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from drumbeat.http.hubspot.sequence_shapes import SequenceShape
from drumbeat.http.wire import JSON
from drumbeat.store import sequences
from drumbeat.store.database import Tx

MOST_KEPT = 1000

Bodies: TypeAlias = dict[tuple[type[SequenceShape], int, int, int], bytes]
"""By shape, account, sequence and version."""


def answer_of(
    tx: Tx, request: Request, shape: type[SequenceShape], account_id: int, sequence_id: int
) -> Response:
    """The sequence as it stands. Raises NotFound."""
    bodies: Bodies = request.app.state.rendered
    version, _ = sequences.current(tx, account_id, sequence_id)
    body = bodies.get((shape, account_id, sequence_id, version))
    if body is not None:
        return Response(body, media_type=JSON)
    sequence = sequences.get(tx, account_id, sequence_id)
    answer = shape.of(sequence).answer()
    if len(bodies) >= MOST_KEPT:
        bodies.clear()
    bodies[shape, account_id, sequence_id, sequence.version] = bytes(answer.body)
    return answer
