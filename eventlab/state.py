"""A service's memory: plain data by key, every change of it recorded."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

from eventlab.errors import Invalid
from eventlab.event import freeze
from eventlab.sim import Sim


class State(MutableMapping[str, Any]):
    """A service's memory: plain data by key. Every change is a record of the trace.

    None means that there is nothing: setting a key to None forgets it.
    """

    __slots__ = ("_owner", "_sim", "_values")

    def __init__(self, owner: str, sim: Sim) -> None:
        self._owner, self._sim = owner, sim
        self._values: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if key.__class__ is not str:
            raise Invalid("key of a state", where=self._owner, expected="text", found=key)
        before, after = self._values.get(key), freeze(value, key)
        if before == after and before.__class__ is after.__class__:  # 1, 1.0 and True are equal, but not the same
            return
        if after is None:
            del self._values[key]
        else:
            self._values[key] = after
        self._record(key, before, after)

    def __delitem__(self, key: str) -> None:
        self._record(key, self._values.pop(key), None)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._values))

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)

    def get(self, key: str, default: Any = None) -> Any:
        return self._values.get(key, default)

    def _record(self, key: str, before: Any, after: Any) -> None:
        sim = self._sim
        sim.trace.add(sim.now, "changed", self._owner, key=key, before=before, after=after)
