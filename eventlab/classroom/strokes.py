"""Lines as a hand draws them on a board: nearly straight, the same each time. What sketches are made of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from eventlab.views.drawing.fitting import text_width
from eventlab.views.drawing.parts import Label, Line
from eventlab.views.drawing.picture import Sheet
from eventlab.views.drawing.shapes import Point
from eventlab.views.drawing.style import EVENT, GROUND, INK, RECEIPT, REQUEST, WRONG

TEXT = 15  # pixels: what is written on the board
KINDS = {  # what an arrow is: colour, dash, width
    "event": (EVENT, "solid", 2.2),
    "request": (REQUEST, "dash", 2.0),
    "answer": (REQUEST, "dash", 1.2),
    "command": (INK, "dashdot", 2.0),
    "receipt": (RECEIPT, "dot", 1.6),
    "line": (INK, "solid", 1.6),
}


def stroke(points: Sequence[Point]) -> list[Point]:
    """A line through these points, as a hand draws it."""
    chance = Random(repr(points))
    drawn = [points[0]]
    for (x1, y1), (x2, y2) in pairwise(points):
        for share in (0.3, 0.7):
            dx, dy = chance.uniform(-1.3, 1.3), chance.uniform(-1.3, 1.3)
            drawn.append((round(x1 + share * (x2 - x1) + dx, 1), round(y1 + share * (y2 - y1) + dy, 1)))
        drawn.append((round(x2, 1), round(y2, 1)))
    return drawn


def line(points: Sequence[Point], colour: str = INK, width: float = 1.6, dash: str = "solid") -> Line:
    """A line that has no meaning of its own."""
    return Line(stroke(points), colour, width, dash)


def arrow(start: Point, end: Point, kind: str, *, wrong: bool = False) -> Line:
    """An arrow with an open head, as one draws it without lifting the hand; `wrong`: in the colour of what failed."""
    colour, dash, width = KINDS[kind]
    (x1, y1), (x2, y2) = start, end
    length = max(1.0, ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5)
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    sides = [(x2 - 10 * dx + way * 5 * dy, y2 - 10 * dy - way * 5 * dx) for way in (1, -1)]
    head = [(round(x, 1), round(y, 1)) for x, y in (sides[0], end, sides[1], sides[0])]
    return Line(stroke([start, end]), WRONG if wrong else colour, width, dash, head=head)


def failure(sheet: Sheet, at: Point, size: float = 11) -> None:
    """The one marked failure of a sketch: a large cross."""
    x, y = at
    for ends in ([(x - size, y - size), (x + size, y + size)], [(x - size, y + size), (x + size, y - size)]):
        sheet.add(line(ends, WRONG, 3.4))


def frame(sheet: Sheet, at: Point, width: float, height: float, colour: str = INK) -> None:
    """A box, drawn in one go."""
    x, y, half, tall = *at, width / 2, height / 2
    corners = [(x - half, y - tall), (x + half, y - tall), (x + half, y + tall), (x - half, y + tall)]
    sheet.add(line([*corners, (x - half - 1, y - tall - 2)], colour, 1.8))


def written(at: Point, words: str, colour: str = INK, *, left: bool = False, bold: bool = False) -> Label:
    """Words on the board; a line behind them is wiped out."""
    wide = round(text_width(words, TEXT, bold=bold) + 6, 1)
    return Label(*at, words, TEXT, colour, ground=GROUND, left=left, bold=bold, wide=wide)
