"""A rule of a later year, applied to a day of 2013: how many people would have their money back?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from eventlab.airports import rules
from eventlab.airports.flights import flights
from eventlab.airports.scenario import Scenario
from eventlab.sim import SECOND
from eventlab.store import Store

HOUR = 3600 * SECOND
Facts = Mapping[str, Any]


def in_the_end(store: Store) -> list[Facts]:
    """What is known of each flight after the last event: its `status`, `planned`, `departed`, `passengers`."""
    known: dict[str, Facts] = {}
    for each in store.read_all():
        if each.stream.startswith("flight-"):
            known[each.event.subject] = rules.evolve(known.get(each.event.subject, {}), each.event)
    return list(known.values())


def people(ended: Iterable[Facts], rule: Callable[[Facts, int], object], hours: int) -> int:
    """The passengers of the flights to which the rule applies."""
    return sum(each["passengers"] for each in ended if rule(each, hours))


def people_by_record(storm: Scenario, hours: int) -> int:
    """Passengers of flights that, by the record, never left, or left so many hours late or more."""
    return sum(
        each.passengers
        for each in flights(storm.day)
        if each.departure is None or each.departure - each.planned_departure >= hours * HOUR
    )
