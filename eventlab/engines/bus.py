"""The bus on JetStream: a replicated log on disk, and the same subscriptions as in the laboratory.

What a subscription does with an event (tries, pauses, order of a subject, dead letters) is `Bus`'s own code; JetStream
keeps the events, and what has been answered. Whoever opens an ordered subscription begins where the answers end, and
takes it over from a process that had it: so order outlives a crash. Shared work among processes is for `ordered=False`.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from nats.aio.msg import Msg
from nats.errors import MaxPayloadError
from nats.js.errors import APIError

from eventlab.bus import EPHEMERAL, Bus
from eventlab.engines.feed import Feed, hold_subjects
from eventlab.engines.jetstream import FULL, LEASE, again, events_stream, kept_stream, make_stream
from eventlab.engines.letters import Burials
from eventlab.engines.links import Links
from eventlab.engines.names import filters
from eventlab.engines.publishing import Full, Publications
from eventlab.event import Event
from eventlab.network import Packet
from eventlab.rows import decode
from eventlab.subscription import Delivery, Subscription, SubscriptionSettings, matches


class JetStreamBus(Bus):
    """A `Bus` whose log is a stream of JetStream. `Runtime` makes one; it is used as any other.

    At least once, in the order of a subject; `replicas` nodes keep each event, and at most `limit` events are kept (0:
    no limit), then it refuses. JetStream itself drops an event whose id it has seen within two minutes.
    """

    def __init__(self, network: Links, stream: str, *, replicas: int = 3, limit: int = 0, name: str = "bus") -> None:
        super().__init__(network, name)
        self.links, self.clock, self.stream = network, network.clock, stream
        self.replicas, self.limit = replicas, limit
        self.js = network.connection.jetstream(timeout=5)
        self.publications = Publications(self, self._check_room)
        self.feeds: dict[str, Feed] = {}
        self.burials = Burials(self)
        self._streams = network.loop.create_task(self._make_streams())
        network.preparing.append(self._streams)
        self._beats = network.loop.create_task(self._beat())

    async def _make_streams(self) -> None:
        await make_stream(self.js, events_stream(self.stream, self.replicas, self.limit))
        await make_stream(self.js, kept_stream(self.stream, self.replicas))

    async def close(self) -> None:
        """Pull no more. What is not answered will be delivered again to whoever comes."""
        self._beats.cancel()
        for feed in self.feeds.values():
            feed.close()
        pulls = [feed.pull.task for feed in self.feeds.values() if feed.pull is not None]
        await asyncio.gather(self._beats, *pulls, return_exceptions=True)

    async def leader(self) -> str:
        """The name of the node that leads the log at this moment; "" while there is none."""
        found = (await again(lambda: self.js.stream_info(self.stream))).cluster
        return str(found.leader or "") if found else ""

    async def remove(self) -> None:
        """Delete the log, its subscriptions and dead letters, for good; for a bus that is needed no more."""
        await self.close()
        for name in (self.stream, f"{self.stream}-kept"):
            await again(partial(self.js.delete_stream, name))

    def fail(self, error: Exception) -> None:
        """Let an error come out of the run."""
        raise error

    # -- taking in ----------------------------------------------------------------------------------------------------

    @property
    def limited(self) -> bool:
        """Whether any subscription has a limit to its backlog."""
        return self._limited

    def _take_in(self, packet: Packet) -> None:
        self.publications.publish(packet.message, partial(self._taken, packet))

    async def _check_room(self, event: Event) -> None:
        """`Full` if a subscription that wants the event has as many pending ones as it may have."""
        for name, feed in self.feeds.items():
            most = feed.subscription.settings.max_backlog
            if most and feed.consumer and matches(feed.subscription.pattern, event.type):
                backlog = sum(await feed.backlog())
                if backlog >= most:
                    raise Full(f"{name} is full: a backlog of {backlog:,}")

    def _taken(self, packet: Packet, outcome: Any) -> None:
        """What JetStream said to a publication, in words of the trace; the publisher is told."""
        sim, event = self.sim, packet.message
        if isinstance(outcome, Full):
            self._refuse(packet, str(outcome))
        elif isinstance(outcome, APIError) and outcome.err_code in FULL:
            self._refuse(packet, f"{self.name} is full")
        elif isinstance(outcome, APIError | MaxPayloadError):
            self._refuse(packet, f"JetStream refused it: {outcome}", later=False)
        elif isinstance(outcome, Exception):  # nobody knows: the publisher waits in vain, and tries again
            number, purpose, reason = packet.number, packet.purpose, str(outcome)
            sim.trace.write(sim.now, "lost", self.name, event, packet.source, number, purpose, reason)
        else:
            sim.trace.write(sim.now, "ignored" if outcome.duplicate else "published", self.name, event, packet.source)
            if packet.reference is not None:
                self.network.send(self.name, packet.source, event, "confirm", packet.reference)
            for feed in () if outcome.duplicate else self.feeds.values():
                if matches(feed.subscription.pattern, event.type):
                    feed.expect(outcome.seq)

    # -- subscriptions ------------------------------------------------------------------------------------------------

    def subscribe(self, service: str, pattern: str, settings: SubscriptionSettings = EPHEMERAL) -> Subscription:
        """As `Bus.subscribe`; a durable name outlives this process."""
        is_new = (settings.durable or f"{service} {pattern}") not in self.subscriptions
        subscription = super().subscribe(service, pattern, settings)
        if is_new:
            self.links.prepare(self._open(subscription) if settings.durable else self._listen(subscription))
        return subscription

    async def _listen(self, subscription: Subscription) -> None:
        """Without a durable name, what is published while it is connected, at most once: plain NATS."""

        async def came(msg: Msg) -> None:
            event = decode(msg.data)
            if matches(subscription.pattern, event.type) and subscription.name in self.subscriptions:
                self.clock.happen(self.enqueue, subscription, event)

        for subject in filters(subscription.pattern):
            await self.links.connection.subscribe(f"{self.stream}.e.{subject}", cb=came)

    async def _open(self, subscription: Subscription) -> None:
        await self._streams
        feed = Feed(self, subscription)
        subscription.dead += await self.burials.load(subscription)
        hold_subjects(subscription)
        self.feeds[subscription.name] = feed
        await feed.open()

    def unsubscribe(self, name: str) -> None:
        """End a subscription, and forget its pending events and its place in the log."""
        super().unsubscribe(name)
        if (feed := self.feeds.pop(name, None)) is not None:
            feed.close()
            self.links.prepare(feed.claims.end())

    # -- delivering ---------------------------------------------------------------------------------------------------

    @property
    def next_delivery(self) -> int:
        """The number that the next event will have that is enqueued."""
        return self._deliveries + 1

    def enqueue(self, subscription: Subscription, event: Event) -> None:
        """An event has come for a subscription: send it, or let it wait for its turn."""
        self._enqueue(subscription, [event])

    def withdraw(self, delivery: Delivery) -> None:
        """Expect no answer to a delivery any more."""
        if delivery.alarm is not None:
            self.sim.cancel(delivery.alarm)

    def _settle(self, subscription: Subscription, delivery: Delivery, *, release: bool = True) -> None:
        letter = subscription.dead[-1] if subscription.dead else None
        super()._settle(subscription, delivery, release=release)
        feed = self.feeds.get(subscription.name)
        if feed is None:
            return
        if letter is not None and letter.event is delivery.event:
            self.burials.bury(subscription, letter, partial(feed.answer, delivery))
        else:
            feed.answer(delivery)
            self.burials.forget(subscription, delivery.event)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(LEASE / 4)
            for feed in self.feeds.values():
                feed.beat()

    def crash(self) -> None:
        """The connection to JetStream broke, or is to be taken for broken."""
        super().crash()
        self.links.give_up()
        if self.links.connection.is_connected:  # else what was published still comes, as soon as it can
            for feed in self.feeds.values():
                feed.stop_waiting()

    def _reconnect(self) -> None:
        super()._reconnect()
        for feed in self.feeds.values():
            feed.wake()

    async def is_idle(self) -> bool:
        """Whether JetStream has nothing for those who are here; what is on its way here is counted by the clock."""
        return all([await feed.is_idle() for feed in list(self.feeds.values())])
