"""A service's memory: plain data by key, every change of it recorded.

A handler works on its own `Changes`: it sees what it has changed itself and what others have committed, and nobody
sees its changes before they are committed, all at once, when it has ended well. Everybody else (set-up code,
background tasks, tests) writes through at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Protocol

from msgspec import Struct

from eventlab import borders
from eventlab.event import LONGEST, Event, freeze
from eventlab.sim import Sim


class State(MutableMapping[str, Any]):
    """A service's memory: plain data by key. Every committed change is a record of the trace.

    None means that there is nothing: setting a key to None forgets it.
    """

    __slots__ = ("_owner", "_sim", "_values")

    def __init__(self, owner: str, sim: Sim) -> None:
        self._owner, self._sim = owner, sim
        self._values: dict[str, Any] = {}  # what is committed

    def __getitem__(self, key: str) -> Any:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        if key.__class__ is not str or not key.isascii() or len(key) > LONGEST:
            key = borders.text(key, "key of a state", where=self._owner, most=LONGEST)
        after = freeze(value, key)
        changes: Changes | None = self._sim.changes
        if changes is None or changes.state is not self:
            self._write(key, after)
        else:
            own = changes.values
            if key in own:
                del own[key]  # the order of the records is that of the last setting
            own[key] = after

    def __delitem__(self, key: str) -> None:
        if self.get(key) is None:
            raise KeyError(key)
        self[key] = None

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys())

    def __len__(self) -> int:
        return len(self._keys())

    def __repr__(self) -> str:
        return repr(dict(self))

    def get(self, key: str, default: Any = None) -> Any:
        changes: Changes | None = self._sim.changes
        if changes is not None and key in changes.values and changes.state is self:
            value = changes.values[key]
            return default if value is None else value
        return self._values.get(key, default)

    def _keys(self) -> list[str]:
        committed, changes = self._values, self._sim.changes
        if changes is None or changes.state is not self or not changes.values:
            return list(committed)
        own: dict[str, Any] = changes.values
        kept = [key for key in committed if key not in own or own[key] is not None]
        return kept + [key for key, value in own.items() if value is not None and key not in committed]

    def forget(self) -> None:
        """Lose everything at once, as a crash does to what is in memory alone."""
        for key in list(self._values):
            self._write(key, None)

    def _write(self, key: str, after: Any) -> None:
        before = self._values.get(key)
        if before == after and before.__class__ is after.__class__:  # 1, 1.0 and True are equal, but not the same
            return
        if after is None:
            del self._values[key]
        else:
            self._values[key] = after
        sim = self._sim
        sim.trace.write(sim.now, "changed", self._owner, key=key, before=before, after=after)


class Changes(Struct, eq=False):
    """What one handler has changed in its service's state and not committed yet (a unit of work).

    There is one for every message that is handled: a Struct, since it is made in C.
    """

    state: State
    values: dict[str, Any] = {}  # by key; None where the handler deleted it

    def commit(self) -> None:
        """Let everybody see the changes, key by key in the order in which each was last set."""
        write = self.state._write
        for key, value in self.values.items():
            write(key, value)


class RemembersHandled(Protocol):
    """An inbox: knows which messages the service has handled, and what it replied."""

    def reply_to(self, key: str) -> Mapping[str, Any] | None: ...
    def remember(self, key: str, reply: Mapping[str, Any]) -> None: ...


class KeepsEvents(Protocol):
    """An outbox: stores events in the same step in which the service's state is committed, and publishes them later."""

    def keep(self, events: list[Event]) -> None: ...
