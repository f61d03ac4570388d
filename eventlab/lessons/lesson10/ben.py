"""Ben's flight: it left at 13:10, a list said 14:10, and the mistake was found in the evening. The case is invented."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eventlab.airports import Scenario
from eventlab.event import Event
from eventlab.views.bitemporal import two_times
from eventlab.views.drawing.picture import Picture

DAY = Scenario()
PLANNED, PAID, LETTER = DAY.at("11:00"), DAY.at("15:00"), DAY.at("19:00")
FLIGHT = "BEN-JFK-0208"
EVENTS = (
    Event("flight.scheduled", {"planned": PLANNED}, FLIGHT, "ben-1", "airline", DAY.at("08:00")),
    Event("flight.departed", {"departed": DAY.at("14:10")}, FLIGHT, "ben-2", "desk", DAY.at("14:30")),
    Event("flight.corrected", {"departed": DAY.at("13:10")}, FLIGHT, "ben-3", "desk", DAY.at("17:45"),
          causationid="ben-2"),
)  # fmt: skip
STEP = 15 * 60 * 10**9


def steps(begin: str, end: str) -> list[int]:
    """Every quarter of an hour between two times."""
    return list(range(DAY.at(begin), DAY.at(end) + 1, STEP))


def drawn(status: Callable[[Sequence[Event], int, int], str], known: str = "", happened: str = "") -> Picture:
    """What a reading says of every pair of times; one pair may be marked."""
    at = (DAY.at(known), DAY.at(happened)) if known else None
    events = list(EVENTS)
    title = "Ben's flight: one flight, three pasts"
    return two_times(
        lambda k, h: status(events, k, h), known=steps("10:00", "20:00"), happened=steps("10:00", "16:00"), at=at,
        title=title, stage=DAY.stage,
    )  # fmt: skip
