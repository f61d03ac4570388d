"""Measuring fairly: interleaved rounds in rotating order, medians, and ratios taken within each round.

A shared machine is twice as fast in one minute as in the next. So every case runs once in each round, a round takes
a short time, and a ratio compares two runs of the same round; the median of these ratios is what counts.
"""

from __future__ import annotations

import gc
import os
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass
class Case:
    """One way to do the work. `prepare()` makes what `work` gets; only `work(prepared)` is timed, and says how many
    units it did; `clean(prepared)` ends it. `goal` is the least ratio to the reference; None where it is a peer."""

    name: str
    work: Callable[[Any], int]
    prepare: Callable[[], Any] = lambda: None
    clean: Callable[[Any], object] = lambda prepared: None
    goal: float | None = None
    missing: str = ""  # why it cannot run
    rates: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One line of the results: what was measured, the figure, its ratio to the reference, and what became of a goal."""

    name: str
    figure: str  # as it is shown, or why there is none
    ratio: float | None = None
    reference: str = ""
    goal: str = ""
    reached: float | None = None  # how many times the goal was reached: 1 and more holds
    points: tuple[tuple[int, float], ...] = ()  # (events, seconds), where growth was measured

    @property
    def holds(self) -> bool | None:
        """None: there is no goal, or it could not be measured."""
        return None if self.reached is None else self.reached >= 1


def measure(
    group: str, unit: str, cases: Sequence[Case], rounds: int, also: Iterable[tuple[str, str, float]] = ()
) -> list[Row]:
    """Run all cases of a group; the first is the reference. `also` adds goals: (case, other reference, least ratio)."""
    live = [case for case in cases if not case.missing]
    for n in range(rounds):
        for case in live[n % len(live) :] + live[: n % len(live)]:
            case.rates.append(_rate(case))
    reference, rows = cases[0], []
    for case in cases:
        if case.missing:
            rows.append(_missing(group, case.name, case, reference.name, case.goal))
        else:
            rows.append(_row(group, unit, case, reference, case.goal))
    named = {case.name: case for case in cases}
    for name, other, goal in also:
        if named[other].missing:
            rows.append(_missing(group, name, named[other], other, goal))
        else:
            rows.append(_row(group, unit, named[name], named[other], goal))
    return rows


def _rate(case: Case) -> float:
    prepared = case.prepare()
    gc.collect()
    begun = time.perf_counter()
    done = case.work(prepared)
    seconds = time.perf_counter() - begun
    case.clean(prepared)
    return done / seconds


def _row(group: str, unit: str, case: Case, reference: Case, goal: float | None) -> Row:
    ratio = median(one / other for one, other in zip(case.rates, reference.rates, strict=True))
    figure = f"{median(case.rates):,.0f} {unit}/s"
    return Row(f"{group}: {case.name}", figure, ratio, reference.name, _at_least(goal), goal and ratio / goal)


def _missing(group: str, name: str, missing: Case, reference: str, goal: float | None) -> Row:
    return Row(f"{group}: {name}", missing.missing, None, reference, _at_least(goal))


def _at_least(goal: float | None) -> str:
    return "" if goal is None else f"≥ {goal:g}"


def at_most(name: str, value: float, limit: float | None, unit: str, points: Sequence[tuple[int, float]] = ()) -> Row:
    """A row of its own, with no peer: a figure that is to stay below a limit."""
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
    goal = "" if limit is None else f"≤ {limit:g}"
    return Row(name, f"{shown} {unit}".strip(), None, "", goal, limit and limit / max(value, 1e-9), tuple(points))


def table(rows: Sequence[Row], markdown: bool = False) -> str:
    """The results as text: what, how fast, compared to what, and whether the goal holds."""
    lines = [("what", "figure", "ratio", "to", "goal")]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}" if row.ratio < 10 else f"{row.ratio:,.0f}"
        verdict = {True: "holds", False: "MISSED", None: "not measured"}[row.holds]
        lines.append((row.name, row.figure, ratio, row.reference, row.goal and f"{row.goal} {verdict}"))
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    sides = "<>><<"
    shown = [[f"{cell:{side}{width}}" for cell, side, width in zip(line, sides, widths, strict=True)] for line in lines]
    if not markdown:
        return "\n".join("  ".join(line).rstrip() for line in shown)
    rule = ["-" * (width - (side == ">")) + ":" * (side == ">") for side, width in zip(sides, widths, strict=True)]
    return "\n".join("| " + " | ".join(line) + " |" for line in [shown[0], rule, *shown[1:]])


def machine() -> str:
    """What the figures were measured on."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores{load}"
