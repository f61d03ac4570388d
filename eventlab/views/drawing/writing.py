"""How a picture is written down: for plotly, as SVG, as HTML. Every word goes through the function that escapes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import Any
from zlib import crc32

from eventlab.views.drawing.areas import areas
from eventlab.views.drawing.fitting import text_width
from eventlab.views.drawing.parts import Box, Label, Line
from eventlab.views.drawing.shapes import Point
from eventlab.views.drawing.style import (
    CORNER,
    DASHES,
    GROUND,
    HEAVY,
    INK,
    MONO,
    SANS,
    SMALL,
    in_the_dark,
    plainly,
)
from eventlab.views.drawing.text import escape

Paint = Callable[[str], str]  # how a colour is written
HAIR = 10  # pixels: an image may be so much smaller, rather than be moved to and fro by a hair
ON_PAPER = "@media print{.eventlab-still{min-width:0!important}}"


def label_width(text: str, size: int, *, bold: bool = False) -> float:
    """How wide the ground of a label is."""
    return round(text_width(text, size, bold=bold) + 6, 1)


# Plotly ---------------------------------------------------------------------------------------------------------------


def as_plotly(
    width: int, height: int, lines: Sequence[Line], boxes: Sequence[Box], labels: Sequence[Label]
) -> dict[str, Any]:
    """Data and layout of a plotly figure, as plain dictionaries and lists."""
    hidden = {"visible": False, "fixedrange": True}
    font = {"family": SANS, "size": SMALL, "color": plainly(INK)}
    return {
        "data": [trace for line in lines for trace in _traces(line)] + [_hover(box) for box in boxes],
        "layout": {
            "width": width,
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "xaxis": {**hidden, "range": [0, width]},
            "yaxis": {**hidden, "range": [height, 0]},
            "paper_bgcolor": plainly(GROUND),
            "plot_bgcolor": plainly(GROUND),
            "showlegend": False,
            "dragmode": False,
            "hovermode": "closest",
            "hoverdistance": 14,
            "hoverlabel": {"bgcolor": plainly(GROUND), "bordercolor": plainly(INK), "align": "left", "font": font},
            "shapes": [shape for box in boxes for shape in (_shape(box), *_strokes(box))],
            "annotations": [_annotation(label) for label in labels],
        },
    }


def _traces(line: Line) -> list[dict[str, Any]]:
    words = {"hoverinfo": "text", "hovertext": _folded(line.words)} if line.words else {"hoverinfo": "skip"}
    colour = plainly(line.colour)
    style = {"color": colour, "width": line.width, "dash": line.dash}
    traces = [{"type": "scatter", "mode": "lines", **_xy(line.points), "line": style, **words}]
    if line.head:
        filled = {"fill": "toself", "fillcolor": colour, "line": {"width": 0}, "hoverinfo": "skip"}
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
    left, right, top, foot = (round(at, 2) for at in (box.x - half, box.x + half, box.y - tall, box.y + tall))
    border = {"color": plainly(box.border), "width": box.thick, "dash": box.dash}
    style = {"fillcolor": plainly(box.fill), "line": border}
    if not box.corner:
        return {"type": "rect", "x0": left, "x1": right, "y0": top, "y1": foot, **style}
    r = min(box.corner, half, tall)
    path = (
        f"M{left + r:g},{top:g}L{right - r:g},{top:g}Q{right:g},{top:g},{right:g},{top + r:g}"
        f"L{right:g},{foot - r:g}Q{right:g},{foot:g},{right - r:g},{foot:g}L{left + r:g},{foot:g}"
        f"Q{left:g},{foot:g},{left:g},{foot - r:g}L{left:g},{top + r:g}Q{left:g},{top:g},{left + r:g},{top:g}Z"
    )
    return {"type": "path", "path": path, **style}


def _strokes(box: Box) -> list[dict[str, Any]]:
    if not box.strokes:
        return []
    path = "M" + "L".join(f"{x:g},{y:g}" for x, y in box.strokes)
    return [{"type": "path", "path": path, "line": {"color": plainly(box.border), "width": 0.7}}]


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
        "font": {"family": MONO if label.mono else SANS, "size": label.size, "color": plainly(label.colour)},
        **({"bgcolor": plainly(label.ground)} if label.ground else {}),
    }


# SVG ------------------------------------------------------------------------------------------------------------------


def as_svg(
    width: int, height: int, lines: Sequence[Line], boxes: Sequence[Box], labels: Sequence[Label],
    *, text: str, paint: Paint,
) -> str:  # fmt: skip
    """An SVG, in colours as `paint` writes them; `text` describes it for those who do not see it."""
    size = f'width="{width}" height="{height}"'
    shapes = [
        f'<rect {size} rx="{CORNER}" fill="{paint(GROUND)}"/>',
        *(_svg_line(line, paint) for line in lines),
        *(_svg_box(box, paint) for box in boxes),
        *(_svg_label(label, paint) for label in labels),
    ]
    drawn = "".join(shapes)
    dark = in_the_dark(drawn) if paint is plainly else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(text)}" font-family="{escape(SANS)}">'
        f"{f'<style>{dark}</style>' if dark else ''}{drawn}</svg>"
    )


def as_output(width: int, svg: str, text: str, lines: Sequence[Line], boxes: Sequence[Box]) -> dict[str, str]:
    """An SVG as the output of a cell, in all forms; a page takes the first that it knows."""
    image = _image(width, svg, text, "".join(_area(*each) for each in areas(lines, boxes)))
    return {"text/html": image, "image/svg+xml": svg, "text/plain": text}


def _image(width: int, svg: str, text: str, map: str) -> str:
    """An SVG as an image, never made smaller but on paper: in a narrow page it is moved inside its place.

    JupyterLab shows an image in a notebook that it does not trust, too. Over it lies a map of words for the mouse.
    """
    data = b64encode(svg.encode()).decode()
    name = f"still-{crc32(svg.encode()):08x}"
    style = f"max-width:100%;min-width:{width - HAIR}px;height:auto"
    used, known = (f' usemap="#{name}"', f'<map name="{name}">{map}</map>') if map else ("", "")
    return (
        f'<div style="overflow-x:auto"><style>{ON_PAPER}</style><img class="eventlab-still" alt="{escape(text)}"{used} '
        f'style="{style}" src="data:image/svg+xml;base64,{data}"/>{known}</div>'
    )


def _area(kind: str, coordinates: str, words: str) -> str:
    return f'<area shape="{kind}" coords="{coordinates}" title="{escape(words)}" alt="{escape(words)}"/>'


def _svg_line(line: Line, paint: Paint) -> str:
    points = " ".join(f"{x:g},{y:g}" for x, y in line.points)
    head = " ".join(f"{x:g},{y:g}" for x, y in line.head)
    words = f"<title>{escape(line.words)}</title>" if line.words else ""
    colour = paint(line.colour)
    drawn = f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{line.width:g}"{_dash(line)}/>'
    arrow = f'<polygon points="{head}" fill="{colour}"/>' if head else ""
    return f"<g{_known_as(line)}>{words}{drawn}{arrow}</g>"


def _dash(shape: Line | Box) -> str:
    cap = ' stroke-linecap="round"' if shape.dash == "dot" else ""
    return f' stroke-dasharray="{DASHES[shape.dash]}"{cap}' if DASHES[shape.dash] else ""


def _svg_box(box: Box, paint: Paint) -> str:
    corner = f' rx="{box.corner:g}"' if box.corner else ""
    return (
        f'<rect x="{box.x - box.width / 2:g}" y="{box.y - box.height / 2:g}" width="{box.width:g}" '
        f'height="{box.height:g}"{corner} fill="{paint(box.fill)}" stroke="{paint(box.border)}" '
        f'stroke-width="{box.thick:g}"{_dash(box)}{_known_as(box)}><title>{escape(box.words)}</title></rect>'
        f"{_svg_strokes(box, paint) if box.strokes else ''}"
    )


def _svg_strokes(box: Box, paint: Paint) -> str:
    points = " ".join(f"{x:g},{y:g}" for x, y in box.strokes)
    part = f' data-id="{escape(box.part)}.strokes"' if box.part else ""
    colour = paint(box.border)
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="0.7" pointer-events="none"{part}/>'


def _svg_label(label: Label, paint: Paint) -> str:
    wide = label.wide or label_width(label.text, label.size)
    left = label.x - 3 if label.left else label.x - wide / 2
    ground = (
        f'<rect x="{left:g}" y="{label.y - label.size / 2 - 1:g}" width="{wide:g}" '
        f'height="{label.size + 2}" fill="{paint(label.ground)}"/>'
        if label.ground
        else ""
    )
    weight = f' font-weight="{HEAVY}"' if label.bold else ""
    family = f' font-family="{escape(MONO)}"' if label.mono else ""
    return (
        f'{ground}<text x="{label.x:g}" y="{label.y:g}" font-size="{label.size}" fill="{paint(label.colour)}" '
        f'dominant-baseline="central" text-anchor="{"start" if label.left else "middle"}"'
        f"{weight}{family}{_known_as(label)}>{escape(label.text)}</text>"
    )


def _known_as(shape: Line | Box | Label) -> str:
    part = f' data-id="{escape(shape.part)}"' if shape.part else ""
    return part + (f' data-message="{escape(shape.message)}"' if shape.message else "")
