"""The law for borders: any value, of the right kind or a wrong one, ends in a result or in an error of ours.

Made from the signatures, so that a new function or parameter is tried without anybody thinking of it:

    for call in calls(store.append, {"stream": "flight-1", "events": Event("noted", id="1")}):
        ends_well(call)
"""

from __future__ import annotations

import datetime
import decimal
import inspect
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

from eventlab.errors import EventlabError
from eventlab.event import Command, Event

DEEP = 10_000  # far beyond what Python calls within each other


class Word(str):
    """Text of somebody's own class."""


class Number(int):
    """A number of somebody's own class."""


class Unshowable:
    """It fails when somebody wants to show it, compare it or know its size."""

    def __repr__(self) -> str:
        raise ValueError("not to be shown")

    def __eq__(self, other: object) -> bool:
        raise ValueError("not to be compared")

    def __hash__(self) -> int:
        raise ValueError("not to be hashed")

    def __bool__(self) -> bool:
        raise ValueError("neither true nor false")


def deep(kind: type = list) -> Any:
    value: Any = 1
    for _ in range(DEEP):
        value = {"a": value} if kind is dict else [value]
    return value


def circle() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


EDGES: dict[str, Callable[[], Any]] = {
    "None": lambda: None, "True": lambda: True, "False": lambda: False, "0": lambda: 0, "1": lambda: 1,
    "-1": lambda: -1, "2^31": lambda: 2**31, "2^63-1": lambda: 2**63 - 1, "2^63": lambda: 2**63,
    "-2^63": lambda: -(2**63), "-2^63-1": lambda: -(2**63) - 1, "10^6000": lambda: 10**6000, "0.5": lambda: 0.5,
    "1.0": lambda: 1.0, "-0.0": lambda: -0.0, "nan": lambda: float("nan"), "inf": lambda: float("inf"),
    "1e308": lambda: 1e308, "1j": lambda: 1j, "decimal": lambda: decimal.Decimal(1), "no text": lambda: "",
    "text": lambda: "a", "a space": lambda: " ", "a dash": lambda: "a-b", "a colon": lambda: "a:b",
    "half a pair": lambda: "\ud800", "the other half": lambda: "a\udce9", "U+0000": lambda: "a\0b", "☃": lambda: "☃",
    "long text": lambda: "x" * 1_000_000, "own text": lambda: Word("a"), "own number": lambda: Number(1),
    "no bytes": lambda: b"", "bytes": lambda: b"a", "bytearray": lambda: bytearray(b"a"),
    "memory": lambda: memoryview(b"a"), "no list": list, "list": lambda: [1], "words": lambda: ["a", "b"],
    "tuple": lambda: ("a", 1), "no tuple": tuple, "deep list": deep, "circle": circle, "set": lambda: {"a"},
    "no dict": dict, "dict": lambda: {"a": 1}, "dict of numbers": lambda: {1: 2},
    "dict of half a pair": lambda: {"\ud800": 1}, "text in it": lambda: {"a": "\udfff"},
    "nan in it": lambda: {"a": float("nan")}, "2^64 in it": lambda: {"a": 2**64}, "deep dict": lambda: deep(dict),
    "an object in it": lambda: {"a": object()}, "bytes in it": lambda: {"a": b"a"}, "object": object,
    "unshowable": Unshowable, "len": lambda: len, "a class": lambda: int, "an instance's class": lambda: Event,
    "...": lambda: ..., "NotImplemented": lambda: NotImplemented, "iterator": lambda: iter([1]),
    "generator": lambda: (n for n in (1, 2)), "range": lambda: range(3), "path": lambda: Path("a"),
    "date": lambda: datetime.datetime(2013, 2, 8, tzinfo=datetime.UTC), "error": lambda: ValueError("a"),
    "event": lambda: Event("noted", id="edge"), "event without id": lambda: Event("noted"),
    "command": lambda: Command("note", id="edge"), "module": lambda: itertools,
}  # fmt: skip

CALLED = ("len", "a class", "an instance's class")  # the edges that can be called


@dataclass(frozen=True)
class Call:
    """A call with one value or several from the edges, as words and ready to be made."""

    words: str
    make: Callable[[], Any]

    def __str__(self) -> str:
        return self.words


def calls(
    function: Callable[..., Any],
    right: Mapping[str, Any],
    *,
    functions: Collection[str] = (),
    together: int = 0,
    seed: int = 1,
) -> Iterator[Call]:
    """Every edge in the place of every parameter, the others being right; then so many with edges everywhere.

    `right` has a value, or a `Fresh` one, for every parameter without a default. A parameter like `*events` gets one
    value. Those that take `functions` get none of the edges that can be called: what these do is their own affair.
    """
    parameters = [each for each in inspect.signature(function).parameters.values() if each.kind is not each.VAR_KEYWORD]
    missing = [p.name for p in parameters if p.default is p.empty and p.name not in right and p.kind < p.VAR_POSITIONAL]
    assert not missing, f"{function} needs right values for {missing}"
    dull = [edge for edge in EDGES if edge not in CALLED]
    fitting = {each.name: dull if each.name in functions else [*EDGES] for each in parameters}
    for parameter in parameters:
        for edge in fitting[parameter.name]:
            yield _call(function, parameters, right, {parameter.name: edge})
    chance = Random(seed)
    for _ in range(together):
        yield _call(function, parameters, right, {name: chance.choice(edges) for name, edges in fitting.items()})


def _call(
    function: Callable[..., Any], parameters: list[inspect.Parameter], right: Mapping[str, Any], edges: dict[str, str]
) -> Call:
    def make() -> Any:
        args, kwargs, several = [], {}, any(each.kind is each.VAR_POSITIONAL for each in parameters)
        for each in parameters:
            if each.name not in edges and each.name not in right:
                continue
            value = EDGES[edges[each.name]]() if each.name in edges else _made(right[each.name])
            in_order = each.kind is each.POSITIONAL_ONLY or (several and each.kind is each.POSITIONAL_OR_KEYWORD)
            if in_order or each.kind is each.VAR_POSITIONAL:
                args.append(value)
            else:
                kwargs[each.name] = value
        return function(*args, **kwargs)

    name = getattr(function, "__qualname__", repr(function))
    return Call(f"{name}({', '.join(f'{key}={edge}' for key, edge in edges.items())})", make)


def _made(value: Any) -> Any:
    return value.value() if isinstance(value, Fresh) else value


@dataclass(frozen=True)
class Fresh:
    """A right value that is made anew for each call."""

    value: Callable[[], Any]


def ends_well(call: Call, *also: type[BaseException]) -> BaseException | None:
    """Make the call, use up what it gives; fails unless that ends in a result or in an error of ours (or `also`)."""
    try:
        result = call.make()
        if isinstance(result, Iterator):
            for _ in itertools.islice(result, 10):
                pass
    except (EventlabError, *also) as error:
        str(error).encode()  # it can be shown and written down
        return error
    except Exception as error:
        raise AssertionError(f"{call} ended in {type(error).__name__}: {error!s:.300}") from error
    return None


def functions(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions and classes that a module defines, or names in `__all__`."""
    for name in getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")]):
        found = getattr(module, name)
        home = getattr(found, "__module__", None) or ""
        ours = home.startswith("eventlab")
        here = hasattr(module, "__all__") or home == module.__name__
        if callable(found) and ours and here and not (isinstance(found, type) and issubclass(found, BaseException)):
            yield name, found


def methods(thing: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public methods of a thing, bound to it, with `__call__` if its class has one."""
    for name, _ in inspect.getmembers(type(thing), callable):
        if not name.startswith("_") or (name == "__call__" and "__call__" in vars(type(thing))):
            yield name, getattr(thing, name)
