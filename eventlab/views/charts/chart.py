"""A small chart: curves over numbers or clock times, or bars over names, each told apart by more than its colour.

chart("Waiting grows before the limit", x=[50, 80, 95], series={"one worker": [20, 60, 210]},
      x_title="load (% of what it can do)", y_title="median wait (ms)", text="At 95 % it waits ten times as long.")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from eventlab.errors import Invalid
from eventlab.views.charts.curves import HEIGHT, LEFT, MARKED, WIDTH, Plan, Span, layout
from eventlab.views.drawing.axes import number
from eventlab.views.drawing.picture import GREY, GROUND, INK, Box, Label, Line, Picture, Point, message
from eventlab.views.drawing.text import plain
from eventlab.views.sequence.labels import fit, wide


def chart(
    title: str,
    *,
    x: Sequence[Any],
    series: Mapping[str, Sequence[float | None]],
    x_title: str = "",
    y_title: str = "",
    text: str = "",
    log: bool = False,
    bars: bool = False,
    spans: Sequence[Span] = (),
) -> Picture:
    """The picture of `layout` with its title and its conclusion `text`; where there is nothing to draw, it says why."""
    try:
        plan = layout(x, series, log=log, bars=bars, spans=spans)
    except Invalid as problem:
        return message(title, str(problem))
    return _draw(plan, title, text or plan["summary"], x_title, y_title)


def _draw(plan: Plan, title: str, text: str, x_title: str, y_title: str) -> Picture:
    title, told = plain(title), wrap(plain(text), 124)
    top = 46.0 + 18 * len(told) + (22 if y_title else 6) + 16 * plan["levels"]
    bottom, right = top + HEIGHT, plan["right"]
    labels = [Label(18, 22, title, 16, bold=True, left=True)]
    labels += [Label(18, 46 + 18 * n, part, 13, GREY, left=True) for n, part in enumerate(told)]
    if y_title:
        labels.append(Label(18, 50 + 18 * len(told), f"↑ {plain(y_title)}", 12, INK, left=True))
    boxes: list[Box] = []
    lines: list[Line] = []
    for shade in plan["spans"]:
        (fill, border), middle = shade["style"], top + HEIGHT / 2
        lines.append(Line([(shade["x1"], middle), (shade["x2"], middle)], fill, HEIGHT, words=shade["words"]))
        lines += [Line([(side, top), (side, bottom)], border, 1, "dot") for side in (shade["x1"], shade["x2"])]
        y = top - 10 - 16 * shade["level"]
        labels.append(Label(shade["left"], y, shade["words"], 11, INK, left=True))
    for tick in plan["y_ticks"]:
        y = top + tick["y"]
        lines.append(Line([(LEFT, y), (right, y)], "#d0d0d0", 0.7))
        labels.append(Label(LEFT - 10 - wide(tick["text"], 12), y, tick["text"], 12, GREY, left=True))
    for tick in plan["x_ticks"]:
        lines.append(Line([(tick["x"], bottom), (tick["x"], bottom + 5)], GREY, 1))
        labels += [Label(tick["x"], bottom + 16 + 15 * n, row, 12, GREY) for n, row in enumerate(tick["rows"])]
    lines.append(Line([(LEFT, bottom), (right, bottom)], INK, 1.2))
    lowest = bottom + 16 + 15 * (max(len(tick["rows"]) for tick in plan["x_ticks"]) - 1)
    for curve in plan["curves"]:
        (_draw_bars if plan["bars"] else _draw_curve)(curve, plan["x"], top, lines, boxes, labels)
        if len(plan["curves"]) > 1 or not plan["bars"]:
            _name(curve, plan["bars"], top, lines, boxes, labels)
    if x_title:
        labels.append(Label((LEFT + right) / 2, lowest + 22, f"{plain(x_title)} →", 12, INK))
    return Picture(WIDTH, round(lowest + (40 if x_title else 18)), _words(plan, title, text), lines, boxes, labels)


def _draw_curve(
    curve: Plan, x: Sequence[str], top: float, lines: list[Line], boxes: list[Box], labels: list[Label]
) -> None:
    colour, dash, mark = curve["style"]
    run: list[Point] = []
    for point in [*curve["points"], None]:
        if point is not None:
            run.append((point[0], round(top + point[1], 1)))
        elif run:
            lines.append(Line(run, colour, 2, dash, words=curve["name"]))
            run = []
    if len(x) <= MARKED:
        for at, value, point in zip(x, curve["values"], curve["points"], strict=True):
            if point is not None:
                shape = marker(mark, point[0], top + point[1])
                lines.append(Line(shape, colour, 1, head=shape, words=f"{curve['name']}: {number(value)} at {at}"))


def _draw_bars(
    curve: Plan, x: Sequence[str], top: float, lines: list[Line], boxes: list[Box], labels: list[Label]
) -> None:
    for at, value, bar in zip(x, curve["values"], curve["bars"], strict=True):
        if bar is not None:
            y1, y2 = sorted((top + bar["top"], top + bar["foot"]))
            words = f"{curve['name']}: {number(value)} at {at}"
            boxes.append(Box(bar["x"], (y1 + y2) / 2, bar["wide"], max(1.0, y2 - y1), *_fill(curve["style"]), words))
            if wide(number(value), 11) <= bar["wide"] + 3:
                labels.append(Label(bar["x"], y1 - 8, number(value), 11, INK))


def _fill(style: tuple[str, str, str]) -> tuple[str, str, str]:
    """Fill, border and dash of bars: solid ones in the colour, the others paler with a dashed border."""
    colour, dash, _ = style
    if dash == "solid":
        return colour, colour, dash
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return "#" + "".join(f"{round(part + 0.6 * (255 - part)):02x}" for part in (red, green, blue)), colour, dash


def _name(curve: Plan, bars: bool, top: float, lines: list[Line], boxes: list[Box], labels: list[Label]) -> None:
    """The name at the right, behind a sample of what it stands for."""
    (colour, dash, mark), x, y = curve["style"], curve["label"]["x"], top + curve["label"]["y"]
    if bars:
        boxes.append(Box(x + 10, y, 16, 10, *_fill(curve["style"])))
    else:
        lines.append(Line([(x - 4, y), (x + 24, y)], colour, 2, dash))
        shape = marker(mark, x + 10, y)
        lines.append(Line(shape, colour, 1, head=shape))
    labels.append(Label(x + 30, y, fit(curve["name"], WIDTH - x - 34, 12), 12, INK, GROUND, left=True,
                        wide=min(wide(curve["name"], 12), WIDTH - x - 34) + 4))  # fmt: skip


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


def _words(plan: Plan, title: str, text: str) -> str:
    """The conclusion, the shaded spans, and the values where they are few enough to be listened to."""
    said = [f"{title}. {plain(text)}", *(f"Shaded: {shade['words']}." for shade in plan["spans"])]
    if len(plan["x"]) * len(plan["curves"]) <= 60:
        for curve in plan["curves"]:
            there = zip(plan["x"], curve["values"], strict=True)
            said.append(f"{curve['name']}: " + ", ".join(f"{at}: {number(v)}" for at, v in there if v is not None))
    return "\n".join(said)
