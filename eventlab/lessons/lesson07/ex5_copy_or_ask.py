"""07.5: five questions, each with bars: answer it from a copy, or ask the owner?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from eventlab.airports import run
from eventlab.airports.scenario import producer_cut_off
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise, read_tables
from eventlab.lessons.judging.reading import nearest
from eventlab.measures import staleness

WAYS = ("copy", "ask", "fresh copy", "impossible")
FLIGHTS = 40  # enough to measure with


class Need(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is asked, and the bars: how old the answer may be, how fast it must come, whether an outage may stop it."""

    question: str
    oldest: float  # seconds
    within: float  # milliseconds
    always: bool  # also while the owner cannot be reached
    per_second: int  # how often it is asked


NEEDS = read_tables(Path(__file__).with_name("needs.toml"), Need)
OWNER_CAN_ANSWER = 200  # a second


@dataclass(frozen=True)
class Measured:
    """What the lesson's runs give: seconds of age, milliseconds of waiting."""

    usual_age: float
    outage: float  # the longest time for which a copy was wrong while its owner was cut off
    copy_ms: float
    ask_ms: float


@cache
def measured() -> Measured:
    """Both ways with the producer cut off for 45 minutes; a few flights are enough."""
    cut = producer_cut_off()
    cut = cut.with_(flights=cut.leaving("15:00", "18:00").flights[:FLIGHTS])
    asking, copying = (run(cut, name) for name in ("event notification", "event-carried state transfer"))
    ages = staleness.seconds(staleness.stale_intervals(copying.trace, "operations", "boards"))
    return Measured(ages[len(ages) // 2], ages[-1], copying.metrics["p50 ms"], asking.metrics["p50 ms"])


def requirements() -> list[dict[str, str]]:
    """The bars as rows of a table."""
    return [
        {
            "key": key,
            "what is asked": need.question,
            "may be old by": _age(need.oldest),
            "answer within": f"{need.within:g} ms",
            "in an outage": "must be answered" if need.always else "may wait",
            "asked per second": f"{need.per_second:,}",
        }
        for key, need in NEEDS.items()
    ]


def _age(seconds: float) -> str:
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}{'s' * (seconds >= 2 * size)}"
    return f"{seconds:.2g} s" if seconds else "nothing at all"


def fails(way: str, need: Need) -> str:
    """Which bar a way of answering does not reach, with what was measured; empty if it reaches all of them."""
    seen = measured()
    if way == "ask":
        if need.always:
            return "while the owner is cut off, nobody answers. The bar: it must be answered"
        if need.per_second > OWNER_CAN_ANSWER:
            return f"the owner would be asked {need.per_second:,} times a second, and can answer {OWNER_CAN_ANSWER}"
        if seen.ask_ms > need.within:
            return f"an answer takes {seen.ask_ms:.0f} ms. The bar: {need.within:g} ms"
        return ""
    usual = f"even on a quiet day a copy is {_age(seen.usual_age)} behind. The bar: {_age(need.oldest)}"
    if seen.usual_age > need.oldest:
        return usual
    if seen.outage > need.oldest and way == "copy":
        return (
            f"in the outage a copy was wrong for {_age(seen.outage)}, and nobody saw it. The bar: {_age(need.oldest)}"
        )
    if seen.outage > need.oldest and need.always:
        return (
            f"in the outage the copy gets older than {_age(need.oldest)} and must fall silent. The bar: it must answer"
        )
    return "" if seen.copy_ms <= need.within else f"an answer takes {seen.copy_ms:.0f} ms. The bar: {need.within:g} ms"


def judge(decisions: Mapping[str, str], case: Case) -> None:
    """Each question is answered in a way that reaches all its bars, or called impossible where none does."""
    for key, need in NEEDS.items():
        way = nearest(decisions[key], WAYS)
        if way not in WAYS:
            raise Mistake(f"{key}: expected one of {', '.join(map(repr, WAYS))}, found {way!r}.")
        possible = [other for other in WAYS[:-1] if not fails(other, need)]
        if way == "impossible" and possible:
            raise Mistake(f"{key}: there is a way that reaches every bar. Compare the bars with the table of the ways.")
        if way != "impossible" and (reason := fails(way, need)):
            raise Mistake(f"{key} with {way!r}: {reason}.")


MODEL = {"board": "copy", "no-fly": "ask", "names": "copy", "seats": "fresh copy", "hours": "impossible"}

EXERCISE = read_exercise("07.5", judge, MODEL, runs=1, prepare=measured)
