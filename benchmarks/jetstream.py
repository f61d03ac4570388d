"""JetStream as a bus beside nats-py used by hand: publish and wait for the answer, hand on and acknowledge.

By hand means: events in JSON, a message id, a pull consumer, batches of 200, an acknowledgement for each, three
replicas. It has no order of subjects behind one that fails, no dead letters, no trace, no services, and stops when a
leader does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from functools import cache
from itertools import count
from typing import Any

import msgspec

from benchmarks.harness import Case, Row, measure
from eventlab import engines
from eventlab.engines.errors import INSTALL
from eventlab.event import Event, decoded

MISSING = "" if engines.available() else f"the engines are missing: {INSTALL}"
GOAL = 0.8
PUBLISHED, DELIVERED, BATCH = 300, 2_000, 200
encode = msgspec.json.Encoder(order="deterministic").encode
decode = msgspec.json.Decoder(Event, dec_hook=decoded).decode
_numbers = count(1)


@cache
def real() -> engines.Engines:
    """One cluster for all cases; it ends with this process."""
    return engines.local()


def order(n: int) -> Event:
    return Event(
        "order.placed", {"order": n, "article": "book", "pieces": 2}, f"order-{n % 50}", f"o{n}", source="shop"
    )


class ByHand:
    """A stream, and nats-py."""

    def __init__(self, filled: int) -> None:
        self.runner, self.name = asyncio.Runner(), f"byhand{next(_numbers)}"
        self.runner.run(self._open(filled))

    async def _open(self, filled: int) -> None:
        import nats

        from eventlab.engines.jetstream import again

        self.connection = await nats.connect(servers=real().nats.split(","))
        self.js = self.connection.jetstream()
        await again(lambda: self.js.add_stream(name=self.name, subjects=[f"{self.name}.>"], num_replicas=3))
        await asyncio.gather(*(self._publish(n) for n in range(filled)))

    async def _publish(self, n: int) -> None:
        event = order(n)
        await self.js.publish(f"{self.name}.{event.type}", encode(event), headers={"Nats-Msg-Id": event.id})

    async def publish(self) -> None:
        for n in range(PUBLISHED):
            await self._publish(n)

    async def take(self) -> None:
        consumer, found = await self.js.pull_subscribe(f"{self.name}.>", durable="mail"), list[Event]()
        while len(found) < DELIVERED:
            for msg in await consumer.fetch(BATCH, timeout=5):
                found.append(decode(msg.data))
                await msg.ack()

    def close(self) -> None:
        self.runner.run(self._close())
        self.runner.close()

    async def _close(self) -> None:
        await self.js.delete_stream(self.name)
        await self.connection.close()


class Ours:
    """A runtime with a service that publishes, and one that hears."""

    def __init__(self, filled: int) -> None:
        self.runner = asyncio.Runner()
        self.runner.run(self._open(filled))

    async def _open(self, filled: int) -> None:
        from eventlab.engines.runtime import Runtime

        self.runtime: Any = await Runtime(real(), f"ours{next(_numbers)}").__aenter__()
        self.shop = self.runtime.service("shop")
        for n in range(filled):
            self.runtime.at(0, self.shop.publish, order(n))
        await self.runtime.run()

    async def publish(self) -> None:
        over = asyncio.Event()

        async def publish() -> None:
            for n in range(PUBLISHED):
                await self.shop.publish_confirmed(order(n))
            over.set()

        self.runtime.start(publish())
        await over.wait()

    async def take(self) -> None:
        mail, heard, over = self.runtime.service("mail", workers=100), list[str](), asyncio.Event()

        def hear(event: Event) -> None:
            heard.append(event.id)
            if len(heard) == DELIVERED:
                over.set()

        mail.on("order.*", hear, durable="mail", deliver="all", max_ack_pending=500)
        await over.wait()

    def close(self) -> None:
        self.runner.run(self._close())
        self.runner.close()

    async def _close(self) -> None:
        await self.runtime.bus.remove()
        await self.runtime.__aexit__(None, None, None)


def case(name: str, kind: type[ByHand] | type[Ours], publishes: bool, goal: float | None = None) -> Case:
    def work(made: ByHand | Ours) -> int:
        does: Awaitable[None] = made.publish() if publishes else made.take()
        made.runner.run(does)  # type: ignore[arg-type]
        return PUBLISHED if publishes else DELIVERED

    prepare = lambda: kind(0 if publishes else DELIVERED)  # noqa: E731
    return Case(name, work, prepare, lambda made: made.close(), goal, missing=MISSING)


def run(rounds: int) -> list[Row]:
    rows: list[Row] = []
    for group, publishes in (("publish one by one, 3 replicas", True), ("hand on and acknowledge", False)):
        cases = [case("nats-py by hand", ByHand, publishes), case("eventlab", Ours, publishes, GOAL)]
        rows += measure(group, "events", cases, rounds)
    return rows
