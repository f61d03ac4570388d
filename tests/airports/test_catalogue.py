"""The catalogue of messages: what fits passes untouched, what does not is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.airports import catalogue, flights
from eventlab.airports.catalogue import FACTS, FIELDS, KINDS, TYPES, Type, check
from eventlab.errors import Invalid
from eventlab.event import Command, Event, Reply

FLIGHT = "UA1545-EWR-0101"
STORED = {"type": "gate.assigned", "id": "gates-1", "time": 1_360_317_600_000_000_000, "data": {"flight": FLIGHT}}
SAMPLES = {
    "text": "JFK",
    "count": 0,
    "instant": 1_360_317_600_000_000_000,
    "gate": "",
    "facts": {"flight": FLIGHT, "gate": "JFK-07"},
    "stories": [{"event_type": "gate.changed", "facts": {"flight": FLIGHT}}],
    "recorded": [{"position": 7, "stream": "gate-A", "version": 1, "event": STORED}],
    "batch": [STORED],
    "expected": "NO_STREAM",
    "memory": {FLIGHT: {"gate": "JFK-07"}},
    "flag": True,
    "moves": [{"flight": FLIGHT, "passengers": 3}],
    "status": "delayed",
}


def sample(type: Type, *, full: bool) -> Event | Command:
    keys = (*type.required, *type.optional) if full else type.required
    made = type.kind(type.name, {key: SAMPLES[FIELDS[key][0]] for key in keys}, FLIGHT, "ops-1")
    assert isinstance(made, Event | Command)
    return made


@pytest.mark.parametrize("type", TYPES.values(), ids=TYPES)
def test_every_type_passes_in_its_thin_and_in_its_full_shape(type: Type) -> None:
    for full in (False, True):
        message = sample(type, full=full)
        assert check(message) is message


@pytest.mark.parametrize("type", TYPES.values(), ids=TYPES)
def test_every_type_has_a_name_and_a_sentence(type: Type) -> None:
    assert type.sentence[0].isupper()
    assert type.sentence[-1] in ".?"
    subject, verb = type.name.split(".")
    assert subject in ("flight", "gate", "board", "passengers", "bags", "store", "checkpoint")
    assert verb
    if type.kind is Event:
        assert verb.endswith("ed") or verb == "told"  # the past tense
    assert not set(type.required) & set(type.optional)


def test_everything_the_airlines_and_the_passengers_say_is_in_the_catalogue() -> None:
    for day in ("2013-02-08", "2013-07-27"):
        for _, command in flights.commands(day) + flights.questions(day, per_flight=1):
            check(command)
    for event in flights.iter_events("2013-02-08", "2013-02-08"):
        check(event)


@pytest.mark.parametrize(
    ("message", "what", "expected", "found"),
    [
        (Event("flight.canceled", {"flight": FLIGHT}), "unknown message type", "flight.cancelled", "flight.canceled"),
        (Event("coffee.spilt", {}), "unknown message type", "bags.loaded", "coffee.spilt"),
        (Command("flight.cancelled", {"flight": FLIGHT}), "kind of message", "as Event", "Command"),
        (Event("flight.cancel", {"flight": FLIGHT}), "kind of message", "as Command", "Event"),
        (Event("flight.cancelled", {}), "missing key", "flight (the flight's key", []),
        (Command("flight.delay", {"flight": FLIGHT}), "missing key", "estimate", ["flight"]),
        (Event("flight.cancelled", {"flight": FLIGHT, "reasn": "x"}), "extra key", "did you mean reason?", "reasn"),
        (Command("flight.describe", {"flight": FLIGHT, "gate": "B1"}), "extra key", "one of flight", "gate"),
        (Event("flight.delayed", {"flight": FLIGHT, "estimate": "15:02"}), "value", "nanoseconds", "15:02"),
        (Event("flight.delayed", {"flight": FLIGHT, "estimate": 1.5}), "value", "nanoseconds", 1.5),
        (Event("flight.delayed", {"flight": FLIGHT, "version": True}), "value", "whole number", True),
        (Event("flight.delayed", {"flight": FLIGHT, "passengers": -1}), "value", "0 or more", -1),
        (Event("flight.delayed", {"flight": ""}), "value", "not empty", ""),
        (Event("flight.delayed", {"flight": None}), "value", "text", None),
        (Event("flight.delayed", {"flight": FLIGHT, "status": "late"}), "value", "one of scheduled", "late"),
        (Event("passengers.rebooked", {"flight": FLIGHT, "onto": ["x"]}), "value", "flight, passengers", ("x",)),
        (Command("gate.plan", {"event_type": "x", "facts": {"gait": 1}}), "value", "fit FIELDS", {"gait": 1}),
        (Command("gate.plan", {"event_type": "x", "facts": {"seats": "7"}}), "value", "fit FIELDS", {"seats": "7"}),
        (Event("flight.delayed", {"flight": FLIGHT}, dataschema="flight.delayed:2"), "schema version", ":1", ":2"),
        (Reply("flight.described", {}), "unknown message type", "flight.describe", "flight.described"),
        (Reply("flight.cancelled", {}), "kind of message", "as Event", "Reply"),
        (Reply("flight.describe", {"flihgt": "x"}), "key", "did you mean flight?", "flihgt"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_where_expected_and_found(
    message: Event, what: str, expected: str, found: object
) -> None:
    with pytest.raises(Invalid) as caught:
        check(message.with_(id="ops-7"))
    assert caught.value.what == what
    assert "ops-7" in caught.value.where
    assert expected in caught.value.expected
    assert caught.value.found == found or str(caught.value.found).endswith(str(found))


@given(
    st.sampled_from(sorted(TYPES)),
    st.dictionaries(
        st.sampled_from([*FIELDS, "flights", "kind"]),
        st.one_of(st.text(max_size=3), st.integers(-5, 2**62), st.booleans(), st.floats(0, 9), st.none(), st.just([])),
        max_size=4,
    ),
)
def test_check_passes_exactly_what_the_table_allows(name: str, data: dict[str, object]) -> None:
    type = TYPES[name]
    message = type.kind(name, data)
    fits = (
        set(type.required) <= set(data) <= {*type.required, *type.optional}
        and all(KINDS[FIELDS[key][0]][1](value) for key, value in message.data.items())
    )  # fmt: skip
    if fits:
        assert check(message) is message
    else:
        with pytest.raises(Invalid):
            check(message)


def test_a_reply_carries_any_fact() -> None:
    answer = {key: SAMPLES[FIELDS[key][0]] for key in FACTS.split()}
    reply = Reply("flight.describe", {"flight": FLIGHT, "booked": 7, **answer})
    assert check(reply) is reply
    assert check(Reply("flight.cancel"))


def test_a_newer_version_of_a_type_wants_its_own_schema() -> None:
    newer = TYPES | {"flight.delayed": catalogue.event("flight.delayed", "Later.", "flight estimate", version=2)}
    data = {"flight": FLIGHT, "estimate": 7}
    assert check(Event("flight.delayed", data, dataschema="flight.delayed:2"), newer)
    with pytest.raises(Invalid, match=r"schema version .*expected flight\.delayed:2"):
        check(Event("flight.delayed", data), newer)


def test_a_type_is_one_line_and_its_keys_must_be_known() -> None:
    types = TYPES | {"gate.cleaned": catalogue.event("gate.cleaned", "A gate is clean.", "gate")}
    assert check(Event("gate.cleaned", {"gate": "JFK-07"}), types)
    with pytest.raises(Invalid, match="expected a key of FIELDS, found 'colour'"):
        catalogue.event("gate.painted", "A gate has a new colour.", "gate colour")


def test_the_table_has_a_row_for_every_type_and_every_key() -> None:
    rows = catalogue.table()
    assert [row["type"] for row in rows] == list(TYPES)
    assert {"type", "kind", "what it says", "must have", "may have", "version"} == set(rows[0])
    assert next(row for row in rows if row["type"] == "flight.delay")["must have"] == "flight, estimate"
    assert [row["key"] for row in catalogue.fields()] == list(FIELDS)
    used = {key for type in TYPES.values() for key in (*type.required, *type.optional)}
    for_replies_alone = {"booked", "further", "upto", "events", "duplicate", "conflict"}
    assert set(FIELDS) - used == for_replies_alone
