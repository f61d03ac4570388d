"""12.3: a measure that counts those who got nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, Flaky, Slow
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.sim import SECOND
from eventlab.trace import Trace


def answered_within(trace: Trace, who: str, seconds: float) -> float:
    """Share of the questions of `who` that were answered within so many seconds, from 0 to 1."""
    asked: dict[str, int] = {}
    good = set()
    for record in trace:
        if record.message is None or record.where != who:
            continue
        if record.kind == "sent" and record.purpose == "request":
            asked[record.message.id] = record.at
        elif record.kind == "received" and record.purpose == "reply":
            question = record.message.causationid
            if record.at - asked[question] <= seconds * SECOND:
                good.add(question)
    return len(good) / len(asked)


def judge(answer: Any, case: Case) -> None:
    """The share is that of an independent count, in runs in which answers are late, lost and doubled."""
    lab = Testbed(case)
    desk = lab.service("desk", workers=2)
    desk.answers("price.describe", lambda command: {"price": 7})
    waits: list[float] = []
    for number in range(4 * case.size):
        lab.at(0.5 * number + lab.draws.random(), lab.sim.start, _ask(lab, waits))
    trace = lab.run(600)
    questions = 4 * case.size
    for limit in (0.1, 1.0):
        right = sum(wait <= limit for wait in waits) / questions
        given = answer(trace, "customer", limit)
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise Mistake(f"Give back a number between 0 and 1; you gave {given!r}.", trace=trace, kind="number")
        if abs(given - right) > 1e-9:
            raise _measured_wrong(given, right, limit, waits, questions, trace)


def _measured_wrong(
    given: float, right: float, limit: float, waits: Sequence[float], asked: int, trace: Trace
) -> Mistake:
    good = sum(wait <= limit for wait in waits)
    told = f"Of {asked} questions, {good} were answered within {limit:g} s: {right:.2f}. You say {given:.2f}."
    if waits and abs(given - good / len(waits)) < 1e-9:
        why, kind = (
            "You left out the questions that were never answered: those who got nothing count most.",
            "survivors",
        )
    elif abs(given - len(waits) / asked) < 1e-9:
        why, kind = "You counted answers that came too late.", "late"
    elif given > right:
        why, kind = "An answer that came twice is still one answered question.", "twice"
    else:
        why, kind = (
            "Some answered questions are missing: is the time counted from the question to its own answer?",
            "low",
        )
    return Mistake(f"{told} {why}", trace=trace, kind=kind)


async def _ask(lab: Testbed, waits: list[float]) -> None:
    """One question of the customer; an answer within five seconds counts."""
    customer: Any = lab.network.nodes.get("customer") or lab.service("customer")
    begun = lab.sim.now
    try:
        await customer.request("desk", Command("price.describe", {}), timeout=5.0)
    except (NoReply, Refused, Unavailable):
        return
    waits.append((lab.sim.now - begun) / SECOND)


def stormy(seed: int) -> Case:
    """Questions while the desk is slow, stops, and messages are doubled and lost."""
    faults = (
        Flaky(0, 20, loss=0.15, duplication=0.3), Slow("desk", 40.0, 2, 4),
        Crash("desk", 5, 7),
    )  # fmt: skip
    return Case(seed, 5, faults)


EXERCISE = read_exercise("12.3", judge, answered_within, cases=stormy)
