"""A picture made of lines, boxes and labels, which shows itself: in Jupyter, in a plain page, and in words.

One drawing, all in pixels: an SVG (a component, where its colours are those of the page's theme), the same as an image
in HTML (JupyterLab takes this one: it is dark where the page is, and has words under the mouse), and a text that says
what is to be seen (a terminal, a screen reader). To go on working with it, it is a plotly figure too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

from eventlab.views.drawing.fitting import fit, text_width
from eventlab.views.drawing.parts import Box, Label, Line
from eventlab.views.drawing.style import FINDING, GREY, INK, NAME, SMALL, WIDTH, plainly, themed
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.writing import as_output, as_plotly, as_svg

__all__ = [
    "Box", "Label", "Line", "Picture", "Sheet", "finding", "heading", "message", "titled",
]  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """What is to be seen, and `text`, which says it. The last line of a cell shows it."""

    width: int
    height: int
    text: str
    lines: Sequence[Line] = ()
    boxes: Sequence[Box] = ()
    labels: Sequence[Label] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", plain(self.text))  # it is printed too, and must not steer a terminal

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.shown()

    def shown(self) -> dict[str, Any]:
        """The picture as the output of a cell, in all forms; a page takes the first that it knows."""
        return as_output(self.width, self.svg(), self.text, self.lines, self.boxes)

    def figure(self) -> Any:
        """The same as a `plotly.graph_objects.Figure`, to go on working with."""
        from plotly.graph_objects import Figure

        return Figure(self.plotly())

    def plotly(self) -> dict[str, Any]:
        """Data and layout of the plotly figure, as plain dictionaries and lists."""
        return as_plotly(self.width, self.height, self.lines, self.boxes, self.labels)

    def svg(self, *, live: bool = False) -> str:
        """The same as SVG: a card, or, if it is `live` in a page of ours, with the colours of the page's theme.

        `text` is its description for those who do not see it.
        """
        shapes = (self.lines, self.boxes, self.labels)
        return as_svg(self.width, self.height, *shapes, text=self.text, paint=themed if live else plainly)


class Sheet:
    """A picture while it is being drawn: shapes are added, at the end it is cut to its size."""

    def __init__(self, *shapes: Line | Box | Label) -> None:
        self.lines: list[Line] = []
        self.boxes: list[Box] = []
        self.labels: list[Label] = []
        self.add(*shapes)

    def add(self, *shapes: Line | Box | Label) -> None:
        """These shapes too: of one kind, the later ones lie above the earlier."""
        for shape in shapes:
            if isinstance(shape, Line):
                self.lines.append(shape)
            elif isinstance(shape, Box):
                self.boxes.append(shape)
            else:
                self.labels.append(shape)

    def picture(self, width: float, height: float, text: str) -> Picture:
        """What has been drawn, as a picture of this size."""
        return Picture(round(width), round(height), text, self.lines, self.boxes, self.labels)


def finding(text: str, *, part: str = "", width: int = WIDTH) -> Label:
    """The title of a picture: in large letters, or where it is long in smaller ones."""
    size = FINDING if part or text_width(text, FINDING, bold=True) <= width - 36 else NAME
    return Label(18, 22, fit(text, width - 30, size, bold=True), size, INK, bold=True, left=True, part=part)


def heading(text: str, *notes: str, part: str = "") -> list[Label]:
    """A title and lines under it; with a `part` they can change."""
    labels = [finding(text, part=part)]
    for number, note in enumerate(notes):
        name = f"{part}.{number}" if part else ""
        labels.append(Label(18, 46 + 18 * number, fit(note, WIDTH - 30, SMALL), SMALL, GREY, left=True, part=name))
    return labels


def titled(title: str, rows: Sequence[str], *, width: int = WIDTH) -> list[Label]:
    """A title and the rows of a text under it."""
    return [finding(title, width=width)] + [
        Label(18, 46 + 18 * place, row, SMALL, GREY, left=True) for place, row in enumerate(rows)
    ]


def message(title: str, text: str, *, width: int = WIDTH) -> Picture:
    """A picture that says why there is nothing to be seen."""
    title, text = plain(title), plain(text)
    told = wrap(text, 110) or [""]
    labels = [Label(24, 28, title, NAME, bold=True, left=True)]
    labels += [Label(24, 58 + 20 * number, part, left=True) for number, part in enumerate(told)]
    return Picture(width, 64 + 20 * len(told), f"{title}: {text}", labels=labels)
