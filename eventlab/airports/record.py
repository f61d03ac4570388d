"""The real record: every flight that was to leave New York's airports in 2013, with its instants as they were.

    for flight in flights("2013-02-08"):
        print(flight.key, flight.status, flight.state_at(noon))

An instant is an integer, nanoseconds since 1970 (UTC). The files are in `data/`, described in `data/README.md`.
What the record does not say (seats of unknown aircraft, people on board, when a delay became known) is in `modelled`.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from operator import attrgetter
from pathlib import Path

import msgspec

from eventlab.airports import files, instants, modelled
from eventlab.airports.files import Row
from eventlab.airports.instants import FIRST, LAST, MINUTE
from eventlab.airports.places import Airport, airlines, airport, airports, planes, weather
from eventlab.event import Command, Event

__all__ = [
    "Flight", "airlines", "airport", "commands", "flights", "iter_commands", "iter_events", "iter_flights",
    "questions", "weather",
]  # fmt: skip


class Flight(msgspec.Struct, frozen=True):
    """One flight as it really went; only `seats` (where the aircraft is unknown) and `passengers` are modelled."""

    key: str  # "UA1545-EWR-0101": carrier, number, origin, month and day; unique in the year
    carrier: str
    number: int
    tail: str  # the aircraft's registration; "" when none is recorded (2,512 flights, all cancelled)
    origin: str
    dest: str
    seats: int
    passengers: int
    planned_departure: int
    planned_arrival: int
    departure: int | None  # None: it never left
    arrival: int | None  # None: it never came to its destination, or nobody noted when
    air_time: int | None  # minutes
    status: str  # how it went: "arrived", "cancelled" or "diverted" (of these, three in five arrived in the end)

    def state_at(self, instant: int) -> str:
        """Where the flight really was at an instant, from the record alone.

        "scheduled" before its time; "delayed" once the planned time has passed and it has not left, but will;
        "cancelled" once the planned time has passed and it never will; then "departed" and "arrived". A diverted
        flight is "diverted" from the moment at which it should have been there, until it arrives, if it does.
        (The record does not say when an airline gave a flight up: for that see `modelled.cancelled_at`.)
        """
        if self.departure is None:
            return "cancelled" if instant >= self.planned_departure else "scheduled"
        if instant < self.departure:
            return "delayed" if instant >= self.planned_departure else "scheduled"
        if self.arrival is not None and instant >= self.arrival:
            return "arrived"
        due = self.departure + self.planned_arrival - self.planned_departure
        return "diverted" if self.status == "diverted" and instant >= due else "departed"


# What one asks for -------------------------------------------------------------------------------------------------


def flights(day: str | date) -> list[Flight]:
    """Every flight planned to leave on a day (New York's), in order of planned departure."""
    return list(_remembered(instants.day_of(day), files.DATA))


def commands(day: str | date) -> list[tuple[int, Command]]:
    """What the airlines tell the airport about a day's flights, each with the instant at which it became known."""
    return modelled.commands(flights(day))


def questions(day: str | date, per_flight: int = 4) -> list[tuple[int, Command]]:
    """What passengers ask about a day's flights, each with the instant of asking."""
    return modelled.questions(flights(day), per_flight)


def iter_flights(start: str | date = FIRST, end: str | date = LAST) -> Iterator[Flight]:
    """Every flight from one day to another, both included; memory holds a month of lines, never the year."""
    for day in instants.days(start, end):
        yield from _flights(day, files.DATA)


def iter_commands(start: str | date = FIRST, end: str | date = LAST) -> Iterator[tuple[int, Command]]:
    """`commands` of every day from one to another, in one order of time: late arrivals mix with the next morning."""
    waiting: list[tuple[int, str, Command]] = []
    for day in instants.days(start, end):
        # Nothing about this day or a later one is known sooner than that: what is older can go out.
        begin = instants.on(day, 0) - modelled.EARLIEST
        while waiting and waiting[0][0] < begin:
            time, _, command = heapq.heappop(waiting)
            yield time, command
        for time, command in modelled.commands(_flights(day, files.DATA)):
            heapq.heappush(waiting, (time, command.id, command))
    while waiting:
        time, _, command = heapq.heappop(waiting)
        yield time, command


def iter_events(start: str | date = FIRST, end: str | date = LAST) -> Iterator[Event]:
    """The same as what happened: `flight.scheduled` and so on, as an airport that misses nothing notes them."""
    return (modelled.happened(command) for _, command in iter_commands(start, end))


# From a row to a flight --------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _remembered(day: date, folder: Path) -> list[Flight]:
    return _flights(day, folder)


def _flights(day: date, folder: Path) -> list[Flight]:
    known, aircraft = airports(folder), planes(folder)
    found: dict[str, Flight] = {}
    for row in files.flights(day, folder):
        flight = _flight(row, day, known, aircraft)
        if found.setdefault(flight.key, flight) is not flight:
            raise row.invalid("flight", f"each flight once, and {flight.key} is there already")
    return sorted(found.values(), key=attrgetter("planned_departure", "key"))


def _flight(row: Row, day: date, known: dict[str, Airport], aircraft: dict[str, tuple[str, int]]) -> Flight:
    """The row's flight. The row's clocks are local: New York's for the departure, the destination's for the arrival."""
    carrier, origin, dest, tail = row.text("carrier"), row.text("origin"), row.text("dest"), row.text("tailnum")
    if carrier not in modelled.USUAL:
        raise row.invalid("carrier", "one of " + ", ".join(modelled.USUAL))
    for column in ("origin", "dest"):
        if row.text(column) not in known:
            raise row.invalid(column, "an airport that is in airports.csv")
    number, off, on = row.whole("flight"), row.clock("sched_dep_time"), row.clock("sched_arr_time")
    if number is None or off is None or on is None:
        raise row.invalid("flight", "a flight number, a planned departure and a planned arrival")
    there = instants.zone(known[dest].zone)
    planned_departure = instants.on(day, off)
    planned_arrival = instants.following(on, there, planned_departure)

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
            arrival = instants.following(came, there, departure + (air_time or 0) * MINUTE)
    elif came is not None:
        raise row.invalid("arr_time", "none, as the flight never left")
    status = "cancelled" if departure is None else "diverted" if air_time is None else "arrived"
    key = f"{carrier}{number}-{origin}-{day.month:02}{day.day:02}"
    seats = modelled.seats(carrier, *aircraft.get(tail, ("", 0)))
    people = modelled.passengers(key, seats)
    return Flight(
        key, carrier, number, tail, origin, dest, seats, people,
        planned_departure, planned_arrival, departure, arrival, air_time, status,
    )  # fmt: skip
