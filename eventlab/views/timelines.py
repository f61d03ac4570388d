"""The timeline: for each service when it was down, slow or cut off, how much waited for it, and how old that was.

`layout` computes (plain data), `timeline` draws. What counts as waiting is said in `backlogs.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventlab.errors import Invalid, unknown
from eventlab.trace import Trace
from eventlab.views.drawing.axes import Axis, number, ticks
from eventlab.views.drawing.picture import GREY, INK, Box, Label, Line, Picture, message
from eventlab.views.drawing.text import clock, plain
from eventlab.views.motion import steps
from eventlab.views.sequence.labels import duration, fit, wide
from eventlab.views.timeline_backlogs import Point, Span, backlogs, health

OUTSIDE = ("airlines", "passengers")  # people have no backlog
MOST = 10  # services with a lane of their own
WIDTH, LEFT, RIGHT, BINS = 830, 112, 690, 289  # BINS: points of a curve, one for each two pixels
LANE, QUIET, TALL = 74, 34, 24  # heights: of a lane, of one in which nothing waited, of one curve
SEEN = 0.05  # of the highest curve: less is hardly to be seen
FILLS = {"crashed": ("#ffd2ad", "dash"), "partitioned": ("#cccccc", "dot"), "slowed": ("#f6ee9c", "solid")}
WAITING, OLDEST, PALE, WARM = "#0072B2", "#D55E00", "#cfe3f1", "#f9ded0"
Lane = dict[str, Any]


def layout(
    trace: Trace,
    *,
    services: Sequence[str] = (),
    flight: str = "",
    since: int | None = None,
    until: int | None = None,
) -> dict[str, Any]:
    """A lane for each service with its health, its curves and what they come to, as plain data.

    Shown are these `services` (default: at most ten, those with the most trouble), messages about one `flight`, the
    time between two instants (nanoseconds). What cannot be shown raises `Invalid`.
    """
    begin, end = _window(trace, since, until)
    spans = health(trace)
    known = {record.where for record in trace} | {record.other for record in trace} - {""}
    for name in services:
        if name not in known:
            raise unknown("service", name, sorted(known), where="timeline")
    if flight and not any(steps.about(record, flight) for record in trace):
        raise Invalid("flight", where="timeline", expected="a flight that occurs in the run's records", found=flight)
    points = backlogs(trace, lambda record: not flight or steps.about(record, flight))
    names = list(services) or sorted({*points, *spans} - set(OUTSIDE))
    lanes = [_lane(name, points.get(name, []), spans.get(name, []), begin, end) for name in names]
    if not lanes:
        raise Invalid("services", where="timeline", expected="at least one that gets a message or stops", found="none")
    worst = sorted(lanes, key=lambda lane: (-len(lane["health"]), -lane["oldest"], -lane["most"], lane["name"]))
    kept = [lane["name"] for lane in (worst if services else worst[:MOST])]
    shown = [lane for lane in lanes if lane["name"] in kept]
    most, oldest = max(lane["most"] for lane in shown), max(lane["oldest"] for lane in shown)
    y = 0
    for lane in shown:  # what could not be told from a flat line takes the room of a line
        quiet = lane["most"] <= SEEN * most and lane["oldest"] <= SEEN * oldest
        lane["y"], lane["quiet"] = y, quiet
        y += QUIET if lane["quiet"] else LANE
    return {
        "begin": begin, "end": end, "lanes": shown, "height": y,
        "left_out": [lane["name"] for lane in lanes if lane["name"] not in kept],
        "most": most, "oldest": oldest,
        "bin": (end - begin) // BINS, **_conclusion(worst, begin, end),
    }  # fmt: skip


def timeline(
    trace: Trace,
    *,
    services: Sequence[str] = (),
    flight: str = "",
    since: int | None = None,
    until: int | None = None,
    title: str = "",
) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(trace, services=services, flight=flight, since=since, until=until)
    except Invalid as problem:
        return message("No timeline", str(problem))
    return _draw(plan, title or flight)


# Compute --------------------------------------------------------------------------------------------------------------


def _window(trace: Trace, since: int | None, until: int | None) -> tuple[int, int]:
    if not isinstance(trace, Trace):
        raise Invalid("trace", where="timeline", expected="a trace, such as run.trace", found=trace)
    if not len(trace):
        raise Invalid("trace", where="timeline", expected="at least one record", found="an empty trace")
    first, last = trace[0].at, trace[len(trace) - 1].at
    for name, instant in (("since", since), ("until", until)):
        if instant is not None and not first <= instant <= last:
            expected = f"an instant of the run, {first} to {last}"
            raise Invalid(name, where="timeline", expected=expected, found=instant)
    begin, end = first if since is None else since, last if until is None else until
    if begin > end:
        raise Invalid("until", where="timeline", expected=f"an instant after {begin}", found=end)
    return begin, max(end, begin + BINS)


def _lane(name: str, points: Sequence[Point], spans: Sequence[Span], begin: int, end: int) -> Lane:
    """The curves of one service: in each bin the most that waited and the greatest age, so that no peak is lost."""
    waiting, ages = [0] * BINS, [0] * BINS
    most, most_at, oldest, oldest_at = 0, begin, 0, begin
    for n, point in enumerate(points):
        following = points[n + 1].at if n + 1 < len(points) else end
        first, last = max(point.at, begin), min(following, end)
        if first > last or not point.waiting:
            continue
        if point.waiting > most:
            most, most_at = point.waiting, first
        if last - point.oldest > oldest:
            oldest, oldest_at = last - point.oldest, last
        for place in range(_bin(first, begin, end), _bin(last, begin, end) + 1):
            waiting[place] = max(waiting[place], point.waiting)
            edge = begin + (place + 1) * (end - begin) // BINS
            ages[place] = max(ages[place], min(last, edge) - point.oldest)
    seen = [span for span in spans if span.since <= end and (span.until is None or span.until >= begin)]
    return {"name": name, "health": seen, "waiting": waiting, "ages": ages, "most": most, "most_at": most_at,
            "oldest": oldest, "oldest_at": oldest_at, "left": points[-1].waiting if points else 0}  # fmt: skip


def _bin(instant: int, begin: int, end: int) -> int:
    return min(BINS - 1, (instant - begin) * BINS // (end - begin))


def _conclusion(worst: Sequence[Lane], begin: int, end: int) -> dict[str, str]:
    """What the lanes come to, once in a few words and once in sentences, the worst service first."""
    ill = [lane for lane in worst if lane["health"]]
    behind = max(worst, key=lambda lane: (lane["oldest"], lane["most"]))
    said = f"{behind['name']} fell behind most, by {duration(behind['oldest'])}" if behind["most"] else "nothing waited"
    short = f"{_trouble(ill[0])}, {said}" if ill else f"all worked, {said}"
    parts = [f"{clock(begin)} to {clock(end)}."]
    parts += [f"{_trouble(lane, 3)}." for lane in ill[:3]]
    parts += [f"{_numbers(lane)}." for lane in sorted(worst, key=lambda lane: -lane["oldest"])[:3] if lane["most"]]
    return {"short": plain(short), "summary": plain(" ".join(parts))}


def _trouble(lane: Lane, most: int = 1) -> str:
    told = [f"{span.words} {_times(span)}" for span in lane["health"]]
    more = f" and {len(told) - most} times more" if len(told) > most else ""
    return f"{lane['name']} {', '.join(told[:most])}{more}"


def _times(span: Span) -> str:
    return f"{clock(span.since)}–{clock(span.until)}" if span.until is not None else f"from {clock(span.since)} on"


def _numbers(lane: Lane) -> str:
    """How much waited and how old it was."""
    if not lane["most"]:
        return f"{lane['name']}: nothing ever waited"
    left = f"; {lane['left']:,} still wait in the end" if lane["left"] else ""
    waited = f"at most {lane['most']:,} waiting ({clock(lane['most_at'])})"
    return f"{lane['name']}: {waited}, the oldest for {duration(lane['oldest'])} ({clock(lane['oldest_at'])}){left}"


# Draw -----------------------------------------------------------------------------------------------------------------


def _draw(plan: dict[str, Any], title: str) -> Picture:
    heading = f"{plain(title)}: {plan['short']}" if title else plan["short"][:1].upper() + plan["short"][1:]
    note = f"One point each {duration(plan['bin'])}: the highest of that time. All lanes have the same scale."
    if plan["left_out"]:
        note += f" {len(plan['left_out'])} more services are left out; choose them by name."
    across = Axis(plan["begin"], plan["end"], LEFT, RIGHT)
    labels = [Label(18, 22, fit(heading, (WIDTH - 36) / 1.08, 16), 16, bold=True, left=True)]
    labels.append(Label(18, 46, fit(note, WIDTH - 30, 12), 12, GREY, left=True))
    boxes: list[Box] = []
    lines: list[Line] = []
    top = 70.0
    bottom = top + plan["height"]
    for tick in ticks(across):
        x = across.place(tick)
        lines.append(Line([(x, top), (x, bottom)], "#d8d8d8", 0.7))
        labels.append(Label(x, bottom + 12, number(tick), 12, GREY))
    for lane in plan["lanes"]:
        _draw_lane(lane, plan, across, top + lane["y"], lines, boxes, labels)
    lines.append(Line([(LEFT, bottom), (RIGHT, bottom)], GREY, 1))
    _legend(plan, bottom + 36, lines, boxes, labels)
    text = "\n".join([f"{heading}. {plan['summary']}", *(f"{_words(lane)}." for lane in plan["lanes"])])
    return Picture(WIDTH, round(bottom + 50), text, lines, boxes, labels)


def _words(lane: Lane) -> str:
    return f"{_numbers(lane)}; {_trouble(lane, 9)}" if lane["health"] else f"{_numbers(lane)}; always up"


def _draw_lane(
    lane: Lane, plan: dict[str, Any], across: Axis, y: float, lines: list[Line], boxes: list[Box], labels: list[Label]
) -> None:
    labels.append(Label(18, y + 12, fit(lane["name"], LEFT - 26, 13), 13, bold=True, left=True))
    lines.append(Line([(LEFT, y + 12), (RIGHT, y + 12)], "#9a9a9a", 2, words=f"{lane['name']} is up"))
    free = float(LEFT)
    for n, span in enumerate(lane["health"]):
        fill, dash = FILLS[span.kind]
        x1 = across.place(max(span.since, plan["begin"]))
        x2 = max(x1 + 3, across.place(min(plan["end"] if span.until is None else span.until, plan["end"])))
        words = f"{span.words} {_times(span)}"
        boxes.append(Box((x1 + x2) / 2, y + 12, x2 - x1, 13, fill, INK, dash, f"{lane['name']}: {words}"))
        following = lane["health"][n + 1].since if n + 1 < len(lane["health"]) else plan["end"]
        long = wide(words, 11)
        if x1 + 5 >= free and long + 8 <= x2 - x1:
            labels.append(Label((x1 + x2) / 2, y + 12, words, 11))
        elif x2 + 6 >= free and x2 + 8 + long <= across.place(max(following, plan["begin"])):
            labels.append(Label(x2 + 5, y + 12, words, 11, ground="#ffffff", left=True, wide=long + 6))
            x2 += long + 8
        free = x2
    if lane["quiet"]:
        said = f"≤ {lane['most']:,} for {duration(lane['oldest'])}" if lane["most"] else "nothing waited"
        labels.append(Label(RIGHT + 8, y + 12, said, 11, GREY, left=True))
        return
    for values, greatest, foot, colour, pale, said in (
        (lane["waiting"], plan["most"], y + 44, WAITING, PALE, f"≤ {lane['most']:,} waiting"),
        (lane["ages"], plan["oldest"], y + 70, OLDEST, WARM, f"≤ {duration(lane['oldest'])} old"),
    ):
        outline = _outline(values, greatest, foot)
        lines.append(Line([(LEFT, foot), (RIGHT, foot)], "#b0b0b0", 0.8))
        lines.append(Line(outline[:1], pale, 0.5, head=[*outline, (RIGHT, foot), (LEFT, foot)]))
        lines.append(Line(outline, colour, 1.6, words=f"{lane['name']}: {said}"))
        labels.append(Label(RIGHT + 8, foot - 8, said, 11, left=True))


def _outline(values: Sequence[int], greatest: int, foot: float) -> list[tuple[float, float]]:
    """The curve as steps, without the points that change nothing."""
    step = (RIGHT - LEFT) / BINS
    points: list[tuple[float, float]] = []
    for place, value in enumerate(values):
        y = round(foot - TALL * value / greatest, 1)
        for x in (round(LEFT + place * step, 1), round(LEFT + (place + 1) * step, 1)):
            if len(points) > 1 and points[-1][1] == points[-2][1] == y:
                points[-1] = (x, y)
            else:
                points.append((x, y))
    return points


def _legend(plan: dict[str, Any], y: float, lines: list[Line], boxes: list[Box], labels: list[Label]) -> None:
    """Only what is there; the words stand beside a sample."""
    x = 18.0
    kinds = {span.kind for lane in plan["lanes"] for span in lane["health"]}
    for kind, words in (("crashed", "down"), ("partitioned", "cut off"), ("slowed", "slow")):
        if kind in kinds:
            boxes.append(Box(x + 12, y, 24, 12, *(FILLS[kind][0], INK, FILLS[kind][1])))
            labels.append(Label(x + 30, y, words, 12, left=True))
            x += 48 + wide(words, 12)
    for colour, pale, words in (
        (WAITING, PALE, f"upper curve: waiting (0 to {plan['most']:,})"),
        (OLDEST, WARM, f"lower curve: oldest (0 to {duration(plan['oldest'])})"),
    ):
        if plan["most"]:
            boxes.append(Box(x + 13, y, 26, 11, pale, pale))
            lines.append(Line([(x, y - 6), (x + 26, y - 6)], colour, 2))
            labels.append(Label(x + 32, y, words, 12, left=True))
            x += 54 + wide(words, 12)
