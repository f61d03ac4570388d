"""12.2: why a bar is not a weight."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.views.charts.side_by_side import side_by_side

Figures = Mapping[str, Mapping[str, float]]  # by pattern and measure; more is better in every measure
NAMES = ("ask", "tell", "copy", "log")
NEEDS = ("answered", "fresh", "cheap")


def choose(figures: Figures, bars: Mapping[str, float]) -> str:
    """The cheapest pattern that meets every bar, or "none"."""
    good = [name for name, has in figures.items() if all(has[need] >= bar for need, bar in bars.items())]
    return max(good, key=lambda name: figures[name]["cheap"], default="none")


def judge(answer: Any, case: Case) -> None:
    """Never one that misses a bar; one if there is one; the cheapest of them; "none" if there is none."""
    draws = Testbed(case).draws
    figures = {name: {need: float(draws.below(11) * 10) for need in NEEDS} for name in NAMES[: max(2, case.size)]}
    bars = {need: float(10 * (2 + draws.below(6))) for need in NEEDS[: 2 + draws.below(2)]}
    chosen, right = answer(figures, bars), choose(figures, bars)
    asked = ", ".join(f"{need} at least {bar:g}" for need, bar in bars.items())

    def wrong(message: str, kind: str) -> Mistake:
        table = SimpleNamespace(index=list(figures), columns=list(NEEDS), loc=_Cells(figures))
        picture = side_by_side(table, measures=NEEDS, higher=NEEDS, title=f"asked for: {asked}")
        return Mistake(f"Asked for {asked}: {message}", picture=picture, kind=kind)

    if chosen == right or (right != "none" and chosen in figures and figures[chosen] == figures[right]):
        return
    if chosen == "none":
        raise wrong(f"you say that none is good enough, but {right} meets every bar.", "none")
    if chosen not in figures:
        raise wrong(f'{chosen!r} is none of {", ".join(figures)}, and not "none".', "unknown")
    for need, bar in bars.items():
        if figures[chosen][need] < bar:
            also = " None meets them all: say so." if right == "none" else ""
            raise wrong(
                f"{chosen} has only {figures[chosen][need]:g} for {need}. A bar is a limit: nothing makes up for "
                f"it.{also}",
                "bar",
            )
    if figures[chosen]["cheap"] < figures[right]["cheap"]:
        raise wrong(f"{chosen} meets every bar, but {right} does so too, and is cheaper.", "price")


class _Cells:
    """What `table.loc[row, column]` asks for."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures

    def __getitem__(self, place: tuple[str, str]) -> float:
        return self.figures[place[0]][place[1]]


EXERCISE = read_exercise("12.2", judge, choose, cases=lambda seed: Case(seed, 4))
