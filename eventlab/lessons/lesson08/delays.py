"""The real delays of the day of the storm, as operations tells them: flight, minutes after its plan, people."""

from __future__ import annotations

from functools import lru_cache

from eventlab.airports.scenario import Scenario
from eventlab.lessons.lesson08.shapes import Delay
from eventlab.stage import Stage

MINUTE = 60 * 10**9  # in nanoseconds
AIRPORTS = ("EWR", "JFK", "LGA")
DESKS = ("operations a", "operations b")  # two instances of operations, which share the flights
KITCHENS = tuple(f"meals {airport}" for airport in AIRPORTS)
STAGE = Stage(
    ("operations", *DESKS, "bus", "meals", *KITCHENS), buses=("bus",), zone="America/New_York", subject="flight"
)


@lru_cache(1)
def storm() -> Scenario:
    """The day of the storm, without questions."""
    return Scenario(questions=0)


@lru_cache(1)
def delays() -> tuple[Delay, ...]:
    """Every delay that the airlines told that day, in order."""
    said = storm().commands
    plans = {each.subject: each.data for each in said if each.type == "flight.schedule"}
    return tuple(
        Delay(
            each.time,
            each.subject,
            (each.data["estimate"] - plans[each.subject]["planned"]) // MINUTE,
            plans[each.subject]["passengers"],
        )
        for each in said
        if each.type == "flight.delay"
    )


def between(begin: str, end: str) -> list[Delay]:
    """The delays told between two times of the day."""
    return [delay for delay in delays() if storm().at(begin) <= delay.at < storm().at(end)]
