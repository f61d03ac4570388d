"""Where everything stands in a chart: axes with ticks, curves or bars, shaded spans, and labels that hide nothing.

Computed only, as plain data; `chart.py` draws it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import isfinite
from textwrap import wrap
from typing import Any, TypedDict

from eventlab.door import door_but
from eventlab.errors import Invalid
from eventlab.stage import Stage
from eventlab.views.drawing.axes import Axis, span, ticks
from eventlab.views.drawing.fitting import cut, fit, text_width
from eventlab.views.drawing.shapes import Point
from eventlab.views.drawing.style import GHOST, SERIES, SHADES, SMALL, WIDTH
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.wording import number

BEFORE = "before"  # the name of a curve as it was
HEIGHT, LEFT, MARKED = 250, 78, 40  # HEIGHT of the plot; markers on curves of at most so many points
Span = tuple[str, float, float]
Values = Sequence[float | None]


class Tick(TypedDict):
    """A mark on the x axis, and the rows of its text."""

    at: float
    x: float
    rows: list[str]
    end: float


class Mark(TypedDict):
    """A mark on the y axis."""

    at: float
    y: float
    text: str


class Bar(TypedDict):
    """A bar around `x`, from its `foot` to its `top`."""

    x: float
    top: float
    foot: float
    wide: float


class Curve(TypedDict):
    """A series: a point for each value, None where there is none; bars where bars are asked for."""

    name: str
    values: list[float | None]
    points: list[Point | None]
    bars: list[Bar | None]
    style: tuple[str, str, str]
    label: Point


class Shade(TypedDict):
    """A shaded span, with its words above it."""

    words: str
    x1: float
    x2: float
    left: float
    level: int
    style: tuple[str, str]


class Chart(TypedDict):
    """All that a chart shows, with its places; `top` of the plot is 0."""

    x_ticks: list[Tick]
    y_ticks: list[Mark]
    curves: list[Curve]
    ghosts: list[Curve]
    bars: bool
    spans: list[Shade]
    levels: int
    width: int
    right: float
    summary: str
    x: list[str]


@door_but("x", "series")
def layout(
    x: Sequence[Any],
    series: Mapping[str, Values],
    *,
    log: bool = False,
    bars: bool = False,
    spans: Sequence[Span] = (),
    stage: Stage | None = None,
    before: Sequence[Values] = (),
    reach: Sequence[float] = (),
    width: int = WIDTH,
) -> Chart:
    """Axes with ticks, a curve (or bars) for each series, shaded spans and labels with their places, as plain data.

    `x` holds ascending numbers, names (of bars) or, with a `stage`, instants, told as its clocks show them. A value of
    None leaves a gap. A span is (words, from, to) on the x axis. `before` are curves of another run, pale behind these;
    the y axis holds the values of `reach` too. What cannot be drawn raises `Invalid`.
    """
    names, values = _checked(x, series, log, bars, spans)
    right = _right(names if len(names) > 1 or not bars else [], width)
    words = bars or isinstance(x[0], str)
    xs = [float(n) for n in range(len(x))] if words else [float(value) for value in x]
    across = _across(xs, spans, right, words, stage)
    all_values = [*reach, *(value for row in (*values, *before) for value in row if value is not None)]
    down = span(all_values, HEIGHT, 0, log=log, zero=not log)
    told = [cut(plain(value), 200) if words else across.words(value) for value in x]
    at = xs if words else _tick_values(xs, across)
    marks = [(tick, told[int(tick)] if words else across.words(tick)) for tick in at]
    curves = [_curve(*each, xs, across, down) for each in zip(names, values, SERIES, strict=False)]
    ghosts = [_curve(BEFORE, row, GHOST, xs, across, down) for row in before]
    if bars:
        _bars(curves, across, down)
    _labels([*curves, *ghosts[:1]], right)  # one name for all of them
    shades, levels = _shades(spans, across, width)
    return {
        "x_ticks": _thinned(marks, across, words),
        "y_ticks": [{"at": tick, "y": down.place(tick), "text": number(tick)} for tick in ticks(down, 6)],
        "curves": curves, "ghosts": ghosts, "bars": bars, "spans": shades, "levels": levels,
        "width": width, "right": right, "summary": _summary(curves, told), "x": told,
    }  # fmt: skip


def _right(names: Sequence[str], width: int) -> float:
    """Where the plot ends: right of it stand the names."""
    room = max(text_width(name, SMALL) for name in [*names, BEFORE]) + 52 if names else 24
    return width - min(250.0, 0.31 * width, room)


def _checked(
    x: Sequence[Any], series: Mapping[str, Values], log: bool, bars: bool, spans: Sequence[Span]
) -> tuple[list[str], list[list[float | None]]]:
    _check_x(x, bars)
    if not hasattr(series, "items") or isinstance(series, type):
        raise Invalid("series", where="chart", expected="a dictionary of names and rows of numbers", found=series)
    if not len(x) or not len(series):
        raise Invalid("values", where="chart", expected="at least one x and one series", found=f"{len(x)} x")
    if len(series) > len(SERIES):
        expected = f"at most {len(SERIES)} series, more are not told apart"
        raise Invalid("series", where="chart", expected=expected, found=len(series))
    rows: list[list[float | None]] = []
    for name, values in series.items():
        what = f"series {plain(name)}"
        rows.append(_numbers(what, values))
        if len(rows[-1]) != len(x):
            raise Invalid(what, where="chart", expected=f"{len(x)} values, as many as x", found=len(rows[-1]))
        if log and any(value is not None and value <= 0 for value in rows[-1]):
            least = min(value for value in rows[-1] if value is not None)
            raise Invalid(what, where="chart", expected="numbers above 0 for a logarithm", found=least)
    if not any(value is not None for row in rows for value in row):
        raise Invalid("values", where="chart", expected="at least one finite number", found="none")
    if any(begin > end for _, begin, end in spans):
        raise Invalid("spans", where="chart", expected="(words, from, to) in this order", found=list(spans))
    return [plain(name) for name in series], rows


def _check_x(x: Any, bars: bool) -> None:
    """A row of names, or of ascending numbers; of bars, of whatever has a name."""
    row = all(hasattr(type(x), name) for name in ("__len__", "__getitem__", "__iter__"))
    if not row or isinstance(x, Mapping | str | bytes | bytearray):
        raise Invalid("x", where="chart", expected="a row of numbers or names", found=x)
    if bars or not len(x) or isinstance(x[0], str):
        return
    try:
        fine = all(map(isfinite, x)) and all(a < b for a, b in pairwise(x))
    except (TypeError, ValueError, OverflowError):  # no numbers, or none that can be drawn
        fine = False
    if not fine:
        raise Invalid("x", where="chart", expected="ascending numbers", found=list(x[:6]))


def _numbers(what: str, values: Any) -> list[float | None]:
    """A row of numbers, None where there is none."""
    try:
        return [float(v) if v is not None and isfinite(v) else None for v in values]
    except (TypeError, ValueError, OverflowError):
        raise Invalid(what, where="chart", expected="a row of numbers or None", found=values) from None


def _across(xs: Sequence[float], spans: Sequence[Span], right: float, words: bool, stage: Stage | None) -> Axis:
    if words:
        return Axis(-0.5, len(xs) - 0.5, LEFT, right)
    ends = [*xs, *(end for _, *both in spans for end in both)]
    inset = 0 if len(xs) > MARKED else 8
    return span(ends, LEFT + inset, right - inset, stage=stage)


def _tick_values(xs: Sequence[float], axis: Axis) -> list[float]:
    """At the values themselves where they are few and have room, else at round values."""
    places = [axis.place(value) for value in xs]
    apart = all(b - a > 30 + 3 * len(axis.words(v)) for a, b, v in zip(places, places[1:], xs, strict=False))
    return list(xs) if len(xs) <= 8 and apart else ticks(axis)


def _thinned(marks: list[tuple[float, str]], axis: Axis, words: bool) -> list[Tick]:
    """Only as many ticks as have room. Names have two lines; what is longer is cut."""
    kept: list[Tick] = []
    room = max(axis.place(marks[1][0]) - axis.place(marks[0][0]) - 8, 40) if words and len(marks) > 1 else 160
    for at, text in marks:
        x = axis.place(at)
        rows = wrap(text, max(4, int(room / 6.4))) or [""]
        rows = [fit(row, room, SMALL) for row in [*rows[:1], " ".join(rows[1:])] if row]
        long = max((text_width(row, SMALL) for row in rows), default=0)
        if not kept or x - long / 2 > kept[-1]["end"] + 8:
            kept.append({"at": at, "x": x, "rows": rows, "end": x + long / 2})
    return kept


def _curve(name: str, row: Values, style: tuple[str, str, str], xs: Sequence[float], across: Axis, down: Axis) -> Curve:
    points = [
        None if value is None else (across.place(at), down.place(value)) for at, value in zip(xs, row, strict=True)
    ]
    return {"name": name, "values": list(row), "points": points, "bars": [], "style": style, "label": (0.0, 0.0)}


def _bars(curves: list[Curve], across: Axis, down: Axis) -> None:
    """Bars stand side by side around their tick; a bar begins at 0, or at the foot of a logarithm."""
    foot = down.place(0) if not down.log else down.begin
    slot = across.place(1) - across.place(0)
    wide_one = min(60.0, 0.8 * slot / len(curves))
    for place, curve in enumerate(curves):
        aside = (place - (len(curves) - 1) / 2) * wide_one
        curve["bars"] = [
            None
            if point is None
            else {"x": round(point[0] + aside, 1), "top": point[1], "foot": foot, "wide": round(wide_one - 3, 1)}
            for point in curve["points"]
        ]


def _labels(curves: list[Curve], right: float, gap: float = 17.0) -> None:
    """The name of each curve stands at the height of its end, moved as little as needed so that none hides another."""
    ends = {n: next((p[1] for p in reversed(c["points"]) if p is not None), 0.0) for n, c in enumerate(curves)}
    if any(curve["bars"] for curve in curves):
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
        curves[n]["label"] = (right + 14, round(y, 1))


def _shades(spans: Sequence[Span], across: Axis, width: int) -> tuple[list[Shade], int]:
    """Shaded spans; their words stand above the plot, in as many rows as they need in order not to meet."""
    found: list[Shade] = []
    ends: list[float] = []
    for n, (words, begin, end) in enumerate(spans):
        x1, x2 = across.place(begin), across.place(end)
        text = fit(plain(words), width - LEFT - 40, SMALL)
        long = text_width(text, SMALL)
        left = max(LEFT, min((x1 + x2) / 2 - long / 2, width - 20 - long))
        level = next((row for row, limit in enumerate(ends) if left > limit + 8), len(ends))
        ends[level : level + 1] = [left + long]
        found.append({"words": text, "x1": x1, "x2": max(x2, x1 + 2), "left": round(left, 1), "level": level,
                      "style": SHADES[n % len(SHADES)]})  # fmt: skip
    return found, len(ends)


def _summary(curves: Sequence[Curve], x: Sequence[str]) -> str:
    """What the curves come to, where nobody said it better: their extremes."""
    said = []
    for curve in curves:
        there = [(value, at) for value, at in zip(curve["values"], x, strict=True) if value is not None]
        if not there:
            said.append(f"{curve['name']}: no number.")
            continue
        (low, low_at), (high, high_at) = min(there, key=lambda v: v[0]), max(there, key=lambda v: v[0])
        ends = f"lowest {number(low)} at {low_at}, highest {number(high)} at {high_at}"
        said.append(f"{curve['name']}: {ends if low != high else f'always {number(low)}'}.")
    return " ".join(said)
