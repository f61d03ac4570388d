"""Publish/subscribe: operations publishes what happened, once, and goes on; whoever is interested has subscribed.

An event says what changed and no more. Each service adds it to what it has heard before, and answers from that.
"""

from __future__ import annotations

from typing import Any

from eventlab.airports.cast import Cast
from eventlab.airports.rules import INTERESTS, decide, evolve, news
from eventlab.event import Command, Event
from eventlab.outbox import Inbox, Outbox
from eventlab.service import Service


def wire(cast: Cast, *, outbox: bool = True, inbox: bool = True) -> None:
    """Wire the cast with events; without `outbox` or `inbox`, messages are handled less carefully."""
    operations, boards = cast.operations, cast.boards

    def hear(command: Command) -> list[Event]:
        key = command.data["flight"]
        flight = operations.state.get(key, {})
        events = decide(command, flight)
        for event in events:
            flight = evolve(flight, event)
        operations.state[key] = flight
        return events

    cast.hear_airlines(hear)
    for name, service in cast.consumers.items():
        service.on(INTERESTS[name], _react(cast, service), durable=name)
    cast.answer_from(boards, "flight.describe")
    for service in cast.services.values():
        if outbox:
            Outbox(service, cast.new_store(service.name))
        if inbox:
            Inbox(service)


def _react(cast: Cast, service: Service) -> Any:
    def heard(event: Event) -> list[Event]:
        return cast.react(service, event.type, news(event))

    return heard
