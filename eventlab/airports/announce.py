"""The day's news without the airport: what operations published, said again to a bus of your own."""

from __future__ import annotations

from eventlab.airports.modelled import PAST
from eventlab.airports.scenario import Scenario
from eventlab.bus import Bus
from eventlab.client import Client
from eventlab.errors import unknown
from eventlab.event import Event
from eventlab.subscription import matches

KEYS = ("flight", "airport")


def announce(scenario: Scenario, bus: Bus, pattern: str = ">", *, key: str = "flight") -> Client:
    """Publish every event that fits the pattern at its time of the day; returns the publisher, `operations`.

    Events with the same `key` keep their order: those of one "flight", or of all flights from one "airport".
    """
    if key not in KEYS:
        raise unknown("key", key, KEYS, where="announce")
    operations = Client("operations", bus.network, bus)
    for command in scenario.commands:
        if matches(pattern, PAST[command.type]):
            _, airport, _ = command.subject.split("-")  # UA1545-EWR-0101
            subject = airport if key == "airport" else command.subject
            bus.sim.at(command.time, operations.publish, Event(PAST[command.type], command.data, subject))
    return operations
