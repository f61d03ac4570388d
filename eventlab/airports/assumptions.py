"""What the record does not say, by simple rules: seats, passengers, and the instants at which news became known.

Chance comes from the flight's key alone (sha256), in whole numbers: the same on every machine, on every day, in any
order. `data/README.md` lists the rules. Times are nanoseconds since 1970 (UTC).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from eventlab.airports.clocks import HOUR, MINUTE, NEW_YORK, SECOND
from eventlab.airports.flight import Flight
from eventlab.event import Command, Event

EARLIEST = HOUR  # nothing about a day is known longer before its midnight

# A flight whose aircraft is unknown has its airline's usual seats: the middle value over its flights with a known
# aircraft. Two are set by hand: MQ has no aircraft in the register that can be one of its own, and of AA's only the
# large ones are there.
USUAL_SEATS = {
    "9E": 95, "AA": 150, "AS": 149, "B6": 200, "DL": 178, "EV": 55, "F9": 182, "FL": 100,
    "HA": 377, "MQ": 50, "OO": 80, "UA": 178, "US": 179, "VX": 182, "WN": 140, "YV": 80,
}  # fmt: skip

# The register gives 20 seats for this type, which has about 100.
CORRECTED = {"ERJ 190-100 IGW": 100}

PAST = {
    "flight.schedule": "flight.scheduled", "flight.delay": "flight.delayed", "flight.depart": "flight.departed",
    "flight.arrive": "flight.arrived", "flight.cancel": "flight.cancelled", "flight.divert": "flight.diverted",
}  # fmt: skip


def pick(key: str, what: str, least: int, most: int) -> int:
    """A whole number from `least` to `most`, both included; the same for the same words, for ever."""
    return least + int.from_bytes(sha256(f"{key} {what}".encode()).digest()[:8], "big") % (most - least + 1)


def seats(carrier: str, model: str, registered: int) -> int:
    """The seats on board: the register's, unless it cannot be true of an airliner; then the airline's usual number.

    A registration outlives its aircraft: some now belong to a two-seater, and would give the flight two seats.
    """
    found = CORRECTED.get(model, registered)
    return found if found >= 50 else USUAL_SEATS[carrier]


def passengers(key: str, seats: int) -> int:
    """People booked on the flight: 66 to 100 of each 100 seats, 83 in the middle (US airlines in 2013: 83.1)."""
    return seats * pick(key, "passengers", 66, 100) // 100


# What the airlines say, and when -----------------------------------------------------------------------------------


def commands(flights: Sequence[Flight]) -> list[tuple[int, Command]]:
    """All that the airlines say about the flights of one whole day, in order of time.

    Hand in the whole day, and leave out afterwards: how many were cancelled decides what a cancellation was like.
    """
    hit = stormy(flights)
    said = [command for flight in flights for command in _about(flight, flight.origin in hit)]
    return [(command.time, command) for command in sorted(said, key=lambda command: (command.time, command.id))]


def stormy(flights: Sequence[Flight]) -> set[str]:
    """The airports at which a tenth of the day's flights, or more, were cancelled."""
    planned = Counter(flight.origin for flight in flights)
    cancelled = Counter(flight.origin for flight in flights if flight.departure is None)
    return {origin for origin in planned if cancelled[origin] * 10 >= planned[origin]}


def scheduled_at(flight: Flight) -> int:
    """The airline hands in its plan between 3 and 4 in the morning, or an hour ahead if that is earlier."""
    local = datetime.fromtimestamp(flight.planned_departure // SECOND, NEW_YORK)
    three = int(local.replace(hour=3, minute=0, fold=0).timestamp()) * SECOND
    return min(three + pick(flight.key, "schedule", 0, 3599) * SECOND, flight.planned_departure - HOUR)


def cancelled_at(flight: Flight, storm: bool) -> int:
    """When the airline gives the flight up: in a storm, or if no aircraft was ever named for it, 1 to 6 hours ahead;
    otherwise 10 minutes to 2 hours ahead; but not within an hour of handing in the plan."""
    least, most = (3600, 6 * 3600) if storm or not flight.tail else (600, 2 * 3600)
    ahead = pick(flight.key, "cancel", least, most) * SECOND
    return max(flight.planned_departure - ahead, scheduled_at(flight) + HOUR)


def estimates(flight: Flight) -> list[tuple[int, int]]:
    """The notices of a delay, as (when known, new expected departure).

    Airlines count a flight as on time up to 15 minutes, so less is never announced. The first notice comes 10 to 40
    minutes before the planned time and owns up to half of the delay; each further one comes 15 minutes before the
    last promise falls due and owns up to half of what is left, or to all of it once that is 15 minutes or less.
    """
    notices: list[tuple[int, int]] = []
    promise, late = flight.planned_departure, (flight.departure or 0) - flight.planned_departure
    if flight.departure is None or late < 15 * MINUTE:
        return notices
    known = promise - pick(flight.key, "delay", 600, 2400) * SECOND
    while promise < flight.departure:
        left = (flight.departure - promise) // MINUTE
        promise += (left if left <= 15 else (left + 1) // 2) * MINUTE
        notices.append((known, promise))
        known = promise - 15 * MINUTE + pick(flight.key, f"delay-{len(notices)}", 0, 59) * SECOND
    return notices


def _about(flight: Flight, storm: bool) -> Iterator[Command]:
    """The life of one flight as its airline tells it."""
    key = flight.key

    def say(word: str, time: int, suffix: str = "", **data: int | str) -> Command:
        return Command(f"flight.{word}", {"flight": key, **data}, key, f"{key}/{word}{suffix}", "airlines", time)

    def within_the_minute(word: str) -> int:
        # The record gives the minute; were all on the full minute, a day would come in sixty-second bursts.
        return pick(key, word, 0, 59) * SECOND

    yield say(
        "schedule", scheduled_at(flight), carrier=flight.carrier, origin=flight.origin, dest=flight.dest,
        planned=flight.planned_departure, planned_arrival=flight.planned_arrival,
        passengers=flight.passengers, seats=flight.seats,
    )  # fmt: skip
    if flight.departure is None:
        yield say("cancel", cancelled_at(flight, storm), reason="weather" if storm else "airline")
        return
    for number, (known, estimate) in enumerate(estimates(flight), start=1):
        yield say("delay", known, f"-{number}", estimate=estimate)
    yield say("depart", flight.departure + within_the_minute("depart"), departed=flight.departure)
    if flight.status == "diverted":  # at some point of the second half of the planned way
        way = flight.planned_arrival - flight.planned_departure
        yield say("divert", flight.departure + way // 100 * pick(key, "divert", 50, 99))
    if flight.arrival is not None:
        yield say("arrive", flight.arrival + within_the_minute("arrive"), arrived=flight.arrival)


def happened(command: Command) -> Event:
    """The event that an airport which misses nothing notes when it hears the command."""
    type = PAST[command.type]
    word, past = command.type.removeprefix("flight."), type.removeprefix("flight.")
    id = command.id.replace(f"/{word}", f"/{past}")
    return Event(type, command.data, command.subject, id, "record", command.time, causationid=command.id)


# What passengers ask, and when -------------------------------------------------------------------------------------


def questions(flights: Sequence[Flight], per_flight: int) -> list[tuple[int, Command]]:
    """`flight.describe`, `per_flight` times for each flight, in order of time.

    People ask from two hours before the planned departure (but not before the plan is ten minutes old) until the
    flight leaves, or until an hour after it should have left if it never does.
    """
    asked = []
    for flight in flights:
        begin = max(flight.planned_departure - 2 * HOUR, scheduled_at(flight) + 10 * MINUTE)
        end = flight.departure if flight.departure is not None else flight.planned_departure + HOUR
        seconds = (end - begin) // SECOND
        for number in range(1, per_flight + 1):
            time = begin + pick(flight.key, f"question-{number}", 0, seconds) * SECOND
            id = f"{flight.key}/question-{number}"
            asked.append((time, Command("flight.describe", {"flight": flight.key}, flight.key, id, "passengers", time)))
    return sorted(asked, key=lambda entry: (entry[0], entry[1].id))
