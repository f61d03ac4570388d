"""The catalogue: every type of message in the workbook, with its keys, its schema version and one sentence.

    check(event)     gives the event back, or raises `Invalid` with what does not fit

A key means one thing everywhere, so its kind of value stands once, in `FIELDS`; a type is one line in `TYPES`. Most
events come in several shapes: thin (`{"flight": ...}`: something happened, ask for the rest) or full (everything a
receiver may want to know). So a type says which keys must be there and which may.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

import msgspec

from eventlab.errors import Invalid
from eventlab.event import Command, Event, Message, Reply

M = TypeVar("M", bound=Message)


STATUSES = ("scheduled", "delayed", "departed", "arrived", "cancelled", "diverted")

# Each kind of value: what it is in words, and how to tell. (True and False are whole numbers to `isinstance`.)
KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "text": ("text that is not empty", lambda value: isinstance(value, str) and value != ""),
    "count": ("a whole number, 0 or more", lambda value: type(value) is int and value >= 0),
    "instant": ("an instant: nanoseconds since 1970 as a whole number", lambda value: type(value) is int and value > 0),
    "gate": ("a gate's name, or empty: none yet", lambda value: isinstance(value, str)),
    "moves": (
        "a list of {flight, passengers}",
        lambda value: _are_all(value, {"flight": "text", "passengers": "count"}),
    ),
    "facts": ("a dictionary of facts that fit FIELDS", lambda value: _fits_fields(value)),
    "stories": (
        "a list of {event_type, facts}",
        lambda value: _are_all(value, {"event_type": "text", "facts": "facts"}),
    ),
    "recorded": (
        "a list of {position, stream, version, event}",
        lambda value: _are_all(value, {"position": "count", "stream": "text", "version": "count", "event": "stored"}),
    ),
    "batch": ("a list of events, each with all its attributes", lambda value: _are_stored(value)),
    "stored": ("an event with all its attributes", lambda value: _are_stored((value,))),
    "expected": (
        "a stream's version, or ANY, NO_STREAM or STREAM_EXISTS",
        lambda value: value in ("ANY", "NO_STREAM", "STREAM_EXISTS") or (type(value) is int and value >= 0),
    ),
    "memory": ("plain data", lambda value: value is None or isinstance(value, Mapping)),
    "flag": ("true or false", lambda value: isinstance(value, bool)),
    "status": ("one of " + ", ".join(STATUSES), lambda value: isinstance(value, str) and value in STATUSES),
}


def _are_all(value: Any, kinds: Mapping[str, str]) -> bool:
    """Whether the value is a list of dictionaries with exactly these keys, each of its kind."""
    if not isinstance(value, tuple):
        return False
    return all(
        isinstance(item, Mapping)
        and set(item) == set(kinds)
        and all(KINDS[kind][1](item[key]) for key, kind in kinds.items())
        for item in value
    )


def _are_stored(value: Any) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(item, Mapping) and {"type", "id"} <= set(item) <= set(Event.__struct_fields__) for item in value
    )


def _fits_fields(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        key in FIELDS and KINDS[FIELDS[key][0]][1](item) for key, item in value.items()
    )


# Each key: its kind, and what it means.
FIELDS: dict[str, tuple[str, str]] = {
    "flight": ("text", "the flight's key, such as UA1545-EWR-0101"),
    "carrier": ("text", "the airline's code"),
    "origin": ("text", "the airport it leaves from"),
    "dest": ("text", "the airport it goes to"),
    "planned": ("instant", "when it should leave by the plan"),
    "planned_arrival": ("instant", "when it should be there by the plan"),
    "estimate": ("instant", "when it is now expected to leave"),
    "departed": ("instant", "when it left"),
    "arrived": ("instant", "when it was there"),
    "status": ("status", "what is known of the flight now"),
    "as_of": ("instant", "the instant that a question is about, if not now"),
    "reason": ("text", "why: weather or airline"),
    "passengers": ("count", "people booked on it"),
    "seats": ("count", "seats on board"),
    "gate": ("gate", "the gate, such as JFK-07"),
    "before": ("gate", "the gate it had before"),
    "bags": ("count", "pieces of baggage"),
    "onto": ("moves", "the flights that take the passengers instead, and how many each"),
    "moved": ("count", "passengers who have a seat on another flight"),
    "left": ("count", "passengers for whom no seat was found"),
    "booked": ("count", "passengers on the flight now, after all that were moved"),
    "told": ("text", "what passengers were told: cancelled, delayed, gate or rebooked"),
    "event_type": ("text", "the type of the event that a call tells about"),
    "facts": ("facts", "what a call tells about the flight"),
    "further": ("stories", "what has happened because of the call"),
    "version": ("count", "the flight's version at its owner: of two facts, the higher is the newer"),
    # What is asked of the event store, and its answers
    "after": ("count", "the position behind which to read on (in one stream: the version)"),
    "upto": ("count", "the position up to which there is no other such event (in one stream: the version)"),
    "types": ("text", "the types of event that are wanted, as in a subscription"),
    "stream": ("text", "a stream of the event store, such as flight-UA1545-EWR-0101"),
    "events": ("recorded", "events as they stand in the store"),
    "batch": ("batch", "events to be stored, all or none"),
    "expected": ("expected", "the version behind which the writer wants to append"),
    "position": ("count", "where in the whole store an event stands"),
    "reader": ("text", "who reads the event store, and keeps a checkpoint there"),
    "memory": ("memory", "what a reader knew when it had worked up to a position"),
    "duplicate": ("flag", "whether the very same events had been stored before"),
    "conflict": ("flag", "whether somebody else appended first: nothing was stored"),
}

PLAN = "carrier origin dest planned planned_arrival passengers seats"
FACTS = PLAN + " estimate departed arrived status reason gate version position"


class Type(msgspec.Struct, frozen=True):
    """One type of message: who may carry it, what it says, which keys must be there and which may."""

    name: str
    kind: type[Message]
    sentence: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    version: int = 1

    def __post_init__(self) -> None:
        for key in (*self.required, *self.optional):
            if key not in FIELDS:
                raise Invalid("key", where=f"the catalogue, {self.name}", expected="a key of FIELDS", found=key)


def command(name: str, sentence: str, required: str = "flight", optional: str = "", version: int = 1) -> Type:
    """A line of the catalogue for a command; keys are words in one text."""
    return Type(name, Command, sentence, tuple(required.split()), tuple(optional.split()), version)


def event(name: str, sentence: str, required: str = "flight", optional: str = "", version: int = 1) -> Type:
    """A line of the catalogue for an event; keys are words in one text."""
    return Type(name, Event, sentence, tuple(required.split()), tuple(optional.split()), version)


TYPES: dict[str, Type] = {
    type.name: type
    for type in (
        # What the airlines tell the airport, and what passengers ask
        command("flight.schedule", "The airline hands in its plan for a flight.", f"flight {PLAN}"),
        command("flight.delay", "The airline expects the flight to leave later.", "flight estimate"),
        command("flight.depart", "The flight has left.", "flight departed"),
        command("flight.arrive", "The flight has come to its destination.", "flight arrived"),
        command("flight.cancel", "The airline gives the flight up.", "flight", "reason"),
        command("flight.divert", "The flight goes to another airport than planned.", "flight", "reason"),
        command("flight.describe", "Asks: where is the flight, and from which gate?", optional="as_of"),
        # What one service asks of another, where services call each other
        command("gate.describe", "Asks the gates: which gate has the flight?"),
        command("passengers.describe", "Asks the rebooking: what became of the flight's passengers?"),
        command("gate.plan", "Calls the gates: find, change or free the flight's gate.", "event_type facts"),
        command("board.show", "Calls the boards: show this.", "event_type facts"),
        command("passengers.tell", "Calls the notices: tell everybody booked on the flight.", "event_type facts"),
        command("passengers.rebook", "Calls the rebooking: find other seats if need be.", "event_type facts"),
        command("bags.move", "Calls the baggage: load it or bring it back.", "event_type facts"),
        # What is asked of the event store, which has an address like any other
        command("store.read", "Asks the event store: what comes next?", "after", "types stream"),
        command("store.append", "Asks the event store to keep events, all or none.", "stream batch expected"),
        command("checkpoint.read", "Asks the event store: up to where has this reader worked?", "reader"),
        command("checkpoint.save", "Asks the event store to keep how far a reader is.", "reader position memory"),
        # What happened: thin or full
        event("flight.scheduled", "A flight is in the day's plan.", optional=FACTS),
        event("flight.delayed", "A flight is expected to leave later than was said before.", optional=FACTS),
        event("flight.departed", "A flight left.", optional=FACTS),
        event("flight.arrived", "A flight came to its destination.", optional=FACTS),
        event("flight.cancelled", "A flight was given up and will not leave.", optional=FACTS),
        event("flight.diverted", "A flight goes to another airport than planned.", optional=FACTS),
        event("gate.assigned", "A flight has a gate.", optional=FACTS),
        event("gate.changed", "A flight's gate is another one now.", optional=f"{FACTS} before"),
        event("gate.released", "A gate is free again.", optional=FACTS),
        event("passengers.told", "Everybody booked on a flight was told.", optional=f"told {FACTS}"),
        event("passengers.rebooked", "Passengers have seats on other flights.", optional=f"moved left onto {FACTS}"),
        event("bags.loaded", "A flight's baggage is on board.", optional=f"bags {FACTS}"),
        event("bags.returned", "A flight's baggage is back in the hall.", optional=f"bags {FACTS}"),
    )
}  # fmt: skip


def check(message: M, types: Mapping[str, Type] = TYPES) -> M:
    """The message itself, if its type is known and its data fits; otherwise `Invalid` with what does not.

    A reply has the type of the command it answers and may carry any key of `FIELDS`.
    """
    where = f"{type(message).__name__.lower()} {message.id or message.type!r}"
    found = types.get(message.type)
    if found is None:
        close = get_close_matches(message.type, types, n=3)
        expected = f"did you mean {' or '.join(close)}?" if close else "a type of the catalogue: " + ", ".join(types)
        raise Invalid("unknown message type", where=where, expected=expected, found=message.type)
    kind = Command if isinstance(message, Reply) else type(message)
    if kind is not found.kind:
        expected = f"{message.type} as {found.kind.__name__}"
        raise Invalid("kind of message", where=where, expected=expected, found=type(message).__name__)
    schema = f"{found.name}:{found.version}"
    if (message.dataschema or f"{found.name}:1") != schema:
        raise Invalid("schema version", where=where, expected=schema, found=message.dataschema)
    if not isinstance(message, Reply):
        _keys(message.data, found, where)
    for key, value in message.data.items():
        if key not in FIELDS:
            raise Invalid("key", where=where, expected=_suggest(key, FIELDS), found=key)
        words, fits = KINDS[FIELDS[key][0]]
        if not fits(value):
            raise Invalid("value", where=f"{where}, {key}", expected=words, found=value)
    return message


def _keys(data: Mapping[str, Any], found: Type, where: str) -> None:
    for key in found.required:
        if key not in data:
            expected = f"{key} ({FIELDS[key][1]})"
            raise Invalid("missing key", where=f"{where}, {found.name}", expected=expected, found=list(data))
    allowed = (*found.required, *found.optional)
    for key in data:
        if key not in allowed:
            raise Invalid("extra key", where=f"{where}, {found.name}", expected=_suggest(key, allowed), found=key)


def _suggest(key: str, known: Any) -> str:
    close = get_close_matches(key, known, n=1)
    return f"one of {', '.join(known)}" + (f" (did you mean {close[0]}?)" if close else "")


def table(types: Mapping[str, Type] = TYPES) -> list[dict[str, str | int]]:
    """The catalogue as rows, to be read in a notebook: `pandas.DataFrame(catalogue.table())`."""
    return [
        {
            "type": entry.name,
            "kind": entry.kind.__name__.lower(),
            "what it says": entry.sentence,
            "must have": ", ".join(entry.required),
            "may have": ", ".join(entry.optional),
            "version": entry.version,
        }
        for entry in types.values()
    ]


def fields() -> list[dict[str, str]]:
    """What each key means, as rows."""
    return [{"key": key, "kind": KINDS[kind][0], "meaning": meaning} for key, (kind, meaning) in FIELDS.items()]
