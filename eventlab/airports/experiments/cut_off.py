"""Experiments that several lessons share, so that what they measure can be compared."""

from __future__ import annotations

from eventlab.airports import record
from eventlab.airports.scenario import Scenario
from eventlab.faults import Partition

CUT_OFF_FROM = ("bus", "gates", "boards", "notices", "rebooking", "baggage")


def leaving(scenario: Scenario, since: str, until: str) -> Scenario:
    """The same scenario with only the flights that are planned to leave from `since` until just before `until`."""
    begin, end = scenario.at(since), scenario.at(until)
    keys = [flight.key for flight in record.flights(scenario.day) if begin <= flight.planned_departure < end]
    return scenario.with_(flights=keys)


def producer_cut_off(since: str = "15:00", until: str = "15:45") -> Scenario:
    """The storm's flights of three hours, while nothing passes between operations and the other services or the bus.

    Airlines still reach operations: it goes on hearing news and can tell nobody. The flights are those planned to leave
    within three hours from 15:00. Take the faults away, `.with_(faults=[])`, to measure the same hours undisturbed.
    """
    afternoon = leaving(Scenario(), "15:00", "18:00")
    cut = Partition("operations", afternoon.at(since), afternoon.at(until), CUT_OFF_FROM)
    return afternoon.with_(faults=[cut])
