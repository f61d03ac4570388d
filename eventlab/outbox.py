"""Events handled correctly: an outbox that loses none, and an inbox that does nothing twice.

Without an outbox a service changes its state and then publishes: two steps, and a crash in between leaves a change
that nobody hears of. With one, the events are stored in the same step as the change, and published from the store,
as often as it takes. The price: an event may be published twice. The inbox makes the second time harmless.

An event that can never be published (the bus refuses it for good, or the network's check does) becomes a dead letter
of the outbox: those behind it need not wait for it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from eventlab import borders
from eventlab.door import door, door_but
from eventlab.errors import Invalid, NoReply, Refused, Unavailable
from eventlab.event import Event
from eventlab.service import Service
from eventlab.store import Recorded, Store
from eventlab.subscription import DeadLetter

# What an outbox needs of a store, whatever engine it has.
STORE = ("append", "read_all", "checkpoint", "save_checkpoint", "claim", "claimed", "watch")


def _one_stream(event: Event) -> str:
    return "outbox"


def note_stored(service: Service, events: Sequence[Event], stream: str, version: int) -> None:
    """Note in the trace that events have been stored, the last of them as this version of the stream."""
    sim = service.sim
    for number, event in enumerate(events, version - len(events) + 1):
        sim.trace.write(sim.now, "appended", event.source, event, packet=number, note=stream)


class Outbox:
    """Publishes every event of a service's store, in the order of their positions, each until the bus confirms it.

    Of several outboxes of one store, the one that began last publishes: a replica, or a service that came up again.
    """

    @door_but("store")
    def __init__(
        self,
        service: Service,
        store: Store,
        *,
        stream: Callable[[Event], str] = _one_stream,
        announce: Callable[[Recorded], Event] = attrgetter("event"),
        pause: float = 1.0,
    ) -> None:
        if service.bus is None:
            raise Invalid("outbox", where=f"service {service.name}", expected="a service with a bus", found=None)
        borders.able(store, *STORE, what="store", where=f"outbox of {service.name}")
        self.service, self.store, self.stream, self.pause = service, store, stream, pause
        self.dead: list[DeadLetter] = []  # what can never be published, and why
        self._bus = service.bus.name
        self.announce = announce
        self._news = service.signal()
        service.outbox = self
        store.watch(lambda: self._news.set())
        service.background(self._publish_all)

    def __repr__(self) -> str:
        return f"<Outbox of {self.service.name}: {len(self.dead)} dead letters>"

    def keep(self, events: list[Event]) -> None:
        """Store events to be published. The service calls this in the same step in which it changes its state."""
        stream = self.stream(events[0])
        done = self.store.append(stream, events)
        note_stored(self.service, events, stream, done.version)

    async def _publish_all(self) -> None:
        claim = self.store.claim("outbox")
        await self.service.sim.sleep(0)  # who begins at this instant too claims it before anybody publishes
        while True:
            self._news = self.service.signal()
            for recorded in self.store.read_all(after=self.store.checkpoint("outbox")):
                if self.store.claimed("outbox") != claim:
                    return  # another outbox of this store has begun since: it publishes now
                await self._publish(self.announce(recorded))
                self.store.save_checkpoint("outbox", recorded.position)
            await self._news.wait()

    async def _publish(self, event: Event) -> None:
        sim, service, tries = self.service.sim, self.service, 0
        while True:
            tries += 1
            try:
                await service.publish_confirmed(event)
                return
            except (Refused, Invalid) as problem:
                sim.trace.write(sim.now, "dead", service.name, event, self._bus, note=borders.told(problem))
                self.dead.append(DeadLetter(event, tries, borders.told(problem)))
                return
            except (NoReply, Unavailable) as problem:
                sim.trace.write(sim.now, "retried", service.name, event, self._bus, note=borders.told(problem))
            await service.reconnected(self._bus, pause=self.pause)


class Inbox:
    """Remembers the last `limit` messages that a service has handled, with its replies; the oldest is evicted first."""

    @door
    def __init__(self, service: Service, *, limit: int = 100_000) -> None:
        self.limit = limit
        self._replies: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        service.inbox = self
        if not service.durable:
            service.on_crash.add(self._replies.clear)  # with the state, or it would never be made again

    def __repr__(self) -> str:
        return f"<Inbox: {len(self._replies):,} messages, at most {self.limit:,}>"

    def reply_to(self, key: str) -> Mapping[str, Any] | None:
        """What was replied to this message, or None if it is new."""
        return self._replies.get(key)

    def remember(self, key: str, reply: Mapping[str, Any]) -> None:
        """Note that a message has been handled; called in the same step in which the service changes its state."""
        self._replies[key] = reply
        if len(self._replies) > self.limit:
            self._replies.popitem(last=False)
