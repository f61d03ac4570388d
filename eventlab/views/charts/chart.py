"""A small chart: curves over numbers or clock times, or bars over names, each told apart by more than its colour.

chart("Waiting grows before the limit", x=[50, 80, 95], series={"one worker": [20, 60, 210]},
      x_title="load (% of what it can do)", y_title="median wait (ms)", text="At 95 % it waits ten times as long.")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from textwrap import wrap
from typing import Any

from eventlab.door import door_but
from eventlab.errors import Invalid
from eventlab.stage import Stage
from eventlab.views.charts.curves import HEIGHT, LEFT, MARKED, Chart, Curve, Span, Values, layout
from eventlab.views.drawing.fitting import fit, text_width
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, message, titled
from eventlab.views.drawing.shapes import Point, marker
from eventlab.views.drawing.style import GREY, GRID, GROUND, INK, NAME, QUIET, SMALL, WIDTH
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.wording import number

LETTER, LETTER_OF_NAME = 6.7, 10  # pixels, on the average, of the letters of a text; of a title, at the most
SAMPLES = 60  # so many values are few enough to be listened to


@door_but("x", "series")
def chart(
    title: str,
    *,
    x: Sequence[Any],
    series: Mapping[str, Values],
    x_title: str = "",
    y_title: str = "",
    text: str = "",
    log: bool = False,
    bars: bool = False,
    spans: Sequence[Span] = (),
    stage: Stage | None = None,
) -> Picture:
    """The picture of `layout` with its title and its conclusion `text`; where there is nothing to draw, it says why.

    With a `stage`, such as `run.stage`, the values of `x` are instants (nanoseconds), told as its clocks show them.
    """
    titles = {"title": title, "text": text, "x_title": x_title, "y_title": y_title}
    asked = {"x": x, "series": series, "log": log, "bars": bars, "spans": spans, "stage": stage}
    return _made(titles, asked, (), ())


@dataclass(frozen=True)
class Charted(Picture):
    """The picture of a chart that knows what it shows, and so can be drawn again: beside another one, or wider."""

    titles: Mapping[str, str] = field(default_factory=dict, repr=False)
    asked: Mapping[str, Any] = field(default_factory=dict, repr=False)
    before: Sequence[Values] = ()
    reach: tuple[float, ...] = ()


def beside(now: Picture, before: Picture) -> Picture:
    """A chart with the curves of another of its kind pale behind its own, and an axis that holds both."""
    if not (isinstance(now, Charted) and isinstance(before, Charted)):
        return now
    (xs, series), (old_xs, old) = ((each.asked["x"], each.asked["series"]) for each in (now, before))
    alike = list(xs) == list(old_xs) and list(series) == list(old) and now.asked["bars"] == before.asked["bars"]
    if not alike:
        return now
    values = [value for row in old.values() for value in row if value is not None and isfinite(value)]
    reach = (*before.reach, *([min(values), max(values)] if values else []))
    same = now.asked["bars"] or all(list(series[name]) == list(old[name]) for name in series)
    return _made(now.titles, now.asked, () if same else tuple(old.values()), reach)


def as_wide(picture: Picture, width: int) -> Picture:
    """A chart laid out anew for a page of this width, with letters as large as before; any other picture as it is."""
    if not isinstance(picture, Charted) or picture.width == width:
        return picture
    return _made(picture.titles, picture.asked, picture.before, picture.reach, width)


def _made(
    titles: Mapping[str, str],
    asked: Mapping[str, Any],
    before: Sequence[Values],
    reach: tuple[float, ...],
    width: int = WIDTH,
) -> Picture:
    title, text, x_title, y_title = (plain(titles[name]) for name in ("title", "text", "x_title", "y_title"))
    try:
        rows = [[v if v is not None and isfinite(v) else None for v in row] for row in before]
        plan = layout(**asked, before=rows, reach=reach, width=width)
    except Invalid as problem:
        return message(title, str(problem))
    drawn = _draw(plan, title, text or plain(plan["summary"]), x_title, y_title)
    return Charted(**vars(drawn), titles=titles, asked=asked, before=before, reach=reach)


def _draw(plan: Chart, title: str, text: str, x_title: str, y_title: str) -> Picture:
    width = plan["width"]
    head, told = _told(title, text, width)
    top = 46.0 + 18 * len(told) + (22 if y_title else 6) + 16 * plan["levels"]
    right = plan["right"]
    sheet = Sheet(*titled(head, told, width=width))
    if y_title:
        sheet.add(Label(18, 50 + 18 * len(told), f"↑ {y_title}", SMALL, INK, left=True))
    _draw_spans(plan, top, sheet)
    lowest = _draw_axes(plan, top, sheet)
    for curve in plan["ghosts"]:
        _draw_curve(curve, [], top, sheet, 1.5)
    if plan["ghosts"]:
        _name(plan["ghosts"][0], plan, top, sheet)
    for curve in plan["curves"]:
        (_draw_bars if plan["bars"] else _draw_curve)(curve, plan["x"], top, sheet)
        if len(plan["curves"]) > 1 or not plan["bars"]:
            _name(curve, plan, top, sheet)
    if x_title:
        sheet.add(Label((LEFT + right) / 2, lowest + 22, f"{x_title} →", SMALL, INK))
    return sheet.picture(width, lowest + (40 if x_title else 18), _words(plan, title, text))


def _told(title: str, text: str, width: int) -> tuple[str, list[str]]:
    """The title, and the rows under it; what has no room in the title begins them."""
    if width < WIDTH and text_width(title, NAME, bold=True) > width - 30:
        title, *rest = wrap(title, int(width / LETTER_OF_NAME))
        title, text = f"{title} …", f"… {' '.join(rest)}. {text}"
    return title, wrap(text, round(width / LETTER))


def _draw_spans(plan: Chart, top: float, sheet: Sheet) -> None:
    bottom, middle = top + HEIGHT, top + HEIGHT / 2
    for shade in plan["spans"]:
        fill, border = shade["style"]
        sheet.add(Line([(shade["x1"], middle), (shade["x2"], middle)], fill, HEIGHT, words=shade["words"]))
        for side in (shade["x1"], shade["x2"]):
            sheet.add(Line([(side, top), (side, bottom)], border, 1, "dot"))
        sheet.add(Label(shade["left"], top - 10 - 16 * shade["level"], shade["words"], SMALL, INK, left=True))


def _draw_axes(plan: Chart, top: float, sheet: Sheet) -> float:
    """Both axes with their ticks; how far down they reach."""
    bottom, right = top + HEIGHT, plan["right"]
    for mark in plan["y_ticks"]:
        y, text = top + mark["y"], mark["text"]
        sheet.add(Line([(LEFT, y), (right, y)], GRID, 0.7))
        sheet.add(Label(LEFT - 10 - text_width(text, SMALL), y, text, SMALL, GREY, left=True))
    for tick in plan["x_ticks"]:
        sheet.add(Line([(tick["x"], bottom), (tick["x"], bottom + 5)], GREY, 1))
        sheet.add(*(Label(tick["x"], bottom + 16 + 15 * n, row, SMALL, GREY) for n, row in enumerate(tick["rows"])))
    sheet.add(Line([(LEFT, bottom), (right, bottom)], INK, 1.2))
    return bottom + 16 + 15 * (max(len(tick["rows"]) for tick in plan["x_ticks"]) - 1)


def _draw_curve(curve: Curve, x: Sequence[str], top: float, sheet: Sheet, wide: float = 2.0) -> None:
    colour, dash, mark = curve["style"]
    run: list[Point] = []
    for point in [*curve["points"], None]:
        if point is not None:
            run.append((point[0], round(top + point[1], 1)))
        elif run:
            sheet.add(Line(run, colour, wide, dash, words=curve["name"]))
            run = []
    if 0 < len(x) <= MARKED:
        for at, value, point in zip(x, curve["values"], curve["points"], strict=True):
            if point is not None and value is not None:
                shape = marker(mark, point[0], top + point[1])
                sheet.add(Line(shape, colour, 1, head=shape, words=f"{curve['name']}: {number(value)} at {at}"))


def _draw_bars(curve: Curve, x: Sequence[str], top: float, sheet: Sheet) -> None:
    for at, value, bar in zip(x, curve["values"], curve["bars"], strict=True):
        if bar is not None and value is not None:
            y1, y2 = sorted((top + bar["top"], top + bar["foot"]))
            words = f"{curve['name']}: {number(value)} at {at}"
            sheet.add(Box(bar["x"], (y1 + y2) / 2, bar["wide"], max(1.0, y2 - y1), *_fill(curve["style"]), words))
            if text_width(number(value), SMALL) <= bar["wide"] + 3:
                sheet.add(Label(bar["x"], y1 - 8, number(value), SMALL, INK))


def _fill(style: tuple[str, str, str]) -> tuple[str, str, str]:
    """Fill, border and dash of bars: solid ones in the colour, the others paler with a border."""
    colour, dash, _ = style
    return {"solid": colour, "dash": QUIET, "dashdot": GROUND}.get(dash, GRID), colour, "solid"


def _name(curve: Curve, plan: Chart, top: float, sheet: Sheet) -> None:
    """The name at the right, behind a sample of what it stands for."""
    (colour, dash, mark), (x, y) = curve["style"], curve["label"]
    y += top
    if curve["bars"]:
        sheet.add(Box(x + 10, y, 16, 10, *_fill(curve["style"])))
    else:
        sheet.add(Line([(x - 4, y), (x + 24, y)], colour, 2, dash))
        if mark:
            shape = marker(mark, x + 10, y)
            sheet.add(Line(shape, colour, 1, head=shape))
    room = plan["width"] - x - 34
    wide = min(text_width(curve["name"], SMALL), room) + 4
    sheet.add(Label(x + 30, y, fit(curve["name"], room, SMALL), SMALL, INK, GROUND, left=True, wide=wide))


def _words(plan: Chart, title: str, text: str) -> str:
    """The conclusion, the shaded spans, and the values where they are few enough to be listened to."""
    said = [f"{title}. {text}", *(f"Shaded: {shade['words']}." for shade in plan["spans"])]
    if len(plan["x"]) * len(plan["curves"]) <= SAMPLES:
        for curve in plan["curves"]:
            there = zip(plan["x"], curve["values"], strict=True)
            said.append(f"{curve['name']}: " + ", ".join(f"{at}: {number(v)}" for at, v in there if v is not None))
    return "\n".join(said)
