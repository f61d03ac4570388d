"""04.3: an inbox that remembers for a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.draws import Draws
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture

KEEP = (5, 8, 12)  # seconds


def first_time(id: str, now: float, seen: dict[str, float], keep: float) -> tuple[bool, dict[str, float]]:
    seen = {each: at for each, at in seen.items() if now - at < keep}
    if id in seen:
        return False, seen
    return True, {**seen, id: now}


class Remembering:
    """An inbox with an answer in it, and beside it what it should remember."""

    def __init__(self, answer: Any, keep: float) -> None:
        self.answer, self.keep = answer, keep
        self.seen: dict[str, float] = {}
        self.should: dict[str, float] = {}
        self.yours: list[float | None] = []
        self.right: list[float | None] = []

    def take(self, id: str, now: float) -> None:
        """One message: compare what is said and remembered with what is right."""
        new, self.should = first_time(id, now, self.should, self.keep)
        given = self.answer(id, now, dict(self.seen), self.keep)
        self.right.append(len(self.should))
        if not (isinstance(given, Sequence) and len(given) == 2 and isinstance(given[1], Mapping)):
            message = f"give back two things, whether it is new and what is remembered, not {given!r:.60}."
            raise self._wrong(message, "shape")
        self.yours.append(len(given[1]))
        told = f"{id} at second {now}, kept for {self.keep} s"
        if bool(given[0]) and not new:
            message = f"{told}: it was handled at second {self.should[id]:g}, and would be done twice."
            raise self._wrong(message, "twice")
        if new and not given[0]:
            raise self._wrong(f"{told}: it is new, or its time is over, and would be left undone.", "lost")
        if dict(given[1]) != self.should:
            what = _difference(dict(given[1]), self.should)
            raise Mistake(f"{told}: {what}.", picture=_since(given[1], self.should), kind="memory")
        self.seen = dict(given[1])

    def _wrong(self, message: str, kind: str) -> Mistake:
        yours = [*self.yours, *[None] * (len(self.right) - len(self.yours))]
        series = {"yours": yours, "as it should be": self.right}
        x = list(range(1, len(self.right) + 1))
        picture = chart("Messages that are remembered", x=x, series=series, x_title="message", text=message)
        return Mistake(message, picture=picture, kind=kind)


def _since(yours: Mapping[str, Any], should: Mapping[str, float]) -> Picture:
    """Since which second each message is remembered; where that differs, first."""
    ids = sorted({*map(str, yours), *should}, key=lambda id: (yours.get(id) == should.get(id), id))[:8]
    times = [[each[id] if isinstance(each.get(id), int | float) else None for id in ids] for each in (yours, should)]
    series = dict(zip(("yours", "as it should be"), times, strict=True))
    return chart("Since when each message is remembered", x=ids, series=series, bars=True, y_title="second")


def _difference(yours: dict[str, float], should: dict[str, float]) -> str:
    """What is remembered otherwise than it should be."""
    for id in sorted({*yours, *should}):
        if id not in should:
            return f"{id} is still remembered, though its time is over"
        if id not in yours:
            return f"{id} is not remembered, and would be done twice"
        if yours[id] != should[id]:
            return f"{id} came first at second {should[id]:g}, and is remembered with {yours[id]:g}"
    return "what is remembered is something else"


def judge(answer: Any, case: Case) -> None:
    """What comes again within the time is no news, what comes after it is; and nothing is kept for longer."""
    draws, now = Draws(case.seed, "messages"), 0
    meals, kitchen = (Remembering(answer, KEEP[(case.seed + place) % len(KEEP)]) for place in range(2))
    for number in range(20 * case.size):
        now += draws.below(2)
        (kitchen if number % 2 else meals).take(f"event {draws.below(7)}", now)


EXERCISE = read_exercise("04.3", judge, first_time, cases=lambda seed: Case(seed, 6))
