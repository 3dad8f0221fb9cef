"""Edited e-mails, as rows; whoever changes them has the enrollment locked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from drumbeat.domain.edited_email import EditedEmail
from drumbeat.store.database import Tx
from drumbeat.store.tables import edited_emails


def find(tx: Tx, account_id: int, enrollment_id: int, step_order: int) -> EditedEmail | None:
    row = tx.execute(
        sa.select(edited_emails).where(*of_step(account_id, enrollment_id, step_order))
    ).one_or_none()
    return EditedEmail(**row._mapping) if row else None


def of_enrollments(tx: Tx, account_id: int, enrollment_ids: Collection[int]) -> list[EditedEmail]:
    """All that was edited for these enrollments, in the order of their steps."""
    c = edited_emails.c
    statement = (
        sa.select(edited_emails)
        .where(c.account_id == account_id, c.enrollment_id.in_(enrollment_ids))
        .order_by(c.enrollment_id, c.step_order)
    )
    return [EditedEmail(**row._mapping) for row in tx.execute(statement)]


def keep(tx: Tx, edited: EditedEmail) -> None:
    """Keep this one, in place of one that there may be for the same step."""
    remove(tx, edited.account_id, edited.enrollment_id, edited.step_order)
    tx.execute(edited_emails.insert(), asdict(edited))


def remove(tx: Tx, account_id: int, enrollment_id: int, step_order: int) -> bool:
    """Whether there was one."""
    which = of_step(account_id, enrollment_id, step_order)
    return tx.execute(edited_emails.delete().where(*which)).rowcount == 1


def replace_all(
    tx: Tx, account_id: int, enrollment_ids: Collection[int], edited: Sequence[EditedEmail]
) -> None:
    """Let these be the only ones of these enrollments."""
    c = edited_emails.c
    tx.execute(
        edited_emails.delete().where(
            c.account_id == account_id, c.enrollment_id.in_(enrollment_ids)
        )
    )
    if edited:
        tx.execute(edited_emails.insert(), [asdict(each) for each in edited])


def of_step(
    account_id: int, enrollment_id: int, step_order: int
) -> tuple[sa.ColumnElement[bool], ...]:
    c = edited_emails.c
    return (
        c.account_id == account_id,
        c.enrollment_id == enrollment_id,
        c.step_order == step_order,
    )
