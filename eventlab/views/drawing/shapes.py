"""Small shapes as points: markers, arrow heads, and the ✕ of what never arrives."""

from __future__ import annotations

from math import hypot

Point = tuple[float, float]


def marker(kind: str, x: float, y: float) -> list[Point]:
    """A small closed shape around a point."""
    shapes: dict[str, list[Point]] = {
        "circle": [(4, 0), (2.8, 2.8), (0, 4), (-2.8, 2.8), (-4, 0), (-2.8, -2.8), (0, -4), (2.8, -2.8)],
        "square": [(-3.5, -3.5), (3.5, -3.5), (3.5, 3.5), (-3.5, 3.5)],
        "triangle": [(0, -4.6), (4.4, 3.4), (-4.4, 3.4)],
        "diamond": [(0, -5), (4.4, 0), (0, 5), (-4.4, 0)],
        "cross": [(-4.5, -1.4), (-1.4, -1.4), (-1.4, -4.5), (1.4, -4.5), (1.4, -1.4), (4.5, -1.4), (4.5, 1.4),
                  (1.4, 1.4), (1.4, 4.5), (-1.4, 4.5), (-1.4, 1.4), (-4.5, 1.4)],
        "tip": [(0, 4.6), (4.4, -3.4), (-4.4, -3.4)],
    }  # fmt: skip
    return [(round(x + dx, 1), round(y + dy, 1)) for dx, dy in (*shapes[kind], shapes[kind][0])]


def shaft(x1: float, y1: float, x2: float, y2: float) -> tuple[list[Point], list[Point]]:
    """An arrow's line, with points in between for the mouse to find, and its head; to itself it is a loop."""
    if x1 == x2:
        corners = [(x1, y1), (x1 + 22, y1 + 3), (x1 + 22, y2 - 3), (x1 + 9, y2)]
        return corners, [(x1 + 1, y2), (x1 + 10, y2 - 4), (x1 + 10, y2 + 4), (x1 + 1, y2)]
    length = hypot(x2 - x1, y2 - y1)
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    bx, by = x2 - 9 * dx, y2 - 9 * dy
    points = [(round(x1 + (bx - x1) * n / 4, 1), round(y1 + (by - y1) * n / 4, 1)) for n in range(5)]
    tip = (round(x2 - dx, 1), round(y2 - dy, 1))
    sides = [(round(bx - 4 * dy, 1), round(by + 4 * dx, 1)), (round(bx + 4 * dy, 1), round(by - 4 * dx, 1))]
    return points, [tip, *sides, tip]


def hatch(x: float, y: float, width: float, height: float) -> list[Point]:
    """Slanting strokes over a box, as one line: a texture for those who see no colours."""
    left, right, top, foot = x - width / 2 + 3, x + width / 2 - 3, y - height / 2 + 3, y + height / 2 - 3
    points: list[Point] = []
    for place, at in enumerate(range(round(left + top) + 7, round(right + foot), 7)):
        ends = [(min(right, at - top), max(top, at - right)), (max(left, at - foot), min(foot, at - left))]
        points += ends if place % 2 else reversed(ends)
    return [(round(px, 1), round(py, 1)) for px, py in points]


def cross(at: Point) -> list[Point]:
    """A ✕ as one shape around a point."""
    x, y = at
    corners = ((-6, -4), (-4, -6), (0, -2), (4, -6), (6, -4), (2, 0), (6, 4), (4, 6), (0, 2), (-4, 6), (-6, 4), (-2, 0))
    return [(round(x + dx, 1), round(y + dy, 1)) for dx, dy in (*corners, corners[0])]
