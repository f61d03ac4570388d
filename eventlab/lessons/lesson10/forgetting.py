"""A desk with passengers' names in its events, and everywhere that a name gets to: what forgetting somebody reaches.

Each step of forgetting is done by itself, and then the name is looked for in every place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from eventlab.event import Event
from eventlab.lessons.lesson10.sealed import cipher
from eventlab.projection import Projection
from eventlab.shredding import Keys, Shredder
from eventlab.sim import SECOND
from eventlab.store import Store

PEOPLE = {"p-17": ("Anna Berg", "12A"), "p-18": ("Ben Okoro", "12B"), "p-19": ("Cleo Sand", "14C")}
ANNA = "Anna Berg"
STEPS = ("the key", "the read model", "the snapshot", "the copy of the keys")
Evolve = Callable[[Any, Event], Any]


def sealing() -> Shredder:
    """A shredder with keys of its own: which fields are personal, and whose they are."""
    return Shredder(Keys(), {"seat.booked": ["name"], "meal.ordered": ["meal"]}, person="passenger", cipher=cipher())


def booked(shredder: Shredder | None) -> Store:
    """A store with three passengers' seats and meals: sealed, or as they are."""
    store, number = Store(), 0
    for person, (name, seat) in PEOPLE.items():
        for type, said in (("seat.booked", {"name": name, "seat": seat}), ("meal.ordered", {"meal": "no nuts"})):
            number += 1
            event = Event(type, {"passenger": person, **said}, seat, f"desk-{number}", "desk", number * SECOND)
            store.append(f"seat-{seat}", shredder.seal(event) if shredder else event)
    return store


class Desk:
    """The store, its keys, and all that was made from them: a read model, a snapshot, a copy of the keys, a letter."""

    def __init__(self, seats: Evolve) -> None:
        self.shredder = sealing()
        self.store = booked(self.shredder)
        self.seats = Projection("seats", lambda rows, event: seats(rows, self.shredder.open(event)), {})
        self.grown = self._rebuilt()
        self.store.save_snapshot("seat-12A", 1, {"name": ANNA})
        self.copy: dict[str, bytes | None] = {who: self.shredder.keys.key(who) for who in PEOPLE}
        self.before = [each.event for each in self.store.read_all()]
        self.snapshot_kept = True

    def _rebuilt(self) -> Any:
        self.seats.rebuild(self.store)
        return self.seats.state

    def forget(self, steps: Sequence[str]) -> Desk:
        """Do these steps of forgetting Anna, in the order in which they must be done."""
        if "the key" in steps:
            self.shredder.keys.forget("p-17")
        if "the read model" in steps:
            self._rebuilt()
        if "the snapshot" in steps:
            self.store.save_snapshot("seat-12A", 1, {"name": self.opened()[0].data["name"]})
        if "the copy of the keys" in steps:
            self.copy["p-17"] = None
        return self

    def opened(self) -> list[Event]:
        """All events, as far as they can be read."""
        return [self.shredder.open(each.event) for each in self.store.read_all()]

    @property
    def same_bytes(self) -> bool:
        """Whether the store holds what it held, and its chain of hashes too."""
        self.store.verify()
        return self.before == [each.event for each in self.store.read_all()]

    def places(self) -> list[dict[str, str]]:
        """A row for each place in which the name might be read."""
        snapshot = self.store.snapshot("seat-12A")
        by_copy = self.shredder.keys.has_forgotten("p-17") and self.copy["p-17"] is not None
        found = {
            "events, opened": str([event.data for event in self.opened()]),
            "the read model": str(self.seats.state),
            "the snapshot": str(snapshot and snapshot.state),
            "events, opened with the copy of the keys": ANNA if by_copy or not self._forgotten else "",
            "the letter that she got": f"Dear {ANNA}",
        }
        return [{"place": place, "can Anna's name be read?": _can(words)} for place, words in found.items()]

    @property
    def _forgotten(self) -> bool:
        return self.shredder.keys.has_forgotten("p-17")

    def read_in(self) -> list[str]:
        """The places in which the name can be read."""
        return [row["place"] for row in self.places() if row["can Anna's name be read?"] == _can(ANNA)]

    def same_when_rebuilt(self) -> bool:
        """Whether the read model, rebuilt now, is the one that had grown."""
        grown = self.grown
        return bool(self._rebuilt() == grown)


def _can(words: str) -> str:
    return "✕ yes" if ANNA in words else "✓ no"
