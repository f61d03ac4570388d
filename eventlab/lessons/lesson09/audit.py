"""What a store tells about its events, as rows and sentences: the context of each, and why it happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from eventlab.airports.report import clock
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


def volume(store: Store, days: int = 365) -> str:
    """How much the store holds, and how much it would be after so many such days."""
    events, size = store.position, sum(len(msgspec.json.encode(each.event)) for each in store.read_all())
    return (
        f"This one day left **{events:,} events, {size / 1e6:.1f} MB**. {days} such days would be {days * events:,} "
        f"events and {days * size / 1e6:,.0f} MB."
    )
