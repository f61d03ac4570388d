"""11.2: the books are closed at midnight, and the next day's stream is opened with what is still under way."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture

Flights = Mapping[str, Any]
STATUSES = ("scheduled", "delayed", "departed", "arrived", "cancelled", "diverted")
ENDED = STATUSES[3:]


def open_day(day: int, flights: Mapping[str, Any], opened: int) -> dict[str, Any] | None:
    if day <= opened:
        return None
    ended = ("arrived", "cancelled", "diverted")
    return {"day": day, "flights": {key: facts for key, facts in flights.items() if facts["status"] not in ended}}


def judge(answer: Any, case: Case) -> None:
    """Midnight after midnight: all that is under way is carried over as it stood, nothing else, and once."""
    draws = Testbed(case).draws
    flights: dict[str, Any] = {}
    for day in range(1, 4):
        for number in range(case.size):
            flights[f"EV{day}{number}"] = {"status": STATUSES[draws.below(len(STATUSES))], "gate": draws.below(30)}
        _look(answer, day, flights, day - 1)
        _look(answer, day, flights, day)  # the night's work was begun a second time
        flights = _under_way(flights)


def _look(answer: Any, day: int, flights: dict[str, Any], opened: int) -> None:
    before = deepcopy(flights)
    given = answer(day, flights, opened)
    carried = given.get("flights") if isinstance(given, Mapping) else None
    drawn = _carried(day, before, given, day <= opened)
    message, kind = "", ""
    if flights != before:
        message, kind = "the flights of the day before were changed. Make a new dictionary.", "changed"
        drawn = _drawn("`flights` before and after the call", ("before", "afterwards"), before, before, flights)
    elif day <= opened and given is not None:
        message, kind = "it is open already, and it was opened again. Return None.", "twice"
    elif day > opened and (not isinstance(carried, Mapping) or given.get("day") != day):
        message, kind = f"expected {{'day': {day}, 'flights': …}}, found {given!r:.80}.", "shape"
    elif day > opened and isinstance(carried, Mapping):
        message, kind = _wrong(before, carried)
    if message:
        raise Mistake(f"Day {day}: {message}", picture=drawn, kind=kind)


def _wrong(flights: Mapping[str, Any], carried: Mapping[str, Any]) -> tuple[str, str]:
    for key, facts in flights.items():
        if facts["status"] in ENDED and key in carried:
            return f"{key} is {facts['status']}, and is carried over. So the first event grows each day.", "carried"
        if facts["status"] not in ENDED and key not in carried:
            return f"{key} was {facts['status']} at midnight, and is lost: it is under way.", "lost"
        if key in carried and carried[key] != facts:
            return f"{key} stood as {facts}, and is opened as {carried[key]!r:.60}.", "facts"
    unknown = [key for key in carried if key not in flights]
    return (f"{unknown[0]!r:.40} is no flight of the day before.", "unknown") if unknown else ("", "")


def _carried(day: int, flights: Flights, given: Any, again: bool) -> Picture:
    """What the day is to be opened with, beside what it is opened with."""
    wanted = {} if again else {f"day {day}": day, **_under_way(flights)}
    said = given if isinstance(given, Mapping) else {}
    carried = said.get("flights")
    found = {f"day {day}": said["day"]} if "day" in said else {}
    found |= carried if isinstance(carried, Mapping) else {}
    return _drawn(f"What day {day} is opened with", ("to stand there", "stands there"), flights, wanted, found)


def _under_way(flights: Flights) -> dict[str, Any]:
    return {key: facts for key, facts in flights.items() if facts["status"] not in ENDED}


def _drawn(title: str, names: tuple[str, str], flights: Flights, wanted: Flights, found: Flights) -> Picture:
    """Of each flight, whether it should stand there, and whether it does; where that differs, first."""
    every = dict.fromkeys([*wanted, *map(str, found), *flights])
    keys = sorted(every, key=lambda key: wanted.get(key) == found.get(key))[:8]
    x = [f"{key} {flights[key]['status']}" if key in flights else key for key in keys]
    should = [float(key in wanted) for key in keys]
    does = [float(key in found and found[key] == wanted.get(key, found[key])) for key in keys]
    return chart(title, x=x, series=dict(zip(names, (should, does), strict=True)), bars=True)


EXERCISE = read_exercise("11.2", judge, open_day, cases=lambda seed: Case(seed, 8), pure=True)
