"""Two clerks decide about one flight at the same moment: what becomes of the second decision."""

from __future__ import annotations

from collections.abc import Callable

from eventlab.aggregate import Aggregate
from eventlab.airports.stage import STAGE
from eventlab.decider import Decider, messages
from eventlab.errors import Refused, WrongExpectedVersion
from eventlab.event import Command, Event
from eventlab.lessons.lesson09.pictures import EIGHT, MINUTE
from eventlab.store import Store
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.text import Prose
from eventlab.views.streams import event_streams

STREAM = "flight-1"
PLANNED = Event("flight.scheduled", {"dest": "MCO"}, "1", "first", "operations", EIGHT)
LEAVES = Command("flight.depart", {"departed": EIGHT + MINUTE}, "1", "clerk-1", "gate", EIGHT + MINUTE)
DELAYS = Command("flight.delay", {"estimate": EIGHT + 90 * MINUTE}, "1", "clerk-2", "desk", EIGHT + MINUTE)


def _unguarded(store: Store, decider: Decider, decided: list[Event]) -> str:
    store.append(STREAM, decided)
    return "**Stored**, and a flight that has left is delayed: the clerk decided from a history that was no longer all."


def _expecting(store: Store, decider: Decider, decided: list[Event]) -> str:
    try:
        store.append(STREAM, decided, expected=1)
    except WrongExpectedVersion as no:
        return f"**The store refuses**: {no}."
    return "**Stored**: nothing had come in between."


def _again(store: Store, decider: Decider, decided: list[Event]) -> str:
    try:
        Aggregate(store, "flight", decider).handle("1", DELAYS)
    except Refused as no:
        return f"**The clerk reads both events, and says no**: {no.reason}."
    return "**Stored**: decided from the whole history."


WAYS: dict[str, Callable[[Store, Decider, list[Event]], str]] = {
    "appends, and expects nothing": _unguarded,
    "expects version 1": _expecting,
    "is refused, reads again, decides again": _again,
}


def two_clerks(decider: Decider, second: str) -> list[Picture | Prose]:
    """Both have read version 1. One lets the flight leave, then the other one delays it, in one of the `WAYS`."""
    with Store() as store:
        store.append(STREAM, PLANNED, 0)
        state = decider.evolve(decider.initial, PLANNED)
        first, later = (_decided(decider, command, state) for command in (LEAVES, DELAYS))
        if first:
            store.append(STREAM, first, 1)
        words = WAYS[second](store, decider, later) if later else "The second clerk decides nothing."
        return [event_streams(store, stage=STAGE), Prose(words)]


def _decided(decider: Decider, command: Command, state: object) -> list[Event]:
    """What a clerk decides from the state that he has read, with what the store needs."""
    decided = [each for each in messages(decider.decide(command, state)) if isinstance(each, Event)]
    return [
        each.with_(id=f"{command.id}/{number}", source=command.source, time=command.time, subject="1")
        for number, each in enumerate(decided, 1)
    ]
