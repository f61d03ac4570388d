"""Publish/subscribe: a log of events, and a place in it for every subscription.

Publishing never calls a handler. The bus writes the event down, sends it to each subscription over the network, and
waits for an acknowledgement; without one, it sends again. If a subscription has as many pending events as it may have
(`max_backlog`), the bus refuses what would add to that, and says so to a publisher that waits for a confirmation.
The settings carry the names of NATS JetStream (https://docs.nats.io/nats-concepts/jetstream/consumers).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from heapq import heappop, heappush

from eventlab.door import door
from eventlab.errors import Invalid, unknown
from eventlab.event import Event, Refusal
from eventlab.network import Network, Packet
from eventlab.sim import nanoseconds
from eventlab.subscription import DeadLetter, Delivery, Subscription, SubscriptionSettings, check_pattern, matches

EPHEMERAL = SubscriptionSettings()


class Bus:
    """A node of the network that takes events in and hands them on. What it has taken in survives a crash."""

    @door
    def __init__(self, network: Network, name: str = "bus") -> None:
        self.network, self.sim, self.name = network, network.sim, name
        self.up = True
        self.log: list[Event] = []
        self.subscriptions: dict[str, Subscription] = {}
        self._wanted: dict[str, tuple[Subscription, ...]] = {}  # topic → who wants it, found once for each topic
        self._limited = False  # whether any backlog has a limit
        self._deliveries = 0
        network.join(self)
        network.watchers.add(self._reconnect)

    @door
    def subscribe(self, service: str, pattern: str, settings: SubscriptionSettings = EPHEMERAL) -> Subscription:
        """Subscribe a service to all topics that fit the pattern, from the next event on (or from the first one)."""
        self.sim.check_thread()
        self.network.node(service)
        name = settings.durable or f"{service} {pattern}"
        subscription = self.subscriptions.get(name)
        if subscription is None:
            subscription = Subscription(name, check_pattern(pattern), settings)
            missed = [event for event in self.log if matches(pattern, event.type)] if settings.deliver == "all" else []
            if len(missed) > subscription.room:
                expected = f"at most max_backlog={settings.max_backlog:,} earlier events, or a higher limit"
                raise Invalid(
                    f"subscription {name!r}", where="bus", expected=expected, found=f"{len(missed):,} of them"
                )
            self.subscriptions[name] = subscription
            self._wanted.clear()
            self._limited = self._limited or settings.max_backlog > 0
            subscription.members[service] = 0
            self._enqueue(subscription, missed)
        elif (subscription.pattern, subscription.settings) != (pattern, settings):
            found = f"{pattern!r} with {settings}"
            raise Invalid(f"second subscription {name!r}", where="bus", expected=repr(subscription), found=found)
        subscription.members.setdefault(service, 0)
        self._send_ready(subscription)
        return subscription

    @door
    def unsubscribe(self, name: str) -> None:
        """End a subscription and forget its pending events. What has been sent already will arrive."""
        if name not in self.subscriptions:
            raise unknown("subscription", name, self.subscriptions, where="bus")
        subscription = self.subscriptions.pop(name)
        self._wanted.clear()
        for delivery in subscription.pending.values():
            if delivery.alarm is not None:
                self.sim.cancel(delivery.alarm)

    def receive(self, packet: Packet) -> None:
        """Take a message from the network: a published event, or a consumer's answer to a delivery."""
        if packet.purpose == "publish":
            self._take_in(packet)
        elif packet.purpose not in ("acknowledge", "reject"):
            self._refuse(packet, f"{self.name} takes events alone: nobody here answers commands", later=False)
        else:
            name, number, sent = packet.reference
            subscription = self.subscriptions.get(name)
            delivery = subscription and subscription.pending.get(number)
            if not subscription or not delivery:
                return  # the answer to an earlier try has come before: it is not pending any more
            if packet.purpose == "acknowledge":
                self.sim.trace.write(self.sim.now, "acknowledged", self.name, delivery.event, packet.source)
                self._settle(subscription, delivery)
            elif delivery.member and sent == delivery.sent:  # a no to an earlier try says nothing of this one
                no = packet.message.data
                self._retry(subscription, delivery, no["reason"], definite=not no["later"])

    def _take_in(self, packet: Packet) -> None:
        event = packet.message
        wanted = self._wanted.get(event.type)
        if wanted is None:
            wanted = tuple(s for s in self.subscriptions.values() if matches(s.pattern, event.type))
            self._wanted[event.type] = wanted
        if self._limited and (full := [s for s in wanted if not s.room]):
            self._refuse(packet, f"{full[0].name} is full: a backlog of {full[0].backlog:,}")
            return
        self.log.append(event)
        self.sim.trace.write(self.sim.now, "published", self.name, event, packet.source)
        if packet.reference is not None:
            self.network.send(self.name, packet.source, event, "confirm", packet.reference)
        for subscription in wanted:
            self._enqueue(subscription, (event,))

    def _refuse(self, packet: Packet, reason: str, *, later: bool = True) -> None:
        """Take an event in for nobody, rather than for some: the publisher may try again later."""
        sim, event = self.sim, packet.message
        sim.trace.write(sim.now, "refused", self.name, event, packet.source, packet.number, note=reason)
        if packet.reference is not None:
            no = Refusal(
                event.type, {"reason": reason, "later": later}, event.subject, f"{self.name}-{packet.number}",
                source=self.name, time=sim.now, correlationid=event.correlationid, causationid=event.id,
            )  # fmt: skip
            self.network.send(self.name, packet.source, no, "refusal", packet.reference)

    def _enqueue(self, subscription: Subscription, events: Iterable[Event]) -> None:
        """Queue the events for the subscription, behind those of their subject that are still on their way."""
        settings = subscription.settings
        for event in events:
            if not settings.durable:
                for member in subscription.members:
                    if self.network.connected(self.name, member):
                        self.network.send(self.name, member, event, "deliver", (subscription.name, None, 0))
                continue
            self._deliveries += 1
            delivery = Delivery(self._deliveries, event)
            if settings.ordered and event.subject:
                behind = subscription.behind.get(event.subject)
                if behind is not None:
                    behind.append(delivery)
                    subscription.waiting += 1
                    continue
                subscription.behind[event.subject] = deque()
            heappush(subscription.ready, (delivery.number, delivery))
        self._send_ready(subscription)

    def _send_ready(self, subscription: Subscription) -> None:
        ready, most = subscription.ready, subscription.settings.max_ack_pending
        while ready and len(subscription.pending) < most and self.up:
            member = self._least_busy(subscription)
            if not member:
                return  # it stays pending; `_reconnect` comes when somebody is back
            self._send(subscription, heappop(ready)[1], member)

    def _least_busy(self, subscription: Subscription) -> str:
        """Who of those that are there has the fewest unanswered events; "" if nobody is there."""
        chosen, fewest = "", 0
        for member, unanswered in subscription.members.items():
            if (not chosen or unanswered < fewest) and self.network.connected(self.name, member):
                chosen, fewest = member, unanswered
        return chosen

    def _send(self, subscription: Subscription, delivery: Delivery, member: str) -> None:
        delivery.tries += 1
        delivery.sent += 1
        delivery.member = member
        subscription.members[member] += 1
        subscription.pending[delivery.number] = delivery
        alarm = self.sim.now + subscription.ack_wait
        delivery.alarm = self.sim.call_at(alarm, self._retry, subscription, delivery, "no acknowledgement")
        self.network.send(
            self.name, member, delivery.event, "deliver", (subscription.name, delivery.number, delivery.sent)
        )

    def _settle(self, subscription: Subscription, delivery: Delivery, *, release: bool = True) -> None:
        """The delivery is over: forget it, and let the next event of its subject go."""
        self._release(subscription, delivery)
        subject = delivery.event.subject
        if release and (behind := subscription.behind.get(subject)) is not None:
            if behind:
                following = behind.popleft()
                subscription.waiting -= 1
                heappush(subscription.ready, (following.number, following))
            else:
                del subscription.behind[subject]
        if subscription.ready:
            self._send_ready(subscription)

    def _release(self, subscription: Subscription, delivery: Delivery) -> None:
        """The delivery is with nobody any more, and nothing is expected of it."""
        if delivery.alarm is not None:
            self.sim.cancel(delivery.alarm)
        del subscription.pending[delivery.number]
        if delivery.member:
            subscription.members[delivery.member] -= 1
            delivery.member = ""

    def _requeue(self, subscription: Subscription, delivery: Delivery) -> None:
        """The connection broke: the delivery waits until somebody is there, and this try does not count."""
        if delivery.member:
            delivery.tries -= 1
        self._release(subscription, delivery)
        heappush(subscription.ready, (delivery.number, delivery))

    def _retry(self, subscription: Subscription, delivery: Delivery, reason: str, *, definite: bool = False) -> None:
        """Plan another try after a pause; if that was the last one, or the no a definite one, make a dead letter."""
        sim, settings, event = self.sim, subscription.settings, delivery.event
        if delivery.alarm is not None:
            sim.cancel(delivery.alarm)
        if definite or delivery.tries >= settings.max_deliver:
            sim.trace.write(sim.now, "dead", self.name, event, delivery.member, note=reason)
            subscription.dead.append(DeadLetter(event, delivery.tries, reason))
            self._settle(subscription, delivery, release=settings.on_dead == "skip")
            return
        sim.trace.write(sim.now, "retried", self.name, event, delivery.member, note=reason)
        pause = settings.backoff[min(delivery.tries, len(settings.backoff)) - 1]
        subscription.members[delivery.member] -= 1
        delivery.member = ""
        delivery.alarm = sim.call_at(sim.now + nanoseconds(pause), self._redeliver, subscription, delivery)

    def _redeliver(self, subscription: Subscription, delivery: Delivery) -> None:
        self._release(subscription, delivery)
        heappush(subscription.ready, (delivery.number, delivery))
        self._send_ready(subscription)

    @door
    def redrive(self, name: str, subject: str = "") -> int:
        """Give a subscription its dead letters once more, with fresh tries; returns how many.

        All of them, or those of one subject, in the order in which they died. No more than its `max_backlog` has room
        for: the others stay dead letters, the oldest are the first to go.
        """
        if name not in self.subscriptions:
            raise unknown("subscription", name, self.subscriptions, where="bus")
        subscription = self.subscriptions[name]
        letters, kept, room = list[DeadLetter](), list[DeadLetter](), subscription.room
        for letter in subscription.dead:
            goes = len(letters) < room and subject in ("", letter.event.subject)
            (letters if goes else kept).append(letter)
        subscription.dead = kept
        if subscription.settings.on_dead == "hold":  # its subject is still kept waiting: it goes first
            for letter in letters:
                self._deliveries += 1
                heappush(subscription.ready, (self._deliveries, Delivery(self._deliveries, letter.event)))
            self._send_ready(subscription)
        else:
            self._enqueue(subscription, [letter.event for letter in letters])
        return len(letters)

    def crash(self) -> None:
        """Stop. The log and the pending events of durable subscriptions are on disk; what arrives meanwhile is lost."""
        if not self.up:
            return
        self.up = False
        self.sim.trace.write(self.sim.now, "crashed", self.name)
        for subscription in self.subscriptions.values():
            for delivery in list(subscription.pending.values()):
                self._requeue(subscription, delivery)

    def restart(self) -> None:
        """Work again, and send once more whatever had not been acknowledged."""
        if self.up:
            return
        self.up = True
        self.sim.trace.write(self.sim.now, "restarted", self.name)
        self.network.changed()

    def _reconnect(self) -> None:
        """Connections came or went: what was sent over those that broke is sent again as soon as somebody is there."""
        for subscription in self.subscriptions.values():
            for delivery in list(subscription.pending.values()):
                if delivery.member and not self.network.connected(self.name, delivery.member):
                    self._requeue(subscription, delivery)
            self._send_ready(subscription)

    def __repr__(self) -> str:
        return f"<Bus {self.name}: {len(self.log)} events, {len(self.subscriptions)} subscriptions>"
