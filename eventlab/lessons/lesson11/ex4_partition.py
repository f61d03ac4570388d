"""11.4: which depot keeps a parcel's history: the same for ever, spread evenly, few moves when one is added."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture

PARCELS, MOST = 200, 4  # depots: so few that a ring of hashes, made anew at each call, is done in time


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
    depots, first = 2 + draws.below(MOST - 1), draws.below(90_000)
    names = [f"PK-{first + number:07}" for number in range(PARCELS)]
    places = {name: answer(name, depots) for name in names}
    for name, place in places.items():
        if place.__class__ is not int or not 0 <= place < depots:
            message = f"{name}: expected a whole number from 0 to {depots - 1}, found {place!r:.40}."
            raise Mistake(message, picture=_drawn(depots, {}), kind="range")
    count = Counter(places.values())
    for name in names[:10]:
        if (there := answer(Elsewhere(name), depots)) != places[name]:
            message = f"{name} is at depot {places[name]} here, and at {there} in another process: `hash` of a text"
            message = f"{message} differs from process to process. Take a hash that does not."
            raise Mistake(message, picture=_drawn(depots, count), kind="hash")
    fullest, most = count.most_common(1)[0]
    if most > _too_many(depots):
        message = (
            f"{most} of {PARCELS} parcels are at depot {fullest}; {PARCELS // depots} would be even among {depots}"
        )
        message = f"{message}. Use all of the number, not its beginning or its end."
        raise Mistake(message, picture=_drawn(depots, count), kind="uneven")
    moved = [name for name in names if answer(name, depots + 1) != places[name]]
    if len(moved) > _too_many(depots + 1):
        message = f"One depot is added to {depots}, and {len(moved)} of {PARCELS} histories must move"
        message = f"{message}; one in {depots + 1} would do. Who wins among {depots} should lose to the new one alone."
        moves = Counter(places[name] for name in moved)
        raise Mistake(message, picture=_drawn(depots, count, moves), kind="moves")


def _too_many(depots: int) -> float:
    """Half as many again as if they were spread evenly, and four times what luck takes or gives."""
    even = PARCELS / depots
    return 1.5 * even + 4 * math.sqrt(even)


def _drawn(depots: int, count: Mapping[int, int], moves: Mapping[int, int] | None = None) -> Picture:
    series = {"parcels": [float(count.get(place, 0)) for place in range(depots)]}
    if moves is not None:
        series["of them must move"] = [float(moves.get(place, 0)) for place in range(depots)]
    names = [f"depot {place}" for place in range(depots)]
    return chart(f"{PARCELS} parcels at {depots} depots", x=names, series=series, bars=True)


EXERCISE = read_exercise("11.4", judge, depot, pure=True)
