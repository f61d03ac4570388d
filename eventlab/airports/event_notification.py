"""Event notification: an event says that something happened to a flight, and nothing else.

Whoever needs to know more calls the producer back. So every answer is fresh, and none can be had without the producer.
Here everybody calls back each time, even where the type alone would do: what is measured is the dearest form.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from eventlab.airports.cast import Cast
from eventlab.airports.clocks import SECOND
from eventlab.airports.rules import INTERESTS, Facts, decide, evolve
from eventlab.event import Command, Event
from eventlab.outbox import Inbox, Outbox
from eventlab.service import Service

PRODUCERS = {"flight": "operations", "gate": "gates", "passengers": "rebooking"}  # of events about …


async def ask(service: Service, event: Event) -> Facts:
    """What a service does to learn more than the event says: it asks whoever published it for all that is known now."""
    topic = event.type.split(".")[0]
    return await service.request(PRODUCERS[topic], Command(f"{topic}.describe", event.data))


def wire(cast: Cast, *, cache: float = 0.0, ask: Callable[[Service, Event], Awaitable[Facts]] = ask) -> None:
    """Wire the cast; with a `cache`, the boards answer with what they looked up up to that many seconds ago."""
    operations, boards = cast.operations, cast.boards
    looked_up: dict[str, int] = {}  # the boards' cache: when they last asked about a flight

    def hear(command: Command) -> list[Event]:
        key = command.data["flight"]
        flight = operations.state.get(key, {})
        events = decide(command, flight)
        for event in events:
            flight = evolve(flight, event)
        operations.state[key] = flight
        return [thin(event) for event in events]

    async def describe(command: Command) -> Facts:
        key = command.data["flight"]
        if key not in looked_up or boards.now - looked_up[key] > cache * SECOND:
            flight = await boards.request("operations", Command("flight.describe", {"flight": key}))
            gate = await boards.request("gates", Command("gate.describe", {"flight": key}))
            cast.react(boards, command.type, {**flight, **gate})
            looked_up[key] = boards.now
        return {"flight": key, **boards.state[key]}

    cast.hear_airlines(hear)
    for name, service in cast.consumers.items():
        # While a producer is down, what it announced cannot be looked up: try again for as long as it takes.
        service.on(INTERESTS[name], _look_up(cast, service, ask), durable=name, max_deliver=1000, backoff=(1, 5, 30))
    boards.answers("flight.describe", describe)
    boards.on_crash.add(looked_up.clear)
    for topic, producer in PRODUCERS.items():
        cast.answer_from(cast.services[producer], f"{topic}.describe")
    for service in cast.services.values():
        Outbox(service, cast.new_store(service.name))
        Inbox(service)


def thin(event: Event) -> Event:
    """The notification of an event: its type and what it is about."""
    return event.with_(data={"flight": event.data["flight"]})


def _look_up(cast: Cast, service: Service, ask: Callable[[Service, Event], Awaitable[Facts]]) -> Any:
    async def heard(event: Event) -> list[Event]:
        facts = await ask(service, event)
        return [thin(further) for further in cast.react(service, event.type, facts)]

    return heard
