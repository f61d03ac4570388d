"""A still picture as HTML: an image, always as large as it is drawn, with words under the mouse.

Its letters never shrink: in a narrow page the picture is moved inside its place; only on paper it is made to fit. That
it is an image lets JupyterLab show it in a notebook that it does not trust, too. Since an image has no parts that the
mouse could find, a map lies over it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from math import hypot
from zlib import crc32

from eventlab.views.drawing.parts import Box, Line
from eventlab.views.drawing.shapes import Point
from eventlab.views.drawing.text import escape

NEAR, LEAST = 6, 12  # pixels: so far from a line it is still meant; no box is smaller under the mouse
ON_PAPER = "@media print{.eventlab-still{min-width:0!important}}"


def as_image(width: int, svg: str, text: str, lines: Sequence[Line], boxes: Sequence[Box]) -> str:
    """An SVG as an image in HTML; `text` is for those who do not see it."""
    areas = "".join(_areas(lines, boxes))
    name = f"still-{crc32(svg.encode()):08x}"
    data = b64encode(svg.encode()).decode()
    return (
        f'<div style="overflow-x:auto"><style>{ON_PAPER}</style><img class="eventlab-still" alt="{escape(text)}" '
        f'style="max-width:100%;min-width:{width}px;height:auto" {f"""usemap="#{name}" """ if areas else ""}'
        f'src="data:image/svg+xml;base64,{data}"/>{f"""<map name="{name}">{areas}</map>""" if areas else ""}</div>'
    )


def _areas(lines: Sequence[Line], boxes: Sequence[Box]) -> Iterator[str]:
    """Where the mouse finds words: of two areas in one place the first counts, and what is drawn last lies above."""
    shapes: list[Line | Box] = [*reversed(boxes), *reversed(lines)]
    for shape in shapes:
        if shape.words:
            corners = _corners(shape) if isinstance(shape, Box) else _around(shape.points, shape.head)
            coordinates = ",".join(f"{round(each)}" for corner in corners for each in corner)
            kind = "rect" if isinstance(shape, Box) else "poly"
            words = escape(shape.words)
            yield f'<area shape="{kind}" coords="{coordinates}" title="{words}" alt="{words}"/>'


def _corners(box: Box) -> list[Point]:
    wide, tall = max(box.width, LEAST) / 2, max(box.height, LEAST) / 2
    return [(box.x - wide, box.y - tall), (box.x + wide, box.y + tall)]


def _around(points: Sequence[Point], head: Sequence[Point]) -> list[Point]:
    """A strip along a line, or the shape itself where there is no line."""
    ends = [points[0], *points[1 : -1 : max(1, len(points) // 12)], points[-1]]
    if len(set(ends)) < 2:
        return list(head or points)
    return [*_beside(ends, NEAR), *reversed(_beside(ends, -NEAR))]


def _beside(points: Sequence[Point], away: float) -> list[Point]:
    """The points, each moved aside, square to the way from its neighbour before to the one behind."""
    moved = []
    for (x1, y1), (x, y), (x2, y2) in zip((points[0], *points), points, (*points[1:], points[-1]), strict=False):
        long = hypot(x2 - x1, y2 - y1) or 1.0
        moved.append((x - away * (y2 - y1) / long, y + away * (x2 - x1) / long))
    return moved
