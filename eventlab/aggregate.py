"""An aggregate: a decider whose history is kept in a store.

Every command goes the same way: load the events, fold them to the state, decide, append what was decided behind the
version that the decision was based on. If somebody else was faster, do it all again: the decision may be another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import takewhile
from typing import Any

from eventlab import borders
from eventlab.decider import Decider, caused
from eventlab.errors import EventIdConflict, Invalid, StoreUnavailable, WrongExpectedVersion
from eventlab.event import Command, Event
from eventlab.rows import ANY, checked, decode, plain
from eventlab.store import Appended, Recorded, Store
from eventlab.upcast import Upcasters

Stamp = Callable[[Event, int], Event]


class Aggregate:
    """All things of one category: the thing `id` lives in the stream "category-id".

    `snapshot_every=n` keeps the state after every n events, so that loading stays as fast as the history grows. A
    snapshot holds plain data and comes back frozen, lists as tuples; for any other kind of state, `dump` and
    `restore` turn it into plain data and back. Change `schema` with `evolve`, and upcasters alone change it by
    themselves: snapshots of another one are not used. Events are stamped with today's version of their type.
    """

    def __init__(
        self,
        store: Store,
        category: str,
        decider: Decider,
        *,
        upcasters: Upcasters | None = None,
        retries: int = 3,
        snapshot_every: int | None = None,
        schema: str = "",
        dump: Callable[[Any], Any] = lambda state: state,
        restore: Callable[[Any], Any] = lambda data: data,
    ) -> None:
        where = "aggregate"
        borders.text(category, "category", where=where, plain=True)
        if not category or "-" in category:
            raise Invalid("category", where=where, expected='a name without "-"', found=category)
        borders.able(store, "append", "read", "find", what="store", where=where)
        borders.instance(decider, Decider, "decider", where=where)
        if upcasters is not None:
            borders.instance(upcasters, Upcasters, "upcasters", where=where)
        borders.integer(retries, "retries", where=where, least=0)
        if snapshot_every is not None:
            borders.integer(snapshot_every, "snapshot_every", where=where, least=1)
        borders.text(schema, "schema", where=where)
        for name, given in (("dump", dump), ("restore", restore)):
            borders.function(given, name, where=where)
        self.store, self.category, self.decider, self.upcasters = store, category, decider, upcasters
        self.retries, self.snapshot_every, self.schema = retries, snapshot_every, schema
        self.dump, self.restore = dump, restore

    def __repr__(self) -> str:
        every = f", a snapshot every {self.snapshot_every}" if self.snapshot_every else ""
        return f"<Aggregate {self.category} in {self.store!r}{every}>"

    def stream(self, id: str) -> str:
        """The name of a thing's stream."""
        borders.text(id, "id", where=f"aggregate {self.category!r}")
        return f"{self.category}-{id}"

    def load(self, id: str, *, as_of: int | None = None, version: int | None = None) -> tuple[Any, int]:
        """The state of a thing and the version that it stands for: now, at a `version`, or `as_of` an instant.

        As of an instant, the events with a later time are left out, and the version is the last one that counts.
        """
        stream, state, last = self.stream(id), self.decider.initial, 0
        if self.snapshot_every:
            snapshot = self.store.snapshot(stream, as_of_version=version, as_of=as_of, schema=self.snapshot_schema)
            if snapshot is not None:
                state, last = self.restore(snapshot.state), snapshot.version
        evolve, upcast = self.decider.evolve, self.upcasters
        for recorded in self.store.read(stream, after=last, upto=version, as_of=as_of):
            state = evolve(state, recorded.event if upcast is None else upcast(recorded.event))
            last = recorded.version
        return state, last

    @property
    def snapshot_schema(self) -> str:
        """What a snapshot's state depends on: the schema, and today's version of every event type that changed."""
        return " ".join(filter(None, (self.schema, self.upcasters.schema if self.upcasters else "")))

    def handle(self, id: str, command: Command, stamp: Stamp | None = None) -> list[Recorded]:
        """What the command led to, as it stands in the store: nothing, one event or several.

        Events get their ids from the command's (see `caused`): the same command handled again, here or by another
        worker, gives the same answer, and nothing happens twice. A command without an id cannot be known again: it gets
        one from the stream and the version that it was decided at. `stamp(event, n)` gives events ids of another kind.
        After `retries` more attempts against faster writers, `WrongExpectedVersion` goes to the caller.
        """
        borders.instance(command, Command, "command", where=f"aggregate {self.category!r}")
        if stamp is not None:
            borders.function(stamp, "stamp", where=f"aggregate {self.category!r}")
        attempt = 0
        while True:
            try:
                return self._try(id, command, stamp)
            except (WrongExpectedVersion, EventIdConflict):  # ids: another worker decided the same command otherwise
                if attempt >= self.retries:
                    raise
            attempt += 1

    def _try(self, id: str, command: Command, stamp: Stamp | None) -> list[Recorded]:
        stream = self.stream(id)
        if command.id and (before := self._handled(stream, command)):
            return before
        state, version = self.load(id)
        events = self._decided(command, state, f"{stream}@{version}", stamp)
        if not events:
            return []
        kept = self._to_keep(stream, state, version, events)
        done = self.store.append(stream, events, version)
        if not done.duplicate:
            return self._done(done, events, kept)
        if command.id or stamp:  # another worker was given the same: what it did stands
            return list(self.store.read(stream, after=done.version - len(events), upto=done.version))
        # Not the same command, it only looks like it: somebody else decided something at this version too.
        raise WrongExpectedVersion(stream, version, self.store.version(stream))

    def _decided(self, command: Command, state: Any, name: str, stamp: Stamp | None) -> list[Event]:
        """What was decided, ready to be stored."""
        cause = command if command.id else command.with_(id=name)
        decided = enumerate(self.decider.decisions(command, state), 1)
        if stamp is not None:
            events = [stamp(event, n) for n, event in decided]
            for event in events:
                borders.instance(event, Event, "answer of stamp", where=f"command {command.type!r}")
        else:  # the cause is the command, whatever decide says: by it the answer is found again
            events = [caused(event, cause, n).with_(causationid=cause.id) for n, event in decided]
        return events if self.upcasters is None else [self.upcasters.stamped(event) for event in events]

    def _to_keep(self, stream: str, state: Any, version: int, events: Sequence[Event]) -> list[Any]:
        """The state for a snapshot if one is due, folded from the events as they will be read; else nothing.

        Made before anything is stored: what cannot be kept is found while nothing has happened.
        """
        every = self.snapshot_every
        if not every or (version + len(events)) // every == version // every:
            return []
        for new in checked(stream, events, ANY):
            event = decode(new.text)
            state = self.decider.evolve(state, event if self.upcasters is None else self.upcasters(event))
        dumped = self.dump(state)
        plain(dumped, f"snapshot of stream {stream!r}")
        return [dumped]

    def _done(self, done: Appended, events: Sequence[Event], kept: list[Any]) -> list[Recorded]:
        with suppress(StoreUnavailable):  # a snapshot saves time and nothing else: what is done stays done
            for state in kept:
                self.store.save_snapshot(done.stream, done.version, state, self.snapshot_schema)
        before = done.version - len(events), done.position - len(events)
        return [Recorded(event, done.stream, before[0] + n, before[1] + n) for n, event in enumerate(events, 1)]

    def _handled(self, stream: str, command: Command) -> list[Recorded]:
        """What the command led to when it was handled before."""
        first = self.store.find(f"{command.id}/1")
        if first is None or first.stream != stream:
            return []
        since = self.store.read(stream, after=first.version - 1)
        return list(takewhile(lambda recorded: recorded.event.causationid == command.id, since))
