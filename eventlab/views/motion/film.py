"""A moving view out of still pictures: one picture for each step, drawn by the same code as the picture that stands.

All pictures of a film have the same parts in the same places. What differs from one to the next becomes a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from eventlab.views.drawing.picture import Box, Label, Picture
from eventlab.views.drawing.style import HEAVY
from eventlab.views.drawing.text import plain
from eventlab.views.motion.steps import Mover, View

Shape = Box | Label


def film(name: str, pictures: Iterable[Picture]) -> View:
    """A view that shows one of these pictures at each step; it is the last one that stands when nothing moves.

    Boxes and labels that have a `part` may differ, lines and everything else must not.
    """
    drawn = list(pictures)
    first = {shape.part: _attributes(shape) for shape in _parts(drawn[0])}
    news = [list(_news(before, after)) for before, after in pairwise(drawn)]
    mover = Mover(name, drawn[-1])
    for part, attribute in dict.fromkeys((part, attribute) for each in news for part, attribute, _ in each):
        mover.begin(part, attribute, first[part][attribute])
    mover.step()
    for each in news:
        for part, attribute, value in each:
            mover.set(part, attribute, value)
        mover.step()
    return mover.view


def _news(before: Picture, after: Picture) -> Iterator[tuple[str, str, str]]:
    """What the later picture shows otherwise: part, attribute, value."""
    for old, new in zip(_parts(before), _parts(after), strict=True):
        if old is not new and old != new:
            values = _attributes(old)
            yield from ((new.part, name, value) for name, value in _attributes(new).items() if value != values[name])


def _parts(picture: Picture) -> list[Shape]:
    shapes: list[Shape] = [*picture.boxes, *picture.labels]
    return [shape for shape in shapes if shape.part]


def _attributes(shape: Shape) -> Mapping[str, str]:
    """What of a shape can change, as it stands in the SVG."""
    if isinstance(shape, Label):
        return {
            "text": plain(shape.text),
            "x": f"{shape.x:g}",
            "y": f"{shape.y:g}",
            "fill": shape.colour,
            "font-weight": f"{HEAVY}" if shape.bold else "normal",
            "data-message": shape.message,
        }
    return {
        "x": f"{shape.x - shape.width / 2:g}",
        "y": f"{shape.y - shape.height / 2:g}",
        "width": f"{shape.width:g}",
        "height": f"{shape.height:g}",
        "fill": shape.fill,
        "stroke": shape.border,
        "data-message": shape.message,
    }
