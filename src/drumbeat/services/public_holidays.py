"""The public holidays of countries and of their parts, as the package `holidays` knows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache, lru_cache
from types import MappingProxyType

import holidays
import structlog
from holidays.registry import COUNTRIES

from drumbeat.domain.holidays import Region

log = structlog.get_logger()

REGION_UNKNOWN = "holiday_region_unknown"

# Left to itself the package goes by the environment, and a day has another name on each server.
LANGUAGE = "en_US"
# A few hundred regions, for the years that anybody looks at.
MOST_YEARS_KEPT = 8192

NONE: Mapping[date, str] = MappingProxyType({})


@lru_cache(maxsize=MOST_YEARS_KEPT)
def names_of(region: Region, year: int) -> Mapping[date, str]:
    """The region's public holidays in that year with their names, in English where there is one.

    There are none of a region that the package no longer knows: neither may a whole batch stand
    still for it, nor mail that was handed over come to be in doubt.
    """
    try:
        found = holidays.country_holidays(
            region.country, subdiv=region.part, years=year, language=LANGUAGE
        )
    except NotImplementedError:
        log.warning(REGION_UNKNOWN, country=region.country, part=region.part, year=year)
        return NONE
    return MappingProxyType(dict(found))


def parts_of(country: str) -> Mapping[str, str] | None:
    """The codes of a country's parts, found by their capitals; None where it is no country."""
    parts = countries().get(country)
    return None if parts is None else {part.upper(): part for part in parts}


def close_countries(written: str) -> list[str]:
    """The codes that may have been meant: DE by DEU and by Germany."""
    known = {code: code for code in countries()}
    for name, (_, code, *others) in COUNTRIES.items():
        spoken = name.replace("_", " ").upper()
        known |= dict.fromkeys([spoken, *(other.upper() for other in others)], code)
    return meant(written, known)


def close_parts(country: str, written: str) -> list[str]:
    """The codes that may have been meant: BY by DE-BY and by Bavaria's own name."""
    names: Mapping[str, str] = getattr(holidays, country).subdivisions_aliases
    known = {name.upper(): part for name, part in names.items()}
    known |= {part.upper(): part for part in countries()[country]}
    return meant(written.removeprefix(f"{country}-"), known)


def meant(written: str, known: Mapping[str, str]) -> list[str]:
    close = get_close_matches(written, known)
    return distinct(known[each] for each in close)


def distinct(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(codes))


@cache
def countries() -> Mapping[str, list[str]]:
    """The codes of all countries there are, each with those of its parts."""
    return holidays.list_supported_countries(include_aliases=False)
