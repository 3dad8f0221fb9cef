"""``/drumbeat/v1/holidays``, and those of a user and a sequence: the days that are skipped."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from drumbeat.domain.holidays import HolidayScope
from drumbeat.domain.user import Caller
from drumbeat.http.dependencies import engine_of
from drumbeat.http.native.holiday_shapes import CalendarAsked, CalendarShape
from drumbeat.http.native.parameters import Ours, SequenceId, UserId
from drumbeat.http.wire import AskedNumber, JsonRoute
from drumbeat.services.holiday_keeping import FIRST_YEAR, LAST_YEAR, days_in
from drumbeat.store.holiday_calendars import OF_ACCOUNT, Owner

router = APIRouter(tags=["Holidays"], route_class=JsonRoute)

ACCOUNTS = "/holidays"
USERS = "/users/{userId}/holidays"
SEQUENCES = "/sequences/{sequenceId}/holidays"

Year = Annotated[
    AskedNumber | None,
    Query(ge=FIRST_YEAR, le=LAST_YEAR, description="Answer the holidays of this year, too."),
]


@router.get(ACCOUNTS, response_model=CalendarShape, summary="Read the account's holidays")
def read_account_holidays(request: Request, caller: Ours, year: Year = None) -> Response:
    """Days on which nothing is sent and no task is made for anybody. None to begin with."""
    return read(request, caller, OF_ACCOUNT, year)


@router.put(ACCOUNTS, response_model=CalendarShape, summary="Set the account's holidays")
def set_account_holidays(request: Request, caller: Ours, asked: CalendarAsked) -> Response:
    """Put this calendar in place of the one before."""
    return put(request, caller, OF_ACCOUNT, asked)


@router.delete(ACCOUNTS, status_code=204, summary="Remove the account's holidays")
def remove_account_holidays(request: Request, caller: Ours) -> Response:
    """Have no calendar any more."""
    return remove(request, caller, OF_ACCOUNT)


@router.get(USERS, response_model=CalendarShape, summary="Read a user's holidays")
def read_user_holidays(
    request: Request, caller: Ours, user_id: UserId, year: Year = None
) -> Response:
    """Days that count for whom this user enrolled, beside those of the account."""
    return read(request, caller, (HolidayScope.USER, user_id), year)


@router.put(USERS, response_model=CalendarShape, summary="Set a user's holidays")
def set_user_holidays(
    request: Request, caller: Ours, user_id: UserId, asked: CalendarAsked
) -> Response:
    """Put this calendar in place of the one before."""
    return put(request, caller, (HolidayScope.USER, user_id), asked)


@router.delete(USERS, status_code=204, summary="Remove a user's holidays")
def remove_user_holidays(request: Request, caller: Ours, user_id: UserId) -> Response:
    """Have no calendar any more."""
    return remove(request, caller, (HolidayScope.USER, user_id))


@router.get(SEQUENCES, response_model=CalendarShape, summary="Read a sequence's holidays")
def read_sequence_holidays(
    request: Request, caller: Ours, sequence_id: SequenceId, year: Year = None
) -> Response:
    """Days that count for whoever is in this sequence, beside those of the account and user."""
    return read(request, caller, (HolidayScope.SEQUENCE, sequence_id), year)


@router.put(SEQUENCES, response_model=CalendarShape, summary="Set a sequence's holidays")
def set_sequence_holidays(
    request: Request, caller: Ours, sequence_id: SequenceId, asked: CalendarAsked
) -> Response:
    """Put this calendar in place of the one before."""
    return put(request, caller, (HolidayScope.SEQUENCE, sequence_id), asked)


@router.delete(SEQUENCES, status_code=204, summary="Remove a sequence's holidays")
def remove_sequence_holidays(request: Request, caller: Ours, sequence_id: SequenceId) -> Response:
    """Have no calendar any more."""
    return remove(request, caller, (HolidayScope.SEQUENCE, sequence_id))


def read(request: Request, caller: Caller, owner: Owner, year: int | None) -> Response:
    calendar = engine_of(request).holidays.get(caller.account_id, owner)
    days = None if year is None else days_in(year, calendar)
    return CalendarShape.of(calendar, days).answer()


def put(request: Request, caller: Caller, owner: Owner, asked: CalendarAsked) -> Response:
    engine = engine_of(request)
    with engine.writing():
        calendar = engine.holidays.set(
            caller.account_id, owner, regions=asked.regions_given(), dates=asked.dates or ()
        )
    return CalendarShape.of(calendar).answer()


def remove(request: Request, caller: Caller, owner: Owner) -> Response:
    engine = engine_of(request)
    with engine.writing():
        engine.holidays.remove(caller.account_id, owner)
    return Response(status_code=204)
