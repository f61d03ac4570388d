"""Where the mouse finds the lines and boxes of a picture that is shown as an image, and so has no parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import hypot

from eventlab.views.drawing.parts import Box, Line
from eventlab.views.drawing.shapes import Point

NEAR, LEAST = 6, 12  # pixels: so far from a line it is still meant; no box is smaller under the mouse


def areas(lines: Sequence[Line], boxes: Sequence[Box]) -> Iterator[tuple[str, str, str]]:
    """Kind, coordinates and words of each: of two in one place the first counts, and what is drawn last lies above."""
    shapes: list[Line | Box] = [*reversed(boxes), *reversed(lines)]
    for shape in shapes:
        corners = _corners(shape) if isinstance(shape, Box) else _around(shape.points, shape.head)
        if shape.words and corners:
            coordinates = ",".join(f"{round(each)}" for corner in corners for each in corner)
            yield "rect" if isinstance(shape, Box) else "poly", coordinates, shape.words


def _corners(box: Box) -> list[Point]:
    wide, tall = max(box.width, LEAST) / 2, max(box.height, LEAST) / 2
    return [(box.x - wide, box.y - tall), (box.x + wide, box.y + tall)]


def _around(points: Sequence[Point], head: Sequence[Point]) -> list[Point]:
    """A strip along a line, or the shape itself where there is no line."""
    ends = [*points[:1], *points[1 : -1 : max(1, len(points) // 12)], *points[-1:]]
    if len(set(ends)) < 2:
        return list(head)
    return [*_beside(ends, NEAR), *reversed(_beside(ends, -NEAR))]


def _beside(points: Sequence[Point], away: float) -> list[Point]:
    """The points, each moved aside, square to the way from its neighbour before to the one behind."""
    moved = []
    for (x1, y1), (x, y), (x2, y2) in zip((points[0], *points), points, (*points[1:], points[-1]), strict=False):
        long = hypot(x2 - x1, y2 - y1) or 1.0
        moved.append((x - away * (y2 - y1) / long, y + away * (x2 - x1) / long))
    return moved
