"""How work grows, on two axes of logarithms: a straight line is a power, and its slope is the exponent.

growth_chart([1_000, 10_000], {"append": [0.02, 0.02], "rebuild": [4, 41]}, unit="milliseconds")
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from math import isfinite, log
from statistics import linear_regression
from typing import TypedDict

from eventlab.door import door
from eventlab.errors import Invalid
from eventlab.views.drawing.axes import span, ticks
from eventlab.views.drawing.fitting import fit, text_width
from eventlab.views.drawing.picture import Label, Line, Picture, Sheet, message, titled
from eventlab.views.drawing.shapes import Point, marker
from eventlab.views.drawing.style import GREY, GRID, INK, SERIES, SMALL, WIDTH
from eventlab.views.drawing.wording import listed, number

LEFT, RIGHT, TOP, BOTTOM = 78, WIDTH - 290, 76, 340  # pixels of the field; right of it stand the names
APART = 17  # pixels between two names
LEAST, MOST = 1e-12, 1e15  # what an axis of powers can show


class Grown(TypedDict):
    """One work: its points, its exponent, where its name stands, and which of the styles it has."""

    name: str
    points: list[Point]
    exponent: float
    y: float
    style: int


class Growth(TypedDict):
    """All works on both axes."""

    works: list[Grown]
    across: list[tuple[float, str]]
    upwards: list[tuple[float, str]]


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The slope of the logarithms: 1 where ten times the events take ten times as long, 0 where it does not matter."""
    slope = linear_regression([log(each) for each in sizes], [log(each) for each in values]).slope
    return float(slope)


@door
def layout(
    sizes: Sequence[float], works: Mapping[str, Sequence[float]], *, shown: Collection[str] | None = None
) -> Growth:
    """Where points, lines and names stand, as plain data; `shown`: of the works, these alone, on the axes of all.

    What cannot be drawn raises `Invalid`.
    """
    _look(sizes, works)
    if unknown := [name for name in shown or () if name not in works]:
        raise Invalid("shown", where="growth", expected=f"some of {listed(list(works))}", found=unknown[0])
    x = span(list(sizes), LEFT, RIGHT, log=True)
    y = span([each for values in works.values() for each in values], BOTTOM, TOP, log=True)
    found: list[Grown] = []
    for place, (name, values) in enumerate(works.items()):
        if shown is not None and name not in shown:
            continue
        points = [(x.place(size), y.place(value)) for size, value in zip(sizes, values, strict=True)]
        at = points[-1][1]
        while any(abs(at - other["y"]) < APART for other in found):
            at += 4
        found.append({"name": name, "points": points, "exponent": exponent(sizes, values), "y": at, "style": place})
    across = [(x.place(at), f"{at:,.0f}" if at >= 1 else number(at)) for at in ticks(x, 5)]
    return {"works": found, "across": across, "upwards": [(y.place(at), number(at)) for at in ticks(y, 8)]}


def _look(sizes: Sequence[float], works: Mapping[str, Sequence[float]]) -> None:
    if not 1 <= len(works) <= len(SERIES):
        raise Invalid("works", where="growth", expected=f"1 to {len(SERIES)} of them", found=len(works))
    if len(sizes) < 2 or not all(a < b for a, b in pairwise(sizes)):
        raise Invalid("sizes", where="growth", expected="two or more, ascending", found=sizes)
    for name, values in {"sizes": sizes, **works}.items():
        if len(values) != len(sizes) or not all(isfinite(each) and LEAST < each < MOST for each in values):
            expected = f"{len(sizes)} numbers above 0: an axis of powers has no other"
            raise Invalid("values", where=f"growth, {name!r}", expected=expected, found=values)


@door
def growth_chart(
    sizes: Sequence[float], works: Mapping[str, Sequence[float]], *, shown: Collection[str] | None = None,
    title: str = "", unit: str = "", size: str = "events",
) -> Picture:  # fmt: skip
    """A line for each work over sizes, its exponent at the end; where none can be drawn, a picture that says why."""
    try:
        plan = layout(sizes, works, shown=shown)
    except Invalid as problem:
        return message("No growth", str(problem))
    if not title and plan["works"]:
        steepest = max(plan["works"], key=lambda work: work["exponent"])["name"]
        last = f"{number(works[steepest][-1])} {unit}".strip()
        title = f"{number(sizes[-1])} {size}. {steepest[:1].upper()}{steepest[1:]}: {last}"
    return _draw(plan, title or "How work grows", unit, size)


def _draw(plan: Growth, title: str, unit: str, size: str) -> Picture:
    sheet = Sheet(*titled(title, []))
    sheet.add(Label(18, 52, f"↑ {unit}", SMALL, INK, left=True))
    for y, words in plan["upwards"]:
        sheet.add(Line([(LEFT, y), (RIGHT, y)], GRID, 0.7))
        sheet.add(Label(LEFT - 10 - text_width(words, SMALL), y, words, SMALL, GREY, left=True))
    for x, words in plan["across"]:
        sheet.add(Label(x, BOTTOM + 16, words, SMALL, GREY))
    sheet.add(Label((LEFT + RIGHT) / 2, BOTTOM + 38, f"{size} →", SMALL, INK))
    for work in plan["works"]:
        colour, dash, mark = SERIES[work["style"]]
        sheet.add(Line(work["points"], colour, 2, dash, words=work["name"]))
        for place in work["points"]:
            shape = marker(mark, *place)
            sheet.add(Line(shape, colour, 1, head=shape))
        power = f": n^{work['exponent']:.1f}"
        words = fit(work["name"], WIDTH - RIGHT - 24 - text_width(power, SMALL), SMALL) + power
        sheet.add(Label(RIGHT + 12, work["y"], words, SMALL, INK, left=True))
    told = "; ".join(f"{work['name']}: exponent {work['exponent']:.1f}" for work in plan["works"])
    return sheet.picture(WIDTH, BOTTOM + 54, f"{title}. {told}.")
