"""The yardstick: the framework, the drivers and the statements of Drumbeat, and nothing else.

It looks at no token, knows no rule and makes no values of rows; it only runs the statements that
the same request costs Drumbeat, and answers with a row. What is left is what FastAPI, SQLAlchemy
and the database can do on this machine.

    python -m benchmarks.bare_stack DATABASE ACCOUNT
"""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.responses import Response

from drumbeat.cli.saying import say
from drumbeat.cli.web_server import BACKLOG, listener_at
from drumbeat.clock import SystemClock
from drumbeat.domain.enrollment import State
from drumbeat.domain.planner import Because
from drumbeat.domain.timeline import Kind
from drumbeat.store import (
    contacts,
    enrollments,
    holiday_calendars,
    messages,
    senders,
    sequences,
    suppressions,
    users,
)
from drumbeat.store.database import Database, Tx, insert_if_new
from drumbeat.store.tables import enrollments as enrollments_table
from drumbeat.store.tables import timeline_events

ONE_DAY = timedelta(days=1)
# What is asked before a contact is enrolled, in Drumbeat's order.
ASKED_FIRST = (
    sequences.HELD,
    contacts.HELD,
    users.BY_ID,
    enrollments.ACTIVE_OF_CONTACT,
    suppressions.OF_ADDRESS,
    senders.BY_EMAIL,
)
ASKED_OF_SENDER = (messages.COMMITTED, enrollments.STARTING, holiday_calendars.IN_ACCOUNT)


class EnrollmentAsked(BaseModel):
    sequenceId: int
    contactId: int
    senderEmail: str


def create_app(database: Database, account_id: int) -> FastAPI:
    app = FastAPI(openapi_url=None)
    of_account = {"account_id": account_id}
    definitions: dict[int, bytes] = {}

    @app.get("/automation/v4/sequences/{sequence_id}")
    def sequence(sequence_id: int, userId: int) -> Response:
        asked = of_account | {"sequence_id": sequence_id}
        with database.reading() as tx:
            tx.execute(sequences.CURRENT, asked).one()
            # Drumbeat keeps its answer too.
            if sequence_id not in definitions:
                definitions[sequence_id] = in_json(tx.execute(sequences.BY_ID, asked).one())
        return answer(definitions[sequence_id])

    @app.get("/automation/v4/sequences/enrollments/contact/{contact_id}")
    def enrollment(contact_id: int) -> Response:
        with database.reading() as tx:
            row = tx.execute(enrollments.SHOWN, of_account | {"contact_id": contact_id}).one()
        return answer(in_json(row))

    @app.post("/automation/v4/sequences/enrollments")
    def enroll(userId: int, asked: EnrollmentAsked) -> Response:
        with database.transaction() as tx:
            row = add_enrollment(tx, account_id, userId, asked)
        return answer(in_json(row))

    return app


def add_enrollment(tx: Tx, account_id: int, user_id: int, asked: EnrollmentAsked) -> sa.Row[Any]:
    now = SystemClock().now()
    keys = {
        "account_id": account_id,
        "sequence_id": asked.sequenceId,
        "contact_id": asked.contactId,
        "user_id": user_id,
        "email": asked.senderEmail,
    }
    sequence, contact, user, _, _, found = (tx.execute(each, keys).all() for each in ASKED_FIRST)
    of_sender = {"account_id": account_id, "sender_id": found[0].id}
    bounds = {"since": now - ONE_DAY, "until": now + ONE_DAY}
    for statement in ASKED_OF_SENDER:
        tx.execute(statement, of_sender | bounds).all()
    new = {
        **of_sender,
        "sequence_id": asked.sequenceId,
        "version": sequence[0].version,
        "contact_id": asked.contactId,
        "user_id": user_id,
        "sender_email": asked.senderEmail,
        "from_email": asked.senderEmail,
        "to_email": contact[0].email,
        "timezone": user[0].timezone,
        "state": State.EXECUTING,
        "step_order": 0,
        "start_order": 0,
        "due_at": now + ONE_DAY,
        "because": Because.DELAY,
        "base_at": now,
        "enrolled_at": now,
        "updated_at": now,
    }
    row = tx.execute(insert_if_new(tx, enrollments_table), new).one()
    told = {
        "account_id": account_id,
        "enrollment_id": row.id,
        "contact_id": row.contact_id,
        "at": now,
        "kind": Kind.ENROLLED,
        "step_order": None,
        "reason": None,
        "facts": {},
    }
    tx.execute(timeline_events.insert(), [told])
    return row


def in_json(row: sa.Row[*tuple[Any, ...]]) -> bytes:
    """As many bytes of JSON as an answer about the row would have, more or less."""
    return to_json(dict(row._mapping))


def answer(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def main(url: str, account_id: int) -> None:
    with closing(Database(url)) as database, closing(listener_at("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            create_app(database, account_id),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
        )
        say(f"the bare stack is at http://127.0.0.1:{listener.getsockname()[1]}")
        sys.stdout.flush()
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
