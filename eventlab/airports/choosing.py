"""Choosing: what each architecture gives and costs, measured in the same hours with the same faults, against your needs.

    board = scoreboard()
    board.recommend({"answered while cut off %": 99})

Every figure is counted from the trace of a run that is kept: `board.run(name, architecture)` is the one behind a cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from eventlab.airports import metrics
from eventlab.airports.experiments import CUT_OFF_FROM, leaving
from eventlab.airports.scenario import ARCHITECTURES, Run, Scenario, start
from eventlab.errors import Invalid, unknown
from eventlab.event import Event
from eventlab.faults import Crash, Partition
from eventlab.service import Service

SINCE, UNTIL = "15:00", "15:45"  # while something is wrong


def hours(fault: str) -> Scenario:
    """The flights of three hours of the storm with one of the `FAULTS`, the same for every architecture."""
    afternoon = leaving(Scenario(), "15:00", "18:00")
    begin, end = afternoon.at(SINCE), afternoon.at(UNTIL)
    faults = {
        "nothing": [],
        "cut off": [Partition(name, begin, end, CUT_OFF_FROM) for name in ("operations", "store")],  # one side of it
        "stopped": [Crash("operations", begin, end)],
        "boards stopped": [Crash("boards", begin, end)],
    }
    return afternoon.with_(faults=faults[fault])


FAULTS = {
    "nothing": "nothing goes wrong",
    "cut off": "operations (and its store, if it has one) cannot reach the bus and the other services, 15:00 to 15:45",
    "stopped": "operations is stopped, 15:00 to 15:45",
    "boards stopped": "the boards are stopped, 15:00 to 15:45",
}


# What is counted ---------------------------------------------------------------------------------------------------------


def answered(run: Run) -> float:
    """Share of the questions asked while something was wrong that got an answer, in per cent."""
    asked, told, _ = _meanwhile(run)
    return 100 * told / asked


def wrong(run: Run) -> float:
    """Share of the answers given while something was wrong that were no longer true, in per cent."""
    _, told, false = _meanwhile(run)
    return 100 * false / told if told else 0.0


def _meanwhile(run: Run) -> tuple[int, int, int]:
    """Questions asked while something was wrong, how many were answered, and how many of the answers were not true."""
    begin, end = run.scenario.at(SINCE), run.scenario.at(UNTIL)
    asked: dict[str, int] = {}
    told = false = 0
    for record in run.trace:
        message = record.message
        if message is None or "passengers" not in (record.where, record.other):
            continue
        if record.kind == "sent" and record.where == "passengers" and begin <= record.at < end:
            asked[message.id] = record.at
        elif record.kind == "received" and record.purpose == "reply" and message.causationid in asked:
            told += 1
            true = [metrics.at(run.truth[message.subject], at) for at in (asked[message.causationid], record.at)]
            said = (message.data.get("status"), message.data.get("estimate"))
            false += said not in [moment[1:] for moment in true if moment]
    return len(asked), told, false


def done_when_confirmed(run: Run) -> float:
    """Share of the airlines' news that stood on the boards when operations said "heard", in per cent."""
    said = {command.id: command for command in run.scenario.commands}
    rows: dict[str, Mapping[str, object]] = {}
    confirmed = done = 0
    for record in run.trace:
        if record.kind == "changed" and record.where == "boards":
            rows[record.key] = record.after or {}
        elif record.kind == "received" and record.where == "airlines" and record.purpose == "reply" and record.message:
            command = said[record.message.causationid]
            moment = metrics.at(run.truth[command.subject], command.time)
            row = rows.get(command.subject, {})
            confirmed += 1
            done += moment is not None and (row.get("status"), row.get("estimate")) == moment[1:]
    return 100 * done / confirmed


def history(run: Run) -> float:
    """Share of what happened to the flights that operations can still tell in the end, in per cent.

    A state tells how a flight is now; a stream of events tells everything that it went through.
    """
    happened = sum(len(moments) for moments in run.truth.values())
    stored = sum(record.note.startswith("flight-") for record in run.trace.where("appended"))
    return 100 * max(stored, len(run.trace.state("operations"))) / happened


def heard_by_a_newcomer(run: Run) -> float:
    """Share of the cancellations of which a service heard that was added from outside, in per cent."""
    cancelled = sum(command.type == "flight.cancel" for command in run.scenario.commands)
    heard = sum(record.where == NEWCOMER for record in run.trace.where("handled"))
    return 100 * heard / cancelled


NEWCOMER = "crews"


def with_a_newcomer(fault: str, architecture: str) -> Run:
    """A run to which one more service is added that wants to hear of cancellations. No other module changes."""
    run = start(hours(fault), architecture)
    crews = Service(NEWCOMER, run.cast.network, run.cast.bus)

    def note(event: Event) -> None:
        crews.state[event.subject] = "crew is free"

    crews.on("flight.cancelled", note, durable=NEWCOMER)
    return run.finish()


class Measure(NamedTuple):
    """One row of the scoreboard: under which fault it is counted, how, and which way is better."""

    fault: str
    count: Callable[[Run], float]
    higher: bool
    need: str
    words: str


MEASURES: dict[str, Measure] = {
    "answered while cut off %": Measure("cut off", answered, True, "availability", "questions asked then that got an answer"),
    "answered while stopped %": Measure("stopped", answered, True, "availability", "the same, while operations is stopped"),
    "wrong while cut off %": Measure("cut off", wrong, False, "freshness", "answers given then that were not true any more"),
    "done when confirmed %": Measure("nothing", done_when_confirmed, True, "freshness", "news that stood on the boards when the airline was told “heard”"),
    "p99 ms": Measure("nothing", lambda run: run.metrics["p99 ms"], False, "speed", "99 of 100 answers came within this time"),
    "messages per change": Measure("nothing", lambda run: run.metrics["messages"] / len(run.scenario.commands), False, "load", "messages on the network for each thing an airline said"),
    "kB per change": Measure("nothing", lambda run: 1000 * run.metrics["MB"] / len(run.scenario.commands), False, "load", "their size"),
    "services that wait": Measure("nothing", lambda run: run.metrics["coupling"], False, "cost of change", "pairs of services of which one waits for the other"),
    "heard by a newcomer %": Measure("nothing", heard_by_a_newcomer, True, "cost of change", "cancellations that a new service hears of without a change elsewhere"),
    "told late": Measure("boards stopped", lambda run: run.metrics["told late"], False, "blast radius", "passengers told late because the boards are stopped"),
    "history kept %": Measure("nothing", history, True, "audit", "what happened to the flights that can be told in the end"),
}  # fmt: skip

Bars = Mapping[str, float]  # the least (or, where less is better, the most) that is good enough


@dataclass(frozen=True)
class Advice:
    """What the bars leave over: who meets all of them, and for everyone else what he misses, with the figure."""

    bars: dict[str, float]
    fits: tuple[str, ...]  # the one with the fewest messages first
    misses: dict[str, dict[str, float]]  # by architecture: the bars that it misses, with what was measured

    @property
    def first(self) -> str:
        """The one to take; empty if none meets every bar."""
        return self.fits[0] if self.fits else ""


@dataclass(frozen=True)
class Scoreboard:
    """Every measure under every architecture, and the runs they were counted in."""

    runs: dict[tuple[str, str], Run]  # by fault and architecture

    @cached_property
    def values(self) -> dict[str, dict[str, float]]:
        """By measure and architecture."""
        return {
            name: {architecture: measure.count(self.runs[measure.fault, architecture]) for architecture in ARCHITECTURES}
            for name, measure in MEASURES.items()
        }

    def run(self, name: str, architecture: str) -> Run:
        """The run behind a figure."""
        if name not in MEASURES:
            raise unknown("measure", name, MEASURES, where="scoreboard")
        if architecture not in ARCHITECTURES:
            raise unknown("architecture", architecture, ARCHITECTURES, where="scoreboard")
        return self.runs[MEASURES[name].fault, architecture]

    def best(self, name: str) -> set[str]:
        """Those with the best figure; figures that look the same in the table count as equal."""
        pick = max if MEASURES[name].higher else min
        shown = {architecture: round(value, 2) for architecture, value in self.values[name].items()}
        return {architecture for architecture, value in shown.items() if value == pick(shown.values())}

    def recommend(self, bars: Bars) -> Advice:
        """Who meets every bar. A bar is a limit, not a weight: nothing makes up for a missed one."""
        for name, limit in bars.items():
            if name not in MEASURES:
                raise unknown("measure", name, MEASURES, where="recommend")
            if isinstance(limit, bool) or not isinstance(limit, int | float):
                raise Invalid("bar", where=name, expected="a number", found=limit)
        misses = {
            architecture: {
                name: self.values[name][architecture]
                for name, limit in bars.items()
                if not meets(name, self.values[name][architecture], limit)
            }
            for architecture in ARCHITECTURES
        }
        cost = self.values["messages per change"]
        fits = sorted((name for name, missed in misses.items() if not missed), key=lambda name: round(cost[name], 2))
        return Advice(dict(bars), tuple(fits), {name: missed for name, missed in misses.items() if missed})


def meets(name: str, value: float, limit: float) -> bool:
    """Whether a figure is good enough."""
    return value >= limit if MEASURES[name].higher else value <= limit


def scoreboard() -> Scoreboard:
    """Run the same hours under every architecture with every fault."""
    return Scoreboard({
        (fault, architecture): with_a_newcomer(fault, architecture) if fault == "nothing" else start(hours(fault), architecture).finish()
        for fault in FAULTS
        for architecture in ARCHITECTURES
    })  # fmt: skip
