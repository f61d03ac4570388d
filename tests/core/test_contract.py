"""Contracts: a breaking change is found with data that break it, whatever the contracts are."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Annotated, Any, Literal

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta, Struct

from eventlab import Invalid
from eventlab.contract import Breaking, breaking, read, schema


class One(Struct):
    flight: str
    gate: str


class Required(Struct):
    flight: str
    gate: str
    terminal: int


class Optional(Struct):
    flight: str
    gate: str
    terminal: int = 1


class Renamed(Struct):
    flight: str
    stand: str


class Nullable(Struct):
    flight: str
    gate: str | None


class Closed(Struct, forbid_unknown_fields=True):
    flight: str
    gate: str


class Minutes(Struct):
    late: int


class Seconds(Struct):
    late: int


def modes(old: type, new: type) -> set[str]:
    return {each.mode for each in breaking(old, new)}


def test_each_way_of_changing_an_event_breaks_whom_it_breaks() -> None:
    assert modes(One, Required) == {"backward"}  # old events have no terminal
    assert modes(Required, One) == {"forward"}  # old readers want one
    assert modes(One, Optional) == set()
    assert modes(One, Renamed) == {"backward", "forward"}
    assert modes(One, Nullable) == {"forward"}
    assert modes(One, Closed) == set() and modes(Closed, Optional) == {"forward"}
    assert modes(Minutes, Seconds) == set()  # the same shape: nobody sees it


def test_a_mode_looks_at_its_side_alone() -> None:
    assert breaking(One, Required, "forward") == []
    assert breaking(Required, One, "backward") == []
    assert len(breaking(One, Renamed, "full")) == 2


def test_what_breaks_is_shown_by_the_smallest_data_and_in_words() -> None:
    (found,) = breaking(One, Required)
    assert found == Breaking("backward", {"flight": "", "gate": ""}, "Object missing required field `terminal`")
    assert str(found).startswith("the new version cannot read {'flight': '', 'gate': ''} of the old one")


@pytest.mark.parametrize("contract", [None, 3, "One", dict, One("a", "b"), Struct | None, object])
def test_what_is_no_contract_is_refused_by_name(contract: Any) -> None:
    for call in (lambda: breaking(contract, One), lambda: breaking(One, contract), lambda: schema(contract)):
        with pytest.raises(Invalid, match="contract"):
            call()


@pytest.mark.parametrize("contract", [None, 3, "One", One("a", "b")])
def test_nothing_is_read_with_what_is_no_contract(contract: Any) -> None:
    with pytest.raises(Invalid, match="contract"):
        read(contract, {})


def test_contracts_without_plain_data_without_an_example_or_without_end_are_refused() -> None:
    endless = msgspec.defstruct("Endless", [("inner", "Endless")], namespace={"__module__": __name__})
    globals()["Endless"] = endless
    never = msgspec.defstruct("Never", [("n", Annotated[int, Meta(ge=5, le=4)])])
    pattern = msgspec.defstruct("Pattern", [("code", Annotated[str, Meta(pattern="^a")])])
    listed = msgspec.defstruct("Listed", [("n", int)], array_like=True)
    for contract in (endless, never, pattern, listed, msgspec.defstruct("Call", [("f", Decimal)])):
        with pytest.raises(Invalid, match="contract"):
            breaking(contract, One)


def test_a_schema_needs_a_name_for_each_contract_in_it() -> None:
    inner = [msgspec.defstruct("Inner", [("n", kind)]) for kind in (int, str)]
    with pytest.raises(Invalid, match="Structs with different names"):
        schema(msgspec.defstruct("Outer", [("a", inner[0]), ("b", inner[1])]))


def test_an_unknown_mode_is_named() -> None:
    with pytest.raises(Invalid, match="backward, forward, full"):
        breaking(One, One, "sideways")


def test_reading_by_a_contract_says_what_does_not_fit() -> None:
    assert read(One, {"flight": "UA1", "gate": "7", "more": 1}) == One("UA1", "7")
    with pytest.raises(Invalid, match=r"One.*missing required field `gate`"):
        read(One, {"flight": "UA1"})


# Any two contracts ----------------------------------------------------------------------------------------------------

NUMBERS = count()  # JSON Schema knows contracts by name: each needs its own
BOUNDS = st.tuples(st.integers(-3, 20), st.integers(0, 9)).map(lambda pair: (pair[0], sum(pair)))
LENGTHS = st.tuples(st.integers(0, 4), st.integers(0, 3)).map(lambda pair: (pair[0], sum(pair)))
PLAIN: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([str, int, bool, float, None, Literal["a", "b"], Literal["b"], Literal[1, 2]]),
    BOUNDS.map(lambda pair: Annotated[int, Meta(ge=pair[0], le=pair[1])]),
    LENGTHS.map(lambda pair: Annotated[str, Meta(min_length=pair[0], max_length=pair[1])]),
)
KINDS: st.SearchStrategy[Any] = st.one_of(
    PLAIN,
    st.sampled_from([str, int, bool]).map(lambda kind: kind | None),
    PLAIN.map(lambda kind: list[kind]),
    PLAIN.map(lambda kind: dict[str, kind]),
    st.lists(PLAIN, min_size=1, max_size=2).map(
        lambda kinds: msgspec.defstruct(f"Inner{next(NUMBERS)}", [(f"i{n}", kind) for n, kind in enumerate(kinds)])
    ),
)


@st.composite
def contracts(draw: st.DrawFn) -> type[Struct]:
    fields: list[Any] = []
    for name in draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=4)):
        kind = draw(KINDS)
        fields.append((name, kind, msgspec.field(default=None)) if draw(st.booleans()) else (name, kind))
    closed = draw(st.booleans())
    return msgspec.defstruct("Contract", fields, forbid_unknown_fields=closed, kw_only=True)


def accepts(contract: type, data: Any) -> bool:
    try:
        msgspec.convert(data, contract)
    except msgspec.ValidationError:
        return False
    return True


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 30), st.sampled_from(["", "a", "b", "c", "xx", "xxxxx", "xxxxxxxxx"]),
    st.sampled_from([0.0, 0.5, 7.0]),
)  # fmt: skip
INNER = st.dictionaries(st.sampled_from(["i0", "i1", "key"]), VALUES, max_size=2)
DATA = st.dictionaries(st.sampled_from("abcd"), st.one_of(VALUES, INNER, st.lists(VALUES, max_size=2)), max_size=4)


@given(contracts(), contracts())
@settings(max_examples=300, deadline=None)
def test_every_breaking_shows_data_that_the_one_writes_and_the_other_refuses(old: type, new: type) -> None:
    for found in breaking(old, new):
        writer, reader = (old, new) if found.mode == "backward" else (new, old)
        assert accepts(writer, found.data) and not accepts(reader, found.data)
        jsonschema.Draft202012Validator(schema(writer)).validate(found.data)


@given(contracts(), contracts(), st.lists(DATA, min_size=5, max_size=30))
@settings(max_examples=300, deadline=None)
def test_where_nothing_breaks_all_that_is_written_can_be_read(old: type, new: type, tried: list[Any]) -> None:
    names = set(old.__struct_fields__)
    if not breaking(old, new, "backward"):
        for data in tried:
            if set(data) <= names and accepts(old, data):
                assert accepts(new, data)


@given(contracts())
@settings(max_examples=50, deadline=None)
def test_a_contract_agrees_with_itself(contract: type) -> None:
    assert breaking(contract, contract) == []
