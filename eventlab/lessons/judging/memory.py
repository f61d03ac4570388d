"""What an answer remembers outside what it is given: names of the notebook, defaults of arguments, closures.

Every run of a check begins as a fresh notebook would: what the answer kept there in the last run is put back. So a
dictionary beside a handler is as good as a state, for one run, and no run is judged by what another one left behind.
"""

from __future__ import annotations

import inspect
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

PLAIN = (int, float, str, bytes, tuple, frozenset, type(None))
LARGEST = 100_000  # things in a container that are kept: what is larger was not made by a handler


@dataclass
class _Kept:
    """One thing that is remembered: how it is read and put back, the thing itself, and a copy of what was in it."""

    read: Callable[[], Any]
    put: Callable[[Any], object]
    thing: Any
    copy: Any

    def restore(self) -> None:
        """Put it back as it was: into the container if it is one, else where it was found."""
        if _refilled(self.thing, self.copy):
            self.put(self.thing)
        else:
            self.put(self.thing if isinstance(self.thing, PLAIN) else deepcopy(self.copy))


class Remembers(Protocol):
    """Whatever can put back what an answer remembers."""

    @property
    def changed(self) -> list[str]: ...
    def restore(self) -> None: ...


class Memory:
    """What the functions of an answer remember now, to be put back at any time."""

    def __init__(self, answer: Any) -> None:
        self._kept: dict[str, _Kept] = {}
        with suppress(Exception):  # an answer may be anything at all: then nothing of it is put back
            for function in _functions(answer):
                self._keep(function)

    def restore(self) -> None:
        """Put everything back as it was."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a coroutine that was kept there, and never awaited, is let go of
            for kept in self._kept.values():
                kept.restore()

    @property
    def changed(self) -> list[str]:
        """The names of what is no longer as it was."""
        return [name for name, kept in self._kept.items() if _differs(kept.copy, kept.read())]

    def _keep(self, function: Any) -> None:
        names = function.__globals__
        for name in _names(function) & names.keys():
            self._note(name, partial(names.get, name), partial(names.__setitem__, name))
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            self._note(name, partial(getattr, cell, "cell_contents", inspect), partial(setattr, cell, "cell_contents"))
        for name, value in _defaults(function):
            self._note(name, partial(_same, value), _same)
        self._note(function.__name__, partial(_same, function.__dict__), _same)

    def _note(self, name: str, read: Callable[[], Any], put: Callable[[Any], object]) -> None:
        thing = _content(read)
        if name in self._kept or not _is_own(thing):
            return
        try:
            self._kept[name] = _Kept(read, put, thing, deepcopy(thing))
        except Exception:
            return  # what cannot be copied is not put back


def _same(value: Any) -> Any:
    return value


def _content(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except ValueError:  # a cell with nothing in it yet
        return inspect


def _is_own(value: Any) -> bool:
    """Whether a value can be somebody's memory: plain, a container, an iterator or a thing of their own class."""
    if inspect.ismodule(value) or inspect.isclass(value) or inspect.isroutine(value):
        return False
    if isinstance(value, PLAIN):
        return True
    module = type(value).__module__
    if isinstance(value, dict | list | set | deque) and len(value) > LARGEST:
        return False
    return module in ("builtins", "collections", "itertools", "__main__") or not module.startswith(("eventlab.", "_"))


def _refilled(value: Any, kept: Any) -> bool:
    """Put what was in a container back into it; False if it is none."""
    if isinstance(value, dict | set):
        value.clear()
        value.update(deepcopy(kept))
    elif isinstance(value, list | deque | bytearray):
        value.clear()
        value.extend(deepcopy(kept))
    else:
        return False
    return True


def _differs(before: Any, now: Any) -> bool:
    try:
        return bool(before != now) and repr(before) != repr(now)
    except Exception:
        return False


def _defaults(function: Any) -> Iterator[tuple[str, Any]]:
    code, values = function.__code__, function.__defaults__ or ()
    yield from zip(code.co_varnames[: code.co_argcount][-len(values) :] if values else (), values, strict=True)
    yield from (function.__kwdefaults__ or {}).items()


def _functions(answer: Any) -> list[Any]:
    """The functions of an answer, and those of the same notebook or module that they use."""
    waiting, found = list(_own(answer)), []
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.append(function)
            others = (function.__globals__.get(name) for name in _names(function))
            cells = (_content(partial(getattr, cell, "cell_contents")) for cell in function.__closure__ or ())
            waiting += [
                each for other in (*others, *cells) for each in _own(other)
                if each.__globals__ is function.__globals__
            ]  # fmt: skip
    return found


def _own(answer: Any) -> Iterator[Any]:
    if inspect.isfunction(answer):
        yield answer
    elif inspect.ismethod(answer):
        yield answer.__func__
    elif inspect.isclass(answer) and answer.__module__ != "builtins":
        yield from (each for each in vars(answer).values() if inspect.isfunction(each))
    elif hasattr(answer, "func") and callable(answer):
        yield from _own(answer.func)


def _names(function: Any) -> set[str]:
    """The names that a function looks up outside, in functions within it too."""
    names, codes = set(), [function.__code__]
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        codes += [each for each in code.co_consts if inspect.iscode(each)]
    return names
