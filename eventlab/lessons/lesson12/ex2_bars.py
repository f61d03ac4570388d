"""12.2: why a bar is not a weight."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.reading import nearest, shown
from eventlab.lessons.judging.testbed import Testbed
from eventlab.sim import Draws
from eventlab.views.charts.side_by_side import side_by_side
from eventlab.views.drawing.picture import Picture

Figures = Mapping[str, Mapping[str, float]]  # by pattern and measure; more is better in every measure
NAMES = ("ask", "tell", "copy", "log")
NEEDS = ("answered", "fresh", "cheap")


TABLES = 4  # that are tried in each case


def choose(figures: Figures, bars: Mapping[str, float]) -> str:
    """The cheapest pattern that meets every bar, or "none"."""
    good = [name for name, has in figures.items() if all(has[need] >= bar for need, bar in bars.items())]
    return max(good, key=lambda name: figures[name]["cheap"], default="none")


def judge(answer: Any, case: Case) -> None:
    """Never one that misses a bar; one if there is one; the cheapest of them; "none" if there is none."""
    draws = Testbed(case).draws
    found = []
    for _ in range(TABLES):
        try:
            _judge_one(answer, case.size, draws)
        except Mistake as mistake:
            found.append(mistake)
    if found:
        raise min(found, key=lambda mistake: mistake.kind == "price")  # the plainest one first


def _judge_one(answer: Any, size: int, draws: Draws) -> None:
    """One table of figures, and bars."""
    figures = {name: {need: float(draws.below(11) * 10) for need in NEEDS} for name in NAMES[: max(2, size)]}
    bars = {need: float(10 * (2 + draws.below(5))) for need in NEEDS[: 2 + draws.below(2)]}
    chosen, right = answer({name: dict(has) for name, has in figures.items()}, dict(bars)), choose(figures, bars)
    asked = ", ".join(f"{need} at least {bar:g}" for need, bar in bars.items())

    def wrong(message: str, kind: str) -> Mistake:
        return Mistake(f"Asked for {asked}: {message}", picture=_pictured(figures, bars, chosen, right), kind=kind)

    if chosen is None:
        raise wrong('you gave nothing back. Is there a `return`, also where none fits ("none")?', "empty")
    chosen = nearest(chosen, [*figures, "none"])
    if chosen == right or (right != "none" and chosen in figures and figures[chosen] == figures[right]):
        return
    if chosen == "none":
        raise wrong(f"you say that none is good enough, but {right} meets every bar.", "none")
    if not isinstance(chosen, str) or chosen not in figures:
        raise wrong(f'{shown(chosen)} is none of {", ".join(figures)}, and not "none".', "unknown")
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


def _pictured(figures: Figures, bars: Mapping[str, float], chosen: Any, right: str) -> Picture:
    """The figures, with the limits beside the measures, and beside each pattern which of them it misses (✕)."""
    columns = {need: f"{need}, {bars[need]:g} or more" if need in bars else need for need in NEEDS}
    rows = {}
    for name, has in figures.items():
        missed = [need for need, bar in bars.items() if has[need] < bar]
        words = f"✕ {', '.join(missed)}" if missed else "✓"
        rows[f"{'→ ' * (name == chosen)}{name} {words}"] = {columns[need]: has[need] for need in NEEDS}
    table = SimpleNamespace(index=list(rows), columns=list(columns.values()), loc=_Cells(rows))
    needs, title = list(columns.values()), f"You chose {shown(chosen, 30)}"
    return side_by_side(table, measures=needs, higher=needs, title=title, finding=f"right is {right}. ✕: bars missed")


class _Cells:
    """What `table.loc[row, column]` asks for."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures

    def __getitem__(self, place: tuple[str, str]) -> float:
        return self.figures[place[0]][place[1]]


EXERCISE = read_exercise("12.2", judge, choose, cases=lambda seed: Case(seed, 4), pure=True)
