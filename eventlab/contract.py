"""Contracts: what the data of an event look like, written down as a msgspec `Struct`, and what a new version breaks.

    class GateChanged1(Struct):
        flight: str
        gate: str

    class GateChanged2(Struct):
        flight: str
        gate: str
        terminal: int                                # must be there: what is stored has none

    breaking(GateChanged1, GateChanged2)             # [Breaking(mode="backward", data={"flight": "", "gate": ""}, …)]
    schema(GateChanged2)                             # the same contract as JSON Schema, for programs elsewhere

Two programs agree if one can read all that the other may write. So nothing is compared word by word: the writer's
contract gives examples, the smallest first, and the reader's contract reads them. A writer writes what its contract
names, and nothing else; a reader overlooks what its contract does not name (`forbid_unknown_fields=True`: it does not).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec
from msgspec import inspect

from eventlab.errors import Invalid, unknown

MODES = {"backward": ("backward",), "forward": ("forward",), "full": ("backward", "forward")}
DEEP = 12  # contracts within each other: deeper is one that holds itself, and its examples have no end


@dataclass(frozen=True)
class Breaking:
    """One thing that a new version breaks: data that one version writes and the other cannot read, and why.

    `mode` is "backward" where the new reader meets what was written by the old version (old events in a store), and
    "forward" where the old reader meets what the new version writes (consumers that have not been changed yet).
    """

    mode: str
    data: Any
    why: str

    def __str__(self) -> str:
        reader, writer = ("new", "old") if self.mode == "backward" else ("old", "new")
        return f"the {reader} version cannot read {self.data} of the {writer} one: {self.why}"


def breaking(old: type, new: type, mode: str = "full") -> list[Breaking]:
    """What breaks if `new` is published where `old` was, one entry for each reason; empty if nothing does.

    `mode` as schema registries name it: "backward" (new readers, old events), "forward" (old readers, new events) or
    "full" (both). Only shapes are compared: minutes that become seconds look the same.
    """
    if not isinstance(mode, str) or mode not in MODES:
        raise unknown("mode", mode, MODES, where="breaking")
    contracts = {"backward": (_kind(old), new), "forward": (_kind(new), old)}
    return [found for each in MODES[mode] for found in _refused(each, *contracts[each])]


def schema(contract: type) -> dict[str, Any]:
    """The contract as JSON Schema (draft 2020-12), as plain data."""
    _kind(contract)
    try:
        written = msgspec.json.schema(contract)
    except KeyError as problem:  # JSON Schema knows them by name
        expected = "Structs with different names"
        raise Invalid("contract", where=contract.__name__, expected=expected, found=f"{problem} twice") from None
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **written}


def read(contract: type, data: Any) -> Any:
    """Data as a program with this contract reads it: a `Struct`; `Invalid` says what does not fit."""
    try:
        return msgspec.convert(data, contract)
    except (msgspec.ValidationError, TypeError) as problem:
        _kind(contract)  # `Invalid` if it is no contract
        raise Invalid("data", where=contract.__name__, expected="what its contract says", found=str(problem)) from None


def _refused(mode: str, writer: inspect.Type, reader: type) -> Iterator[Breaking]:
    """The first of the writer's examples for each reason for which the reader refuses one."""
    seen = set()
    limits = sorted({*_limits(writer, DEEP), *_limits(inspect.type_info(reader), DEEP)})
    for data in _examples(writer, limits, DEEP):
        try:
            msgspec.convert(data, reader)
        except msgspec.ValidationError as problem:
            if str(problem) not in seen:
                seen.add(str(problem))
                yield Breaking(mode, data, str(problem))


def _kind(contract: object) -> inspect.StructType:
    """What msgspec knows of a contract; `Invalid` if it is none."""
    expected = "a msgspec Struct whose fields are plain data"
    if not (isinstance(contract, type) and issubclass(contract, msgspec.Struct)):
        raise Invalid("contract", where="breaking", expected=expected, found=contract)
    try:
        kind = inspect.type_info(contract)
        for _ in _examples(kind, sorted(set(_limits(kind, DEEP))), DEEP):
            break
    except (TypeError, NameError, Invalid) as problem:
        raise Invalid("contract", where=contract.__name__, expected=expected, found=str(problem)) from None
    if not isinstance(kind, inspect.StructType) or kind.array_like:
        raise Invalid("contract", where=contract.__name__, expected="data with names", found=contract)
    return kind


# Examples -------------------------------------------------------------------------------------------------------------


def _examples(kind: inspect.Type, limits: list[int], deep: int) -> Iterator[Any]:
    """Values that a contract allows, the smallest first: each field by turns as it may be, all others at their least.

    `limits` are numbers at which the other side may think otherwise: lengths and bounds.
    """
    if deep == 0:
        raise Invalid("contract", where="breaking", expected=f"at most {DEEP} within each other", found="more")
    match kind:
        case inspect.StructType():
            yield from _structs(kind, limits, deep)
        case inspect.UnionType(types=types):
            yield from chain.from_iterable(_examples(each, limits, deep) for each in types)
        case inspect.ListType(item_type=item):
            yield from _lists(kind, list(_examples(item, limits, deep - 1)))
        case inspect.DictType(value_type=value):
            yield {}
            yield from ({"key": each} for each in _examples(value, limits, deep - 1))
        case _:
            yield from _plain(kind, limits)


def _structs(kind: inspect.StructType, limits: list[int], deep: int) -> Iterator[dict[str, Any]]:
    choices = {field.encode_name: list(_examples(field.type, limits, deep - 1)) for field in kind.fields}
    for name, values in choices.items():
        if not values:
            raise Invalid("contract", where=kind.cls.__name__, expected=f"a value that {name} can have", found="none")
    least = {field.encode_name: choices[field.encode_name][0] for field in kind.fields if field.required}
    yield least
    for name, values in choices.items():
        yield from ({**least, name: value} for value in values)


def _lists(kind: inspect.ListType, items: list[Any]) -> Iterator[list[Any]]:
    least = kind.min_length or 0
    yield [items[0]] * least
    if kind.max_length is None or kind.max_length > least:
        yield from ([items[0]] * least + [each] for each in items)
    else:
        yield from ([each] * least for each in items)


def _plain(kind: inspect.Type, limits: list[int]) -> Iterator[Any]:
    match kind:
        case inspect.AnyType():
            yield from (None, False, 0, "", 0.5, [], {})
        case inspect.NoneType():
            yield None
        case inspect.BoolType():
            yield from (False, True)
        case inspect.IntType():
            yield from (number for number in (0, 1, -1, *limits) if _within(number, kind))
        case inspect.FloatType():
            yield from (number for number in (0.0, 0.5, -0.5, *map(float, limits)) if _within(number, kind))
        case inspect.StrType(pattern=None):
            lengths = {0, kind.min_length or 0, *(limit for limit in limits if 0 <= limit <= 10_000)}
            yield from ("x" * length for length in sorted(lengths) if _fits(length, kind))
        case inspect.LiteralType(values=values):
            yield from values
        case _:
            expected = "text, numbers, booleans, None, Literal, lists, dictionaries and Structs"
            raise Invalid("contract", where="breaking", expected=expected, found=kind)


def _within(number: float, kind: inspect.IntType | inspect.FloatType) -> bool:
    return (
        (kind.ge is None or number >= kind.ge)
        and (kind.gt is None or number > kind.gt)
        and (kind.le is None or number <= kind.le)
        and (kind.lt is None or number < kind.lt)
        and (kind.multiple_of is None or number % kind.multiple_of == 0)
    )


def _fits(length: int, kind: inspect.StrType) -> bool:
    return (kind.min_length or 0) <= length and (kind.max_length is None or length <= kind.max_length)


def _limits(kind: inspect.Type, deep: int) -> Iterator[int]:
    """The numbers around which a reader may say no, and those beside them."""
    for name in ("ge", "gt", "le", "lt", "min_length", "max_length", "multiple_of"):
        bound = getattr(kind, name, None)
        if bound is not None:
            yield from (int(bound) - 1, int(bound), int(bound) + 1)
    if deep:
        inner = [field.type for field in getattr(kind, "fields", ())]
        inner += [*getattr(kind, "types", ()), getattr(kind, "item_type", None), getattr(kind, "value_type", None)]
        for each in inner:
            if each is not None:
                yield from _limits(each, deep - 1)
