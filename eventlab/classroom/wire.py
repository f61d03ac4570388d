"""Plain data between the judge and the process in which a submission runs: what crosses, and how it is written.

Nothing is run by being read: numbers, text, lists, dictionaries, messages, errors by their names, and references to
what stays on the other side. What is none of these crosses as words about it.
"""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any

import msgspec

from eventlab import errors
from eventlab.event import Command, Event, Frozen, Message, Reply, freeze_decoded
from eventlab.stage import Stage
from eventlab.store import Recorded, Store
from eventlab.trace import Record, Trace

HEAD = 4  # bytes before each message: its length
LARGEST = 1 << 23  # bytes of one message; a trace of many thousand records is shorter
DEEPEST = 60  # lists and dictionaries within each other
WORDS = 2_000  # characters of what an error says
MESSAGES: dict[str, type[Message]] = {"event": Event, "command": Command, "reply": Reply}
TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}
_encode = msgspec.msgpack.Encoder().encode


class BrokenWire(Exception):
    """What came is no message of ours."""


class Thing:
    """Something of the other side that is no plain data: it equals nothing, and is shown by its words."""

    def __init__(self, words: str) -> None:
        self.words = words

    @classmethod
    def named(cls, name: str, words: str) -> Thing:
        """One of a class that is called like that of the thing itself."""
        kind: type[Thing] = type(name or "Thing", (cls,), {})
        return kind(words)

    def __repr__(self) -> str:
        return self.words


class _Seen(msgspec.Struct):
    """A trace, as it crosses."""

    records: list[Record]
    stage: Stage


_decode_trace = msgspec.msgpack.Decoder(_Seen, dec_hook=lambda kind, value: freeze_decoded(value)).decode

# Messages -------------------------------------------------------------------------------------------------------------


def send(number: int, message: list[Any]) -> None:
    """Write a message to an open file."""
    content = _encode(message)
    if len(content) > LARGEST:
        raise BrokenWire(f"a message of {len(content):,} bytes; at most {LARGEST:,} may cross")
    left = len(content).to_bytes(HEAD) + content
    while left:
        left = left[os.write(number, left) :]


def receive(read: Callable[[int], bytes]) -> list[Any]:
    """The next message; `read(n)` gives exactly so many bytes."""
    length = int.from_bytes(read(HEAD))
    if length > LARGEST:
        raise BrokenWire(f"a message of {length:,} bytes; at most {LARGEST:,} may cross")
    try:
        message = msgspec.msgpack.decode(read(length), type=list)
    except (msgspec.DecodeError, ValueError, RecursionError) as problem:
        raise BrokenWire(str(problem)) from None
    if not message or not isinstance(message[0], str):
        raise BrokenWire("a message without its kind")
    return message


# Values ---------------------------------------------------------------------------------------------------------------


def packed(value: Any, other: Callable[[Any], Any], depth: int = 0) -> Any:
    """A value as it crosses. `other` writes what is no plain data: a reference to it, or words about it."""
    if value is None or isinstance(value, bool):
        return value
    if depth > DEEPEST:
        return ["?", "lists or dictionaries that are too deep"]
    if isinstance(value, int | float | str | bytes):
        return _plain(value)
    if isinstance(value, list | tuple):
        return ["L" if isinstance(value, list) else "T", [packed(each, other, depth + 1) for each in value]]
    if isinstance(value, set | frozenset):
        return ["S", [packed(each, other, depth + 1) for each in sorted(value, key=repr)]]
    if isinstance(value, Message):
        return ["M", type(value).__name__.lower(), packed(dict(_fields(value)), other, depth + 1)]
    if isinstance(value, Recorded):
        parts = (value.event, value.stream, value.version, value.position)
        return ["R", [packed(each, other, depth + 1) for each in parts]]
    if isinstance(value, Mapping) and type(value).__module__ != __name__ and isinstance(value, dict):
        pairs = [[packed(key, other, depth + 1), packed(each, other, depth + 1)] for key, each in value.items()]
        return ["D", pairs, isinstance(value, Frozen)]
    if isinstance(value, type):
        return _kind(value)
    if isinstance(value, Trace):
        return ["trace", _encode(_Seen(value.records, value.stage))]
    if isinstance(value, Store):
        return ["store", [[each.stream, packed(each.event, other, depth + 1)] for each in value.read_all()]]
    return other(value)


def _plain(value: Any) -> Any:
    """Exactly the built-in type, whatever the class."""
    if isinstance(value, int):
        number = int.__index__(value)
        return number if -(2**63) <= number < 2**63 else ["?", "a whole number of more than 64 bits"]
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value).encode("utf-8", "backslashreplace").decode("utf-8")
    return bytes(value)


def _fields(message: Message) -> Iterable[tuple[str, Any]]:
    return ((name, getattr(message, name)) for name in message.__struct_fields__)


def _kind(kind: type) -> list[Any]:
    known = TYPES.get(kind.__name__) is kind or _error(kind.__name__) is kind
    return ["K", kind.__name__] if known else ["?", f"the class {kind.__name__}"]


def unpacked(value: Any, other: Callable[[list[Any]], Any]) -> Any:
    """The value that crossed; `other` reads references. Anything malformed raises `BrokenWire`."""
    if value is None or isinstance(value, bool | int | str | bytes):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else Thing(str(value))
    try:
        return _unpacked(value, other)
    except BrokenWire:
        raise
    except (errors.Invalid, LookupError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        raise BrokenWire(f"{type(problem).__name__}: {problem}"[:WORDS]) from None


def _unpacked(value: Any, other: Callable[[list[Any]], Any]) -> Any:
    tag, content = value[0], value[1]
    if tag in ("L", "T"):
        each = [unpacked(part, other) for part in content]
        return each if tag == "L" else tuple(each)
    if tag == "S":
        return {unpacked(part, other) for part in content}
    if tag == "D":
        pairs = {unpacked(key, other): unpacked(each, other) for key, each in content}
        return Frozen(pairs) if value[2] else pairs
    if tag == "M":
        return MESSAGES[content](**unpacked(value[2], other))
    if tag == "R":
        return Recorded(*(unpacked(part, other) for part in content))
    if tag == "K":
        return TYPES.get(content) or _error(content) or Thing(f"the class {content}")
    if tag == "?":
        return Thing.named(str(value[2])[:100] if len(value) > 2 else "", str(content)[:WORDS])
    if tag == "trace":
        seen = _decode_trace(content)
        return Trace(seen.records, seen.stage)
    if tag == "store":
        store = Store()
        for stream, event in content:
            store.append(stream, unpacked(event, other))
        return store
    return other(value)


# Errors ---------------------------------------------------------------------------------------------------------------


def packed_error(error: BaseException, line: int = 0, number: int = -1) -> list[Any]:
    """An error as it crosses: its class by name, what it says, the line in the answer, and a number to know it by."""
    facts = {}
    for name in ("reason", "service", "command", "after", "what", "where", "expected"):
        fact = getattr(error, name, None) if isinstance(error, errors.EventlabError) else None
        if isinstance(fact, str | int | float):
            facts[name] = _plain(fact)
    try:
        words = str(error)
    except Exception:
        words = "(it cannot be shown)"
    own = isinstance(error, Exception)
    return ["X", type(error).__name__[:100], _plain(words[:WORDS]), facts, line, number, own]


def unpacked_error(value: Any) -> BaseException:
    """The error again: of its own class if that is Python's or ours, else of a new class of that name."""
    try:
        _, name, words, facts, line, _, own = value
        made = _made(str(name), str(words), dict(facts), bool(own))
        made.line_in_answer = int(line)  # type: ignore[attr-defined]
        return made
    except (TypeError, ValueError) as problem:
        raise BrokenWire(f"no error: {problem}") from None


def _made(name: str, words: str, facts: dict[str, Any], own: bool) -> BaseException:
    kind: Any = _error(name)
    made: BaseException
    if kind in (errors.Refused, errors.Unavailable):
        made = kind(facts.get("reason", words), service=facts.get("service", ""), command=facts.get("command", ""))
        return made
    if kind is errors.NoReply:
        return errors.NoReply(facts.get("service", ""), facts.get("command", ""), facts.get("after", 0.0))
    base: Any = kind if kind is not None else Exception if own else BaseException
    said = {"__init__": lambda self, *given: None, "__str__": lambda self: words}
    try:
        made = type(name, (base,), said)(words)
    except TypeError:  # its class wants more than words
        made = type(name, (Exception,), said)(words)
    for fact, value in facts.items() if isinstance(made, errors.EventlabError) else ():
        setattr(made, fact, value)
    if isinstance(made, errors.Invalid):
        made.found = None
    return made


def _error(name: str) -> Any:
    """The class of an error by its name, if it is Python's own or eventlab's."""
    found = getattr(errors, name, None) or getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, BaseException) else None
