"""The results as a picture: how near each goal is, and what an event costs as events become more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log10

from benchmarks.harness import Row
from eventlab.views.drawing.picture import Box, Label, Line, Picture
from eventlab.views.drawing.style import GREY, INK

HOLDS, MISSED = "#0072b2", "#d55e00"  # told apart by colour-blind readers, and by their mark
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#1a1a1a")
WIDTH, NAMES, STEP = 1000, 470, 22
LEAST, MOST = 0.25, 20.0  # times the goal: the ends of the scale
TALL = 300  # of the plot of growth


def picture(rows: Sequence[Row]) -> Picture:
    goals = [row for row in rows if row.reached is not None]
    growing = [row for row in rows if row.points and "snapshot" not in row.name]
    lines, boxes, labels = [], [], [Label(24, 26, "Goals: how many times each is reached", 16, bold=True, left=True)]
    top = 76
    bottom = top + STEP * len(goals)
    for times in (0.25, 0.5, 1, 2, 5, 10, 20):
        x = _across(times)
        lines.append(Line([(x, top - 10), (x, bottom)], INK if times == 1 else "#d0d0d0", 2 if times == 1 else 1))
        labels.append(Label(x, top - 22, f"{times:g}", 12, GREY))
    for number, row in enumerate(goals):
        y = top + STEP * (number + 0.5)
        x = _across(row.reached or 0)
        labels.append(Label(24, y, f"{_name(row)} {row.goal}", 12, left=True))
        lines.append(Line([(_across(1), y), (x, y)], HOLDS if row.holds else MISSED, 4))
        boxes.append(Box(x, y, 8, 8, HOLDS if row.holds else "#ffffff", HOLDS if row.holds else MISSED))
        labels.append(Label(WIDTH - 46, y, f"{row.reached:.2f}" if (row.reached or 0) < 10 else "> 10", 12))
    labels.append(Label(24, bottom + 20, "Filled: the goal holds. Empty: it is missed.", 12, GREY, left=True))
    text = f"{sum(row.holds is True for row in goals)} of {len(goals)} goals hold."
    height = bottom + 50
    if growing:
        plot = list(_growth(growing, height))
        lines += [part for part in plot if isinstance(part, Line)]
        labels += [part for part in plot if isinstance(part, Label)]
        height += TALL + 110
        told = [f"{row.name.removeprefix('growth: ')} {row.figure}" for row in goals if row.name.endswith("exponent")]
        text += " How cost grows with the number of events: " + "; ".join(told) + "."
    return Picture(WIDTH, height, text, lines, boxes, labels)


def _across(times: float) -> float:
    share = log10(min(max(times, LEAST), MOST) / LEAST) / log10(MOST / LEAST)
    return NAMES + share * (WIDTH - 90 - NAMES)


def _name(row: Row) -> str:
    against = f" / {row.reference}" if row.reference and row.reference != "by hand" else ""
    name = row.name + against
    return name if len(name) <= 66 else name[:65] + "…"


def _growth(rows: Sequence[Row], top: float) -> Iterator[Line | Label]:
    """Microseconds for an event over the number of events; level lines mean that ten times as many take ten times."""
    yield Label(24, top + 14, "Growth: microseconds for each event, by how many there are", 16, bold=True, left=True)
    each = {row.name: [(size, seconds / size * 1e6) for size, seconds in row.points] for row in rows}
    most = max(cost for points in each.values() for _, cost in points) * 1.1
    left, right, base = 70.0, NAMES + 130.0, top + 50 + TALL
    sizes = sorted({size for points in each.values() for size, _ in points})

    def place(size: int, cost: float) -> tuple[float, float]:
        share = log10(size / sizes[0]) / log10(sizes[-1] / sizes[0])
        return left + share * (right - left), base - cost / most * TALL

    for size in sizes:
        x, _ = place(size, 0)
        yield Line([(x, base), (x, base - TALL)], "#d0d0d0", 1)
        yield Label(x, base + 16, f"{size:,}", 12, GREY)
    for cost in range(0, int(most) + 1, 5):
        _, y = place(sizes[0], cost)
        yield Line([(left, y), (right, y)], "#d0d0d0", 1)
        yield Label(left - 22, y, f"{cost}", 12, GREY)
    yield Label((left + right) / 2, base + 38, "events (each step: ten times as many)", 12, GREY)
    ends = []
    for (name, points), colour, dash in zip(
        each.items(), COLOURS, ("solid", "dash", "dot", "dashdot", "longdash") * 2, strict=False
    ):
        places = [place(*point) for point in points]
        yield Line(places, colour, 2.5, dash)
        ends.append((places[-1][1], places[-1], name.removeprefix("growth: ").split(",")[0], colour))
    last = 0.0
    for y, (x, end), name, colour in sorted(ends):
        last = max(y, last + 18)
        yield Line([(x, end), (right + 16, last)], colour, 1, "dot")
        yield Label(right + 22, last, name, 12, left=True)
