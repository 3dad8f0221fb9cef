"""Templates, as rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from drumbeat.domain.template import Template
from drumbeat.errors import NotFound
from drumbeat.store.database import Tx
from drumbeat.store.tables import templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Where templates lie together. There is one for every folder id that a template has."""

    id: int
    name: str
    created_at: datetime
    updated_at: datetime


def add(
    tx: Tx,
    account_id: int,
    user_id: int,
    *,
    name: str,
    subject: str,
    body: str,
    folder_id: int | None,
    now: datetime,
) -> Template:
    statement = templates.insert().values(
        account_id=account_id,
        user_id=user_id,
        name=name,
        subject=subject,
        body=body,
        folder_id=folder_id,
        created_at=now,
        updated_at=now,
    )
    return from_row(tx.execute(statement.returning(templates)).one())


def update(tx: Tx, template: Template) -> None:
    statement = (
        templates.update()
        .where(templates.c.account_id == template.account_id, templates.c.id == template.id)
        .values(
            name=template.name,
            subject=template.subject,
            body=template.body,
            folder_id=template.folder_id,
            updated_at=template.updated_at,
        )
    )
    tx.execute(statement)


def get(tx: Tx, account_id: int, template_id: int) -> Template:
    return only(tx, in_account(account_id).where(templates.c.id == template_id), template_id)


def get_for_update(tx: Tx, account_id: int, template_id: int) -> Template:
    """The template, and the right to change it until the transaction ends."""
    chosen = in_account(account_id).where(templates.c.id == template_id)
    return only(tx, chosen.with_for_update(), template_id)


def many(tx: Tx, account_id: int, ids: Collection[int]) -> dict[int, Template]:
    chosen = in_account(account_id).where(templates.c.id.in_(set(ids)))
    return {row.id: from_row(row) for row in tx.execute(chosen)}


def named(tx: Tx, account_id: int, names: Collection[str]) -> list[Template]:
    """Templates with one of these names, in the order of their ids."""
    chosen = in_account(account_id).where(templates.c.name.in_(set(names)))
    return [from_row(row) for row in tx.execute(chosen.order_by(templates.c.id))]


def page(tx: Tx, account_id: int, *, after: int, limit: int) -> list[Template]:
    """Templates in the order of their ids, from the first one above *after*."""
    chosen = in_account(account_id).where(templates.c.id > after)
    return [from_row(row) for row in tx.execute(chosen.order_by(templates.c.id).limit(limit))]


def folders(tx: Tx, account_id: int) -> list[Folder]:
    """The folders that hold a template, in the order of their ids."""
    folder_id = templates.c.folder_id
    chosen = (
        sa.select(
            folder_id,
            sa.func.min(templates.c.created_at).label("created_at"),
            sa.func.max(templates.c.updated_at).label("updated_at"),
        )
        .where(templates.c.account_id == account_id, folder_id.is_not(None))
        .group_by(folder_id)
        .order_by(folder_id)
    )
    return [
        Folder(
            id=row.folder_id,
            name=f"Folder {row.folder_id}",
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in tx.execute(chosen)
    ]


def in_account(account_id: int) -> sa.Select[Any]:
    return sa.select(templates).where(templates.c.account_id == account_id)


def only(tx: Tx, chosen: sa.Select[Any], template_id: int) -> Template:
    row = tx.execute(chosen).one_or_none()
    if row is None:
        raise NotFound("template", template_id)
    return from_row(row)


def from_row(row: sa.Row[Any]) -> Template:
    return Template(**row._mapping)
