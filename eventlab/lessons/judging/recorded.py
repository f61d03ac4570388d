"""A judge of recorded cases: an answer must give, for what was given, what a right answer gave.

A book for students has such a judge where the exercise's own one holds the rule that is asked for: a file beside the
lesson says the cases, and what comes of each. Whoever grades has the own judge, and other cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from eventlab.decider import messages
from eventlab.errors import Refused
from eventlab.event import Command, Event, Message, decoded
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.reading import nearest, plain, shown
from eventlab.trace import Trace

TYPES = {"str": str, "int": int, "float": float}
Same = Callable[[Any, Any, Sequence[Any]], bool]  # given, recorded, what the answer was given


class Call(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One recorded call: the arguments, and what a right answer gave; `refused` if it raised `Refused`."""

    given: list[Any]
    gave: Any = None
    refused: bool = False


class Recorded(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The recorded calls of an exercise, a list for each case, with the parameters' names and how results compare.

    With `kept`, an answer must leave what it is given as it was.
    """

    parameters: list[str]
    same: str
    kept: bool
    cases: list[list[Call]]


def judge_recorded(path: Path) -> Callable[[Any, Case], None]:
    """The judge of the cases in a file; the seed of a `Case` says which of them."""

    def judge(answer: Any, case: Case) -> None:
        recorded = _read(path)
        calls = recorded.cases[case.seed % len(recorded.cases)]
        for call in (*calls, *reversed(calls)):  # backwards too: an answer may not count on their order
            _compare(answer, call, recorded, path.parent)

    return judge


def _compare(answer: Any, call: Call, recorded: Recorded, folder: Path) -> None:
    given = [restored(each, folder) for each in call.given]
    told = ", ".join(f"{name} = {_told(value)}" for name, value in zip(recorded.parameters, given, strict=True))
    try:
        found = answer(*given)
    except Refused as refusal:
        if not call.refused:
            message = f"For {told}: you refused (“{refusal}”), and it is possible."
            raise Mistake(message, kind="refused") from refusal
        return
    if call.refused:
        raise Mistake(f"For {told}: this must be refused, and you gave {_told(found)}.", kind="not refused")
    wanted = restored(call.gave, folder)
    if not _is_same(SAME[recorded.same], found, wanted, given):
        raise Mistake(f"For {told}: expected {_told(wanted)}, and you gave {_told(found)}.", kind="other")
    if recorded.kept and given != [restored(each, folder) for each in call.given]:
        raise Mistake(f"For {told}: what the answer was given has changed.", kind="changed")


def _is_same(same: Same, found: Any, wanted: Any, given: Sequence[Any]) -> bool:
    """Whether a result is the one that is wanted; what cannot be compared is another one."""
    try:
        return same(plain(found), wanted, given)
    except (TypeError, ValueError, AttributeError, KeyError, LookupError):
        return False


def _told(value: Any) -> str:
    """A value as somebody writes it; a message by its type and data."""
    if isinstance(value, Message):
        return f"{type(value).__name__}({value.type!r}, {dict(value.data)})"
    return "a trace" if isinstance(value, Trace) else shown(value, 200)


# How results compare --------------------------------------------------------------------------------------------------


def _members(found: Any, wanted: Any, given: Sequence[Any]) -> bool:
    return isinstance(found, list | tuple) and sorted(found) == sorted(wanted)


def _names(found: Any, wanted: Any, given: Sequence[Any]) -> bool:
    """The same names, in any order, as often as one likes."""
    return isinstance(found, list | tuple) and set(found) == set(wanted)


def _pair(found: Any, wanted: Any, given: Sequence[Any]) -> bool:
    """A yes or no, and something beside it."""
    first, second = found
    return bool(first) is wanted[0] and (dict(second) if isinstance(second, Mapping) else second) == wanted[1]


def _facts(found: Any, wanted: Any, given: Sequence[Any]) -> bool:
    """A table that says all that is wanted; it may say more."""
    return isinstance(found, Mapping) and all(found[key] == value for key, value in wanted.items())


def _events(found: Any, wanted: Any, given: Sequence[Any]) -> bool:
    """Messages of the same types that say the same."""
    return [(each.type, each.data) for each in messages(found)] == [(each.type, each.data) for each in messages(wanted)]


def _word(found: Any, wanted: Any, given: Sequence[Any]) -> bool:
    return bool((found or "") == wanted)


def _choice(found: Any, wanted: Any, given: Sequence[Any]) -> bool:
    """The same name, or one with the very same figures."""
    figures = given[0]
    name = nearest(found, [*figures, "none"])
    return bool(name == wanted or (wanted != "none" and figures[name] == figures[wanted]))


def _number(found: Any, wanted: Any, given: Sequence[Any]) -> bool:
    return not isinstance(found, bool) and abs(found - wanted) < 1e-6


SAME: Mapping[str, Same] = {
    "members": _members, "names": _names, "pair": _pair, "facts": _facts, "events": _events, "word": _word,
    "choice": _choice, "number": _number,
}  # fmt: skip

# Values as data -------------------------------------------------------------------------------------------------------


@cache
def _read(path: Path) -> Recorded:
    return msgspec.json.decode(path.read_bytes(), type=Recorded)


def restored(value: Any, folder: Path) -> Any:
    """A value of a file: what begins with `$` stands for a type, a message or a trace."""
    if isinstance(value, list):
        return [restored(each, folder) for each in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"$type": str(name)}:
            return TYPES[name]
        case {"$event": dict(said)}:
            return msgspec.convert(said, Event, dec_hook=decoded)
        case {"$command": dict(said)}:
            return msgspec.convert(said, Command, dec_hook=decoded)
        case {"$trace": str(name)}:
            return Trace.load(folder / name)
        case _:
            return {key: restored(each, folder) for key, each in value.items()}


def as_data(value: Any, keep: Callable[[Trace], str]) -> Any:
    """The value as it stands in a file; a trace is kept in one of its own, whose name `keep` gives."""
    if isinstance(value, Trace):
        return {"$trace": keep(value)}
    if isinstance(value, type):
        return {"$type": value.__name__}
    if isinstance(value, Message):
        return {f"${type(value).__name__.lower()}": msgspec.json.decode(msgspec.json.encode(value))}
    if isinstance(value, Mapping):
        return {key: as_data(each, keep) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_data(each, keep) for each in value]
    return value
