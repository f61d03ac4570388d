"""How work grows, on two axes of logarithms: a straight line is a power, and its slope is the exponent."""

from __future__ import annotations

from collections.abc import Collection

from eventlab.lessons.lesson11.year import WORKS, exponent, kept
from eventlab.views.drawing.axes import span, ticks
from eventlab.views.drawing.fitting import text_width
from eventlab.views.drawing.picture import Label, Line, Picture, Sheet, titled
from eventlab.views.drawing.shapes import marker
from eventlab.views.drawing.style import GREY, GRID, INK, SERIES, SMALL, WIDTH
from eventlab.views.drawing.wording import number

LEFT, RIGHT, TOP, BOTTOM = 78, WIDTH - 290, 76, 340


def exponents() -> dict[str, float]:
    """The exponent of each work."""
    sizes = [each.events for each in kept()]
    return {name: exponent(sizes, [each.seconds[name] for each in kept()]) for name in WORKS}


def growth(works: Collection[str] = tuple(WORKS)) -> Picture:
    """The milliseconds of some works at each size, with their exponents at the end of their lines."""
    found, steep = kept(), exponents()
    x = span([each.events for each in found], LEFT, RIGHT, log=True)
    y = span([each.seconds[name] * 1000 for each in found for name in WORKS], BOTTOM, TOP, log=True)
    last = found[-1]
    told = "; ".join(f"{WORKS[name]}: exponent {steep[name]:.1f}" for name in works)
    steepest = max(works, key=lambda name: steep[name])
    title = f"{last.events:,} events. {WORKS[steepest].capitalize()}: {number(last.seconds[steepest] * 1000)} ms"
    sheet = Sheet(*titled(title, []))
    sheet.add(Label(18, 52, "↑ milliseconds", SMALL, INK, left=True))
    for at in ticks(y, 8):
        sheet.add(Line([(LEFT, y.place(at)), (RIGHT, y.place(at))], GRID, 0.7))
        words = number(at)
        sheet.add(Label(LEFT - 10 - text_width(words, SMALL), y.place(at), words, SMALL, GREY, left=True))
    for at in ticks(x, 5):
        sheet.add(Label(x.place(at), BOTTOM + 16, f"{at:,.0f}", SMALL, GREY))
    sheet.add(Label((LEFT + RIGHT) / 2, BOTTOM + 38, "events →", SMALL, INK))
    ends: list[float] = []
    for name, (colour, dash, mark) in zip(WORKS, SERIES, strict=True):
        if name not in works:
            continue
        points = [(x.place(each.events), y.place(each.seconds[name] * 1000)) for each in found]
        sheet.add(Line(points, colour, 2, dash, words=WORKS[name]))
        for place in points:
            shape = marker(mark, *place)
            sheet.add(Line(shape, colour, 1, head=shape))
        at = points[-1][1]
        while any(abs(at - other) < 17 for other in ends):
            at += 4
        ends.append(at)
        sheet.add(Label(RIGHT + 12, at, f"{WORKS[name]}: n^{steep[name]:.1f}", SMALL, INK, left=True))
    return sheet.picture(WIDTH, BOTTOM + 54, f"{title}. {told}.")
