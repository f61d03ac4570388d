"""What a store tells about its events, as rows and sentences: the context of each, and why it happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from eventlab.airports.report import clock
from eventlab.airports.rules import INTERESTS, evolve, news, plan_gate
from eventlab.event import Event
from eventlab.store import Recorded, Store


def context(events: Iterable[Recorded]) -> list[dict[str, object]]:
    """A row for each event: its place in the store, its time, who made it, and what caused it."""
    return [
        {
            "nr": each.position,
            "time": clock(each.event.time),
            "type": each.event.type,
            "made by": each.event.source,
            "id": each.event.id,
            "caused by": each.event.causationid,
        }
        for each in events
    ]


def trail(store: Store, decided: Recorded) -> str:
    """What was decided, by whom, when, and what set it off: two sentences."""
    event, cause = decided.event, store.find(decided.event.causationid)
    what = f"{event.type}, {event.data['before']} → {event.data['gate']}"
    begun = (
        f"{cause.event.type} ({cause.event.id}), itself caused by {cause.event.causationid}" if cause else "a command"
    )
    return f"**What:** {what}. **Who:** {event.source}. **When:** {clock(event.time)}. **Set off by:** {begun}."


def taken(gate: Mapping[str, tuple[int, int]]) -> list[dict[str, object]]:
    """Who has a gate from when to when, by the gates' own notes, in order of time."""
    held = sorted(gate.items(), key=lambda entry: entry[1])
    return [{"flight": flight, "from": clock(since)[:5], "until": clock(until)[:5]} for flight, (since, until) in held]


def decided_again(store: Store, decided: Recorded) -> tuple[list[Event], dict[str, Any]]:
    """The gates' rule, asked once more: what it decides from the events up to then, and what it knew of each gate."""
    gates: dict[str, Any] = {}
    again: list[Event] = []
    for each in store.read_all(upto=decided.position - 1):
        if each.event.type in INTERESTS["gates"]:
            again = plan_gate(gates, each.event.type, news(each.event), each.event.time)
    return again, gates


def known(store: Store, flight: str, instant: int) -> str:
    """What the airport knew of a flight at an instant: a sentence."""
    events = [each.event for each in store.read(f"flight-{flight}", as_of=instant)]
    state: Mapping[str, Any] = {}
    for event in events:
        state = evolve(state, event)
    leaves = clock(state["estimate"])[:5]
    return f"**Known then:** {len(events)} events of the flight; it was {state['status']}, to leave at {leaves}."


def told(store: Store, decided: Recorded) -> str:
    """What passengers were told because of a change of gate, and how much the boards noted."""
    notices = [each.event for each in store.read(f"notice-{decided.event.subject}")]
    notice = next(event for event in notices if event.causationid == decided.event.id)
    boards = sum(each.event.source == "boards" for each in store.read_all())
    return (
        f"**Told to the passengers:** {notice.type}, gate {notice.data['gate']}, at {clock(notice.time)}. "
        f"**Events stored by the boards:** {boards}."
    )


def why(decided: Recorded, gates: Mapping[str, Any]) -> str:
    """Why a flight could not keep its gate: who was there at its new time."""
    flight, before, gate = decided.event.subject, decided.event.data["before"], decided.event.data["gate"]
    since, until = (clock(instant)[:5] for instant in gates[gate]["taken"][flight])
    first = taken(gates[before]["taken"])[0]
    return (
        f"**Why:** with its new time the flight needs a gate from {since} until {until}; at {before}, "
        f"{first['flight']} was in the way from {first['from']}."
    )


def volume(store: Store, days: int = 365) -> str:
    """How much the store holds, and how much it would be after so many such days."""
    events, size = store.position, sum(len(msgspec.json.encode(each.event)) for each in store.read_all())
    return (
        f"This one day left **{events:,} events, {size / 1e6:.1f} MB**. {days} such days would be {days * events:,} "
        f"events and {days * size / 1e6:,.0f} MB."
    )
