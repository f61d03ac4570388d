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

from eventlab.errors import Invalid


class Frozen(dict[str, Any]):
    """A dictionary that refuses every change; `Frozen(d) | {...}` gives a plain, changeable copy."""

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
_LEAST, _GREATEST = -(2**63), 2**63 - 1
DEPTH = 100  # lists and dictionaries within each other, in what is kept: anybody who reads it comes to its end
_EXPECTED = "text, a 64-bit integer, a finite float, a boolean, None, a list or a dictionary with text keys"


def freeze(value: Any, where: str = "data") -> Any:
    """`value` with every dictionary `Frozen` and every list a tuple.

    Only what JSON can say exactly is let through: text, 64-bit integers, finite floats, true, false, null, lists
    and dictionaries with text keys. Anything else raises `Invalid`, naming the place.
    """
    kind = value.__class__
    if kind in _PLAIN or (kind is int and _LEAST <= value <= _GREATEST) or (kind is float and isfinite(value)):
        return value
    if kind is tuple or kind is list:
        return tuple([freeze(item, where) for item in value])
    if kind is not dict and not isinstance(value, Mapping):
        if isinstance(value, int) and _LEAST <= value <= _GREATEST:
            return int(value)  # an `Instant`, say: what is kept is the plain number
        raise Invalid("value in a message", where=where, expected=_EXPECTED, found=value)
    for key, item in value.items():
        # The same test as above, written out: this loop runs for every message that is made or read.
        kind = item.__class__
        if key.__class__ is not str or not (
            kind in _PLAIN or (kind is int and _LEAST <= item <= _GREATEST) or (kind is float and isfinite(item))
        ):
            return Frozen({_text(key, where): freeze(item, f"{where}.{key}") for key, item in value.items()})
    return Frozen(value)


def _text(key: object, where: str) -> str:
    if key.__class__ is not str:
        raise Invalid("key in a message", where=where, expected="text", found=key)
    return str(key)


def too_deep(value: Any) -> bool:
    """Whether lists and dictionaries stand in each other more than `DEPTH` deep, the outermost one counted."""
    level = [value]
    for _ in range(DEPTH + 1):
        level = [each for each in level if each.__class__ not in _SIMPLE and isinstance(each, Mapping | list | tuple)]
        if not level:
            return False
        level = [item for outer in level for item in (outer.values() if isinstance(outer, Mapping) else outer)]
    return True


_SIMPLE = frozenset((str, int, float, bool, type(None)))


def decoded(kind: type, value: Any) -> Any:
    """The `dec_hook` for msgspec's decoders: data from JSON, frozen. JSON can only hold what a message may say."""
    if value.__class__ is not dict:
        raise Invalid("data", where="a message in JSON", expected="a dictionary", found=value)
    return Frozen(value) if _SIMPLE.issuperset(map(type, value.values())) else freeze(value)


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
        if self.time.__class__ is not int and isinstance(self.time, int):  # an `Instant`
            msgspec.structs.force_setattr(self, "time", int(self.time))
        if self.data.__class__ is not Frozen:
            data = freeze(self.data)
            if data.__class__ is not Frozen:
                raise Invalid("data", where=f"message {self.type!r}", expected="a dictionary", found=self.data)
            msgspec.structs.force_setattr(self, "data", data)

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
