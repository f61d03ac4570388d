"""A small chart: curves over numbers or clock times, or bars over names, each told apart by more than its colour.

chart("Waiting grows before the limit", x=[50, 80, 95], series={"one worker": [20, 60, 210]},
      x_title="load (% of what it can do)", y_title="median wait (ms)", text="At 95 % it waits ten times as long.")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import isfinite
from textwrap import wrap
from typing import Any

from eventlab.errors import Invalid
from eventlab.views.axes import Axis, number, span, ticks
from eventlab.views.captions import fit, wide
from eventlab.views.show import GREY, GROUND, INK, Box, Label, Line, Picture, Point, message
from eventlab.views.text import plain

# Colours of Okabe and Ito, the light ones darkened until they stand out from white; dashes and markers say the same.
STYLES = [
    ("#0072B2", "solid", "circle"),
    ("#D55E00", "dash", "square"),
    ("#00815E", "dashdot", "triangle"),
    ("#1a1a1a", "dot", "diamond"),
    ("#A8548A", "longdash", "cross"),
    ("#8A6D00", "solid", "tip"),
]
SHADES = [("#ffe2cc", "#D55E00"), ("#e6e6e6", "#555555"), ("#e3f1fa", "#0072B2")]
WIDTH, HEIGHT, LEFT, MARKED = 830, 250, 78, 40  # HEIGHT of the plot; markers on curves of at most so many points
Span = tuple[str, float, float]
Plan = dict[str, Any]


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


def layout(
    x: Sequence[Any],
    series: Mapping[str, Sequence[float | None]],
    *,
    log: bool = False,
    bars: bool = False,
    spans: Sequence[Span] = (),
) -> Plan:
    """Axes with ticks, a curve (or bars) for each series, shaded spans and labels with their places, as plain data.

    `x` holds ascending numbers, instants in nanoseconds (shown as clock times) or, for bars, names. A value of None
    leaves a gap. A span is (words, from, to) on the x axis. What cannot be drawn raises `Invalid`.
    """
    names, values = _checked(x, series, log, bars, spans)
    room = max(wide(name, 12) for name in names) + 52 if len(names) > 1 or not bars else 24
    right = WIDTH - min(250.0, room)
    words = bars or isinstance(x[0], str)
    xs = [float(n) for n in range(len(x))] if words else [float(value) for value in x]
    across = _across(xs, spans, right, words)
    all_values = [value for row in values for value in row if value is not None]
    down = span(all_values, HEIGHT, 0, log=log, zero=not log)
    marks = [
        {"at": tick, "x": across.place(tick), "text": plain(x[int(tick)]) if words else number(tick)}
        for tick in (xs if words else _ticks(xs, across))
    ]
    curves = [
        _curve(name, row, xs, across, down, style) for name, row, style in zip(names, values, STYLES, strict=False)
    ]
    if bars:
        _bars(curves, across, down)
    _labels(curves, right)
    shades, levels = _shades(spans, across)
    return {
        "x_ticks": _thinned(marks, words),
        "y_ticks": [{"at": tick, "y": down.place(tick), "text": number(tick)} for tick in ticks(down, 6)],
        "curves": curves, "bars": bars, "spans": shades, "levels": levels, "right": right,
        "summary": _summary(curves, x, words), "x": [plain(v) if words else number(v) for v in x],
    }  # fmt: skip


# Compute --------------------------------------------------------------------------------------------------------------


def _checked(
    x: Sequence[Any], series: Mapping[str, Sequence[float | None]], log: bool, bars: bool, spans: Sequence[Span]
) -> tuple[list[str], list[list[float | None]]]:
    if not len(x) or not series:
        raise Invalid("values", where="chart", expected="at least one x and one series", found=f"{len(x)} x")
    if len(series) > len(STYLES):
        expected = f"at most {len(STYLES)} series, more are not told apart"
        raise Invalid("series", where="chart", expected=expected, found=len(series))
    if not isinstance(x[0], str) and not bars and any(a >= b for a, b in pairwise(x)):
        raise Invalid("x", where="chart", expected="ascending numbers", found=list(x[:6]))
    rows: list[list[float | None]] = []
    for name, values in series.items():
        if len(values) != len(x):
            raise Invalid(f"series {name}", where="chart", expected=f"{len(x)} values, as many as x", found=len(values))
        rows.append([float(v) if v is not None and isfinite(v) else None for v in values])
        if log and any(value is not None and value <= 0 for value in rows[-1]):
            least = min(value for value in rows[-1] if value is not None)
            raise Invalid(f"series {name}", where="chart", expected="numbers above 0 for a logarithm", found=least)
    if not any(value is not None for row in rows for value in row):
        raise Invalid("values", where="chart", expected="at least one finite number", found="none")
    if any(begin > end for _, begin, end in spans):
        raise Invalid("spans", where="chart", expected="(words, from, to) in this order", found=list(spans))
    return [plain(name) for name in series], rows


def _across(xs: Sequence[float], spans: Sequence[Span], right: float, words: bool) -> Axis:
    if words:
        return Axis(-0.5, len(xs) - 0.5, LEFT, right)
    ends = [*xs, *(end for _, *both in spans for end in both)]
    inset = 0 if len(xs) > MARKED else 8
    return span(ends, LEFT + inset, right - inset)


def _ticks(xs: Sequence[float], axis: Axis) -> list[float]:
    """At the values themselves where they are few and have room, else at round values."""
    places = [axis.place(value) for value in xs]
    apart = all(b - a > 30 + 3 * len(number(v)) for a, b, v in zip(places, places[1:], xs, strict=False))
    return list(xs) if len(xs) <= 8 and apart else ticks(axis)


def _thinned(marks: list[Plan], words: bool) -> list[Plan]:
    """Only as many ticks as have room. Names have two lines; what is longer is cut."""
    kept: list[Plan] = []
    room = max(marks[1]["x"] - marks[0]["x"] - 8, 40) if words and len(marks) > 1 else 160
    for mark in marks:
        rows = wrap(mark["text"], max(4, int(room / 6.4))) or [""]
        rows = [fit(row, room, 12) for row in [*rows[:1], " ".join(rows[1:])] if row]
        long = max(map(wide, rows), default=0) * 12 / 11
        if not kept or mark["x"] - long / 2 > kept[-1]["end"] + 8:
            kept.append({**mark, "rows": rows, "end": mark["x"] + long / 2})
    return kept


def _curve(
    name: str, row: Sequence[float | None], xs: Sequence[float], across: Axis, down: Axis, style: tuple[str, str, str]
) -> Plan:
    points = [
        None if value is None else (across.place(at), down.place(value)) for at, value in zip(xs, row, strict=True)
    ]
    return {"name": name, "values": list(row), "points": points, "style": style}


def _bars(curves: list[Plan], across: Axis, down: Axis) -> None:
    """Bars stand side by side around their tick; a bar begins at 0, or at the foot of a logarithm."""
    foot = down.place(0) if not down.log else down.begin
    slot = across.place(1) - across.place(0)
    wide_one = min(60.0, 0.8 * slot / len(curves))
    for place, curve in enumerate(curves):
        aside = (place - (len(curves) - 1) / 2) * wide_one
        curve["bars"] = [
            point and {"x": round(point[0] + aside, 1), "top": point[1], "foot": foot, "wide": round(wide_one - 3, 1)}
            for point in curve["points"]
        ]


def _labels(curves: list[Plan], right: float, gap: float = 17.0) -> None:
    """The name of each curve stands at the height of its end, moved as little as needed so that none hides another."""
    ends = {n: next((p[1] for p in reversed(c["points"]) if p is not None), 0.0) for n, c in enumerate(curves)}
    if any("bars" in curve for curve in curves):
        ends = {n: 8 + gap * n for n in ends}  # bars have no end: their names stand at the top, in their order
    order = sorted(ends, key=lambda n: (ends[n], n))
    places: list[float] = []
    for n in order:
        places.append(max(ends[n], places[-1] + gap) if places else ends[n])
    over = max(0.0, places[-1] - HEIGHT)
    for rank in range(len(places) - 1, -1, -1):  # what hangs over at the foot moves the others up
        limit = places[rank + 1] - gap if rank + 1 < len(places) else places[-1] - over
        places[rank] = min(places[rank], limit)
    for n, y in zip(order, places, strict=True):
        curves[n]["label"] = {"x": right + 14, "y": round(y, 1)}


def _shades(spans: Sequence[Span], across: Axis) -> tuple[list[Plan], int]:
    """Shaded spans; their words stand above the plot, in as many rows as they need in order not to meet."""
    found: list[Plan] = []
    ends: list[float] = []
    for n, (words, begin, end) in enumerate(spans):
        x1, x2 = across.place(begin), across.place(end)
        text = fit(plain(words), WIDTH - LEFT - 40, 11)
        long = wide(text, 11)
        left = max(LEFT, min((x1 + x2) / 2 - long / 2, WIDTH - 20 - long))
        level = next((row for row, limit in enumerate(ends) if left > limit + 8), len(ends))
        ends[level : level + 1] = [left + long]
        found.append({"words": text, "x1": x1, "x2": max(x2, x1 + 2), "left": round(left, 1), "level": level,
                      "style": SHADES[n % len(SHADES)]})  # fmt: skip
    return found, len(ends)


def _summary(curves: Sequence[Plan], x: Sequence[Any], words: bool) -> str:
    """What the curves come to, where nobody said it better: their ends and their extremes."""
    said = []
    for curve in curves:
        there = [(value, at) for value, at in zip(curve["values"], x, strict=True) if value is not None]
        if not there:
            said.append(f"{curve['name']}: no number.")
            continue
        (low, low_at), (high, high_at) = min(there, key=lambda v: v[0]), max(there, key=lambda v: v[0])
        name = [plain(at) if words else number(at) for at in (low_at, high_at)]
        ends = f"lowest {number(low)} at {name[0]}, highest {number(high)} at {name[1]}"
        said.append(f"{curve['name']}: {ends if low != high else f'always {number(low)}'}.")
    return " ".join(said)


# Draw -----------------------------------------------------------------------------------------------------------------


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
