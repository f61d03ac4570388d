"""Parts that every pattern needs (retries, inboxes, sagas, versions …) and what the other lessons measured of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import isinf
from pathlib import Path

import msgspec

from eventlab.errors import Invalid, unknown
from eventlab.lessons.judging.prose import read_tables


class Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A need, the ways to meet it with what a lesson measured of each, the least effort first, and a bar."""

    lesson: str
    unit: str
    options: dict[str, float]
    least: float | None = None
    most: float | None = None

    def meets(self, figure: float, bar: float) -> bool:
        """Whether a figure is good enough."""
        return figure >= bar if self.most is None else figure <= bar


PARTS = read_tables(Path(__file__).with_name("parts.toml"), Part)
BARS = {need: part.least if part.most is None else part.most for need, part in PARTS.items()}


def judged(bars: Mapping[str, float]) -> list[dict[str, str]]:
    """A row for each need with a bar: the first way that meets it, and what the others were found to do."""
    return [_row(need, bar) for need, bar in bars.items()]


def _row(need: str, bar: float) -> dict[str, str]:
    if need not in PARTS:
        raise unknown("need", need, PARTS, where="judged")
    if isinstance(bar, bool) or not isinstance(bar, int | float):
        raise Invalid("bar", where=need, expected="a number", found=bar)
    part = PARTS[need]
    fits = [name for name, figure in part.options.items() if part.meets(figure, bar)]
    misses = [f"{name}: {_figure(figure)}" for name, figure in part.options.items() if name not in fits]
    return {
        "need": need,
        "bar": f"at {'least' if part.most is None else 'most'} {bar:g} {part.unit}",
        "take": fits[0] if fits else "none: the bar must give",
        "misses it": ", ".join(misses),
        "lesson": part.lesson,
    }


def _figure(value: float) -> str:
    return "no end" if isinf(value) else f"{value:,g}"
