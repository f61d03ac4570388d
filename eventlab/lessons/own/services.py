"""Two services of one's own: the plain one, with which lesson 03 begins, and one that stands every attack."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from eventlab.event import Event
from eventlab.outbox import Inbox, Outbox
from eventlab.service import Service
from eventlab.store import Store

PeopleOn = Callable[[Event], Awaitable[int]]


def plain(service: Service, people_on: PeopleOn) -> None:
    """Book a room for each person of a cancelled flight."""

    async def book(event: Event) -> Event:
        flight = event.data["flight"]
        rooms = await people_on(event)
        service.state[flight] = rooms
        return Event("rooms.booked", {"flight": flight, "rooms": rooms}, flight)

    service.on("flight.cancelled", book, durable="hotels")


def my_hotels(service: Service, people_on: PeopleOn) -> None:
    """The same, with an inbox that does nothing twice and an outbox that loses nothing."""
    Outbox(service, Store())
    Inbox(service)
    plain(service, people_on)
