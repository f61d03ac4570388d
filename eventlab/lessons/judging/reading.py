"""Read an answer as it is meant: any usual kind of list, table, number or word; and say which shape is asked for."""

from __future__ import annotations

import inspect
import numbers
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set, ValuesView
from itertools import islice
from typing import Any

from eventlab.lessons.judging.model import Exercise, Mistake

MOST = 10_000  # things that are read of a list


def as_meant(exercise: Exercise, answer: Any) -> Any:
    """The answer in the form of the model answer; a `Mistake` if it is something else altogether."""
    model = exercise.model
    if callable(model):
        fits = callable(answer) and _takes(answer, len(inspect.signature(model).parameters))
        return answer if fits else _refuse(answer, _heading(model))
    if exercise.kind == "order":
        return _order(answer, model)
    if isinstance(model, Mapping):
        return _table(answer, model)
    return _value(answer, model)


def plain(result: Any) -> Any:
    """What an answer gave back, with lists of all kinds as lists and numbers of all kinds as numbers of Python."""
    if isinstance(result, numbers.Number) and not isinstance(result, int | float | complex):
        return _number(result)
    if isinstance(result, str | bytes | bytearray | memoryview | list | tuple | float):
        return result
    if callable(getattr(type(result), "tolist", None)):  # numbers and lists of numpy
        return result.tolist()
    if isinstance(result, Iterator | Set | ValuesView | Sequence):
        return [plain(each) for each in islice(result, MOST)]
    return result


def nearest(word: Any, names: Iterable[str]) -> Any:
    """The one of these names that is meant: "State transfer" for "event-carried state transfer", "pub/sub".

    Small or capital letters, spaces and signs do not matter, and beginnings of words are enough if only one name has
    them. What may mean several names, or none, comes back as it is.
    """
    if not isinstance(word, str):
        return word
    given, known = _parts(word), {name: _parts(name) for name in names}
    same = [name for name, parts in known.items() if parts == given]
    begun = [name for name, parts in known.items() if given and _begin(given, parts)]
    within = sorted((name for name, parts in known.items() if _begin(parts, given)), key=lambda name: -len(known[name]))
    found = same or (begun if len(begun) == 1 else within[:1] if len(within) == 1 or len(begun) == 0 else [])
    return found[0] if found else word


def _parts(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _begin(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether each word of the one is the beginning of a word of the other."""
    return all(any(word.startswith(part) for word in long) for part in short)


def shown(value: Any, longest: int = 100) -> str:
    """A value in words, though its own `repr` may fail or be long."""
    try:
        words = repr(value)
    except Exception:
        words = f"something of the type {type(value).__name__}"
    return words if len(words) <= longest else words[:longest] + "…"


# Orders and tables ----------------------------------------------------------------------------------------------------


def _order(answer: Any, model: Any) -> Any:
    """Letters in an order: "c f e", "C, F, E", "cfe", ["c", "f", "e"] or anything else that gives them one by one."""
    if isinstance(answer, bytes):
        answer = answer.decode("ascii", "replace")
    if not isinstance(answer, str):
        if isinstance(answer, Set | Mapping) or not isinstance(answer, Iterable):
            _refuse(answer, 'letters in an order, such as "c a b" or ["c", "a", "b"]')
        answer = " ".join(str(each) for each in islice(answer, MOST))
    names = {letter.casefold(): letter for letter in _letters(model if isinstance(model, str) else " ".join(model))}
    letters = [names.get(letter.casefold(), letter) for letter in _letters(answer)]
    return " ".join(letters) if isinstance(model, str) else letters


def _letters(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]", text)


def _table(answer: Any, model: Mapping[str, Any]) -> Any:
    """A table with the keys of the model, however they are spelt, and values of its kinds."""
    expected = "{" + ", ".join(f"{key!r}: …" for key in model) + "}"
    given = dict(answer) if isinstance(answer, Mapping) else _pairs(answer)
    if given is None:
        return _refuse(answer, expected)
    names = {_word(key): key for key in model}
    read = {names.get(_word(key), key): value for key, value in given.items()}
    if set(read) != set(model) or len(read) != len(given):
        return _refuse(answer, expected)
    return {key: _value(read[key], value) for key, value in model.items()}


def _pairs(answer: Any) -> dict[Any, Any] | None:
    if isinstance(answer, str | bytes) or not isinstance(answer, Iterable):
        return None
    try:
        return dict(islice(answer, MOST))
    except (TypeError, ValueError):
        return None


def _value(value: Any, model: Any) -> Any:
    """A value of a table, as the kind that the model has there."""
    if isinstance(model, str):
        return _word(value) if isinstance(value, str) and model == model.lower() else value
    if isinstance(model, list | tuple):
        parts = [part.strip() for part in re.split(r"[,;\n]", value)] if isinstance(value, str) else value
        if not isinstance(parts, Iterable) or isinstance(parts, Mapping | bytes):
            return value
        each = [_value(part, model[0] if model else part) for part in islice(parts, MOST)]
        return [part for part in each if part != ""]
    if isinstance(model, int | float):
        return _number(value)
    return value


def _word(value: Any) -> Any:
    """A word without what stands around it, in small letters."""
    return value.strip().strip("\"'").strip().casefold() if isinstance(value, str) else value


def _number(value: Any) -> Any:
    """A number of Python's own for any kind of number, and for one in digits; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, numbers.Number | str):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return value
    return int(number) if number.is_integer() else number


# Functions ------------------------------------------------------------------------------------------------------------


def _heading(model: Any) -> str:
    return f"{'async def' if inspect.iscoroutinefunction(model) else 'def'} {model.__name__}{inspect.signature(model)}"


def _takes(answer: Any, count: int) -> bool:
    try:
        inspect.signature(answer).bind(*[None] * count)
    except TypeError:
        return False
    except Exception:
        return True  # it does not say what it takes, as some of Python's own do not: a run will show it
    return True


def _refuse(answer: Any, expected: str) -> Any:
    name = getattr(answer, "__name__", None)
    found = name if isinstance(name, str) else shown(answer)
    message = f"Your answer, {found}, does not have the shape that is asked for. Expected: {expected}"
    raise Mistake(message, kind="shape")
