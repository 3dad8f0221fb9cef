"""``/drumbeat/v1/tasks``: what people have to do, and that it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from drumbeat.domain.task import Task, TaskStatus
from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.parameters import (
    After,
    Limit,
    NoBody,
    OfContact,
    OfEnrollment,
    Ours,
    TaskId,
)
from drumbeat.http.native.shapes import Listed, TaskShape, listed
from drumbeat.http.wire import JsonRoute
from drumbeat.store import tasks, users
from drumbeat.store.database import Tx

router = APIRouter(prefix="/tasks", tags=["Tasks"], route_class=JsonRoute)

WithStatus = Annotated[TaskStatus | None, Query(alias="status")]


@router.get("", response_model=Listed[TaskShape], summary="List tasks")
def list_tasks(
    request: Request,
    caller: Ours,
    contact_id: OfContact = None,
    enrollment_id: OfEnrollment = None,
    status: WithStatus = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """Tasks, done or not, oldest first."""
    with engine_of(request).database.reading() as tx:
        rows = tasks.page(
            tx,
            caller.account_id,
            contact_id=contact_id,
            enrollment_id=enrollment_id,
            status=status,
            after=after or 0,
            limit=limit + 1,
        )
        shapes = shapes_of(tx, rows)
    return listed(request, shapes, limit)


@router.post("/{taskId}/completion", response_model=TaskShape, summary="Complete a task")
def complete_task(
    request: Request, caller: Ours, task_id: TaskId, nothing: NoBody = None
) -> Response:
    """Mark a task done, and let the steps that wait for it go on. The first time counts."""
    engine = engine_of(request)
    with engine.writing():
        task = engine.tasks.complete(caller.account_id, task_id)
    with engine.database.reading() as tx:
        [shape] = shapes_of(tx, [task])
    return shape.answer()


def shapes_of(tx: Tx, rows: Sequence[Task]) -> list[TaskShape]:
    people = {(task.account_id, task.user_id) for task in rows}
    owners = {user_id: users.get(tx, account, user_id).owner_id for account, user_id in people}
    return [TaskShape.of(task, owners[task.user_id]) for task in rows]
