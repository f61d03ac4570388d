"""11.2: the books are closed at midnight, and the next day's stream is opened with what is still under way."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed

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
        flights = {key: facts for key, facts in flights.items() if facts["status"] not in ENDED}


def _look(answer: Any, day: int, flights: dict[str, Any], opened: int) -> None:
    before = deepcopy(flights)
    given = answer(day, flights, opened)
    if flights != before:
        raise Mistake(f"Day {day}: the flights of the day before were changed. Make a new dictionary.", kind="changed")
    if day <= opened:
        if given is not None:
            raise Mistake(f"Day {day} is open already, and it was opened again. Return None.", kind="twice")
        return
    if not isinstance(given, Mapping) or given.get("day") != day or not isinstance(given.get("flights"), Mapping):
        raise Mistake(f"Day {day}: expected {{'day': {day}, 'flights': …}}, found {given!r:.80}.", kind="shape")
    carried = given["flights"]
    for key, facts in flights.items():
        if facts["status"] in ENDED and key in carried:
            message = f"Day {day}: {key} has {facts['status']}, and is carried over. So the first event grows each day."
            raise Mistake(message, kind="carried")
        if facts["status"] not in ENDED and key not in carried:
            message = f"Day {day}: {key} was {facts['status']} at midnight, and is lost: it is under way."
            raise Mistake(message, kind="lost")
        if key in carried and carried[key] != facts:
            raise Mistake(f"Day {day}: {key} stood as {facts}, and is opened as {carried[key]!r:.60}.", kind="facts")
    if unknown := [key for key in carried if key not in flights]:
        raise Mistake(f"Day {day}: {unknown[0]!r:.40} is no flight of the day before.", kind="unknown")


EXERCISE = read_exercise("11.2", judge, open_day, cases=lambda seed: Case(seed, 8), pure=True)
