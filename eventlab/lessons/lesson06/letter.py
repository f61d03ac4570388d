"""One delayed flight, American 1925 to Miami: the event that told of it, and a day on which nobody can be asked."""

from __future__ import annotations

from functools import cache

from eventlab.airports import Run, Scenario, run
from eventlab.event import Message
from eventlab.faults import Crash
from eventlab.times import Instant
from eventlab.views import Table, clock, of_message

FLIGHT = "AA1925-LGA-0208"
DAY = Scenario(flights=[FLIGHT], questions=0)
MINUTE = {"flight": FLIGHT, "since": DAY.at("14:40"), "until": DAY.at("14:41")}  # of the delay, for a picture
THIN, FULL = "event notification", "event-carried state transfer"


def letter(events: str) -> Table:
    """The event of the delay as the boards got it, `thin` or `full`."""
    return of_message(_delayed(FULL if events == "full" else THIN)[0], DAY.stage)


def operations_down() -> Scenario:
    """The same day; from the moment at which the bus has the event until 14:50, operations is down."""
    return DAY.with_(faults=[Crash("operations", Instant(_delayed(THIN)[1]), DAY.at("14:50"))])


def departures(day: Run, *clocks: str) -> dict[str, list[str]]:
    """When the flight was to leave, by what operations knew and by what the boards showed at these times."""
    return {who: [_departure(day, who, at) for at in clocks] for who in ("operations", "boards")}


def _departure(day: Run, who: str, at: str) -> str:
    until = max(record.index for record in day.trace if record.at <= DAY.at(at))
    row = day.trace.state(who, until).get(FLIGHT, {})
    return clock(row["estimate"], day.stage) if "estimate" in row else "nothing"


@cache
def _delayed(architecture: str) -> tuple[Message, int]:
    """The event of the delay, and when the bus had it."""
    return next(
        (record.message, record.at)
        for record in run(DAY, architecture).trace.of("published")
        if record.message and record.message.type == "flight.delayed"
    )
