"""Which flights are in the air, asked twice: a fold of the store, and the record, which never sees the store."""

from __future__ import annotations

from collections.abc import Iterable

from eventlab.airports.flights import flights
from eventlab.airports.scenario import Scenario
from eventlab.event import Event
from eventlab.projection import Projection
from eventlab.sim import SECOND
from eventlab.store import Store

MINUTE = 60 * SECOND


def fly(air: frozenset[str], event: Event) -> frozenset[str]:
    """The flights in the air after one more event."""
    match event:
        case Event("flight.departed", {"flight": key}):
            return air | {key}
        case Event("flight.arrived", {"flight": key}):
            return air - {key}
    return air


def every_ten_minutes(storm: Scenario) -> list[int]:
    """Instants until three in the next morning, at the end of a minute: within it airlines tell their news."""
    return [storm.at("00:00") + number * MINUTE - 1_000_000 for number in range(1, 27 * 60, 10)]


def by_store(store: Store, instants: Iterable[int]) -> list[frozenset[str]]:
    """The flights in the air at each instant, folded from the events."""
    model, found = Projection("in the air", fly, frozenset()), []
    for instant in instants:
        model.catch_up(store, as_of=instant)
        found.append(model.state or frozenset())
    return found


def by_record(storm: Scenario, instants: Iterable[int]) -> list[frozenset[str]]:
    """The flights in the air at each instant, calculated from the departures and arrivals of the record."""
    day = flights(storm.day)
    return [
        frozenset(each.key for each in day if each.state_at(instant) in ("departed", "diverted"))
        for instant in instants
    ]
