"""One shape for every message: what it lets through, that it never changes, and that JSON gives it back."""

from __future__ import annotations

import copy
import enum
import pickle
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from eventlab.errors import (
    CorruptStore,
    EventIdConflict,
    EventlabError,
    Invalid,
    NoReply,
    Refused,
    StoreUnavailable,
    Unavailable,
    WrongExpectedVersion,
    unknown,
)
from eventlab.event import DEPTH, LARGEST, LONGEST, Command, Event, Frozen, Refusal, Reply, as_text, decoded, freeze

texts = st.text(st.characters(exclude_categories=["Cs"]))
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
data = st.dictionaries(texts, plain, max_size=6)
instants = st.integers(-(2**63), 2**63 - 1)


def test_an_event_is_read_with_match() -> None:
    match Event("flight.cancelled", {"flight": "UA1", "reason": "snow", "seats": [{"row": 3}]}):
        case Event("flight.cancelled", {"flight": flight, "seats": [{"row": row}]}):
            assert (flight, row) == ("UA1", 3)
        case other:
            pytest.fail(f"no match: {other}")


def test_a_command_is_no_event() -> None:
    command, event = Command("flight.cancel", {"flight": "UA1"}), Event("flight.cancel", {"flight": "UA1"})
    assert command != event
    assert not isinstance(command, Event)
    assert not isinstance(Reply("flight.cancel"), Event)


def test_an_event_never_changes() -> None:
    source = {"flight": "UA1", "stops": ["EWR", {"to": "ORD"}], "crew": {"pilots": [1, 2]}}
    event = Event("flight.scheduled", source)
    before = event.with_()
    source["flight"] = "UA2"
    source["stops"].append("LAX")  # type: ignore[attr-defined]
    source["crew"]["pilots"].append(3)  # type: ignore[index]
    attempts = [
        lambda: event.data.__setitem__("flight", "UA2"),  # type: ignore[attr-defined]
        lambda: event.data["crew"].update(pilots=[]),
        lambda: event.data["stops"][1].pop("to"),
        lambda: event.data.clear(),  # type: ignore[attr-defined]
        lambda: event.data.setdefault("gate", "A1"),  # type: ignore[attr-defined]
        lambda: event.data.popitem(),  # type: ignore[attr-defined]
        lambda: event.data.__delitem__("flight"),  # type: ignore[attr-defined]
        lambda: event.data.__ior__({"gate": "A1"}),  # type: ignore[attr-defined]
    ]
    for attempt in attempts:
        with pytest.raises(TypeError, match="never changes"):
            attempt()
    with pytest.raises(TypeError):
        event.data["stops"][0] = "JFK"
    with pytest.raises(AttributeError):
        event.data["stops"].append("JFK")
    for name in ("type", "data", "time", "id"):
        with pytest.raises(AttributeError):
            setattr(event, name, "other")
    assert event == before
    assert event.data == {"flight": "UA1", "stops": ("EWR", {"to": "ORD"}), "crew": {"pilots": (1, 2)}}


def test_a_handler_that_tries_to_change_an_event_robs_nobody() -> None:
    event, amounts = Event("payment.made", {"amount": 10}), []

    def greedy(event: Event) -> None:
        event.data["amount"] = 0  # type: ignore[index]

    def honest(event: Event) -> None:
        amounts.append(event.data["amount"])

    for handler in (greedy, honest):
        try:
            handler(event)
        except TypeError:
            amounts.append("refused")
    assert amounts == ["refused", 10]


def test_changed_data_is_made_beside_the_old() -> None:
    event = Event("flight.delayed", {"minutes": 5}, id="e-1")
    later = event.with_(data={**event.data, "minutes": 9})
    assert (event.data["minutes"], later.data["minutes"], later.id) == (5, 9, "e-1")
    assert type(event.data | {"gate": "A1"}) is dict
    assert type(later.data) is Frozen


@given(data)
def test_what_is_frozen_stays_frozen_and_equal_through_copies(data: dict[str, Any]) -> None:
    frozen = freeze(data)
    assert freeze(frozen) is frozen
    assert copy.copy(frozen) is frozen
    assert copy.deepcopy(frozen) is frozen
    assert pickle.loads(pickle.dumps(frozen)) == frozen
    assert type(pickle.loads(pickle.dumps(frozen))) is Frozen


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"at": {1, 2}}, "data.at"),
        ({"at": float("nan")}, "data.at"),
        ({"at": float("inf")}, "data.at"),
        ({"at": 2**63}, "data.at"),
        ({"at": -(2**63) - 1}, "data.at"),
        ({"at": b"bytes"}, "data.at"),
        ({"at": object()}, "data.at"),
        ({"at": {"deep": {"er": 1j}}}, "data.at.deep.er"),
        ({"at": [1, {"of": ...}]}, "data.at.of"),
        ({7: "number as key"}, "data"),
        ({"at": {None: 1}}, "data.at"),
        (["flight", 5], "message 'noted'"),
        (None, "message 'noted'"),
    ],
)
def test_data_that_json_cannot_say_is_refused_with_its_place(value: Any, where: str) -> None:
    with pytest.raises(Invalid) as caught:
        Event("noted", value)
    assert caught.value.where == where


@given(texts, data, st.tuples(texts, texts, texts, instants, texts, texts, texts))
def test_json_gives_back_the_same_event(type: str, data: dict[str, Any], attributes: tuple[Any, ...]) -> None:
    event = Event(type, data, *attributes)
    text = msgspec.json.encode(event)
    again = msgspec.json.decode(text, type=Event, dec_hook=decoded)
    assert again == event
    assert msgspec.json.encode(again) == text
    assert builtin(again.data) == builtin(freeze(data))
    assert msgspec.json.decode(text, type=Event | Command | Reply, dec_hook=decoded) == event


def builtin(value: Any) -> Any:
    """The value with the kind of each part: 1, 1.0 and True are equal in Python, and not in JSON."""
    if isinstance(value, dict):
        return {key: builtin(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [builtin(item) for item in value]
    return type(value).__name__, repr(value)


def test_every_error_says_what_where_expected_and_found() -> None:
    errors = {
        Invalid("gate", where="flight UA1", expected="a letter", found=7): ["gate", "flight UA1", "a letter", "7"],
        unknown("service", "gats", ["gates", "boards"], where="run"): ["service", "gats", "gates, boards", "run"],
        WrongExpectedVersion("flight-1", 3, 5): ["flight-1", "3", "5"],
        EventIdConflict("e-1", "flight-1", 9, "other content"): ["e-1", "flight-1", "9", "other content"],
        StoreUnavailable("/x.db", "full"): ["/x.db", "full"],
        CorruptStore("/x.db", "changed", 7): ["/x.db", "changed", "position 7"],
        Refused("none free"): ["none free"],
        Refused("none free", service="gates", command="gate.assign"): ["gates refused 'gate.assign': none free"],
        Unavailable("none free", service="gates", command="gate.assign"): ["gates cannot do 'gate.assign' now: none"],
        NoReply("gates", "gate.assign", 2.5): ["gates", "gate.assign", "2.5 s"],
    }
    for error, parts in errors.items():
        assert isinstance(error, EventlabError)
        assert all(part in str(error) for part in parts), error
    assert len(str(Invalid("text", where="there", expected="less", found="x" * 10_000))) < 300


HALF = "caf\udce9"  # what a file's name becomes that is no UTF-8


@pytest.mark.parametrize(
    "attributes",
    [
        {"type": HALF}, {"type": None}, {"type": 7}, {"type": b"a.b"}, {"subject": HALF}, {"subject": 7}, {"id": HALF},
        {"id": None}, {"source": HALF}, {"correlationid": HALF}, {"causationid": HALF}, {"dataschema": HALF},
        {"id": "x" * (LONGEST + 1)}, {"time": 1.0}, {"time": True}, {"time": 2**63}, {"time": -(2**63) - 1},
        {"data": None}, {"data": [1]}, {"data": {"name": HALF}}, {"data": {HALF: 1}}, {"data": {"a": [{"b": HALF}]}},
        {"data": {"a": "x" * LARGEST}}, {"data": {"a": 2**63}}, {"data": {1: 2}},
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("kind", [Event, Command, Reply, Refusal])
def test_what_could_not_be_saved_is_refused_at_the_door(kind: Any, attributes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        kind(**{"type": "a.b", **attributes})
    with pytest.raises(Invalid):
        kind("a.b").with_(**attributes)


def test_the_error_names_the_place_of_half_a_character() -> None:
    with pytest.raises(Invalid, match=r"data\.a\.b.*UTF-8") as caught:
        Event("a.b", {"a": [1, {"b": HALF}]})
    assert caught.value.found == HALF
    str(caught.value).encode()
    with pytest.raises(Invalid, match=r"a key of data\.a"):
        Event("a.b", {"a": {HALF: 1}})


def test_data_is_at_most_a_hundred_deep_also_when_it_was_built_step_by_step() -> None:
    data: Any = {"a": 1}
    for _ in range(DEPTH - 1):
        data = Event("a.b", {"a": data}).data
    with pytest.raises(Invalid, match="at most 100"):
        Event("a.b", {"a": data})
    endless: list[Any] = []
    endless.append(endless)
    wide: Any = [0] * 1000
    for _ in range(3):
        wide = [wide] * 1000
    for each in (endless, wide):
        with pytest.raises(Invalid, match="at most"):
            freeze(each)


def test_numbers_and_text_of_somebodys_own_class_are_kept_as_what_they_say() -> None:
    class Word(str):
        pass

    class Share(float):
        pass

    class Place(enum.StrEnum):
        GATE = "B7"

    event = Event(Word("a.b"), {"word": Word("b"), "gate": Place.GATE, "share": Share(0.5)}, subject=Place.GATE)
    assert [value.__class__ for value in event.data.values()] == [str, str, float]
    written = msgspec.json.encode(event, enc_hook=as_text)
    assert msgspec.json.decode(written, type=Event, dec_hook=decoded) == event
