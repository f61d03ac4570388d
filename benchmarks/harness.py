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
    """One line of the results: `rate` units a second, `ratio` to the `reference`, and whether the `goal` holds."""

    name: str
    rate: float | None  # None: not measured
    unit: str
    ratio: float | None
    reference: str
    goal: float | None = None
    holds: bool | None = None  # None: there is no goal, or it could not be measured
    note: str = ""


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
            rows.append(Row(f"{group}: {case.name}", None, unit, None, reference.name, case.goal, None, case.missing))
        else:
            rows.append(_row(group, unit, case, reference, case.goal))
    named = {case.name: case for case in cases}
    for name, other, goal in also:
        if named[other].missing:
            rows.append(Row(f"{group}: {name}", None, unit, None, other, goal, None, named[other].missing))
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
    holds = None if goal is None else ratio >= goal
    return Row(f"{group}: {case.name}", median(case.rates), unit, ratio, reference.name, goal, holds)


def table(rows: Sequence[Row]) -> str:
    """The results as text: what, how fast, compared to what, and whether the goal holds."""
    lines = [("what", "rate", "ratio", "to", "goal")]
    for row in rows:
        rate = row.note if row.rate is None else f"{row.rate:,.0f} {row.unit}/s"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}" if row.ratio < 10 else f"{row.ratio:,.0f}"
        verdict = {True: "holds", False: "MISSED", None: "not measured"}[row.holds]
        goal = "" if row.goal is None else f"≥ {row.goal:g} {verdict}"
        lines.append((row.name, rate, ratio, row.reference, goal))
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    sides = "<>><<"
    shown = [[f"{cell:{side}{width}}" for cell, side, width in zip(line, sides, widths, strict=True)] for line in lines]
    return "\n".join("  ".join(line).rstrip() for line in shown)


def machine() -> str:
    """What the figures were measured on."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores{load}"
