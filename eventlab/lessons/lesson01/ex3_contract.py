"""01.3: a check that finds out, before anything is changed, which callers a new answer would break."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.trace import Trace

KEYS: Mapping[str, tuple[type, tuple[Any, ...]]] = {  # key: its type, and values of it
    "gate": (str, ("JFK-07", "EWR-12", "")),
    "passengers": (int, (62, 0, 178)),
    "bags": (int, (0, 31)),
    "terminal": (str, ("B", "4")),
    "walk": (float, (4.5, 0.0)),
}


def broken(contract: Mapping[str, type], answer: Mapping[str, Any]) -> list[str]:
    problems = []
    for key, kind in contract.items():
        if not isinstance(answer.get(key), kind):
            problems.append(key)
    return problems


def judge(check: Any, case: Case) -> None:
    """The check finds exactly those keys at which the caller really breaks."""
    for number in range(case.size):
        _compare(check, case, number)


def _compare(check: Any, case: Case, number: int) -> None:
    lab = Testbed(case)
    draws = lab.sim.random(f"contract {number}")
    keys = list(KEYS)
    contract = {key: KEYS[key][0] for key in keys if draws.chance(0.6)}
    given = {key: KEYS[key][1][draws.below(len(KEYS[key][1]))] for key in keys if draws.chance(0.8)}
    for key in list(given):
        if draws.chance(0.2):
            given[key] = str(given[key]) if KEYS[key][0] is not str else 7  # the same key, another type
    breaks = [key for key, kind in contract.items() if not isinstance(given.get(key), kind)]
    trace = _run(lab, contract, given)
    found = check(dict(contract), dict(given))
    if not isinstance(found, list) or not all(isinstance(key, str) for key in found):
        raise Mistake(f"Give a list of keys, such as ['gate']; you gave {found!r}.", trace=trace, kind="list")
    read = ", ".join(f"{key} ({kind.__name__})" for key, kind in contract.items()) or "nothing"
    said = f"The caller reads: {read}. The answer is {given}."
    for key in found:
        if key not in contract:
            message = f"False alarm: nobody reads {key!r}, so it breaks nobody. {said}"
            raise Mistake(message, trace=trace, kind="further")
        if key not in breaks:
            message = f"False alarm: {key!r} is there and has the right type, though it is {given[key]!r}. {said}"
            raise Mistake(message, trace=trace, kind="alarm")
    for key in breaks:
        if key not in found:
            kind, why = ("gone", "is missing") if key not in given else ("type", f"is {given[key]!r}: another type")
            raise Mistake(f"The caller breaks at {key!r}, which {why}, and the check says nothing. {said}",
                          trace=trace, kind=kind)  # fmt: skip


def _run(lab: Any, contract: Mapping[str, type], given: Mapping[str, Any]) -> Trace:
    """What really happens to a caller that reads what its contract says."""
    gates, boards, people = lab.service("gates"), lab.service("boards"), lab.service("passengers")
    gates.answers("gate.describe", lambda command: dict(given))

    async def read(command: Command) -> dict[str, Any]:
        answer = await boards.request("gates", Command("gate.describe"))
        for key, kind in contract.items():
            if not isinstance(answer[key], kind):
                raise TypeError(f"{key} is {answer[key]!r}")
        return {}

    async def ask() -> None:
        with suppress(NoReply, Refused, Unavailable):
            await people.request("boards", Command("flight.describe"))

    boards.answers("flight.describe", read)
    lab.at(0, lambda: lab.sim.start(ask()))
    trace: Trace = lab.run(60)
    return trace


EXERCISE = read_exercise("01.3", judge, broken)
