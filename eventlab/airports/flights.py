"""The real record: every flight that was to leave New York's airports in 2013, with its instants as they were.

    for flight in flights("2013-02-08"):
        print(flight.key, flight.status, flight.state_at(noon))

An instant is an integer, nanoseconds since 1970 (UTC). The files are in `data/`, described in `data/README.md`.
What the record does not say (seats of unknown aircraft, people on board, when a delay became known) is in
`assumptions`.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from operator import attrgetter
from pathlib import Path

from eventlab.airports import assumptions, clocks, tables
from eventlab.airports.clocks import FIRST, LAST, MINUTE
from eventlab.airports.flight import Flight
from eventlab.airports.reference import Airport, airports, planes
from eventlab.airports.tables import Row
from eventlab.errors import Invalid
from eventlab.event import Command, Event
from eventlab.times import Instant

# What one asks for -------------------------------------------------------------------------------------------------


def flights(day: str | date) -> list[Flight]:
    """Every flight planned to leave on a day (New York's), in order of planned departure."""
    return list(_remembered(clocks.day_of(day), tables.DATA))


def leaving(day: str | date, begin: Instant, end: Instant) -> list[Flight]:
    """The flights of a day that are planned to leave between two instants; where none is, `Invalid`."""
    found = [flight for flight in flights(day) if begin <= flight.planned_departure < end]
    if not found:  # a scenario that names no flights would have all of them
        expected = f"hours of {day} in which a flight is planned to leave"
        raise Invalid("hours", where="leaving", expected=expected, found="hours without one")
    return found


def commands(day: str | date) -> list[tuple[int, Command]]:
    """What the airlines tell the airport about a day's flights, each with the instant at which it became known."""
    return list(_said(clocks.day_of(day), tables.DATA))


def questions(day: str | date, per_flight: int = 4) -> list[tuple[int, Command]]:
    """What passengers ask about a day's flights, each with the instant of asking."""
    return list(_asked(clocks.day_of(day), tables.DATA, per_flight))


def iter_flights(start: str | date = FIRST, end: str | date = LAST) -> Iterator[Flight]:
    """Every flight from one day to another, both included; memory holds a month of lines, never the year."""
    for day in clocks.days(start, end):
        yield from read_day(day, tables.DATA)


def iter_commands(start: str | date = FIRST, end: str | date = LAST) -> Iterator[tuple[int, Command]]:
    """`commands` of every day from one to another, in one order of time: late arrivals mix with the next morning."""
    waiting: list[tuple[int, str, Command]] = []
    for day in clocks.days(start, end):
        # Nothing about this day or a later one is known sooner than that: what is older can go out.
        begin = clocks.on(day, 0) - assumptions.EARLIEST
        while waiting and waiting[0][0] < begin:
            time, _, command = heapq.heappop(waiting)
            yield time, command
        for time, command in assumptions.commands(read_day(day, tables.DATA)):
            heapq.heappush(waiting, (time, command.id, command))
    while waiting:
        time, _, command = heapq.heappop(waiting)
        yield time, command


def iter_events(start: str | date = FIRST, end: str | date = LAST) -> Iterator[Event]:
    """The same as what happened: `flight.scheduled` and so on, as an airport that misses nothing notes them."""
    return (assumptions.happened(command) for _, command in iter_commands(start, end))


# From a row to a flight --------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _remembered(day: date, folder: Path) -> list[Flight]:
    return read_day(day, folder)


@lru_cache(maxsize=8)
def _said(day: date, folder: Path) -> list[tuple[int, Command]]:
    return assumptions.commands(_remembered(day, folder))


@lru_cache(maxsize=8)
def _asked(day: date, folder: Path, per_flight: int) -> list[tuple[int, Command]]:
    return assumptions.questions(_remembered(day, folder), per_flight)


def read_day(day: date, folder: Path) -> list[Flight]:
    """Every flight of a day in the folder's tables, in order of planned departure."""
    known, aircraft = airports(folder), planes(folder)
    found: dict[str, Flight] = {}
    for row in tables.flights(day, folder):
        flight = _flight(row, day, known, aircraft)
        if found.setdefault(flight.key, flight) is not flight:
            raise row.invalid("flight", f"each flight once, and {flight.key} is there already")
    return sorted(found.values(), key=attrgetter("planned_departure", "key"))


def _flight(row: Row, day: date, known: dict[str, Airport], aircraft: dict[str, tuple[str, int]]) -> Flight:
    """The row's flight. The row's clocks are local: New York's for the departure, the destination's for the arrival."""
    carrier, origin, dest, tail = row.text("carrier"), row.text("origin"), row.text("dest"), row.text("tailnum")
    if carrier not in assumptions.USUAL_SEATS:
        raise row.invalid("carrier", "one of " + ", ".join(assumptions.USUAL_SEATS))
    for column in ("origin", "dest"):
        if row.text(column) not in known:
            raise row.invalid(column, "an airport that is in airports.csv")
    number, off, on = row.whole("flight"), row.clock("sched_dep_time"), row.clock("sched_arr_time")
    if number is None or off is None or on is None:
        raise row.invalid("flight", "a flight number, a planned departure and a planned arrival")
    there = clocks.zone(known[dest].zone)
    planned_departure = clocks.on(day, off)
    planned_arrival = clocks.following(on, there, planned_departure)

    left, late = row.clock("dep_time"), row.whole("dep_delay")
    came, air_time = row.clock("arr_time"), row.whole("air_time")
    if (left is None) != (late is None):
        raise row.invalid("dep_delay", "a delay with every departure, and none without")
    if air_time is not None and came is None:
        raise row.invalid("arr_time", "an arrival with every air time")
    departure = arrival = None
    if late is not None:
        departure = planned_departure + late * MINUTE
        if came is not None:
            # A diverted flight has no air time even if it came in the end: then all we know is that it left before.
            arrival = clocks.following(came, there, departure + (air_time or 0) * MINUTE)
    elif came is not None:
        raise row.invalid("arr_time", "none, as the flight never left")
    status = "cancelled" if departure is None else "diverted" if air_time is None else "arrived"
    key = f"{carrier}{number}-{origin}-{day.month:02}{day.day:02}"
    seats = assumptions.seats(carrier, *aircraft.get(tail, ("", 0)))
    people = assumptions.passengers(key, seats)
    return Flight(
        key, carrier, number, tail, origin, dest, seats, people,
        planned_departure, planned_arrival, departure, arrival, air_time, status,
    )  # fmt: skip
