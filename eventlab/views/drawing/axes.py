"""Axes: from values to pixels, with ticks at round numbers or at round clock times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from eventlab.stage import Stage
from eventlab.views.drawing.wording import number

TINY = 1e-200  # what differs by less cannot be told apart by a picture, nor divided
MINUTE = 60 * 10**9
STEPS = [MINUTE // 60 * n for n in (1, 5, 15, 30)] + [MINUTE * n for n in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)]
DAY = 1440 * MINUTE


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high` on the pixels from `begin` to `end`; `log` for powers instead of sums.

    With a `stage` the values are instants, told as its clocks show them.
    """

    low: float
    high: float
    begin: float
    end: float
    log: bool = False
    stage: Stage | None = None

    def words(self, value: float) -> str:
        """A value as it stands at its tick."""
        return number(value) if self.stage is None else self.stage.clock(int(value))

    def place(self, value: float) -> float:
        """The pixel of a value."""
        low, high, at = (log10(each) if self.log else each for each in (self.low, self.high, value))
        share = (at - low) / (high - low)
        return round(self.begin + share * (self.end - self.begin), 1)


def span(
    values: Sequence[float],
    begin: float,
    end: float,
    *,
    log: bool = False,
    zero: bool = False,
    stage: Stage | None = None,
) -> Axis:
    """An axis that holds all of these finite values, and 0 if asked for; it ends at round numbers."""
    low, high = min(values), max(values)
    if log:
        low, high = _round_down(low), _round_up(high)
        return Axis(low, high * 10 if low == high else high, begin, end, log=True)
    low, high = (min(0.0, low), max(0.0, high)) if zero else (low, high)
    if high - low < TINY:
        low, high = (low, low + 1) if low >= 0 else (low - 1, low)
    step = round_step(high - low, 6)
    if zero:
        low, high = floor(low / step) * step, ceil(high / step) * step
    return Axis(low, high, begin, end, stage=stage)


def ticks(axis: Axis, most: int = 7) -> list[float]:
    """At most about so many round values on the axis, ascending."""
    if axis.log:
        return _powers(axis, most)
    if axis.stage is not None:
        return _clock_times(axis, most)
    step = round_step(axis.high - axis.low, most)
    first = ceil(axis.low / step - 1e-9)
    return [round(n * step, 12) for n in range(first, floor(axis.high / step + 1e-9) + 1)]


def round_step(length: float, most: int) -> float:
    """1, 2 or 5 times a power of ten, so that it fits at most about so often into the length."""
    least = length / most
    power = 10.0 ** floor(log10(least))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= least * 0.999), 10 * power)


def _powers(axis: Axis, most: int) -> list[float]:
    first, last = floor(log10(axis.low) + 1e-9), ceil(log10(axis.high) - 1e-9)
    for factors in ((1, 2, 5), (1,)):
        found = [f * 10.0**n for n in range(first, last + 1) for f in factors]
        found = [value for value in found if axis.low * 0.999 <= value <= axis.high * 1.001]
        if len(found) <= most + 1:
            return found
    return found[:: ceil(len(found) / most)]


def _clock_times(axis: Axis, most: int) -> list[float]:
    length = axis.high - axis.low
    step = next((step for step in STEPS if length / step <= most), DAY * ceil(length / DAY / most))
    return [float(n * step) for n in range(ceil(axis.low / step), floor(axis.high / step) + 1)]


def _round_down(value: float) -> float:
    power = 10.0 ** floor(log10(value) + 1e-9)
    return max(factor * power for factor in (1, 2, 5) if factor * power <= value * 1.000001)


def _round_up(value: float) -> float:
    power = 10.0 ** floor(log10(value))
    return min(factor * power for factor in (1, 2, 5, 10) if factor * power >= value * 0.999999)
