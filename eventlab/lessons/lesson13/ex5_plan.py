"""13.5: a plan for a thousand events a second, with bars computed from what was measured; and its record."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.lesson13.kept import kills, measured_on, rates
from eventlab.lessons.lesson13.scale import HOURS, PRICES, room
from eventlab.lessons.lesson13.seats import as_told
from eventlab.views import Prose

RECORD = Path(__file__).with_name("record.toml")
EVENTS, GROWN = 1_000, 10_000  # events a second today, and in two years
BARS = {"die": 1, "handled": EVENTS, "idle": 0, "later": GROWN, "partitions": 12, "days": 7, "dollars": 500}
MEANINGS = {
    "die": "nodes that may die, at least",
    "handled": "events a second handled when one process has died, at least",
    "idle": "processes without a partition, at most",
    "later": "events a second, with a process for each partition, at least",
    "partitions": "partitions, at most",
    "days": "days kept, at least",
    "dollars": "dollars a month, at most",
}
ADVICE = {
    "die": "A majority must be left.",
    "handled": "One more process, or one that nobody misses.",
    "idle": "A partition is read by one process.",
    "later": "More partitions later would move keys, and break their order for a moment: take them now.",
    "partitions": "Each is a log with a leader of its own: fewer will do.",
    "days": "A mistake of Friday is found on Monday, and a week's events must be read again.",
    "dollars": "Fewer nodes, processes or days will do.",
}
CHOICES = ("nodes", "partitions", "processes", "days")
AT_MOST = ("idle", "partitions", "dollars")
PLAN = {"nodes": 3, "partitions": 6, "processes": 2, "days": 7}


def measured(plan: Mapping[str, Any]) -> dict[str, float]:
    """What comes of a plan, in the order of the bars."""
    nodes, partitions, processes = plan["nodes"], plan["partitions"], plan["processes"]
    machines = nodes + processes
    cost = machines * HOURS * PRICES["a machine's hour"]
    cost += room(EVENTS, plan["days"], nodes) * PRICES["a GB for a month"]
    return {
        "die": (nodes - 1) // 2,
        "handled": min(partitions, processes - 1) * rates().handled,
        "idle": max(0, processes - partitions),
        "later": partitions * rates().handled,
        "partitions": partitions,
        "days": plan["days"],
        "dollars": round(cost),
    }


def holds(name: str, value: float) -> bool:
    """Whether a bar is met."""
    return value <= BARS[name] if name in AT_MOST else value >= BARS[name]


def rows(plan: Mapping[str, Any]) -> list[dict[str, object]]:
    """The plan beside the bars."""
    found = measured(_checked(plan))
    return [
        {"what": MEANINGS[name], "bar": f"{bar:,}", "your plan": f"{found[name]:,}",
         "": "✓" if holds(name, found[name]) else "✕"}
        for name, bar in BARS.items()
    ]  # fmt: skip


def judge(answer: Any, case: Case) -> None:
    """Every bar is met."""
    for name, value in measured(_checked(answer)).items():
        if not holds(name, value):
            words = MEANINGS[name][0].upper() + MEANINGS[name][1:]
            raise Mistake(f"{words}: {value:,}, and the bar is {BARS[name]:,}. {ADVICE[name]}", kind=name)


def record(plan: Mapping[str, Any]) -> Prose:
    """The decision, with its reasons and with what would reopen it, for whoever asks in two years."""
    said, found = tomllib.loads(RECORD.read_text("utf-8")), measured(_checked(plan))
    missed = "; ".join(MEANINGS[name] for name, value in found.items() if not holds(name, value))
    pauses = [as_told(each.told).pause for each in kills()]
    deaths = said["some"].format(die=found["die"], least=min(pauses), most=max(pauses))
    whole = said["whole"].format(
        **{**plan, **found, **asdict(rates())}, date=measured_on(), events=EVENTS, grown=GROWN,
        state=said["proposed"].format(missed=missed) if missed else said["accepted"],
        deaths=deaths if found["die"] else said["none"],
    )  # fmt: skip
    return Prose(whole.strip())


def _checked(plan: Any) -> Mapping[str, Any]:
    if not isinstance(plan, Mapping):
        expected = "a dictionary with nodes, partitions, processes, days"
        raise Mistake(f"Expected {expected}; found {plan!r:.60}.", kind="shape")
    for name in CHOICES:
        if plan.get(name).__class__ is not int or plan[name] < 1:
            raise Mistake(f"“{name}” must be a whole number from 1 on; found {plan.get(name)!r:.40}.", kind="shape")
    if plan["nodes"] not in (1, 3, 5):
        raise Mistake(f"“nodes” must be 1, 3 or 5, so that a majority is clear; found {plan['nodes']}.", kind="shape")
    return plan


EXERCISE = read_exercise("13.5", judge, PLAN, runs=1)
