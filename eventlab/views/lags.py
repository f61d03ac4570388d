"""How far read models are behind their store: a lane for each, its height the events that it has not read yet.

    read_model_lag({"board": Behind(times, behind, serves=(nine, ten), wrong=[...])}, stage=run.stage)

A dashed line says where it has caught up; a bar at the foot, when it answers questions; a ✕, where it was wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from eventlab.door import door
from eventlab.errors import Invalid
from eventlab.stage import Stage
from eventlab.views.drawing.axes import Axis, span, ticks
from eventlab.views.drawing.fitting import fit, within
from eventlab.views.drawing.picture import Label, Line, Picture, Sheet, heading, message
from eventlab.views.drawing.shapes import Point, cross
from eventlab.views.drawing.style import EVENT, GREY, GRID, INK, QUIET, SMALL, WELL, WIDTH, WRONG
from eventlab.views.drawing.wording import counted, number

LEFT, RIGHT, TOP, TALL, HIGH = 176, WIDTH - 18, 70, 92, 56  # pixels; HIGH: of the highest lag in a lane of TALL
POINTS = 20_000  # of one read model: more could not be told apart
SERVING = "answers questions"


@dataclass
class Behind:
    """How many events a read model was behind at some instants; when it served, and when it was wrong."""

    times: list[int]
    behind: list[int]
    serves: tuple[int, int] | None = None
    wrong: list[int] = field(default_factory=list)


class Lane(TypedDict):
    """A read model: the outline of its lag, where it has caught up, where it serves, what was wrong."""

    name: str
    y: float
    outline: list[Point]
    most: int
    caught_up: float | None
    serves: tuple[float, float] | None
    wrong: list[float]
    words: str


class Lags(TypedDict):
    """The lanes on one axis of time."""

    lanes: list[Lane]
    ticks: list[tuple[float, str]]
    words: list[str]


@door
def layout(models: Mapping[str, Behind], *, stage: Stage | None = None) -> Lags:
    """Where each lane and its points stand, as plain data. What cannot be drawn raises `Invalid`."""
    if not models or len(models) > 8:
        raise Invalid("read models", where="lag", expected="one to eight", found=len(models))
    for name, each in models.items():
        _look(name, each)
    stage = stage or Stage()
    axis = span([t for each in models.values() for t in (*each.times, *each.wrong)], LEFT, RIGHT, stage=stage)
    most = max(max(each.behind) for each in models.values()) or 1
    lanes = [_lane(name, each, TOP + TALL * place, most, axis) for place, (name, each) in enumerate(models.items())]
    marks = [(axis.place(tick), axis.words(tick)) for tick in ticks(axis)]
    words = [f"{lane['name']}: {lane['words']}" for lane in lanes]
    return {"lanes": lanes, "ticks": marks, "words": words}


def _look(name: str, each: Behind) -> None:
    whole = all(value.__class__ is int and value >= 0 for value in each.behind)
    rising = all(a <= b for a, b in zip(each.times, each.times[1:], strict=False))
    if not (0 < len(each.times) == len(each.behind) <= POINTS and whole and rising):
        expected = f"ascending times (at most {POINTS:,}) and a count of events for each"
        raise Invalid("lag", where=f"read model {name!r}", expected=expected, found=each)


def _lane(name: str, each: Behind, top: float, most: int, axis: Axis) -> Lane:
    foot = top + TALL - 24
    points: list[Point] = []
    for time, behind in zip(each.times, each.behind, strict=True):
        x, y = axis.place(time), round(foot - HIGH * behind / most, 1)
        if not points or x - points[-1][0] >= 1 or abs(y - points[-1][1]) > 2:
            points.append((x, y))
    outline = [(points[0][0], foot), *points, (points[-1][0], foot)]
    begun_behind = each.behind[0] > 0
    caught = next((t for t, n in zip(each.times, each.behind, strict=True) if n == 0), None) if begun_behind else None
    serves = each.serves and (axis.place(each.serves[0]), axis.place(each.serves[1]))
    words = f"up to {counted(max(each.behind), 'event')} behind"
    if caught is not None:
        words += f", caught up at {axis.words(caught)}"
    if each.wrong:
        words += f", {counted(len(each.wrong), 'wrong answer')}"
    return {"name": name, "y": foot, "outline": outline, "most": max(each.behind),
            "caught_up": None if caught is None else axis.place(caught), "serves": serves or None,
            "wrong": [axis.place(time) for time in each.wrong], "words": words}  # fmt: skip


@door
def read_model_lag(models: Mapping[str, Behind], *, title: str = "", stage: Stage | None = None) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        return _draw(layout(models, stage=stage), title or "How far read models are behind")
    except Invalid as problem:
        return message("No read models", str(problem))


def _draw(plan: Lags, title: str) -> Picture:
    note = "height: events not read yet · bar at the foot: answers questions · ✕ wrong answer"
    sheet = Sheet(*heading(title, note))
    bottom = TOP + TALL * len(plan["lanes"])
    for x, words in plan["ticks"]:
        sheet.add(
            Line([(x, TOP), (x, bottom)], GRID, 1),
            Label(within(x, words, SMALL, WIDTH - 4), bottom + 12, words, SMALL, GREY),
        )
    for lane in plan["lanes"]:
        _draw_lane(lane, sheet)
    return sheet.picture(WIDTH, bottom + 30, "\n".join([f"{title}.", *plan["words"]]))


def _draw_lane(lane: Lane, sheet: Sheet) -> None:
    foot, room = lane["y"], LEFT - 30
    sheet.add(Label(18, foot - 36, fit(lane["name"], room, SMALL, bold=True), SMALL, INK, bold=True, left=True))
    sheet.add(Label(18, foot - 18, fit(f"most: {number(lane['most'])} behind", room, SMALL), SMALL, GREY, left=True))
    sheet.add(Line([(LEFT, foot), (RIGHT, foot)], QUIET, 1))
    sheet.add(Line(lane["outline"], EVENT, 1.5, head=lane["outline"], words=lane["words"]) if lane["most"] else
              Line([lane["outline"][0], lane["outline"][-1]], EVENT, 1.5, words=lane["words"]))  # fmt: skip
    if lane["caught_up"] is not None:
        x = lane["caught_up"]
        sheet.add(Line([(x, foot - HIGH), (x, foot)], WELL, 1.5, "dash"))
        sheet.add(Label(x + 6, foot - HIGH + 4, "✓ caught up", SMALL, INK, left=True))
    if lane["serves"] is not None and lane["serves"][1] > lane["serves"][0]:
        begin, end = lane["serves"]
        sheet.add(Line([(begin, foot + 7), (end, foot + 7)], WELL, 5, words=SERVING))
    _draw_wrong(lane["wrong"], foot + 7, sheet)


def _draw_wrong(places: Sequence[float], y: float, sheet: Sheet) -> None:
    """A ✕ where something wrong was said; of several in one place, one."""
    last = -100.0
    for x in places:
        if x - last >= 9:
            shape = cross((x, y))
            sheet.add(Line(shape, WRONG, 1, head=shape, words="wrong answer"))
            last = x
