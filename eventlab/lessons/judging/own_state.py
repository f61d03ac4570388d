"""A service's state in which an answer may keep things of its own shapes: dataclasses, named tuples, sets."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, is_dataclass
from typing import Any

from eventlab.sim import Sim
from eventlab.state import State


class OwnState(State):
    """Whoever put a thing of its own class there gets such a thing back; the trace has it as plain data."""

    __slots__ = ("_shapes",)

    def __init__(self, owner: str, sim: Sim) -> None:
        super().__init__(owner, sim)
        self._shapes: dict[str, tuple[Any, Any]] = {}  # by key: the plain data, and the thing itself

    def __setitem__(self, key: str, value: Any) -> None:
        data = as_data(value)
        super().__setitem__(key, data)
        if data is not value:
            self._shapes[key] = (super().get(key), deepcopy(value))

    def get(self, key: str, default: Any = None) -> Any:
        """What is there, in the shape in which it was put there."""
        value = super().get(key, default)
        data, shape = self._shapes.get(key, (None, None))
        return deepcopy(shape) if data is not None and data == value else value


def as_data(value: Any) -> Any:
    """The value as plain data if it is of a shape that has some; the value itself if it is plain already."""
    if is_dataclass(value) and not isinstance(value, type):
        return as_data(asdict(value))
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return as_data(value._asdict())
    if isinstance(value, set | frozenset | deque):
        return [as_data(each) for each in (sorted(value, key=repr) if not isinstance(value, deque) else value)]
    if isinstance(value, Mapping) and any(as_data(each) is not each for each in value.values()):
        return {key: as_data(each) for key, each in value.items()}
    if isinstance(value, list | tuple) and any(as_data(each) is not each for each in value):
        return [as_data(each) for each in value]
    return value
