"""What feeds a durable subscription: a consumer of JetStream, and another one whenever it is lost.

JetStream sends a consumer's events in order, each with a number of its own. If a number is missing, an event was lost
on the way, and would come again behind later ones of its subject: then the rest is thrown away, and a new consumer
begins where the answers end. Opening an ordered subscription does the same: it takes over from whoever had it.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import Any

from nats.aio.msg import Msg

from eventlab.engines.claims import Claims
from eventlab.engines.jetstream import LEASE, PREFETCHED, again
from eventlab.engines.pull import Pull
from eventlab.rows import decode
from eventlab.subscription import Delivery, Subscription, matches

LOG = logging.getLogger(__name__)


class Feed:
    """The consumers of one durable subscription, one after the other, and what of theirs is in this process's hands."""

    def __init__(self, bus: Any, subscription: Subscription) -> None:
        self.bus, self.subscription, self.claims = bus, subscription, Claims(bus, subscription)
        self.fenced = False  # whether another process has taken the subscription over
        self.consumer = ""
        self.pull: Pull | None = None
        self._held: dict[int, tuple[int, str]] = {}  # by delivery: its place in the stream, and where to answer
        self._places: dict[int, int] = {}  # by place: the delivery
        self._done: dict[int, None] = {}  # the places that were answered last
        self._awaited: dict[int, float] = {}  # places that were published and must come, since when
        self._seen = 0  # the last place that came
        self._number = 0  # the last number that the consumer gave
        self._opening = False

    # -- consumers ----------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Have it from now on, from where the answers end; `Invalid` if it was made with other settings."""
        bus = self.bus
        self.consumer, self._number = await self.claims.take(), 0
        self.pull = Pull(
            bus.links.connection, bus.stream, self.consumer, room=self.wants, take=self._take, gone=self._consumer_gone
        )

    def _begin_anew(self, why: str) -> None:
        """Throw away what comes, and begin with a new consumer where the answers end."""
        if self._opening or self.fenced:
            return
        LOG.info("subscription %s begins anew: %s", self.subscription.name, why)
        self._opening = True
        self.close()
        self.bus.links.loop.create_task(self._open_again())

    async def _open_again(self) -> None:
        try:
            if await self.claims.belongs_to(self.consumer):
                await self.open()
            else:
                self._lost()
        except Exception as error:
            self.bus.clock.happen(self.bus.fail, error)
        finally:
            self._opening = False

    def _consumer_gone(self) -> None:
        self._begin_anew("its consumer is gone")

    def _lost(self) -> None:
        """Another process has this subscription now: nothing of it is sent to anybody here any more."""
        self.fenced = True
        self.close()
        LOG.warning("subscription %s was taken over by another process", self.subscription.name)
        self.bus.clock.happen(self._forget)

    def _forget(self) -> None:
        subscription = self.subscription
        for delivery in subscription.pending.values():
            self.bus.withdraw(delivery)
        for held in (subscription.pending, subscription.behind, subscription.ready, self._held, self._places):
            held.clear()
        subscription.waiting = 0

    def close(self) -> None:
        """Take nothing more. What is not answered will be delivered again to whoever comes."""
        if self.pull is not None:
            self.pull.stop()
        self.stop_waiting()

    # -- what comes ---------------------------------------------------------------------------------------------------

    @property
    def present(self) -> bool:
        """Whether anybody of this process is there to be sent something."""
        bus = self.bus
        return not self.fenced and any(bus.network.connected(bus.name, each) for each in self.subscription.members)

    def wants(self) -> int:
        """How many more events may come here to wait; those behind another of their subject hold nobody up."""
        subscription = self.subscription
        if not self.present or self._opening:
            return 0
        near = 2 * subscription.settings.max_ack_pending - len(subscription.ready) - len(subscription.pending)
        return int(min(near, PREFETCHED - subscription.backlog))

    def _take(self, msg: Msg) -> None:
        if not self._opening:
            self.bus.clock.happen(self._came, msg)

    def _came(self, msg: Msg) -> None:
        place, number, subscription = msg.metadata.sequence.stream, msg.metadata.sequence.consumer, self.subscription
        if self._opening or self.fenced:
            return
        if subscription.settings.ordered and number > self._number + 1:
            self._begin_anew(f"number {self._number + 1} never came, {number} did")
            return
        self._number, self._seen = number, max(self._seen, place)
        if self._awaited.pop(place, None) is not None:
            self.bus.clock.come()
        if place in self._places:  # it is in our hands: only the place to answer is another one
            self._held[self._places[place]] = place, msg.reply
        elif place in self._done:  # the answer was lost
            self.bus.links.put(msg.reply, b"+ACK")
        else:
            event = decode(msg.data)
            if matches(subscription.pattern, event.type):
                following = self.bus.next_delivery
                self._held[following], self._places[place] = (place, msg.reply), following
                self.bus.enqueue(subscription, event)
            else:
                self.bus.links.put(msg.reply, b"+ACK")

    def answer(self, delivery: Delivery) -> None:
        """A delivery is over: tell JetStream."""
        place, where = self._held.pop(delivery.number, (0, ""))
        self._places.pop(place, None)
        if where:
            self._done[place] = None
            if len(self._done) > PREFETCHED:
                del self._done[next(iter(self._done))]
            self.bus.links.put(where, b"+ACK")
        self.wake()

    def wake(self) -> None:
        """There may be room again, or somebody to send to."""
        if self.pull is not None:
            self.pull.wake()

    def beat(self) -> None:
        """Tell JetStream that what is in our hands is being worked on, as long as somebody is there to do so."""
        if self.present:
            for _, where in self._held.values():
                self.bus.links.put(where, b"+WPI")
        if self._awaited and min(self._awaited.values()) < time.monotonic() - 3 * LEASE:
            self.stop_waiting()

    # -- what must come -----------------------------------------------------------------------------------------------

    def expect(self, place: int) -> None:
        """An event was published at a place: it is on its way here until it comes."""
        if place > self._seen and self.pull is not None and place not in self._awaited and self.wants() > 0:
            self._awaited[place] = time.monotonic()
            self.bus.clock.leave()

    def stop_waiting(self) -> None:
        """Nothing is on its way here any more, as far as anybody knows."""
        many = len(self._awaited)
        self._awaited.clear()
        self.bus.clock.come(many)

    async def backlog(self) -> tuple[int, int]:
        """How many events JetStream has for it: not sent, and sent but not answered."""
        info = await again(lambda: self.bus.js.consumer_info(self.bus.stream, self.consumer))
        return int(info.num_pending or 0), int(info.num_ack_pending or 0)

    async def is_idle(self) -> bool:
        """Whether nothing is on its way to those who are there. What waits for a dead letter waits for ever."""
        if not self.present:
            return True
        if self._opening or self.subscription.ready:
            return False
        waiting, unanswered = await self.backlog()
        return not waiting and unanswered == len(self._held)


def hold_subjects(subscription: Subscription) -> None:
    """Keep the subjects of dead letters waiting, where the settings say so."""
    if subscription.settings.on_dead == "hold":
        for letter in subscription.dead:
            subscription.behind.setdefault(letter.event.subject, deque())
