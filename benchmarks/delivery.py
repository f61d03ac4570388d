"""Delivery beside other event libraries: publish, bus, durable subscription, handler, acknowledgement, all recorded.

FastStream's test broker is the nearest peer (it encodes, routes by subject and decodes, in memory); bubus keeps a
history and results; pyee calls handlers and nothing else. None of them acknowledges, tries again, or keeps the order
within a subject here. The unit is one delivery to one handler.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from benchmarks.harness import Case, Row, measure
from eventlab.event import Event
from eventlab.lab import Lab
from eventlab.service import Service
from eventlab.sim import Entry, Sim

DATA = {"order": 7, "article": "book", "pieces": 2}
TOPIC = "order.placed"
SUBSCRIPTIONS = (10, 100, 1_000, 10_000)
MISSING = "{0} is missing: pip install -r benchmarks/requirements.txt"


class Count:
    """What every handler touches, so that a delivery that did not happen is noticed."""

    def __init__(self) -> None:
        self.handled = 0


def check(count: Count, expected: int) -> int:
    if count.handled != expected:
        raise AssertionError(f"expected {expected} deliveries, found {count.handled}")
    return expected


# Ours -----------------------------------------------------------------------------------------------------


def ours(handlers: int, events: int, others: int = 0, asynchronous: bool = False) -> Case:
    """`others` are further durable subscriptions, of other services, that do not match."""

    def prepare() -> tuple[Sim, Service, Count]:
        lab, count = Lab(), Count()

        def handle(event: Event) -> None:
            count.handled += 1

        async def later(event: Event) -> None:
            count.handled += 1

        for number in range(handlers):
            service = lab.service(f"service-{number}")
            service.on("order.*", later if asynchronous else handle, durable=f"durable-{number}")
        for number in range(others):
            service = lab.service(f"other-{number}")
            service.on(f"other-{number}.*", handle, durable=f"other-{number}")
        return lab.sim, lab.service("shop"), count

    def work(prepared: tuple[Sim, Service, Count]) -> int:
        sim, shop, count = prepared

        def publish(number: int) -> None:  # one every 25 milliseconds, about as long as a delivery takes
            shop.publish(Event(TOPIC, DATA))
            if number + 1 < events:
                sim.call_at(sim.now + 25_000_000, publish, number + 1)

        sim.call_at(0, publish, 0)
        sim.run()
        deliveries = check(count, events * handlers)
        acknowledged = sum(record.kind == "acknowledged" for record in sim.trace)
        if acknowledged != deliveries or len(sim.trace) != events * (3 + 6 * handlers):
            raise AssertionError(f"expected {deliveries} acknowledgements, found {acknowledged}: {sim.trace}")
        return deliveries

    name = "eventlab, async handlers" if asynchronous else "eventlab"
    return Case(f"{name}, {others + handlers:,} subscriptions" if others else name, work, prepare)


# The limit: the same records and turns, and nothing else --------------------------------------------------


def limit(handlers: int, events: int) -> Case:
    """What a recorded delivery in simulated time costs at least: 6 records and 4 plans, and 3 and 2 for each event."""

    def work(prepared: tuple[Sim, Count]) -> int:
        sim, count = prepared
        at, add = sim.call_at, sim.trace.add

        def publish(number: int) -> None:
            event = Event(TOPIC, DATA, "", f"shop-{number}", "shop", sim.now, f"shop-{number}")
            add(sim.now, "sent", "shop", event, "bus", number, "publish")
            at(sim.now + 12_000_000, take_in, event)
            if number + 1 < events:
                at(sim.now + 25_000_000, publish, number + 1)

        def take_in(event: Event) -> None:
            add(sim.now, "received", "bus", event, "shop", 1, "publish")
            add(sim.now, "published", "bus", event, "shop")
            for _ in range(handlers):
                alarm = at(sim.now + 30_000_000_000, publish, 0)
                add(sim.now, "sent", "bus", event, "service", 2, "deliver")
                at(sim.now + 12_000_000, arrive, event, alarm)

        def arrive(event: Event, alarm: Entry) -> None:
            add(sim.now, "received", "service", event, "bus", 2, "deliver")
            at(sim.now, handle, event, alarm)

        def handle(event: Event, alarm: Entry) -> None:
            count.handled += 1
            add(sim.now, "handled", "service", event, "bus", 2)
            add(sim.now, "sent", "service", event, "bus", 3, "acknowledge")
            at(sim.now + 12_000_000, acknowledge, event, alarm)

        def acknowledge(event: Event, alarm: Entry) -> None:
            add(sim.now, "received", "bus", event, "service", 3, "acknowledge")
            add(sim.now, "acknowledged", "bus", event, "service")
            sim.cancel(alarm)

        at(0, publish, 0)
        sim.run()
        if len(sim.trace) != events * (3 + 6 * handlers):
            raise AssertionError(f"expected {events * (3 + 6 * handlers)} records, found {len(sim.trace)}")
        return check(count, events * handlers)

    return Case("the records and turns alone", work, lambda: (Sim(), Count()))


# Peers ----------------------------------------------------------------------------------------------------


class Loop:
    """An event loop for one measurement, with what a peer prepared in it."""

    def __init__(self, prepare: Callable[[Count], Any]) -> None:
        self.loop, self.count = asyncio.new_event_loop(), Count()
        self.made = self.loop.run_until_complete(prepare(self.count))

    def close(self, stop: Callable[[Any], Any] | None) -> None:
        if stop is not None:
            self.loop.run_until_complete(stop(self.made))
        self.loop.close()


def peer(
    name: str,
    package: str,
    prepare: Callable[[Count], Any],
    publish: Callable[[Any, int], Any],
    deliveries: int,
    stop: Callable[[Any], Any] | None = None,
) -> Case:
    def work(loop: Loop) -> int:
        loop.loop.run_until_complete(publish(loop.made, deliveries))
        return check(loop.count, deliveries)

    missing = "" if _installed(package) else MISSING.format(package)
    return Case(name, work, lambda: Loop(prepare), lambda loop: loop.close(stop), missing=missing)


def _installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None


def faststream(handlers: int, events: int) -> Case:
    async def prepare(count: Count) -> Any:
        from faststream.nats import NatsBroker, TestNatsBroker

        broker = NatsBroker(logger=None)

        def handler() -> Any:
            async def handle(order: dict[str, Any]) -> None:
                count.handled += 1

            return handle

        for _ in range(handlers):
            broker.subscriber("order.*")(handler())
        test = TestNatsBroker(broker)
        await test.__aenter__()
        return test, broker

    async def publish(made: Any, deliveries: int) -> None:
        for _ in range(deliveries // handlers):
            await made[1].publish(DATA, TOPIC)

    async def stop(made: Any) -> None:
        await made[0].__aexit__(None, None, None)

    return peer("FastStream TestNatsBroker", "faststream", prepare, publish, events * handlers, stop)


def bubus(handlers: int, events: int) -> Case:
    async def prepare(count: Count) -> Any:
        from bubus import BaseEvent, EventBus

        class Placed(BaseEvent):  # type: ignore[type-arg]
            order: int
            article: str
            pieces: int

        bus = EventBus(name="Bench")
        for number in range(handlers):

            async def handle(event: Any) -> None:
                count.handled += 1

            handle.__name__ = handle.__qualname__ = f"handle_{number}"
            bus.on(Placed, handle)
        return bus, Placed

    async def publish(made: Any, deliveries: int) -> None:
        bus, placed = made
        for _ in range(deliveries // handlers):
            await bus.dispatch(placed(**DATA))

    async def stop(made: Any) -> None:
        await made[0].stop(timeout=0, clear=True)

    return peer("bubus", "bubus", prepare, publish, events * handlers, stop)


def pyee(handlers: int, events: int) -> Case:
    async def prepare(count: Count) -> Any:
        from pyee.asyncio import AsyncIOEventEmitter

        emitter = AsyncIOEventEmitter()
        for _ in range(handlers):

            async def handle(order: dict[str, Any]) -> None:
                count.handled += 1

            emitter.on(TOPIC, handle)
        return emitter

    async def publish(emitter: Any, deliveries: int) -> None:
        events = deliveries // handlers
        for first in range(0, events, 100):
            for _ in range(min(100, events - first)):
                emitter.emit(TOPIC, DATA)
            await emitter.wait_for_complete()

    return peer("pyee AsyncIOEventEmitter", "pyee", prepare, publish, events * handlers)


# All of it ------------------------------------------------------------------------------------------------


def group(handlers: int, rounds: int) -> list[Row]:
    many = 12_000 // handlers
    plain, later = ours(handlers, many), ours(handlers, many, asynchronous=True)
    cases = [plain, later, pyee(handlers, 12_000 // handlers), faststream(handlers, 600 // handlers or 30),
             bubus(handlers, 300 // handlers or 15), limit(handlers, many)]  # fmt: skip
    also = [(case.name, cases[-1].name, 0.5) for case in (plain, later)]
    return measure(f"{handlers} handler{'s' * (handlers > 1)}", "deliveries", cases, rounds, also)


def flat(rounds: int) -> list[Row]:
    """One subscription of many matches: a delivery must cost the same however many there are."""
    cases = [ours(1, 6_000, others=number - 1) for number in SUBSCRIPTIONS]
    for case in cases[1:]:
        case.goal = 0.8
    return measure("one of many matches", "deliveries", cases, rounds)


def run(rounds: int) -> list[Row]:
    logging.getLogger("bubus").setLevel(logging.CRITICAL)  # silent is its best case
    rows = [row for handlers in (1, 10) for row in group(handlers, rounds)]
    return rows + flat(rounds)
