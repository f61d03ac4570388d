"""A door: what is handed in fits the types that stand on a signature, or `Invalid` says what was expected.

For functions that are called now and then. What is called for every message looks at its arguments itself.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, wraps
from math import isfinite
from numbers import Integral, Real
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin

from eventlab.borders import GREATEST, LEAST, writable
from eventlab.errors import Invalid

F = TypeVar("F", bound=Callable[..., Any])
LONGEST = 1_000_000  # characters of a text
WORDS = {
    int: "an integer of 64 bits", float: "a finite number", str: f"Unicode text, at most {LONGEST:,} characters",
    bool: "True or False", type(None): "None",
}  # fmt: skip


def door(function: F) -> F:
    """The function, behind a door that looks at its arguments."""
    return _door(function)


def door_but(*names: str) -> Callable[[F], F]:
    """A door for a function that looks at some of its arguments itself, since it has more to say about them."""
    return lambda function: _door(function, *names)


def _door(function: F, *but: str) -> F:
    signature = inspect.signature(function)

    @wraps(function)
    def entered(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            expected = f"the arguments {signature}"
            raise Invalid("call", where=function.__qualname__, expected=expected, found=str(error)) from None
        hints = _hints(function)
        for name, value in bound.arguments.items():
            kind = signature.parameters[name].kind
            if isinstance(value, Iterator) and get_origin(hints[name]) is Iterable and name not in but:
                value = bound.arguments[name] = list(value)  # it can be gone through once: to look and to be used
            several = value if kind is inspect.Parameter.VAR_POSITIONAL else (value,)
            if kind is inspect.Parameter.VAR_KEYWORD:
                several = value.values()
            for each in several if name not in but else ():
                _look(each, hints[name], name, function.__qualname__)
        return function(*bound.args, **bound.kwargs)

    return cast(F, entered)


def look_at_fields(made: Any, *but: str) -> None:
    """`Invalid` unless each field of a dataclass or Struct, `but` these, fits the type that stands beside it."""
    kind: Any = type(made)
    for name, hint in _hints(kind).items():
        if name in but:
            continue
        _look(getattr(made, name), hint, name, kind.__name__)


def _look(value: Any, hint: Any, name: str, where: str) -> None:
    try:
        fine = _fits(value, hint)
    except Exception:  # somebody's own class that cannot be asked
        fine = False
    if not fine:
        raise Invalid(name, where=where, expected=_words(hint), found=value)


@cache
def _hints(owner: Any) -> dict[str, Any]:
    """The types by name. One that only a type checker knows says nothing here."""
    owner = owner if isinstance(owner, type) else inspect.unwrap(owner)
    found = {} if isinstance(owner, type) else dict.fromkeys(inspect.signature(owner).parameters, Any)
    for each in reversed(owner.__mro__[:-1]) if isinstance(owner, type) else [owner]:
        for name, hint in inspect.get_annotations(each).items():
            alone = types.SimpleNamespace(__annotations__={name: hint})
            try:
                found |= typing.get_type_hints(alone, vars(inspect.getmodule(each)))
            except (NameError, TypeError):
                found[name] = Any
    return found


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value is what the hint says."""
    plain = True if hint is Any else _fits_plain(value, hint)
    if plain is not None:
        return plain
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, each) for each in inner)
    if origin is typing.Literal:
        return isinstance(value, str | int) and value in inner
    if origin is tuple and Ellipsis not in inner:
        return isinstance(value, tuple | list) and len(value) == len(inner) and all(map(_fits, value, inner))
    if origin is tuple:  # as many as there are: any row
        origin = Sequence
    if origin is Callable:
        return callable(value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        items = isinstance(value, Mapping) and value.items()
        return items is not False and all(_fits(key, inner[0]) and _fits(item, inner[1]) for key, item in items)
    if isinstance(origin, type) and issubclass(origin, Iterable):
        if isinstance(value, str | bytes | bytearray) or not (isinstance(value, origin) or _is_a_row(value, origin)):
            return False
        return not isinstance(value, Collection) or all(_fits(item, inner[0]) for item in value)
    return True


def _is_a_row(value: Any, origin: type) -> bool:
    """Whether it does what a sequence does, though it is none by name: an index of pandas, an array of numpy."""
    of_a_sequence = ("__len__", "__getitem__", "__iter__")
    return (
        issubclass(Sequence, origin)
        and all(hasattr(type(value), name) for name in of_a_sequence)
        and not isinstance(value, Mapping)
    )


def _fits_plain(value: Any, hint: Any) -> bool | None:
    if hint is bool:
        return value.__class__ is bool
    if hint is int:
        return isinstance(value, Integral) and not isinstance(value, bool) and LEAST <= int(value) <= GREATEST
    if hint is float:
        number = isinstance(value, Real) and not isinstance(value, bool)
        return number and (LEAST <= int(value) <= GREATEST if isinstance(value, Integral) else isfinite(value))
    if hint is str:
        return isinstance(value, str) and len(value) <= LONGEST and writable(value)
    if hint is None or hint is type(None):
        return value is None
    if hint is Path:  # beside text, of which no system makes a name with U+0000 in it
        return isinstance(value, PathLike) and _fits_plain(fspath(value), str) is True and "\0" not in fspath(value)
    if isinstance(hint, type) and get_origin(hint) is None:
        if getattr(hint, "_is_protocol", False):  # whatever has its methods
            return all(hasattr(value, name) for name in vars(hint) if not name.startswith("_"))
        return isinstance(value, hint)
    return None


def _words(hint: Any) -> str:
    """What a hint says, in words."""
    if hint in WORDS:
        return WORDS[hint]
    inner = get_args(hint)
    if get_origin(hint) in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(map(_words, inner)))
    if get_origin(hint) is Callable:
        return "a function"
    if isinstance(hint, type) and not inner:
        return f"{'an' if hint.__name__[0] in 'AEIO' else 'a'} {hint.__name__}"
    return str(hint).replace("collections.abc.", "").replace("typing.", "")
