"""The timeline: for each service when it was down, slow or cut off, how much waited for it, and how old that was.

`layout` computes (plain data), `timeline` draws. What counts as waiting is said in `timeline_backlogs.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eventlab.door import door_but
from eventlab.errors import Invalid
from eventlab.trace import KINDS, Trace
from eventlab.views.drawing.axes import Axis, ticks
from eventlab.views.drawing.fitting import fit, text_width
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, heading, message
from eventlab.views.drawing.style import (
    GREY,
    GRID,
    GROUND,
    INK,
    OFF,
    OFF_INK,
    OLDEST,
    OLDEST_GROUND,
    PAPER,
    RULE,
    SMALL,
    WAITING,
    WAITING_GROUND,
    WIDTH,
)  # fmt: skip
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.wording import counted, duration, sentence_case
from eventlab.views.motion.choice import Choice, check_service, check_subject, check_trace, chosen, spelt_out
from eventlab.views.timeline_backlogs import WORDS, Queue, Span, follow, health
from eventlab.views.timeline_lanes import Lane, Timeline, conclusion, numbers, times_of, trouble

WHERE = "timeline"
MOST = 10  # services with a lane of their own
LEFT, RIGHT, BINS = 112, 690, 289  # BINS: points of a curve, one for each two pixels
LANE, QUIET, TALL = 74, 34, 24  # heights: of a lane, of one in which nothing waited, of one curve
SEEN = 0.05  # of the highest curve: less is hardly to be seen
FILLS = {"crashed": (OFF, "dash"), "partitioned": (GROUND, "dot"), "slowed": (PAPER, "solid")}


@dataclass(frozen=True)
class Lanes:
    """Messages about one `subject`, the time between two instants (nanoseconds), and these `services`.

    By default at most ten services are shown, those with the most trouble.
    """

    services: Sequence[str] = ()
    subject: str = ""
    since: int | None = None
    until: int | None = None


@spelt_out(Lanes)
def layout(trace: Trace, **choice: Any) -> Timeline:
    """A lane for each service with its health, its curves and what they come to, as plain data.

    What is chosen says `Lanes`. What cannot be shown raises `Invalid`.
    """
    check_trace(trace, WHERE)
    stage = trace.stage
    picked: Lanes = chosen(Lanes, choice, stage, WHERE)
    begin, end = _window(trace, picked)
    for name in picked.services:
        check_service(trace, name, WHERE)
    courses = follow(trace, lambda name: _Course(name, begin, end), picked.subject)
    if not courses:  # else some record is about the subject
        check_subject(trace.about(picked.subject, *KINDS), picked.subject, WHERE, stage)
    spans = health(trace)
    names = list(picked.services) or sorted({*courses, *spans} - set(stage.people))  # people have no backlog
    lanes = [(courses.get(name) or _Course(name, begin, end)).finish(spans.get(name, [])) for name in names]
    if not lanes:
        raise Invalid("services", where=WHERE, expected="at least one that gets a message or stops", found="none")
    worst = sorted(lanes, key=lambda lane: (-len(lane["health"]), -lane["oldest"], -lane["most"], lane["name"]))
    kept = {lane["name"] for lane in (worst if picked.services else worst[:MOST])}
    shown = [lane for lane in lanes if lane["name"] in kept]
    short, summary = conclusion(worst, begin, end, stage)
    return {
        "begin": begin, "end": end, "lanes": shown, "height": _stack(shown),
        "left_out": [lane["name"] for lane in lanes if lane["name"] not in kept],
        "most": max(lane["most"] for lane in shown), "oldest": max(lane["oldest"] for lane in shown),
        "bin": (end - begin) // BINS, "short": short, "summary": summary, "stage": stage,
    }  # fmt: skip


@spelt_out(Lanes)
@door_but("trace")
def timeline(trace: Trace, *, title: str = "", **choice: Any) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(trace, **choice)
    except Invalid as problem:
        return message("No timeline", str(problem))
    return _draw(plan, title or chosen(Lanes, choice, trace.stage, WHERE).subject)


# Compute --------------------------------------------------------------------------------------------------------------


def _window(trace: Trace, choice: Lanes) -> tuple[int, int]:
    Choice(since=choice.since, until=choice.until).check(trace, WHERE)
    begin = trace[0].at if choice.since is None else choice.since
    end = trace[len(trace) - 1].at if choice.until is None else choice.until
    if begin > end:
        raise Invalid("until", where=WHERE, expected=f"an instant after {begin}", found=end)
    return begin, max(end, begin + BINS)


class _Course(Queue):
    """The curves of one service while they grow: in each bin the most that waited and the greatest age.

    So no peak is lost, and a trace of any length takes no more memory than a short one.
    """

    def __init__(self, name: str, begin: int, end: int) -> None:
        super().__init__(name)
        self.first, self.last, self.at = begin, end, begin
        self.place, self.edges = 0, (begin, begin)  # the bin of the last change
        self.highest, self.greatest = 0, 0  # the most that waited in it, and the greatest age
        self.lane: Lane = {
            "name": name, "health": [], "waiting": [0] * BINS, "ages": [0] * BINS, "most": 0, "most_at": begin,
            "oldest": 0, "oldest_at": begin, "left": 0, "y": 0, "quiet": False,
        }  # fmt: skip

    def begin(self, id: str, at: int) -> None:
        """As of any queue. What waited until now is looked at where it ends, or when a bin is over: then it is most."""
        if id not in self.waiting:
            since, until = self.edges
            if since <= self.at and at < until:
                self.at = at
            else:
                self.until(at)
            self.waiting[id] = at

    def until(self, at: int) -> None:
        waiting = self.waiting
        if waiting:
            since, until = self.edges
            count, oldest = len(waiting), next(iter(waiting.values()))
            inside = since <= self.at and at < until  # as most are: within the bin of the change before
            if not inside or count > self.highest or at - oldest > self.greatest:
                self._add(at, count, oldest)
        self.at = at

    def finish(self, spans: Sequence[Span]) -> Lane:
        """The whole lane, with the spans of trouble that fall into its time."""
        self.until(self.last)
        begin, end = self.first, self.last
        seen = [span for span in spans if span.since <= end and (span.until is None or span.until >= begin)]
        self.lane["health"], self.lane["left"] = seen, len(self.waiting)
        return self.lane

    def _add(self, at: int, waiting: int, oldest: int) -> None:
        """What has waited until now, in the bins between."""
        lane, first, last = self.lane, max(self.at, self.first), min(at, self.last)
        if first > last:
            return
        if waiting > lane["most"]:
            lane["most"], lane["most_at"] = waiting, first
        if last - oldest > lane["oldest"]:
            lane["oldest"], lane["oldest_at"] = last - oldest, last
        self._fill(first, last, waiting, oldest)

    def _fill(self, first: int, last: int, waiting: int, oldest: int) -> None:
        curve, ages = self.lane["waiting"], self.lane["ages"]
        for place in range(self._bin(first), self._bin(last) + 1):
            until = self._edge(place + 1)
            curve[place] = max(curve[place], waiting)
            ages[place] = max(ages[place], min(last, until) - oldest)
            self.place, self.edges = place, (self._edge(place), until)
        self.highest, self.greatest = curve[self.place], ages[self.place]

    def _bin(self, instant: int) -> int:
        return min(BINS - 1, (instant - self.first) * BINS // (self.last - self.first))

    def _edge(self, place: int) -> int:
        """The first instant of a bin."""
        return self.first - place * (self.first - self.last) // BINS


def _stack(lanes: Sequence[Lane]) -> int:
    """Put the lanes one below the other; what could not be told from a flat line takes the room of a line."""
    most, oldest = max(lane["most"] for lane in lanes), max(lane["oldest"] for lane in lanes)
    y = 0
    for lane in lanes:
        lane["y"], lane["quiet"] = y, lane["most"] <= SEEN * most and lane["oldest"] <= SEEN * oldest
        y += QUIET if lane["quiet"] else LANE
    return y


# Draw -----------------------------------------------------------------------------------------------------------------


def _draw(plan: Timeline, title: str) -> Picture:
    told = f"{plain(title)}: {plan['short']}" if title else sentence_case(plan["short"])
    note = f"One point each {duration(plan['bin'])}: the highest of that time. All lanes have the same scale."
    if plan["left_out"]:
        note += f" {counted(len(plan['left_out']), 'more service')} left out; choose them by name."
    across = Axis(plan["begin"], plan["end"], LEFT, RIGHT, stage=plan["stage"])
    sheet = Sheet(*heading(told, note))
    top = 70.0
    bottom = top + plan["height"]
    for tick in ticks(across):
        x = across.place(tick)
        sheet.add(Line([(x, top), (x, bottom)], GRID, 0.7), Label(x, bottom + 12, across.words(tick), SMALL, GREY))
    for lane in plan["lanes"]:
        _draw_lane(lane, plan, across, top + lane["y"], sheet)
    sheet.add(Line([(LEFT, bottom), (RIGHT, bottom)], GREY, 1))
    _legend(plan, bottom + 36, sheet)
    text = "\n".join([f"{told}. {plan['summary']}", *(f"{_words(lane, plan)}." for lane in plan["lanes"])])
    return sheet.picture(WIDTH, bottom + 50, text)


def _words(lane: Lane, plan: Timeline) -> str:
    health = trouble(lane, plan["stage"], 9) if lane["health"] else "always up"
    return f"{numbers(lane, plan['stage'])}; {health}"


def _draw_lane(lane: Lane, plan: Timeline, across: Axis, y: float, sheet: Sheet) -> None:
    sheet.add(Label(18, y + 12, fit(lane["name"], LEFT - 26, SMALL, bold=True), SMALL, bold=True, left=True))
    sheet.add(Line([(LEFT, y + 12), (RIGHT, y + 12)], RULE, 2, words=f"{lane['name']} is up"))
    _draw_health(lane, plan, across, y, sheet)
    if lane["quiet"]:
        said = f"≤ {lane['most']:,} for {duration(lane['oldest'])}" if lane["most"] else "nothing waited"
        sheet.add(Label(RIGHT + 8, y + 12, said, SMALL, GREY, left=True))
        return
    for values, greatest, foot, colour, ground, said in (
        (lane["waiting"], plan["most"], y + 44, WAITING, WAITING_GROUND, f"≤ {lane['most']:,} waiting"),
        (lane["ages"], plan["oldest"], y + 70, OLDEST, OLDEST_GROUND, f"≤ {duration(lane['oldest'])} old"),
    ):
        outline = _outline(values, greatest, foot)
        sheet.add(Line([(LEFT, foot), (RIGHT, foot)], RULE, 0.8))
        sheet.add(Line(outline[:1], ground, 0.5, head=[*outline, (RIGHT, foot), (LEFT, foot)]))
        sheet.add(Line(outline, colour, 1.6, words=f"{lane['name']}: {said}"))
        sheet.add(Label(RIGHT + 8, foot - 8, said, SMALL, left=True))


def _draw_health(lane: Lane, plan: Timeline, across: Axis, y: float, sheet: Sheet) -> None:
    """A box for each span; its words in it or behind it, where there is room."""
    free = float(LEFT)
    begin, end = plan["begin"], plan["end"]
    for n, span in enumerate(lane["health"]):
        fill, dash = FILLS[span.kind]
        x1 = across.place(max(span.since, begin))
        x2 = max(x1 + 3, across.place(min(end if span.until is None else span.until, end)))
        words = f"{span.words} {times_of(span, plan['stage'])}"
        sheet.add(Box((x1 + x2) / 2, y + 12, x2 - x1, 17, fill, INK, dash, f"{lane['name']}: {words}"))
        following = lane["health"][n + 1].since if n + 1 < len(lane["health"]) else end
        long = text_width(words, SMALL)
        if x1 + 5 >= free and long + 8 <= x2 - x1:
            sheet.add(Label((x1 + x2) / 2, y + 12, words, SMALL, OFF_INK if fill == OFF else INK))
        elif x2 + 6 >= free and x2 + 8 + long <= across.place(max(following, begin)):
            sheet.add(Label(x2 + 5, y + 12, words, SMALL, ground=GROUND, left=True, wide=long + 6))
            x2 += long + 8
        free = x2


def _outline(values: Sequence[int], greatest: int, foot: float) -> list[tuple[float, float]]:
    """The curve as steps, without the points that change nothing."""
    step = (RIGHT - LEFT) / BINS
    points: list[tuple[float, float]] = []
    for place, value in enumerate(values):
        y = round(foot - TALL * value / max(1, greatest), 1)
        for x in (round(LEFT + place * step, 1), round(LEFT + (place + 1) * step, 1)):
            if len(points) > 1 and points[-1][1] == points[-2][1] == y:
                points[-1] = (x, y)
            else:
                points.append((x, y))
    return points


def _legend(plan: Timeline, y: float, sheet: Sheet) -> None:
    """Only what is there; the words stand beside a sample."""
    x = 18.0
    kinds = {span.kind for lane in plan["lanes"] for span in lane["health"]}
    for kind, words in WORDS.items():
        if kind in kinds:
            fill, dash = FILLS[kind]
            sheet.add(Box(x + 12, y, 24, 12, fill, INK, dash), Label(x + 30, y, words, SMALL, left=True))
            x += 48 + text_width(words, SMALL)
    if not plan["most"]:
        return
    for colour, ground, words in (
        (WAITING, WAITING_GROUND, f"upper curve: waiting (0 to {plan['most']:,})"),
        (OLDEST, OLDEST_GROUND, f"lower curve: oldest (0 to {duration(plan['oldest'])})"),
    ):
        sheet.add(Box(x + SMALL, y, 26, 11, ground, ground), Line([(x, y - 6), (x + 26, y - 6)], colour, 2))
        sheet.add(Label(x + 32, y, words, SMALL, left=True))
        x += 54 + text_width(words, SMALL)
