"""One shape for every message: a type, plain data, and the CloudEvents attributes that say where it came from.

Read one with `match`:

    match event:
        case Event("flight.cancelled", {"flight": flight, "reason": reason}): ...

A message never changes once made: its fields are frozen and so is everything inside `data`.
Attribute names are those of CloudEvents 1.0 (https://github.com/cloudevents/spec), used as they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Self

import msgspec

from eventlab import borders
from eventlab.errors import Invalid


class Frozen(dict[str, Any]):
    """A dictionary that refuses every change; `frozen | {...}` gives a plain, changeable copy.

    `freeze` makes them: it looks at what is in them.
    """

    __slots__ = ()

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("a message's data never changes once made; build a new message with the data you want")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[type[Frozen], tuple[dict[str, Any]]]:
        return Frozen, (dict(self),)


_PLAIN = frozenset((str, bool, type(None), Frozen))
_LEAST, _GREATEST = borders.LEAST, borders.GREATEST
DEPTH = 100  # lists and dictionaries within each other, in what is kept: anybody who reads it comes to its end
LARGEST = 400_000  # bytes of a value as JSON: a line of a trace holds two of them, and what else belongs to it
LONGEST = 10_000  # characters of a name or another attribute
_MOST = 10_000_000  # values within each other; one that stands in many places counts each time
_EXPECTED = "text, a 64-bit integer, a finite float, a boolean, None, a list or a dictionary with text keys"
_encode = msgspec.json.Encoder().encode


def freeze(value: Any, where: str = "data", *, most: int = LARGEST) -> Any:
    """`value` with every dictionary `Frozen` and every list a tuple.

    Only what JSON can say exactly, and others can read again, is let through: Unicode text, 64-bit integers, finite
    floats, true, false, null, lists and dictionaries with text keys, at most `DEPTH` of them within each other and
    `most` bytes in all. Anything else raises `Invalid`, naming the place.
    """
    kind = value.__class__
    if kind is not dict:
        if kind is str and value.isascii() and len(value) <= LONGEST:
            return value
        if kind is not str and _is_plain(value, kind):
            return value
    frozen = _frozen(value, where, DEPTH, None)
    try:
        text = _encode(frozen)
    except UnicodeEncodeError:
        raise _half_a_character(frozen, where) from None
    except RecursionError:  # made of what was frozen before, step by step
        raise _too_deep(where) from None
    if len(text) > most:
        expected = f"at most {most:,} bytes as JSON"
        raise Invalid("value in a message", where=where, expected=expected, found=f"{len(text):,}")
    # What stands n deep has that many brackets before it: most texts need no closer look.
    if text.count(b"{") + text.count(b"[") > DEPTH and too_deep(frozen):
        raise _too_deep(where)
    return frozen


def _too_deep(where: str) -> Invalid:
    expected = f"at most {DEPTH} dictionaries or lists in each other"
    return Invalid("value in a message", where=where[:200], expected=expected, found="more")


def _is_plain(value: Any, kind: type) -> bool:
    return kind in _PLAIN or (kind is int and _LEAST <= value <= _GREATEST) or (kind is float and isfinite(value))


def _frozen(value: Any, where: str, room: int, left: list[int] | None) -> Any:
    """`value` frozen; `room` says how much deeper it may go, `left` how many values may still come."""
    kind = value.__class__
    if kind is not dict:
        if _is_plain(value, kind):
            return value
        if kind is tuple or kind is list:
            left = _count(value, where, room, left)
            return tuple([_frozen(item, where, room - 1, left) for item in value])
        if not isinstance(value, Mapping):
            return _plain(value, where)
    for key, item in value.items():
        # `_is_plain`, written out: this loop runs for every message that is made or read.
        kind = item.__class__
        if key.__class__ is not str or not (
            kind in _PLAIN or (kind is int and _LEAST <= item <= _GREATEST) or (kind is float and isfinite(item))
        ):
            left = _count(value, where, room, left)
            return Frozen({_key(k, where): _frozen(item, f"{where}.{k}", room - 1, left) for k, item in value.items()})
    if room <= 0:
        _count(value, where, room, left)
    return Frozen(value)


def _count(value: Any, where: str, room: int, left: list[int] | None) -> list[int]:
    """How many values may still come behind those of `value`; `Invalid` if it is too deep or there are too many."""
    left = [_MOST] if left is None else left
    left[0] -= len(value)
    if room <= 0:
        raise _too_deep(where)
    if left[0] < 0:
        raise Invalid("value in a message", where=where[:200], expected=f"at most {_MOST:,} values", found="more")
    return left


def _plain(value: Any, where: str) -> Any:
    """A number or text of somebody's own class, such as an `Instant` or a `numpy.float64`: what it says is kept."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int) and _LEAST <= value <= _GREATEST and value.__class__ is not bool:
        return int.__int__(value)
    if isinstance(value, float) and isfinite(value):
        return float.__float__(value)
    raise Invalid("value in a message", where=where, expected=_EXPECTED, found=value)


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise Invalid("key in a message", where=where, expected="text", found=key)
    return str.__str__(key)


def _half_a_character(value: Any, where: str) -> Invalid:
    """The error for the first text in `value` that UTF-8 cannot write."""
    while value.__class__ is not str:
        items = list(value.items()) if isinstance(value, Mapping) else [("", item) for item in value]
        for key, item in items:
            if not borders.writable(key):
                value, where = key, f"a key of {where}"
                break
            if not _is_writable(item):
                value, where = item, f"{where}.{key}" if key else where
                break
        else:
            break
    expected = "Unicode text, which UTF-8 can write"
    return Invalid("value in a message", where=where, expected=expected, found=value)


def _is_writable(value: Any) -> bool:
    try:
        _encode(value)
    except UnicodeEncodeError:
        return False
    return True


def too_deep(value: Any) -> bool:
    """Whether lists and dictionaries stand in each other more than `DEPTH` deep, the outermost one counted.

    `value` was frozen or decoded, so that no others are in it.
    """
    level: list[Any] = [value] if value.__class__ in _NESTED else []
    for _ in range(DEPTH):
        level = [
            item
            for outer in level
            for item in (outer.values() if isinstance(outer, dict) else outer)
            if item.__class__ in _NESTED
        ]
        if not level:
            return False
    return bool(level)


def as_text(value: Any) -> str:
    """The `enc_hook` for msgspec's encoders: text of somebody's own class is written as the text that it is."""
    return str.__str__(value)


_SIMPLE = frozenset((str, int, float, bool, type(None)))
_NESTED = frozenset((Frozen, tuple, dict, list))  # what freezing and decoding make


def decoded(kind: type, value: Any) -> Any:
    """The `dec_hook` for msgspec's decoders: data from JSON, frozen. JSON can only hold what a message may say."""
    if value.__class__ is not dict:
        raise Invalid("data", where="a message in JSON", expected="a dictionary", found=value)
    return Frozen(value) if _SIMPLE.issuperset(map(type, value.values())) else freeze_decoded(value)


def freeze_decoded(value: Any) -> Any:
    """What JSON said, frozen. It is text that UTF-8 can write, and as long as whoever read it allowed."""
    return _frozen(value, "data", DEPTH, None)


if TYPE_CHECKING:
    Data = Mapping[str, Any]  # what one may hand in
else:
    Data = Frozen  # what it becomes, and what a decoder has to make


Whole = Annotated[int, msgspec.Meta(ge=_LEAST, le=_GREATEST)]  # fits into 64 bits: a decoder takes no other


class Message(
    msgspec.Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True, forbid_unknown_fields=True,
    tag_field="kind", gc=False,
):  # fmt: skip
    """What events, commands and replies share. `time` is in nanoseconds since 1970 (UTC).

    Nothing frozen can hold itself, so the garbage collector need not look at messages (`gc=False`).
    """

    type: str
    data: Data = Frozen()
    subject: str = ""  # the thing it is about: events of one subject keep their order
    id: str = ""  # unique within everything that is ever sent: "<source>-<counter>"
    source: str = ""  # the service that made it
    time: Whole = 0
    correlationid: str = ""  # the id of the message that began the whole story
    causationid: str = ""  # the id of the message that led directly to this one
    dataschema: str = ""  # "flight.cancelled:2"; empty means the first version

    def __post_init__(self) -> None:
        # Every message that is made or read comes by here, so all its text is looked at in one go.
        try:
            text = self.type + self.subject + self.id + self.source
            text += self.correlationid + self.causationid + self.dataschema
            if not text.isascii() or len(text) > LONGEST:
                self._look_closely()
        except Exception:  # something among them is no text
            self._look_closely()
        at = self.time
        if at.__class__ is not int or not _LEAST <= at <= _GREATEST:
            borders.integer(at, "time", where=f"message {self.type!r}")
            msgspec.structs.force_setattr(self, "time", int(at))  # an `Instant`
        if self.data.__class__ is not Frozen:
            data = freeze(self.data)
            if data.__class__ is not Frozen:
                raise Invalid("data", where=f"message {self.type!r}", expected="a dictionary", found=self.data)
            msgspec.structs.force_setattr(self, "data", data)

    def _look_closely(self) -> None:
        for name in ("type", "subject", "id", "source", "correlationid", "causationid", "dataschema"):
            borders.text(getattr(self, name), name, where="a message", most=LONGEST)

    def with_(self, **attributes: Any) -> Self:
        """The same message with some attributes replaced."""
        return msgspec.structs.replace(self, **attributes)


class Event(Message, frozen=True, tag="event"):
    """Something that happened; the type is in the past tense and dotted: `flight.cancelled`."""


class Command(Message, frozen=True, tag="command"):
    """Something that is asked of one service; the type is an imperative: `flight.cancel`."""


class Reply(Message, frozen=True, tag="reply"):
    """A service's answer to a command: the type is the command's, `causationid` its id."""


class Refusal(Message, frozen=True, tag="refusal"):
    """A service's no to a message: `reason` says why, `later` whether another try could succeed."""
