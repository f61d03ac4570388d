"""What surrounds the flights: airports, aircraft, airlines, and the weather hour by hour."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import msgspec

from eventlab.airports import clocks, tables
from eventlab.airports.clocks import SECOND
from eventlab.errors import unknown


class Airport(msgspec.Struct, frozen=True):
    """An airport that the flights use, with its place and its time zone."""

    code: str
    name: str
    latitude: float | None
    longitude: float | None
    zone: str


class Weather(msgspec.Struct, frozen=True):
    """An hour's weather at one of the three airports; None where nothing was recorded."""

    origin: str
    instant: int
    temperature: float | None  # degrees Fahrenheit
    wind: float | None  # miles per hour, as are gusts
    wind_from: float | None  # degrees: 360 is north, 90 is east
    gust: float | None
    rain: float | None  # inches in the hour; snow as the water it makes
    visibility: float | None  # miles; 10 means 10 or more


def airport(code: str) -> Airport:
    """The airport with this code, such as "JFK"."""
    known = airports(tables.DATA)
    if code not in known:
        raise unknown("airport", code, known, where="the record")
    return known[code]


def airlines() -> dict[str, str]:
    """The airlines' names by their codes."""
    return {row.text("carrier"): row.text("name") for row in tables.rows("airlines.csv", tables.AIRLINES, tables.DATA)}


def weather(day: str | date) -> list[Weather]:
    """A day's weather at the three airports, hour by hour, in order of time. A few hours were not recorded."""
    day = clocks.day_of(day)
    begin, end = clocks.on(day, 0), clocks.on(day + timedelta(days=1), 0)
    return [hour for hour in all_weather(tables.DATA) if begin <= hour.instant < end]


@lru_cache(maxsize=1)
def airports(folder: Path) -> dict[str, Airport]:
    """Every airport in the folder's table, by its code."""
    found = {}
    for row in tables.rows("airports.csv", tables.AIRPORTS, folder):
        try:
            clocks.zone(row.text("tzone"))
        except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: no name of a file
            raise row.invalid("tzone", "a time zone that this computer knows (package tzdata brings them)") from None
        place = row.number("lat"), row.number("lon")
        found[row.text("faa")] = Airport(row.text("faa"), row.text("name"), *place, row.text("tzone"))
    return found


@lru_cache(maxsize=1)
def planes(folder: Path) -> dict[str, tuple[str, int]]:
    """Each aircraft's model and registered seats, by its tail number."""
    rows = tables.rows("planes.csv.gz", tables.PLANES, folder)
    return {row.text("tailnum"): (row.text("model"), row.whole("seats") or 0) for row in rows}


@lru_cache(maxsize=1)
def all_weather(folder: Path) -> list[Weather]:
    """The whole year's weather in the folder's table, in order of time."""
    found = []
    for row in tables.rows("weather.csv.gz", tables.WEATHER, folder):
        try:
            moment = datetime.fromisoformat(row.text("time_hour"))
            instant = int(moment.timestamp()) * SECOND
        except (ValueError, OverflowError):
            moment = None
        if moment is None or moment.tzinfo is None:  # without an offset it would be the time of this computer's zone
            raise row.invalid("time_hour", "an instant such as 2013-02-08T05:00:00Z")
        measured = [row.number(name) for name in ("temp", "wind_speed", "wind_dir", "wind_gust", "precip", "visib")]
        found.append(Weather(row.text("origin"), instant, *measured))
    return sorted(found, key=attrgetter("instant", "origin"))
