"""Services `hotels` that fall, each in a way of its own, and others that stand."""

from __future__ import annotations

from typing import Any

from eventlab import Event, Inbox, Outbox, Store


def booking(service: Any, people_on: Any, **settings: Any) -> None:
    """The plain handler, subscribed with these settings."""

    async def book(event: Event) -> Event:
        flight = event.data["flight"]
        return Event("rooms.booked", {"flight": flight, "rooms": await people_on(event)}, flight)

    service.on("flight.cancelled", book, **settings)


def careful(service: Any) -> None:
    """An inbox and an outbox."""
    Outbox(service, Store())
    Inbox(service)


# Which stand ----------------------------------------------------------------------------------------------------------


def looks_at_its_state(service: Any, people_on: Any) -> None:
    """No inbox: what the state has is done already."""
    Outbox(service, Store())
    guarded(service, people_on)


def a_few_tries(service: Any, people_on: Any) -> None:
    """Other settings, and the handler hung up as a decorator."""
    careful(service)

    @service.on("flight.cancelled", durable="rooms", max_deliver=20, backoff=(2,), max_ack_pending=10)
    async def book(event: Event) -> list[Event]:
        match event.data:
            case {"flight": flight}:
                return [Event("rooms.booked", {"rooms": await people_on(event), "flight": flight}, flight)]
        return []


# Which fall -----------------------------------------------------------------------------------------------------------


def guarded(service: Any, people_on: Any) -> None:
    """The state says that it is done, and a crash comes before anybody hears of it."""

    async def book(event: Event) -> Event | None:
        flight = event.data["flight"]
        if flight in service.state:
            return None
        rooms = await people_on(event)
        service.state[flight] = rooms
        return Event("rooms.booked", {"flight": flight, "rooms": rooms}, flight)

    service.on("flight.cancelled", book, durable="hotels")


def ephemeral(service: Any, people_on: Any) -> None:
    """Nobody keeps events for it."""
    careful(service)
    booking(service, people_on)


def high_water_mark(service: Any, people_on: Any) -> None:
    """What is older than the newest must have been done."""
    Outbox(service, Store())

    async def book(event: Event) -> Event | None:
        flight = event.data["flight"]
        if event.time <= service.state.get("last", 0):
            return None
        rooms = await people_on(event)
        service.state["last"] = event.time
        return Event("rooms.booked", {"flight": flight, "rooms": rooms}, flight)

    service.on("flight.cancelled", book, durable="hotels")


def one_after_the_other(service: Any, people_on: Any) -> None:
    """An event that nobody can read is in everybody's way."""
    careful(service)
    booking(service, people_on, durable="hotels", max_deliver=10**6, max_ack_pending=1)


def without_end(service: Any, people_on: Any) -> None:
    """Tries without a limit."""
    careful(service)
    booking(service, people_on, durable="hotels", max_deliver=10**6)


def in_the_background(service: Any, people_on: Any) -> None:
    """Acknowledged before it is done."""
    careful(service)

    async def work(event: Event) -> None:
        flight = event.data["flight"]
        service.publish(Event("rooms.booked", {"flight": flight, "rooms": await people_on(event)}, flight))

    def book(event: Event) -> None:
        if "flight" in event.data:
            service.start(work(event))

    service.on("flight.cancelled", book, durable="hotels")


def swallowing(service: Any, people_on: Any) -> None:
    """Every error counts as done."""
    careful(service)

    async def book(event: Event) -> Event | None:
        try:
            flight = event.data["flight"]
            return Event("rooms.booked", {"flight": flight, "rooms": await people_on(event)}, flight)
        except Exception:
            return None

    service.on("flight.cancelled", book, durable="hotels")


def in_memory(service: Any, people_on: Any) -> None:
    """What it has done it knows by heart."""
    Outbox(service, Store())
    done: set[str] = set()

    async def book(event: Event) -> Event | None:
        if event.id in done:
            return None
        flight = event.data["flight"]
        rooms = await people_on(event)
        done.add(event.id)
        return Event("rooms.booked", {"flight": flight, "rooms": rooms}, flight)

    service.on("flight.cancelled", book, durable="hotels")


def by_half(service: Any, people_on: Any) -> None:
    """Two people share a room."""
    careful(service)

    async def book(event: Event) -> Event:
        flight = event.data["flight"]
        return Event("rooms.booked", {"flight": flight, "rooms": await people_on(event) // 2}, flight)

    service.on("flight.cancelled", book, durable="hotels")


def for_nobody(service: Any, people_on: Any) -> None:
    """It books even where it does not know for whom."""
    careful(service)

    async def book(event: Event) -> Event:
        flight = event.data.get("flight", "somebody")
        rooms = await people_on(event) if flight != "somebody" else 1
        return Event("rooms.booked", {"flight": flight, "rooms": rooms}, flight)

    service.on("flight.cancelled", book, durable="hotels")


def twice_at_once(service: Any, people_on: Any) -> None:
    """One handling, two bookings."""
    careful(service)

    async def book(event: Event) -> list[Event]:
        flight = event.data["flight"]
        return [Event("rooms.booked", {"flight": flight, "rooms": await people_on(event)}, flight)] * 2

    service.on("flight.cancelled", book, durable="hotels")


def mistyped(service: Any, people_on: Any) -> None:
    """A wrong key."""

    async def book(event: Event) -> Event:
        flight = event.data["flght"]
        return Event("rooms.booked", {"flight": flight, "rooms": await people_on(event)}, flight)

    service.on("flight.cancelled", book, durable="hotels")


def without_await(service: Any, people_on: Any) -> None:
    """A coroutine instead of a number."""

    def book(event: Event) -> Event:
        flight = event.data["flight"]
        return Event("rooms.booked", {"flight": flight, "rooms": people_on(event)}, flight)

    service.on("flight.cancelled", book, durable="hotels")


def silent(service: Any, people_on: Any) -> None:
    """It asks for nothing."""


def looping(service: Any, people_on: Any) -> None:
    """It never ends."""

    def book(event: Event) -> None:
        while True:
            pass

    service.on("flight.cancelled", book, durable="hotels")
