"""The lanes of a timeline as plain data, and what they come to in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from eventlab.stage import Stage
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.wording import counted, duration, period
from eventlab.views.timeline_backlogs import Span


class Lane(TypedDict):
    """One service: its health, and in each bin how much waited for it and how old that was (nanoseconds)."""

    name: str
    health: list[Span]
    waiting: list[int]
    ages: list[int]
    most: int
    most_at: int
    oldest: int
    oldest_at: int
    left: int
    y: int
    quiet: bool


class Timeline(TypedDict):
    """All lanes between two instants, and sentences about them."""

    begin: int
    end: int
    lanes: list[Lane]
    height: int
    left_out: list[str]
    most: int
    oldest: int
    bin: int
    short: str
    summary: str
    stage: Stage


def conclusion(worst: Sequence[Lane], begin: int, end: int, stage: Stage) -> tuple[str, str]:
    """What the lanes come to, once in a few words and once in sentences, the worst service first."""
    ill = [lane for lane in worst if lane["health"]]
    behind = max(worst, key=lambda lane: (lane["oldest"], lane["most"]))
    said = f"{behind['name']} fell behind most, by {duration(behind['oldest'])}" if behind["most"] else "nothing waited"
    short = f"{trouble(ill[0], stage)}, {said}" if ill else f"all worked, {said}"
    late = [lane for lane in sorted(worst, key=lambda lane: -lane["oldest"])[:3] if lane["most"]]
    parts = [f"{stage.clock(begin)} to {stage.clock(end)}."]
    parts += [f"{trouble(lane, stage, 3)}." for lane in ill[:3]] + [f"{numbers(lane, stage)}." for lane in late]
    return plain(short), plain(" ".join(parts))


def trouble(lane: Lane, stage: Stage, most: int = 1) -> str:
    """What was wrong with a service, and when."""
    told = [f"{span.words} {times_of(span, stage)}" for span in lane["health"]]
    rest = len(told) - most
    more = f" and {counted(rest, 'time')} more" if rest > 0 else ""
    return f"{lane['name']} {', '.join(told[:most])}{more}"


def times_of(span: Span, stage: Stage) -> str:
    """From when until when something was wrong."""
    return f"from {stage.clock(span.since)} on" if span.until is None else period(span.since, span.until, stage)


def numbers(lane: Lane, stage: Stage) -> str:
    """How much waited and how old it was."""
    if not lane["most"]:
        return f"{lane['name']}: nothing ever waited"
    left = f"; {lane['left']:,} still wait in the end" if lane["left"] else ""
    waited = f"at most {lane['most']:,} waiting ({stage.clock(lane['most_at'])})"
    oldest = f"the oldest for {duration(lane['oldest'])} ({stage.clock(lane['oldest_at'])})"
    return f"{lane['name']}: {waited}, {oldest}{left}"
