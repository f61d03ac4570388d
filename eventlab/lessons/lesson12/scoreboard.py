"""The scoreboard: every measure under every architecture, with the runs behind the figures, held against your needs.

    board = scoreboard()
    board.recommend({"answered while cut off %": 99}).fits

A bar is a limit, not a weight: what misses one is out, however good the rest is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from eventlab.airports.frame import frame
from eventlab.airports.scenario import ARCHITECTURES, Run, run
from eventlab.errors import Invalid, unknown
from eventlab.lessons.lesson12.needs import FAULTS, NEEDS, hours, with_a_newcomer

if TYPE_CHECKING:
    import pandas

Bars = Mapping[str, float]  # by measure: the least that is good enough, or where less is better, the most
SHORT = {"event-carried state transfer": "state transfer", "event notification": "notification"}


@dataclass(frozen=True)
class Advice:
    """What the bars leave over: who meets all of them, and for everyone else what was missed, with the figure."""

    bars: dict[str, float]
    fits: tuple[str, ...]  # the one with the fewest messages first
    misses: dict[str, dict[str, float]]  # by architecture: the bars it misses, and what was measured

    @property
    def words(self) -> str:
        """The advice in a sentence."""
        if not self.fits:
            return "None meets every bar: one of them must give."
        others = f" ({', '.join(self.fits[1:])} would do as well)" if len(self.fits) > 1 else ""
        return f"Take {self.fits[0]}{others}."


class Scoreboard:
    """Figures by measure and architecture. `run(measure, architecture)` is the run in which one was counted."""

    def __init__(self, values: dict[str, dict[str, float]]) -> None:
        self.values = values

    def run(self, name: str, architecture: str) -> Run:
        """The run behind a figure, made again: the same scenario and the same seed give the same run."""
        _known(name, "scoreboard")
        return _run(NEEDS[name].fault, architecture)

    def best(self, name: str) -> set[str]:
        """Those with the best figure; figures that look the same in the table count as equal."""
        shown = {who: figure(value) for who, value in self.values[name].items()}
        pick = max if NEEDS[name].higher else min
        best = figure(pick(self.values[name].values()))
        return {who for who, text in shown.items() if text == best}

    def share(self, name: str, who: str) -> float:
        """The points that a colleague would give: 1 for the best figure, for any other its share of the best."""
        pick = max if NEEDS[name].higher else min
        less, more = sorted([self.values[name][who], pick(self.values[name].values())])
        return 1.0 if less == more else less / more

    def recommend(self, bars: Bars) -> Advice:
        """Who meets every bar; of several, the one with the fewest messages (then the fewest bytes) first."""
        for name, limit in bars.items():
            _known(name, "recommend")
            if isinstance(limit, bool) or not isinstance(limit, int | float):
                raise Invalid("bar", where=name, expected="a number", found=limit)
        misses = {
            who: {name: self.values[name][who] for name, limit in bars.items() if not self._meets(name, who, limit)}
            for who in ARCHITECTURES
        }
        fits = sorted((who for who, missed in misses.items() if not missed), key=self._cost)
        return Advice(dict(bars), tuple(fits), {who: missed for who, missed in misses.items() if missed})

    def _meets(self, name: str, who: str, limit: float) -> bool:
        value = self.values[name][who]
        return value >= limit if NEEDS[name].higher else value <= limit

    def _cost(self, who: str) -> tuple[str, ...]:
        return tuple(f"{self.values[name][who]:9.1f}" for name in ("messages per change", "kB per change"))

    def frame(self) -> pandas.DataFrame:
        """The same as a table of pandas: a row for each architecture."""
        return frame({who: {name: self.values[name][who] for name in self.values} for who in ARCHITECTURES})

    # For the notebook -------------------------------------------------------------------------------------------------

    def rows(self) -> list[dict[str, str]]:
        """A row for each measure, the best figures marked; the last column names the run behind the row."""
        return [
            {
                "need": measure.group,
                "measure": name,
                **{SHORT.get(who, who): self._marked(name, who) for who in ARCHITECTURES},
                "run": measure.fault,
            }
            for name, measure in NEEDS.items()
        ]

    def _marked(self, name: str, who: str) -> str:
        best = self.best(name)
        return figure(self.values[name][who]) + (" ★" if who in best and len(best) < len(ARCHITECTURES) else "")

    def behind(self) -> dict[str, list[str]]:
        """For each architecture, the measures in which it is not among the best."""
        return {who: [name for name in NEEDS if who not in self.best(name)] for who in ARCHITECTURES}

    def judged(self, bars: Bars) -> list[dict[str, str]]:
        """A row for each architecture: whether it meets the bars, and what it misses."""
        advice = self.recommend(bars)
        return [
            {
                "architecture": who,
                "meets every bar": ""
                if who in advice.misses
                else "yes, first choice"
                if who == advice.fits[0]
                else "yes",
                "misses": "; ".join(
                    f"{name}: {figure(value)}, not {limit(name, bars[name])}"
                    for name, value in advice.misses.get(who, {}).items()
                ),
            }
            for who in ARCHITECTURES
        ]


def _known(name: str, where: str) -> None:
    if name not in NEEDS:
        raise unknown("measure", name, NEEDS, where=where)


def figure(value: float) -> str:
    """A figure with as many digits as are compared."""
    return f"{value:,.0f}" if value >= 100 or value == round(value) else f"{value:.1f}"


def limit(name: str, bar: float) -> str:
    """A bar in words: "at least 99"."""
    return f"{'at least' if NEEDS[name].higher else 'at most'} {bar:g}"


def _run(fault: str, architecture: str) -> Run:
    return with_a_newcomer(fault, architecture) if fault == "nothing" else run(hours(fault), architecture)


def measured() -> dict[str, dict[str, float]]:
    """The figures by measure and architecture, counted in twenty runs."""
    values: dict[str, dict[str, float]] = {name: {} for name in NEEDS}
    for who in ARCHITECTURES:
        for fault in FAULTS:
            made = _run(fault, who)
            for name, measure in NEEDS.items():
                if measure.fault == fault:
                    values[name][who] = measure.measured(made)
    return values


@lru_cache(1)
def scoreboard() -> Scoreboard:
    """Run the same hours under every architecture with every fault (twenty runs, some seconds); once for all."""
    return Scoreboard(measured())
