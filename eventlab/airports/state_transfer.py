"""Event-carried state transfer: an event carries all there is to know about a flight, with a version.

Each service keeps a copy of its own and needs nobody to answer from it. A copy can be old; the version keeps it from
getting older: news that comes after newer news is left aside.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from eventlab.airports.cast import Cast
from eventlab.airports.rules import INTERESTS, decide, evolve
from eventlab.event import Command, Event
from eventlab.outbox import Inbox, Outbox
from eventlab.service import Service

Describe = Callable[[Service, Command], Any]


def wire(cast: Cast, *, check_versions: bool = True, inbox: bool = True, describe: Describe | None = None) -> None:
    """Wire the cast; without `check_versions`, a service believes whatever came last; without `inbox`, also again.

    `describe(boards, command)` answers people's questions in the place of the boards' own copy.
    """
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
        service.on(INTERESTS[name], _keep_copy(cast, service, check_versions), durable=name)
    if describe:
        boards.answers("flight.describe", partial(describe, boards))
    else:
        cast.answer_from(boards, "flight.describe")
    for service in cast.services.values():
        Outbox(service, cast.new_store(service.name))
        if inbox:
            Inbox(service)


def _keep_copy(cast: Cast, service: Service, check_versions: bool) -> Any:
    def heard(event: Event) -> list[Event]:
        flight, version = event.data["flight"], event.data["version"]
        if check_versions and version <= versions(service, flight).get(event.source, 0):
            return []
        further = cast.react(service, event.type, event.data)
        _note_version(service, flight, event.source, version)
        return [full(service, event, further_event) for further_event in further]

    return heard


def versions(service: Service, flight: str) -> dict[str, int]:
    """What a service has of each owner's facts about a flight, by version: kept in the flight's own entry."""
    entry = service.state.get(flight, {})
    return dict(entry.get("versions", {}))


def _note_version(service: Service, flight: str, owner: str, version: int) -> None:
    known = versions(service, flight) | {owner: version}
    service.state[flight] = {**service.state.get(flight, {}), "versions": known}


def full(service: Service, heard: Event, event: Event) -> Event:
    """The event with all that is known about its flight, and with this service's own version of it."""
    version = versions(service, event.subject).get(service.name, 0) + 1
    _note_version(service, event.subject, service.name, version)
    return event.with_(data={**heard.data, **event.data, "version": version})
