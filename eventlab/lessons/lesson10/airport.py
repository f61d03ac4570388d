"""The whole airport at any minute of 2013: a fold of the events up to then, and the record, which never sees them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any

from eventlab.airports import assumptions, clocks
from eventlab.airports.flights import commands, flights
from eventlab.event import Event
from eventlab.views.charts.chart import chart
from eventlab.views.drawing.picture import Picture

AIRPORTS = ("EWR", "JFK", "LGA")
SHOWN = {"waiting": "scheduled", "delayed": "delayed", "in the air": "departed", "arrived": "arrived",
         "cancelled": "cancelled"}  # fmt: skip
DAYS = [str(day) for day in clocks.days(clocks.FIRST, clocks.LAST)]
STORM = "2013-02-08"


@lru_cache(maxsize=16)
def events_of(day: date) -> list[Event]:
    """What happened to the flights of a day, in order of time."""
    return sorted((assumptions.happened(command) for _, command in commands(day)), key=attrgetter("time"))


def known(day: date, instant: int) -> list[Event]:
    """All events of a day's flights, and of those of the day before, up to an instant."""
    days = [day - timedelta(days=1), day] if day > clocks.FIRST else [day]
    found = []
    for told in map(events_of, days):
        found += told[: bisect_right(told, instant, key=attrgetter("time"))]
    return found


def moment(day: str, time: str) -> int:
    """The last instant of a minute of New York's clocks: within the minute airlines tell their news."""
    return clocks.instant(f"{day} {time}") + clocks.MINUTE - 1_000_000


def state(fold: Callable[[Any, Event], Any], day: str, time: str) -> Any:
    """The fold of what was known at the end of that minute; a fold that gives nothing back knows of no flight."""
    flights: Any = {}
    for event in known(clocks.day_of(day), moment(day, time)):
        flights = fold(flights, event)
    return {} if flights is None else flights


def picture(state: dict[str, str], day: str, time: str) -> Picture:
    """How many flights of each airport are in which state: of the day, and still in the air from before."""
    today = f"-{day[5:7]}{day[8:]}"
    counted = Counter((key.split("-")[1], how) for key, how in state.items()
                      if key.endswith(today) or how in ("departed", "delayed"))  # fmt: skip
    series = {code: [counted[code, how] for how in SHOWN.values()] for code in AIRPORTS}
    total = {name: sum(series[code][place] for code in AIRPORTS) for place, name in enumerate(SHOWN)}
    title = (
        f"{day}, {time}: {total['in the air']} in the air, {total['delayed']} delayed, {total['cancelled']} cancelled"
    )
    return chart(title, x=list(SHOWN), series=series, y_title="flights", bars=True)


def in_the_air(state: dict[str, str]) -> set[str]:
    """The flights that a state says are in the air."""
    return {key for key, how in state.items() if how in ("departed", "diverted")}


def in_the_air_by_record(day: str, time: str) -> set[str]:
    """The same, calculated from the departures and arrivals of the record."""
    instant, today = moment(day, time), clocks.day_of(day)
    days = [today - timedelta(days=1), today] if today > clocks.FIRST else [today]
    return {
        each.key for part in days for each in flights(part) if each.state_at(instant) in ("departed", "diverted")
    }  # fmt: skip
