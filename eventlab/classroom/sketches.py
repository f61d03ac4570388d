"""Sketches for the board: boxes and arrows, a ladder of messages, a chart, a grid; each with one marked failure.

Each can be drawn again by hand in two minutes. They are small on purpose: no more than fits into one look.
"""

from __future__ import annotations

from collections.abc import Mapping

from eventlab.classroom.sketch_charts import chart, grid
from eventlab.classroom.strokes import TEXT, arrow, failure, frame, line, written
from eventlab.classroom.teaching import Sketch
from eventlab.errors import unknown
from eventlab.views.drawing.fitting import text_width
from eventlab.views.drawing.picture import Picture, Sheet, finding
from eventlab.views.drawing.shapes import Point
from eventlab.views.drawing.style import GREY, INK, RULE, WIDTH, WRONG

TALL, ROW, TOP = 42, 104, 84  # a box's height; from row to row; the middle of the first row, in pixels
STEP, EDGE = 44, 92  # from message to message; the outermost lifelines' distance from the edge


def drawn(sketch: Sketch) -> Picture:
    """The sketch as a picture, as wide as a lesson's."""
    sheet = Sheet(finding(sketch.title))
    draw = {"boxes": _boxes, "ladder": _ladder, "chart": chart, "grid": grid}[sketch.kind]
    height = draw(sheet, sketch)
    return sheet.picture(WIDTH, height, _told(sketch))


def _told(sketch: Sketch) -> str:
    """The sketch in words, for those who do not see it."""
    said = [f"{start} to {end}: {words}" for start, end, _, words in sketch.arrows]
    said += [curve.words for curve in sketch.curves] + [": ".join(row[:1]) for row in sketch.rows]
    failed = f" What fails: {sketch.fails}." if sketch.fails and not sketch.fails[0].isdigit() else ""
    return f"{sketch.title}. {'; '.join(said)}.{failed} {sketch.say}"


# Boxes and arrows -----------------------------------------------------------------------------------------------------


def _boxes(sheet: Sheet, sketch: Sketch) -> float:
    columns = max([1.0, *(column for _, column, _ in sketch.boxes)])
    across = (WIDTH - 2 * EDGE) / columns
    places = {name: (EDGE + column * across, TOP + row * ROW) for name, column, row in sketch.boxes}
    for number, (start, end, kind, words) in enumerate(sketch.arrows, 1):
        there = any(other[:2] == (end, start) for other in sketch.arrows)
        _between(sheet, places, (start, end), kind, words, wrong=sketch.fails == str(number), aside=14 if there else 0)
    for name, at in places.items():
        failed = sketch.fails == name
        frame(sheet, at, _wide(name), TALL, WRONG if failed else INK)
        sheet.add(written(at, name.strip(), bold=True))
        if failed:
            failure(sheet, (at[0] + _wide(name) / 2, at[1] - TALL / 2))
    for words, column, row in sketch.notes:
        sheet.add(written((EDGE + column * across, TOP + row * ROW), words, GREY))
    return TOP + ROW * max([0.0, *(row for _, _, row in [*sketch.boxes, *sketch.notes])]) + 44


def _wide(name: str) -> float:
    return max(84.0, text_width(name.strip(), TEXT, bold=True) + 26)


def _between(
    sheet: Sheet, places: Mapping[str, Point], ends: tuple[str, str], kind: str, words: str, *, wrong: bool, aside: int
) -> None:
    """An arrow from box to box, its words beside it; where one goes back as well, each lies to its side."""
    for name in ends:
        if name not in places:
            raise unknown("box", name, list(places), where="a sketch")
    (x1, y1), (x2, y2) = (places[name] for name in ends)
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    shift = (dy * aside * 0.6, -dx * aside * 0.6)
    start = _edge((x1, y1), _wide(ends[0]), (dx, dy), shift)
    end = _edge((x2, y2), _wide(ends[1]), (-dx, -dy), shift)
    sheet.add(arrow(start, end, kind, wrong=wrong))
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    if wrong:
        failure(sheet, middle)
    level = abs(dy) < 0.3
    lower = (-16 if level else 0) + (22 if wrong and not level else 0)
    if level and aside:
        lower = -14 if dx > 0 else 14
    away = 0.0 if level or not aside else (1 if dy > 0 else -1) * (text_width(words, TEXT) / 2 + 6)
    if words:
        sheet.add(written((middle[0] + away, middle[1] + lower), words, WRONG if wrong else INK))


def _edge(at: Point, wide: float, way: Point, shift: Point) -> Point:
    """Where a line from the middle of a box leaves it, with a little air."""
    dx, dy = way
    far = min((wide / 2 + 5) / abs(dx) if dx else 1e9, (TALL / 2 + 5) / abs(dy) if dy else 1e9)
    return round(at[0] + dx * far + shift[0], 1), round(at[1] + dy * far + shift[1], 1)


# A ladder of messages -------------------------------------------------------------------------------------------------


def _ladder(sheet: Sheet, sketch: Sketch) -> float:
    across = (WIDTH - 2 * EDGE) / max(1, len(sketch.who) - 1)
    places = {name: EDGE + number * across for number, name in enumerate(sketch.who)}
    foot = TOP + 30 + STEP * len(sketch.arrows) + 14
    for name, x in places.items():
        sheet.add(line([(x, TOP - 6), (x, foot)], RULE, 1.4))
        frame(sheet, (x, TOP - 20), _wide(name), 32)
        sheet.add(written((x, TOP - 20), name, bold=True))
    for number, (start, end, kind, words) in enumerate(sketch.arrows, 1):
        for name in (start, end):
            if name not in places:
                raise unknown("lifeline", name, list(places), where="a sketch")
        y, lower = TOP + 30 + STEP * (number - 1), STEP * sketch.late.get(str(number), 0)
        _step(sheet, (places[start], y), (places[end], y + lower), kind, words, wrong=sketch.fails == str(number))
    for words, column, row in sketch.notes:
        sheet.add(written((EDGE + column * across, TOP + 30 + STEP * row), words, GREY))
    return foot + 16


def _step(sheet: Sheet, start: Point, end: Point, kind: str, words: str, *, wrong: bool) -> None:
    """A message from line to line, or, from a line to itself, work; what fails stops half way."""
    (x1, y1), (x2, y2) = start, end
    colour = WRONG if wrong else INK
    if x1 == x2:
        frame(sheet, (x1, y1), text_width(words, TEXT) + 20, 28, colour)
        sheet.add(written((x1, y1), words, colour))
        if wrong:
            failure(sheet, (x1 + text_width(words, TEXT) / 2 + 28, y1), 9)
        return
    way = 1 if x2 > x1 else -1
    tip = ((x1 + x2) / 2 + way * 40, (y1 + y2) / 2) if wrong else (x2 - way * 3, y2)
    sheet.add(arrow((x1 + way * 3, y1), tip, kind, wrong=wrong))
    if wrong:
        failure(sheet, (tip[0] + way * 14, tip[1]))
    share = 0.5 if y1 == y2 else 0.28
    sheet.add(written((x1 + share * (x2 - x1), y1 + share * (y2 - y1) - 15), words, colour))
