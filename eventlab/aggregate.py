"""An aggregate: a decider whose history is kept in a store.

Every command goes the same way: load the events, fold them to the state, decide, append what was decided behind the
version that the decision was based on. If somebody else was faster, do it all again: the decision may be another one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import reduce
from itertools import takewhile
from typing import Any

from eventlab.decider import Decider, caused
from eventlab.errors import EventIdConflict, Invalid, WrongExpectedVersion
from eventlab.event import Command, Event
from eventlab.store import Recorded, Store
from eventlab.upcast import Upcasters


class Aggregate:
    """All things of one category: the thing `id` lives in the stream "category-id".

    `snapshot_every=n` keeps the state after every n events, so that loading stays as fast as the history grows. A
    snapshot holds plain data and comes back frozen, lists as tuples; for any other kind of state, `dump` and
    `restore` turn it into plain data and back. Snapshots of another `schema` are not used: change it with `evolve`.
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
        if not category or "-" in category:
            raise Invalid("category", where="aggregate", expected='a name without "-"', found=category)
        self.store, self.category, self.decider, self.upcasters = store, category, decider, upcasters
        self.retries, self.snapshot_every, self.schema = retries, snapshot_every, schema
        self.dump, self.restore = dump, restore

    def stream(self, id: str) -> str:
        """The name of a thing's stream."""
        return f"{self.category}-{id}"

    def load(self, id: str, *, as_of: int | None = None, version: int | None = None) -> tuple[Any, int]:
        """The state of a thing and the version that it stands for: now, at a `version`, or `as_of` an instant.

        As of an instant, the events with a later time are left out, and the version is the last one that counts.
        """
        stream, state, last = self.stream(id), self.decider.initial, 0
        if self.snapshot_every:
            snapshot = self.store.snapshot(stream, as_of_version=version, as_of=as_of, schema=self.schema)
            if snapshot is not None:
                state, last = self.restore(snapshot.state), snapshot.version
        evolve, upcast = self.decider.evolve, self.upcasters
        for recorded in self.store.read(stream, after=last, upto=version, as_of=as_of):
            state = evolve(state, recorded.event if upcast is None else upcast(recorded.event))
            last = recorded.version
        return state, last

    def handle(self, id: str, command: Command, stamp: Callable[[Event, int], Event] | None = None) -> list[Recorded]:
        """What the command led to, as it stands in the store: nothing, one event or several.

        Events get their ids from the command's (see `caused`): the same command handled again gives the same answer,
        and nothing happens twice. `stamp(event, n)` gives them in another way, and is needed for a command without id.
        After `retries` more attempts against faster writers, `WrongExpectedVersion` goes to the caller.
        """
        stream = self.stream(id)
        for attempt in itertools.count():
            if command.id and (before := self._handled(stream, command)):
                return before
            state, version = self.load(id)
            decided = self.decider.decisions(command, state)
            events = [stamp(event, n) if stamp else caused(event, command, n) for n, event in enumerate(decided, 1)]
            if not events:
                return []
            try:
                done = self.store.append(stream, events, version)
                break
            except (
                WrongExpectedVersion,
                EventIdConflict,
            ):  # a conflict of ids: another process handled the same command
                if attempt == self.retries:
                    raise
        if self.snapshot_every and done.version // self.snapshot_every > version // self.snapshot_every:
            state = reduce(self.decider.evolve, events, state)
            self.store.save_snapshot(stream, done.version, self.dump(state), self.schema)
        before_first = done.position - len(events)
        return [Recorded(event, stream, version + n, before_first + n) for n, event in enumerate(events, 1)]

    def _handled(self, stream: str, command: Command) -> list[Recorded]:
        """What the command led to when it was handled before."""
        first = self.store.find(f"{command.id}/1")
        if first is None or first.stream != stream:
            return []
        since = self.store.read(stream, after=first.version - 1)
        return list(takewhile(lambda recorded: recorded.event.causationid == command.id, since))
