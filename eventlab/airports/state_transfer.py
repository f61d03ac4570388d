"""Event-carried state transfer: an event carries all there is to know about a flight, with a version.

Each service keeps a copy of its own and needs nobody to answer from it. A copy can be old; the version keeps it from
getting older: news that comes after newer news is left aside.
"""

from __future__ import annotations

from typing import Any

from eventlab.airports.cast import Cast
from eventlab.airports.rules import INTERESTS, REACTIONS, decide, evolve
from eventlab.event import Command, Event
from eventlab.outbox import Inbox, Outbox
from eventlab.service import Service
from eventlab.store import Store


def wire(cast: Cast, *, check_versions: bool = True) -> None:
    """Wire the cast; without `check_versions`, a service believes whatever came last."""
    operations, boards = cast.operations, cast.boards

    def hear(command: Command) -> list[Event]:
        key = command.data["flight"]
        flight = operations.state.get(key, {})
        full = []
        for event in decide(command, flight):
            flight = evolve(flight, event)
            full.append(event.with_(data=flight))
        operations.state[key] = flight
        return full

    cast.hear_airlines(hear)
    for name, service in cast.consumers.items():
        service.on(INTERESTS[name], _keep_copy(service, check_versions), durable=name)
    cast.answer_from(boards, "flight.describe")
    for service in cast.services.values():
        Outbox(service, Store())
        Inbox(service)


def _keep_copy(service: Service, check_versions: bool) -> Any:
    react = REACTIONS[service.name]

    def heard(event: Event) -> list[Event]:
        flight, version = event.data["flight"], event.data["version"]
        newest = f"{flight} from {event.source}"
        if check_versions and version <= service.state.get(newest, 0):
            return []
        further = react(service.state, event.type, event.data, service.sim.now)
        service.state[newest] = version
        return [full(service, event, further_event) for further_event in further]

    return heard


def full(service: Service, heard: Event, event: Event) -> Event:
    """The event with all that is known about its flight, and with this service's own version of it."""
    own = f"{event.subject} from {service.name}"
    service.state[own] = service.state.get(own, 0) + 1
    return event.with_(data={**heard.data, **event.data, "version": service.state[own]})
