"""The order of a choice, and why a bar is not a weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from eventlab.lessons.judging.model import Case, Exercise, Mistake
from eventlab.lessons.judging.testbed import Testbed
from eventlab.views.charts.side_by_side import side_by_side

STEPS = {
    "a": "take the cheapest of those that are left",
    "b": "ask whom it hurts, and when: name the needs",
    "c": "strike out every pattern that misses a bar",
    "d": "give each need a bar: a figure that is good enough",
    "e": "measure every pattern with the same work and the same faults",
    "f": "write down what would make you choose again",
}
FIRST = (
    ("b", "d", "A bar without a need is somebody's taste: name the needs before you give them figures."),
    ("d", "e", "You measure before you know what is good enough: then every figure looks good enough."),
    ("e", "c", "You strike out patterns before you have measured them: that is a prejudice, not a choice."),
    ("d", "c", "There is no bar yet that a pattern could miss."),
    ("c", "a", "The cheapest of all may miss a bar: strike out first, then look at the price."),
    ("a", "f", "What would make you choose again comes last: it depends on what you chose, and why."),
)


def in_order(answer: Sequence[str], case: Case) -> None:
    """Each step once, and none before one that it needs."""
    if sorted(answer) != sorted(STEPS):
        raise Mistake(
            f"Name each of the steps {', '.join(STEPS)} once; you gave {', '.join(map(str, answer)) or 'none'}."
        )
    for first, then, why in FIRST:
        if answer.index(first) > answer.index(then):
            raise Mistake(why)


Figures = Mapping[str, Mapping[str, float]]  # by pattern and measure; more is better in every measure
NAMES = ("ask", "tell", "copy", "log")
NEEDS = ("answered", "fresh", "cheap")


def choose(figures: Figures, bars: Mapping[str, float]) -> str:
    """The cheapest pattern that meets every bar, or "none"."""
    good = [name for name, has in figures.items() if all(has[need] >= bar for need, bar in bars.items())]
    return max(good, key=lambda name: figures[name]["cheap"], default="none")


def chooses_well(answer: Any, case: Case) -> None:
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


ORDER = Exercise(
    "12.1",
    "How to choose",
    "order",
    "Put the steps of a choice in order.",
    in_order,
    ["b", "d", "e", "c", "a", "f"],
    ("Begin with people, not with patterns.", "A bar needs a need; striking out needs bars and figures."),
    runs=1,
    explains="The last step is the one that is forgotten most: needs change, so plan to look again.",
)

BARS = Exercise(
    "12.2",
    "A bar is not a weight",
    "repair",
    'Give back the cheapest pattern that meets every bar, or "none".',
    chooses_well,
    choose,
    (
        "Adding up lets a very good figure make up for a bad one. May it?",
        "First keep those for which all(...) bars hold; then take the cheapest of what is left, if anything is.",
    ),
    cases=lambda seed: Case(seed, 4),
    explains="Points hide a missed need. A limit does not.",
)
