"""Proof of what a store held: the hash of its chain at a position, computed by whoever has the events.

The auditor keeps a receipt (position and hash), given to him at the time. Later he computes it again from what he is
shown: an event changed, moved, left out or put in since then gives another hash, also if the store was written anew.
"""

from __future__ import annotations

from typing import NamedTuple

from eventlab.event import Event
from eventlab.lessons.lesson10.ben import EVENTS, FLIGHT, PAID, PLANNED
from eventlab.rows import as_rows, checked
from eventlab.sim import SECOND
from eventlab.store import ANY, Store

HOUR = 3600 * SECOND


class Receipt(NamedTuple):
    """What the auditor keeps: a position, and the first half of the hash of all that stands up to there."""

    position: int
    hash: str


def receipt(store: Store, position: int | None = None) -> Receipt:
    """The chain up to a position, computed from the events as they are read, and from nothing that the file says."""
    chain, end = b"", store.position if position is None else position
    for each in store.read_all(upto=end):
        batch = checked(each.stream, each.event, ANY)
        _, _, chain = as_rows(each.stream, batch, each.version - 1, each.position - 1, chain)
    return Receipt(end, chain.hex()[:32])


def paid(owed: bool) -> Event:
    """The decision of the desk at 15:00, caused by the departure as it was noted."""
    type = "money.promised" if owed else "money.refused"
    return Event(type, {"hours": 3}, FLIGHT, "ben-4", "desk", PAID, causationid="ben-2")


def audited() -> Store:
    """The store with Ben's flight and the decision, in the order in which things became known."""
    store, stream = Store(), f"flight-{FLIGHT}"
    for event in sorted([*EVENTS, paid(owed=True)], key=lambda each: each.time):
        store.append("money-BEN" if event.type.startswith("money") else stream, event)
    return store


def made_nicer(store: Store) -> Store:
    """A store written anew in which the list was right from the beginning; `verify` finds nothing wrong."""
    anew = Store()
    for each in store.read_all():
        if each.event.type == "flight.departed":
            right = {"departed": EVENTS[2].data["departed"]}
            anew.append(each.stream, each.event.with_(data=right))
        elif each.event.type == "flight.corrected":
            pass  # there was nothing to correct
        else:
            anew.append(each.stream, each.event)
    anew.verify()
    return anew


def decided(store: Store) -> str:
    """What the desk decided at 15:00."""
    return next(each.event.type for each in store.read_category("money"))


def decided_again(store: Store) -> str:
    """The rule, asked once more with the events that were known then: three hours late or more."""
    known = [each.event for each in store.read(f"flight-{FLIGHT}", as_of=PAID)]
    departed = [event.data["departed"] for event in known if "departed" in event.data]
    return paid(owed=bool(departed) and departed[-1] - PLANNED >= 3 * HOUR).type


def told(store: Store, kept: Receipt) -> list[dict[str, str]]:
    """A row for each question of the auditor, with the answer of this store and of one that was made nicer."""
    nicer = made_nicer(store)
    rows = {
        "what did the desk decide?": decided,
        "and by what was known then?": decided_again,
        "what does verify() find?": lambda each: each.verify() or "nothing",
        "is it what the receipt says?": lambda each: "✓ yes" if receipt(each, kept.position) == kept else "✕ no",
    }
    return [{"question": words, "this store": ask(store), "one made nicer": ask(nicer)} for words, ask in rows.items()]
