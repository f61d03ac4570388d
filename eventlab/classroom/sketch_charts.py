"""Two more kinds of sketches: a chart with axes and curves, and a grid of yes and no."""

from __future__ import annotations

from math import cos, pi, sin

from eventlab.classroom.strokes import TEXT, arrow, failure, line, stroke, written
from eventlab.classroom.teaching import Sketch
from eventlab.views.drawing.fitting import text_width
from eventlab.views.drawing.parts import Label, Line
from eventlab.views.drawing.picture import Sheet
from eventlab.views.drawing.shapes import Point
from eventlab.views.drawing.style import EVENT, GREY, INK, NAME, RULE, WELL, WIDTH, WRONG

LEFT, RIGHT, TOP, FOOT = 70, 640, 92, 330  # of the room that curves have, in pixels
LINE = 40  # from row to row of a grid


def chart(sheet: Sheet, sketch: Sketch) -> float:
    """Axes, curves, and a limit; gives the height."""
    along, up = sketch.axes
    sheet.add(arrow((LEFT, FOOT), (RIGHT + 30, FOOT), "line"), arrow((LEFT, FOOT), (LEFT, TOP - 24), "line"))
    sheet.add(
        Label(RIGHT + 36, FOOT, along, TEXT, GREY, left=True), Label(LEFT + 10, TOP - 24, up, TEXT, GREY, left=True)
    )
    level, name = sketch.limit
    if name:
        y = _place((0, level))[1]
        sheet.add(line([(LEFT, y), (RIGHT, y)], RULE, 1.4, "dash"), written((LEFT + 12, y - 14), name, GREY, left=True))
    for each in sketch.curves:
        points = [_place(point) for point in each.points]
        colour = WRONG if each.wrong else EVENT
        sheet.add(Line(stroke(points), colour, 2.6))
        end = points[-1]
        sheet.add(written((end[0] + 10, end[1]), each.words, WRONG if each.wrong else INK, left=True))
        if each.wrong:
            failure(sheet, points[len(points) // 2])
    for words, x, y in sketch.notes:
        sheet.add(written(_place((x, y)), words, GREY))
    return FOOT + 34


def _place(point: tuple[float, float]) -> Point:
    x, y = point
    return LEFT + x / 10 * (RIGHT - LEFT), FOOT - y / 10 * (FOOT - TOP)


def grid(sheet: Sheet, sketch: Sketch) -> float:
    """A table with a sign or a word in each cell; gives the height."""
    first = max(text_width(row[0], TEXT) for row in [sketch.columns, *sketch.rows]) + 40
    across = min(170.0, (WIDTH - 40 - first) / max(1, len(sketch.columns) - 1))
    end = 24 + first + across * (len(sketch.columns) - 1)
    for number, row in enumerate([sketch.columns, *sketch.rows]):
        y = 70 + number * LINE
        sheet.add(line([(24, y + LINE / 2), (end, y + LINE / 2)], RULE, 1.2 if number else 1.8))
        sheet.add(Label(32, y, row[0], TEXT, INK, left=True, bold=not number))
        for column, words in enumerate(row[1:], 1):
            x = 24 + first + (column - 0.5) * across
            sheet.add(_cell((x, y), words, head=not number, failed=sketch.fails == f"{number} {column}"))
            if sketch.fails == f"{number} {column}":
                _ringed(sheet, (x, y), across)
    sheet.add(line([(24 + first, 52), (24 + first, 70 + LINE * (len(sketch.rows) + 0.5))], RULE, 1.8))
    below = 70 + LINE * len(sketch.rows) + 44
    for number, (words, _, _) in enumerate(sketch.notes):
        sheet.add(Label(32, below + 22 * number, words, TEXT, GREY, left=True))
    return below + 22 * len(sketch.notes)


def _cell(at: Point, words: str, *, head: bool, failed: bool) -> Label:
    colour = WRONG if failed or words.startswith("✗") else WELL if words.startswith("✓") else INK
    return Label(*at, words, NAME, colour, bold=head or failed)


def _ringed(sheet: Sheet, at: Point, across: float) -> None:
    """A ring around the cell that the sketch is about."""
    (x, y), half, tall = at, across / 2 - 8, LINE / 2 - 3
    turns = [pi + turn * pi / 5 for turn in range(11)]
    sheet.add(line([(x + half * cos(turn), y + tall * sin(turn)) for turn in turns], WRONG, 2.6))
