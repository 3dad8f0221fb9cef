"""Holiday calendars on the wire, as they are asked for and answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from drumbeat.domain.holidays import HolidayCalendar, Region, day_of
from drumbeat.http.native.shapes import OurShape, fields_of
from drumbeat.http.wire import StrictlyAsked


def as_day(given: object) -> date:
    # pydantic would take a number for seconds since 1970, and a time for its day.
    if isinstance(given, str):
        try:
            return day_of(given)
        except ValueError:
            pass
    raise PydanticCustomError("day", "must be a day such as 2026-12-24")


AskedDay = Annotated[
    date, BeforeValidator(as_day), WithJsonSchema({"type": "string", "format": "date"})
]
# Longer than any code, and than any name that is written in its place.
Code = Annotated[str, Field(min_length=1, max_length=100)]


class RegionAsked(StrictlyAsked):
    country: Annotated[Code, Field(description="Two letters, as in ISO 3166-1.")]
    part: Annotated[
        Code | None, Field(description="What ISO 3166-2 has behind the country: BY, CA, SCT.")
    ] = None


class CalendarAsked(StrictlyAsked):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"regions": [{"country": "DE", "part": "BY"}], "dates": ["2026-12-24"]}]
        }
    )

    regions: Annotated[
        list[RegionAsked] | None, Field(description="Whose public holidays are kept; at most 50.")
    ] = None
    dates: Annotated[
        list[AskedDay] | None, Field(description="Days of your own; at most 2,000.")
    ] = None

    def regions_given(self) -> list[Region]:
        return [Region(country=each.country, part=each.part) for each in self.regions or ()]


class RegionShape(OurShape):
    country: str
    part: str | None


class DayShape(OurShape):
    date: date
    name: Annotated[str | None, Field(description="null for a day of your own.")]


class CalendarShape(OurShape):
    regions: list[RegionShape]
    dates: list[date]
    days: Annotated[
        list[DayShape] | None,
        Field(description="With `year`: every day of it that is a holiday by this calendar."),
    ]

    @classmethod
    def of(
        cls, calendar: HolidayCalendar, days: Mapping[date, str | None] | None = None
    ) -> CalendarShape:
        named = None if days is None else [DayShape(date=day, name=days[day]) for day in days]
        return cls(
            regions=[
                RegionShape.model_validate(fields_of(RegionShape, region))
                for region in calendar.regions
            ],
            dates=sorted(calendar.dates),
            days=named,
        )
