"""A picture made of lines, boxes and labels, which shows itself: in Jupyter, in a plain page, and in words.

One drawing, three forms, all in pixels: a plotly figure (JupyterLab takes this one; it answers to the mouse), an SVG
of our own (a page without JavaScript), and a text that says what is to be seen (a terminal, a screen reader, an
untrusted notebook).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

from eventlab.views.drawing.fitting import fit, text_width
from eventlab.views.drawing.shapes import Point
from eventlab.views.drawing.style import DASHES, FONT, GREY, GROUND, INK, WIDTH
from eventlab.views.drawing.text import escape, plain

PLOTLY = "application/vnd.plotly.v1+json"
CONFIG = {"displayModeBar": False, "displaylogo": False, "modeBarButtonsToRemove": ["sendChartToCloud"]}

# In a replay, a line, box or label with a `part` can change from step to step under that name, and one with a
# `message` (its id) is highlighted together with everything else about that message.


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


@dataclass(frozen=True)
class Label:
    """A text at a point, which is its middle, or its left end if `left`."""

    x: float
    y: float
    text: str
    size: int = 13
    colour: str = INK
    ground: str = ""
    bold: bool = False
    left: bool = False
    part: str = ""
    message: str = ""
    wide: float = 0.0  # of the ground, where it must hide no more than the text itself


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
        return {PLOTLY: {**self.plotly(), "config": CONFIG}, "image/svg+xml": self.svg(), "text/plain": self.text}

    def figure(self) -> Any:
        """The same as a `plotly.graph_objects.Figure`, to go on working with."""
        from plotly.graph_objects import Figure

        return Figure(self.plotly())

    def plotly(self) -> dict[str, Any]:
        """Data and layout of the plotly figure, as plain dictionaries and lists."""
        hidden = {"visible": False, "fixedrange": True}
        return {
            "data": [trace for line in self.lines for trace in _traces(line)] + [_hover(box) for box in self.boxes],
            "layout": {
                "width": self.width,
                "height": self.height,
                "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
                "xaxis": {**hidden, "range": [0, self.width]},
                "yaxis": {**hidden, "range": [self.height, 0]},
                "paper_bgcolor": GROUND,
                "plot_bgcolor": GROUND,
                "showlegend": False,
                "dragmode": False,
                "hovermode": "closest",
                "hoverdistance": 14,
                "hoverlabel": {"bgcolor": GROUND, "bordercolor": INK, "align": "left",
                               "font": {"family": FONT, "size": 13, "color": INK}},
                "shapes": [_shape(box) for box in self.boxes],
                "annotations": [_annotation(label) for label in self.labels],
            },
        }  # fmt: skip

    def svg(self) -> str:
        """The same as SVG. `text` is its description for those who do not see it."""
        body = [
            f'<rect width="{self.width}" height="{self.height}" fill="{GROUND}"/>',
            *map(_svg_line, self.lines),
            *map(_svg_box, self.boxes),
            *map(_svg_label, self.labels),
        ]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{escape(self.text)}" '
            f'font-family="{FONT}">{"".join(body)}</svg>'
        )


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


def label_width(text: str, size: int) -> float:
    """How wide the ground of a label is."""
    return round(text_width(text, size) + 6, 1)


def heading(text: str, *notes: str, part: str = "") -> list[Label]:
    """A title and lines under it; with a `part` they can change."""
    labels = [Label(18, 22, fit(text, WIDTH - 30, 16, bold=True), 16, INK, bold=True, left=True, part=part)]
    for number, note in enumerate(notes):
        name = f"{part}.{number}" if part else ""
        labels.append(Label(18, 46 + 18 * number, fit(note, WIDTH - 30, 12), 12, GREY, left=True, part=name))
    return labels


def titled(title: str, rows: Sequence[str]) -> list[Label]:
    """A title and the rows of a text under it, both as long as they are."""
    labels = [Label(18, 22, title, 16, bold=True, left=True)]
    return labels + [Label(18, 46 + 18 * place, row, 13, GREY, left=True) for place, row in enumerate(rows)]


def message(title: str, text: str, *, width: int = WIDTH) -> Picture:
    """A picture that says why there is nothing to be seen."""
    title, text = plain(title), plain(text)
    told = wrap(text, 110) or [""]
    labels = [Label(24, 28, title, 15, bold=True, left=True)]
    labels += [Label(24, 58 + 20 * number, part, left=True) for number, part in enumerate(told)]
    return Picture(width, 64 + 20 * len(told), f"{title}: {text}", labels=labels)


# Plotly ---------------------------------------------------------------------------------------------------------------


def _traces(line: Line) -> list[dict[str, Any]]:
    words = {"hoverinfo": "text", "hovertext": _folded(line.words)} if line.words else {"hoverinfo": "skip"}
    style = {"color": line.colour, "width": line.width, "dash": line.dash}
    traces = [{"type": "scatter", "mode": "lines", **_xy(line.points), "line": style, **words}]
    if line.head:
        filled = {"fill": "toself", "fillcolor": line.colour, "line": {"width": 0}, "hoverinfo": "skip"}
        traces.append({"type": "scatter", "mode": "lines", **_xy(line.head), **filled})
    return traces


def _hover(box: Box) -> dict[str, Any]:
    """Something invisible under the mouse: shapes have no words of their own."""
    marker = {"size": box.height, "opacity": 0}
    words = {"hoverinfo": "text", "hovertext": _folded(box.words)} if box.words else {"hoverinfo": "skip"}
    return {"type": "scatter", "mode": "markers", "x": [box.x], "y": [box.y], "marker": marker, **words}


def _xy(points: Sequence[Point]) -> dict[str, list[float]]:
    return {"x": [x for x, _ in points], "y": [y for _, y in points]}


def _folded(words: str) -> str:
    return "<br>".join(escape(part) for part in wrap(words, 60))


def _shape(box: Box) -> dict[str, Any]:
    half, tall = box.width / 2, box.height / 2
    corners = {"x0": box.x - half, "x1": box.x + half, "y0": box.y - tall, "y1": box.y + tall}
    border = {"color": box.border, "width": 1.5, "dash": box.dash}
    return {"type": "rect", **corners, "fillcolor": box.fill, "line": border}


def _annotation(label: Label) -> dict[str, Any]:
    text = escape(label.text)
    return {
        "x": label.x,
        "y": label.y,
        "text": f"<b>{text}</b>" if label.bold else text,
        "showarrow": False,
        "xanchor": "left" if label.left else "center",
        "yanchor": "middle",
        "borderpad": 1,
        "font": {"family": FONT, "size": label.size, "color": label.colour},
        **({"bgcolor": label.ground} if label.ground else {}),
    }


# SVG ------------------------------------------------------------------------------------------------------------------


def _svg_line(line: Line) -> str:
    points = " ".join(f"{x:g},{y:g}" for x, y in line.points)
    head = " ".join(f"{x:g},{y:g}" for x, y in line.head)
    dash = f' stroke-dasharray="{DASHES[line.dash]}"' if DASHES[line.dash] else ""
    words = f"<title>{escape(line.words)}</title>" if line.words else ""
    drawn = f'<polyline points="{points}" fill="none" stroke="{line.colour}" stroke-width="{line.width:g}"{dash}/>'
    arrow = f'<polygon points="{head}" fill="{line.colour}"/>' if head else ""
    return f"<g{_known_as(line)}>{words}{drawn}{arrow}</g>"


def _svg_box(box: Box) -> str:
    dash = f' stroke-dasharray="{DASHES[box.dash]}"' if DASHES[box.dash] else ""
    return (
        f'<rect x="{box.x - box.width / 2:g}" y="{box.y - box.height / 2:g}" width="{box.width:g}" '
        f'height="{box.height:g}" fill="{box.fill}" stroke="{box.border}" stroke-width="1.5"{dash}'
        f"{_known_as(box)}><title>{escape(box.words)}</title></rect>"
    )


def _svg_label(label: Label) -> str:
    wide = label.wide or label_width(label.text, label.size)
    left = label.x - 3 if label.left else label.x - wide / 2
    ground = (
        f'<rect x="{left:g}" y="{label.y - label.size / 2 - 1:g}" width="{wide:g}" '
        f'height="{label.size + 2}" fill="{label.ground}"/>'
        if label.ground
        else ""
    )
    weight = ' font-weight="bold"' if label.bold else ""
    return (
        f'{ground}<text x="{label.x:g}" y="{label.y:g}" font-size="{label.size}" fill="{label.colour}" '
        f'dominant-baseline="central" text-anchor="{"start" if label.left else "middle"}"'
        f"{weight}{_known_as(label)}>{escape(label.text)}</text>"
    )


def _known_as(shape: Line | Box | Label) -> str:
    part = f' data-id="{escape(shape.part)}"' if shape.part else ""
    return part + (f' data-message="{escape(shape.message)}"' if shape.message else "")
