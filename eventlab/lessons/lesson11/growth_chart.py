"""The year's works on axes of logarithms, from what was measured."""

from __future__ import annotations

from collections.abc import Collection

from eventlab.lessons.lesson11.year import WORKS, kept
from eventlab.views.charts.growth import exponent, growth_chart
from eventlab.views.drawing.picture import Picture


def exponents() -> dict[str, float]:
    """The exponent of each work."""
    sizes = [each.events for each in kept()]
    return {name: exponent(sizes, [each.seconds[name] for each in kept()]) for name in WORKS}


def growth(works: Collection[str] = tuple(WORKS)) -> Picture:
    """The milliseconds of some works at each size, with their exponents at the end of their lines."""
    found = kept()
    took = {words: [each.seconds[name] * 1000 for each in found] for name, words in WORKS.items()}
    shown = [WORKS[name] for name in works]
    return growth_chart([each.events for each in found], took, shown=shown, unit="milliseconds")
