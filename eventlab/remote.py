"""A store with an address: others read it and append to it over the network, where messages take time and get lost.

    StoreServer(service, store)        answers for a store
    RemoteStore(client, "store")       asks: `await remote.read(...)`, `await remote.append(...)`
    Follower(service, remote, ...)     reads on whenever there is something new

An append whose answer does not come may have been done or not. Append the same events again: their ids make a second
time harmless.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.structs import asdict

from eventlab import borders
from eventlab.client import Client
from eventlab.decider import Decider, fold
from eventlab.door import door, door_but
from eventlab.errors import EventIdConflict, Invalid, NoReply, Refused, Unavailable, WrongExpectedVersion
from eventlab.event import Command, Event
from eventlab.outbox import note_stored
from eventlab.saved import Checkpoint
from eventlab.service import Service
from eventlab.store import ANY, Appended, Expected, Recorded, Store
from eventlab.subscription import matches

PAGE = 100  # events in one answer


class Page(NamedTuple):
    """Some events, and the position (in one stream: the version) up to which there are no others."""

    events: list[Recorded]
    upto: int


class StoreServer:
    """Lets a service answer for a store."""

    @door_but("store")
    def __init__(self, service: Service, store: Store) -> None:
        needed = ("read", "read_all", "append", "version", "load_checkpoint", "save_checkpoint")
        borders.able(store, *needed, what="store", where="store server")
        self.service, self.store = service, store
        service.answers("store.read", self._read)
        service.answers("store.append", self._append)
        service.answers("checkpoint.read", self._checkpoint)
        service.answers("checkpoint.save", self._save_checkpoint)

    def _read(self, command: Command) -> Mapping[str, Any]:
        store, after = self.store, command.data["after"]
        stream, types = command.data.get("stream", ""), command.data.get("types", "")
        upto = store.version(stream) if stream else store.position
        events: list[dict[str, Any]] = []
        for recorded in (
            store.read(stream, after=after, upto=upto) if stream else store.read_all(after=after, upto=upto)
        ):
            if not types or matches(types, recorded.event.type):
                events.append(_plain(recorded))
                if len(events) == PAGE:
                    upto = recorded.version if stream else recorded.position
                    break
        return {"events": events, "upto": max(after, upto)}

    def _append(self, command: Command) -> Mapping[str, Any]:
        stream, expected = command.data["stream"], command.data["expected"]
        events = [_event(fields) for fields in command.data["batch"]]
        try:
            done = self.store.append(stream, events, Expected(expected) if isinstance(expected, str) else expected)
        except WrongExpectedVersion as conflict:
            return {"stream": stream, "version": conflict.actual, "conflict": True}
        except (EventIdConflict, Invalid) as error:
            raise Refused(str(error)) from error
        if not done.duplicate:
            note_stored(self.service, events, done.stream, done.version)
        return asdict(done)

    def _checkpoint(self, command: Command) -> Mapping[str, Any]:
        name = command.data["reader"]
        found = self.store.load_checkpoint(name)
        memory = {} if found.state is None else {"memory": found.state}
        return {"position": found.position, **memory}

    def _save_checkpoint(self, command: Command) -> None:
        self.store.save_checkpoint(command.data["reader"], command.data["position"], command.data["memory"])


class RemoteStore:
    """A store that somebody else answers for. Every call may also raise what `Client.request` raises."""

    def __init__(self, client: Client, server: str = "store") -> None:
        borders.instance(client, Client, "client", where="remote store")
        self.client, self.server = client, server

    async def page(self, after: int, *, types: str = "", stream: str = "") -> Page:
        """The next events behind the position `after` (in one `stream`: the version) whose types fit `types`.

        At most `PAGE` of them: while a page is full, there may be more behind `upto`.
        """
        asked = {"after": after} | ({"types": types} if types else {}) | ({"stream": stream} if stream else {})
        reply = await self.client.request(self.server, Command("store.read", asked))
        return Page([_recorded(fields) for fields in reply["events"]], reply["upto"])

    async def read(self, stream: str) -> list[Recorded]:
        """All events of a stream."""
        found: list[Recorded] = []
        while True:
            page = await self.page(len(found), stream=stream)
            found += page.events
            if len(page.events) < PAGE:
                return found

    async def append(self, stream: str, events: Event | Sequence[Event], expected: int | Expected = ANY) -> Appended:
        """As `Store.append`, over the network. `Refused` stands for what cannot be stored."""
        if not isinstance(expected, Expected):
            borders.integer(expected, "expected version", where="append")
        batch = [events] if isinstance(events, Event) else events
        borders.instance(batch, Sequence, "events", where="append")
        for event in batch:
            borders.instance(event, Event, "event", where="append")
        wanted = expected.value if isinstance(expected, Expected) else expected
        asked = {"stream": stream, "batch": [_fields(event) for event in batch], "expected": wanted}
        reply = await self.client.request(self.server, Command("store.append", asked))
        if reply.get("conflict"):
            raise WrongExpectedVersion(stream, wanted, reply["version"])
        return Appended(**reply)

    async def load_checkpoint(self, name: str) -> Checkpoint:
        """As `Store.load_checkpoint`, over the network."""
        reply = await self.client.request(self.server, Command("checkpoint.read", {"reader": name}))
        return Checkpoint(name, reply["position"], reply.get("memory"))

    async def save_checkpoint(self, name: str, position: int, memory: Any = None) -> None:
        """As `Store.save_checkpoint`, over the network."""
        asked = {"reader": name, "position": position, "memory": memory}
        await self.client.request(self.server, Command("checkpoint.save", asked))


class LocalStore:
    """A service's own streams in a store: the same calls without a message and without time, but not through a cut."""

    @door_but("store")
    def __init__(self, service: Service, store: Store, server: str = "store") -> None:
        self.service, self.store, self.server = service, store, server

    def at_hand(self) -> Store:
        """The store, or `Unavailable` if there is a cut between."""
        if not self.service.network.connected(self.service.name, self.server):
            raise Unavailable("it cannot be reached", service=self.server, command="store")
        return self.store

    async def read(self, stream: str) -> list[Recorded]:
        """All events of a stream."""
        return list(self.at_hand().read(stream))

    async def append(self, stream: str, events: Event | Sequence[Event], expected: int | Expected = ANY) -> Appended:
        """As `Store.append`."""
        done = self.at_hand().append(stream, events, expected)
        if not done.duplicate:
            note_stored(self.service, [events] if isinstance(events, Event) else events, done.stream, done.version)
        return done

    async def load_checkpoint(self, name: str) -> Checkpoint:
        """As `Store.load_checkpoint`."""
        return self.at_hand().load_checkpoint(name)

    async def save_checkpoint(self, name: str, position: int, memory: Any = None) -> None:
        """As `Store.save_checkpoint`."""
        self.at_hand().save_checkpoint(name, position, memory)


Streams = LocalStore | RemoteStore


async def handle(
    streams: Streams, decider: Decider, stream: str, command: Command, stamp: Callable[[Event, int], Event]
) -> list[Event]:
    """As `Aggregate.handle`: load, decide, append behind what was loaded; if somebody else was faster, decide again."""
    while True:
        history = await streams.read(stream)
        state = fold(decider, [stored.event for stored in history])
        events = [stamp(event, n) for n, event in enumerate(decider.decisions(command, state), 1)]
        if not events:
            return []
        try:
            await streams.append(stream, events, len(history))
            return events
        except WrongExpectedVersion:
            continue


class Follower:
    """A catch-up subscription: reads on in a remote store, in order, whenever it is woken and after every restart.

    `begin()` gives the position behind which to begin, with whatever is remembered of the events up to there; it is
    called anew after a crash. `take(recorded)` takes one event in. If what it wants to store cannot be stored now, it
    begins again. Both are coroutine functions.
    """

    @door
    def __init__(
        self,
        service: Service,
        remote: RemoteStore,
        types: str,
        begin: Callable[[], Awaitable[int]],
        take: Callable[[Recorded], Awaitable[object]],
    ) -> None:
        self.service, self.remote, self.types, self.begin, self.take = service, remote, types, begin, take
        self.position = self.newest = 0
        self._news = service.signal()
        service.background(self._follow)

    def wake(self, news: Event) -> None:
        """Look for more: the news says that something stands at `position`."""
        borders.integer(news.data.get("position"), "position", where="news")
        self.newest = max(self.newest, news.data["position"])
        self._news.set()

    async def _follow(self) -> None:
        begun = False
        while True:
            self._news = self.service.signal()
            try:
                if not begun:
                    self.position = await self.begin()
                    begun = True
                page = await self.remote.page(self.position, types=self.types)
                begun = False  # if one of these events cannot be taken in, memory is not to be trusted
                for recorded in page.events:
                    await self._take(recorded)
                self.position, begun = page.upto, True
            except (NoReply, Unavailable):
                await self.service.reconnected(self.remote.server)
                continue
            if len(page.events) < PAGE and self.position >= self.newest:
                await self._news.wait()

    async def _take(self, recorded: Recorded) -> None:
        service = self.service
        await self.take(recorded)
        self.position = recorded.position
        event, server = recorded.event, self.remote.server
        service.sim.trace.write(service.now, "handled", service.name, event, server, purpose="read")


def _fields(event: Event) -> dict[str, Any]:
    """An event as plain data, without what is not set."""
    return {name: value for name, value in asdict(event).items() if value or name == "type"}


def _plain(recorded: Recorded) -> dict[str, Any]:
    return {
        "position": recorded.position,
        "stream": recorded.stream,
        "version": recorded.version,
        "event": _fields(recorded.event),
    }


def _event(fields: Mapping[str, Any]) -> Event:
    return Event(**fields)


def _recorded(fields: Mapping[str, Any]) -> Recorded:
    return Recorded(_event(fields["event"]), fields["stream"], fields["version"], fields["position"])
