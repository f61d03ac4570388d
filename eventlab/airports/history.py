"""What a store tells about its events, as rows and sentences: the context of each, and why it happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from eventlab.airports.report import clock
from eventlab.decider import Decider, fold
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


def folded(events: Iterable[Recorded], decider: Decider) -> list[dict[str, object]]:
    """A row for each event: the state's status after it, and what this event changed."""
    rows: list[dict[str, object]] = []
    state: Mapping[str, Any] = decider.initial
    for each in events:
        before, state = state, fold(decider, [each.event], state)
        new = [f"{key} {_value(value)}" for key, value in state.items() if before.get(key) != value]
        rows.append(
            {
                "v": each.version,
                "event": each.event.type,
                "status after it": state["status"],
                "what it changed": ", ".join(new),
            }
        )
    return rows


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


def volume(store: Store, days: int = 365) -> str:
    """How much the store holds, and how much it would be after so many such days."""
    events, size = store.position, sum(len(msgspec.json.encode(each.event)) for each in store.read_all())
    return (
        f"This one day left **{events:,} events, {size / 1e6:.1f} MB**. "
        f"{days} such days would be {days * events:,} events and {days * size / 1e6:,.0f} MB."
    )


def _value(value: object) -> str:
    return clock(value)[:5] if isinstance(value, int) and value > 10**17 else str(value)
