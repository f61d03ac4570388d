"""11.5: a plan for fifty times the flights, over five years, with bars computed from what the year measured."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.lesson11.scenes import CUTS, conflicts
from eventlab.lessons.lesson11.year import kept

TIMES, YEARS, AIRPORTS, PER_FLIGHT = 50, 5, 150, 4
STREAMS = ("all", "airport", "flight")
CLOSES = ("never", "midnight")
BARS = {"folded": 5_000, "conflicts": 1, "GB": 20, "minutes": 10, "days": 30, "partitions": 8}
MEANINGS = {
    "folded": "events folded for one decision, at most",
    "conflicts": "refused appends in 100 between two flights",
    "GB": "GB of events in the store",
    "minutes": "minutes until a read model is rebuilt, a machine for each partition",
    "days": "days that are answered from the store, at least",
    "partitions": "partitions, each of them one more to run",
}
ADVICE = {
    "folded": "Close the books, or cut finer.",
    "conflicts": "Two flights that share a stream refuse each other: what need not be decided together should not.",
    "GB": "What is old goes into the archive sooner.",
    "minutes": "More partitions rebuild side by side, or the columns of the archive.",
    "days": "Passengers ask about the last month: keep that much.",
    "partitions": "Fewer will do.",
}
PLAN = {"stream": "flight", "close": "never", "archive_after": 60, "partitions": 6}


def measured(plan: Mapping[str, Any]) -> dict[str, float]:
    """What comes of a plan, in the order of the bars."""
    year = kept()[-1]
    events = year.events * TIMES
    whole = events * YEARS if plan["close"] == "never" else events / 365
    folded = {"all": whole, "airport": whole / AIRPORTS, "flight": PER_FLIGHT}[plan["stream"]]
    return {
        "folded": round(folded),
        "conflicts": _refused(plan["stream"]),
        "GB": round(events * min(plan["archive_after"] / 365, YEARS) * year.file / year.events / 1e9, 1),
        "minutes": round(year.seconds["rebuild"] * TIMES * YEARS / plan["partitions"] / 60, 1),
        "days": plan["archive_after"],
        "partitions": plan["partitions"],
    }


@cache
def _refused(stream: str) -> int:
    return conflicts(CUTS[f"one for {'all' if stream == 'all' else 'each ' + stream}"])


def rows(plan: Mapping[str, Any]) -> list[dict[str, object]]:
    """The plan beside the bars."""
    found = measured(_checked(plan))
    return [
        {"what": MEANINGS[name], "bar": bar, "your plan": found[name], "": "✓" if holds(name, found[name]) else "✕"}
        for name, bar in BARS.items()
    ]


def holds(name: str, value: float) -> bool:
    """Whether a bar is met."""
    return value >= BARS[name] if name == "days" else value <= BARS[name]


def judge(answer: Any, case: Case) -> None:
    """Every bar is met."""
    for name, value in measured(_checked(answer)).items():
        if not holds(name, value):
            message = f"{MEANINGS[name].capitalize()}: {value:,}, and the bar is {BARS[name]}. {ADVICE[name]}"
            raise Mistake(message, kind=name)


def _checked(plan: Any) -> Mapping[str, Any]:
    if not isinstance(plan, Mapping):
        raise Mistake(f"Expected a dictionary with stream, close, archive_after, partitions; found {plan!r:.60}.")
    for name, known in (("stream", STREAMS), ("close", CLOSES)):
        if plan.get(name) not in known:
            raise Mistake(f"“{name}” must be one of {', '.join(known)}; found {plan.get(name)!r:.40}.", kind="shape")
    for name in ("archive_after", "partitions"):
        if plan.get(name).__class__ is not int or plan[name] < 1:
            raise Mistake(f"“{name}” must be a whole number from 1 on; found {plan.get(name)!r:.40}.", kind="shape")
    return plan


EXERCISE = read_exercise("11.5", judge, PLAN, runs=1)
