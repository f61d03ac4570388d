"""What a picture is made of: lines, boxes and labels, in pixels and in the colours of `style.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventlab.views.drawing.shapes import Point
from eventlab.views.drawing.style import INK, SMALL

# In a replay, a line, box or label with a `part` can change from step to step under that name, together with all others
# of this name, and one with a `message` (its id) is highlighted together with everything else about that message.


@dataclass(frozen=True)
class Line:
    """A line through points; with `head` an arrow. `words` appear under the mouse."""

    points: Sequence[Point]
    colour: str
    width: float = 1.5
    dash: str = "solid"
    head: Sequence[Point] = ()
    words: str = ""
    part: str = ""
    message: str = ""


@dataclass(frozen=True)
class Box:
    """A rectangle around a point. `words` appear under the mouse."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    border: str = INK
    dash: str = "solid"
    words: str = ""
    part: str = ""
    message: str = ""
    corner: float = 0.0
    thick: float = 1.5  # of the border
    strokes: Sequence[Point] = ()  # a texture over it, in the colour of the border; in a replay its part is "….strokes"


@dataclass(frozen=True)
class Label:
    """A text at a point, which is its middle, or its left end if `left`."""

    x: float
    y: float
    text: str
    size: int = SMALL
    colour: str = INK
    ground: str = ""
    bold: bool = False
    left: bool = False
    part: str = ""
    message: str = ""
    wide: float = 0.0  # of the ground, where it must hide no more than the text itself
    mono: bool = False  # letters of one width
