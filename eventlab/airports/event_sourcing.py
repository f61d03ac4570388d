"""Event sourcing: what happened is the only thing that is stored; every state is computed from it.

Operations decides from a flight's own stream. Everything else is a projection: on news of an event, a service reads
the store from the place up to which it has read, and needs no other memory. What follows from it is stored too.
"""

from __future__ import annotations

from eventlab.aggregate import Aggregate
from eventlab.airports.cast import Cast
from eventlab.airports.rules import INTERESTS, REACTIONS, Facts, decide, evolve, news
from eventlab.decider import Decider
from eventlab.errors import Refused
from eventlab.event import Command, Event
from eventlab.outbox import Outbox
from eventlab.service import Service
from eventlab.store import Store
from eventlab.subscription import matches


def wire(cast: Cast, *, store: Store | None = None, snapshot_every: int | None = None) -> None:
    """Wire the cast around one event store (default: a new one in memory), which also publishes what it takes in."""
    cast.store = store = Store() if store is None else store
    operations, boards = cast.operations, cast.boards
    outbox = Outbox(cast.keeper, store, stream=stream)
    flights = Aggregate(store, "flight", Decider({}, decide, evolve), snapshot_every=snapshot_every)

    def hear(command: Command) -> None:
        for recorded in flights.handle(command.data["flight"], command, lambda event, _: operations.stamp(event)):
            outbox.record(recorded.event, recorded.stream, recorded.version)

    def describe(command: Command) -> Facts:
        """The facts about a flight now, or as of any instant."""
        flight: Facts
        flight, version = flights.load(command.data["flight"], as_of=command.data.get("as_of"))
        if not version:
            raise Refused(f"flight {command.data['flight']} is not known")
        return flight

    cast.hear_airlines(hear)
    operations.answers("flight.describe", describe)
    for name, service in cast.consumers.items():
        reader = Reader(service, store, outbox)
        service.on(INTERESTS[name], reader.catch_up, durable=name)
    cast.answer_from(boards, "flight.describe")


def stream(event: Event) -> str:
    """The stream of an event: one for each flight, and one for each flight's gate, passengers, bags."""
    return f"{event.type.split('.')[0]}-{event.subject}"


class Reader:
    """A service's state, computed from the store; what follows from an event is stored as an event again."""

    def __init__(self, service: Service, store: Store, outbox: Outbox) -> None:
        self.service, self.store, self.outbox = service, store, outbox
        self.position = 0
        service.background(self._begin)

    def catch_up(self, wake_up: Event | None = None) -> None:
        """Read on from where we were. The event that woke us up is in there; the second time there is nothing new."""
        service, react = self.service, REACTIONS[self.service.name]
        for recorded in self.store.read_all(after=self.position):
            event = recorded.event
            if matches(INTERESTS[service.name], event.type):
                further = react(service.state, event.type, news(event), service.sim.now)
                if further:
                    self.outbox.keep([service.stamp(each, event) for each in further])
            self.position = recorded.position

    async def _begin(self) -> None:
        self.catch_up()
