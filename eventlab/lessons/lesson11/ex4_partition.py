"""11.4: which of several depots keeps a parcel's history: the same for ever, spread evenly, few moves when one is added."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed

PARCELS = 400


def depot(parcel: str, depots: int) -> int:
    def weight(place: int) -> str:
        return hashlib.sha256(f"{parcel} {place}".encode()).hexdigest()

    return max(range(depots), key=weight)


class Elsewhere(str):
    """The same text in another process: there Python's `hash` gives it another number."""

    __slots__ = ()

    def __hash__(self) -> int:
        return sum(self.encode()) * 7919 + 13


def judge(answer: Any, case: Case) -> None:
    """In range, the same everywhere, spread, and steady when a depot is added."""
    draws = Testbed(case).draws
    depots, first = 2 + draws.below(6), draws.below(90_000)
    names = [f"PK-{first + number:07}" for number in range(PARCELS)]
    places = {name: answer(name, depots) for name in names}
    for name, place in places.items():
        if place.__class__ is not int or not 0 <= place < depots:
            raise Mistake(f"{name}: expected a whole number from 0 to {depots - 1}, found {place!r:.40}.", kind="range")
    for name in names[:20]:
        if (there := answer(Elsewhere(name), depots)) != places[name]:
            message = f"{name} is at depot {places[name]} here, and at {there} in another process: `hash` of a text"
            raise Mistake(f"{message} differs from process to process. Take a hash that does not.", kind="hash")
    fullest, count = Counter(places.values()).most_common(1)[0]
    if count > 1.5 * PARCELS / depots:
        message = f"{count} of {PARCELS} parcels are at depot {fullest}; {PARCELS // depots} would be even among {depots}"
        raise Mistake(f"{message}. Use all of the number, not its beginning or its end.", kind="uneven")
    moved = sum(answer(name, depots + 1) != places[name] for name in names)
    if moved > 1.6 * PARCELS / (depots + 1):
        message = f"A depot is added to {depots}, and {moved} of {PARCELS} histories must move; one in {depots + 1} would do"
        raise Mistake(f"{message}. Who wins among {depots} should lose to the new one alone.", kind="moves")


EXERCISE = read_exercise("11.4", judge, depot, pure=True)
