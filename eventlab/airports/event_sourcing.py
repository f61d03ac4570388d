"""Event sourcing: what happened is the only thing that is kept; every state is computed from it.

No service remembers anything over a crash. Afterwards it reads the store again, in one of three roles:

- a *projection* (boards) has no memory of its own: its rows are the fold of all events;
- a *policy* (gates, rebooking, baggage) decides what follows from an event, and its decisions are events too. Their ids
  and times come from the event, not from the clock, so deciding again stores nothing new: a replay is a repetition.
  A checkpoint in the store saves it from reading everything again;
- an *effect* (notices) happens in the world outside, where nothing can be taken back. Before it acts it looks for the
  event that says that it has: at least once, keyed by the event that it answers.

The store has an address. What others wrote is read over the network, which takes time and stops at a cut. A service's
own streams count as its own database does in the other architectures, without a message; but the store is one place,
and who cannot reach it cannot decide. With `apart=True` every append and every load is a message as well.

One store that several services read and write is a shared database: all of them depend on it, on its tables' shape and
on each other's private events. Elsewhere each service has a store of its own, and publishes other, public events.
"""

from __future__ import annotations

from functools import partial

from eventlab.aggregate import Aggregate
from eventlab.airports.cast import Cast
from eventlab.airports.rules import INTERESTS, REACTIONS, Facts, decide, evolve, in_words, news, show
from eventlab.decider import Decider, caused, fold
from eventlab.errors import Refused
from eventlab.event import Command, Event
from eventlab.outbox import Outbox, note_stored
from eventlab.projection import Projection
from eventlab.remote import Follower, LocalStore, RemoteStore, StoreServer, Streams, handle
from eventlab.service import Service
from eventlab.state import State
from eventlab.store import Recorded, Store

FLIGHT = Decider({}, decide, evolve)
EVERY, LARGE = 50, 2_500  # events between two checkpoints of a policy, and as many for so many things remembered


def wire(cast: Cast, *, store: Store | None = None, snapshot_every: int | None = None, apart: bool = False) -> None:
    """Wire the cast around one event store (default: a new one in memory), which also tells that there is news.

    `apart`: appends and loads of a service's own streams travel to the store too (without snapshots).
    """
    cast.store = store = cast.new_store("store") if store is None else store
    operations = cast.operations
    StoreServer(cast.store_server, store)
    Outbox(cast.store_server, store, announce=wake_up)
    own: dict[str, Streams] = {
        name: RemoteStore(service) if apart else LocalStore(service, store) for name, service in cast.services.items()
    }
    local = LocalStore(operations, store)
    flights = Aggregate(store, "flight", FLIGHT, snapshot_every=snapshot_every)

    def hear(command: Command) -> None:
        local.at_hand()
        for stored in flights.handle(command.data["flight"], command, decided):
            note_stored(operations, [stored.event], stored.stream, stored.version)

    async def hear_apart(command: Command) -> None:
        stream = flights.stream(command.data["flight"])
        await handle(RemoteStore(operations), FLIGHT, stream, command, decided)

    def decided(event: Event, n: int) -> Event:
        """An event of operations; its id follows from the command's, so that nothing is decided twice."""
        stamped: Event = operations.stamp(event.with_(id=f"{operations.cause.id}/{n}"))
        return stamped

    cast.hear_airlines(hear_apart if apart else hear)
    operations.answers("flight.describe", partial(_describe, operations, own["operations"], flights))
    _follow(cast, own)
    for service in cast.services.values():
        service.durable = False  # what it remembers is computed from the store
    cast.answer_from(cast.boards, "flight.describe")


async def _describe(operations: Service, own: Streams, flights: Aggregate, command: Command) -> Facts:
    """The facts about a flight now, or as of any instant."""
    stored = await own.read(flights.stream(command.data["flight"]))
    known = [each.event for each in stored if each.event.time <= command.data.get("as_of", operations.now)]
    if not known:
        raise Refused(f"flight {command.data['flight']} is not known")
    flight: Facts = fold(FLIGHT, known)
    return flight


def _follow(cast: Cast, own: dict[str, Streams]) -> None:
    """Let every consumer read what concerns it, in its role."""
    for name, service in cast.consumers.items():
        role = ROLES[name](service, own[name])
        follower = Follower(service, RemoteStore(service), INTERESTS[name], role.begin, role.take)
        service.on(INTERESTS[name], follower.wake, durable=name)


def wake_up(stored: Recorded) -> Event:
    """What is published of an event: that it is there, and where. The event itself is read in the store."""
    return stored.event.with_(data={"flight": stored.event.data["flight"], "position": stored.position})


class Rows:
    """The role of the boards, a projection: the fold of all events, begun again with nothing."""

    def __init__(self, service: Service, own: Streams) -> None:
        def nothing() -> State:
            service.state.clear()
            return service.state

        def shown(rows: State, event: Event) -> State:
            show(rows, event.type, news(event), event.time)
            return rows

        self.projection = Projection(service.name, shown, nothing)

    async def begin(self) -> int:
        self.projection.begin()
        return 0

    async def take(self, stored: Recorded) -> None:
        self.projection.apply(stored)


class Policy:
    """The role of gates, rebooking and baggage: what follows from an event is stored as an event.

    Ids and times come from the event: decided again, it is the same. So memory comes back from the last checkpoint on.
    """

    def __init__(self, service: Service, own: Streams) -> None:
        self.service, self.own, self.name, self.state = service, own, service.name, service.state
        self.saved = 0

    async def begin(self) -> int:
        checkpoint = await self.own.load_checkpoint(self.name)
        self.state.clear()
        self.state.update(checkpoint.state or {})
        self.saved = checkpoint.position
        return self.saved

    async def take(self, stored: Recorded) -> None:
        event = stored.event
        for further in self.decide(event):
            await self.carry_out(further)
        if stored.position >= self.saved + EVERY * (1 + len(self.state) // LARGE):
            await self.own.save_checkpoint(self.name, stored.position, dict(self.state))
            self.saved = stored.position

    def decide(self, event: Event) -> list[Event]:
        """What follows from an event, with the same id and time whenever it is decided."""
        further = REACTIONS[self.name](self.state, event.type, news(event), event.time)
        return [
            caused(each.with_(id=f"{event.id}/{self.name}/{n}", source=self.name), event, n)
            for n, each in enumerate(further, 1)
        ]

    async def carry_out(self, further: Event) -> None:
        await self.own.append(self.stream(further), [further])

    def stream(self, further: Event) -> str:
        return f"{STREAMS[self.name]}-{further.subject}"


class Effects(Policy):
    """The role of notices: what follows from an event is done in the world outside, where nothing is taken back.

    First the act, then the event that says so: a crash in between means that it is done again, never that it is not
    done. The event's id is the key by which it is found that it has been done.
    """

    async def carry_out(self, further: Event) -> None:
        done = await self.own.read(self.stream(further))
        if further.id not in [stored.event.id for stored in done]:
            self.service.act(further, in_words(further))
            await self.own.append(self.stream(further), [further])


ROLES: dict[str, type[Rows | Policy]] = {
    "boards": Rows, "gates": Policy, "rebooking": Policy, "baggage": Policy, "notices": Effects,
}  # fmt: skip
STREAMS = {"gates": "gate", "rebooking": "passengers", "baggage": "bags", "notices": "notice"}
