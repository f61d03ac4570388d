"""01.3: a check that finds out, before anything is changed, which callers a new answer would break."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.event import Command
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.reading import shown
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
    contract = {key: KEYS[key][0] for key in KEYS if draws.chance(0.6)}
    given = {key: KEYS[key][1][draws.below(len(KEYS[key][1]))] for key in KEYS if draws.chance(0.8)}
    for key in list(given):
        if draws.chance(0.2):  # the same key, another type, or nothing
            given[key] = None if draws.chance(0.3) else str(given[key]) if KEYS[key][0] is not str else 7
    breaks = [key for key, kind in contract.items() if not isinstance(given.get(key), kind)]
    found = check(dict(contract), dict(given))
    if wrong := _wrong(found, contract, given, breaks):
        message, kind = wrong
        trace = _run(lab, contract, given)
        marks = {record.index: record.note for record in trace.of("failed") if record.where == "boards"}
        read = ", ".join(f"{key} ({kind.__name__})" for key, kind in contract.items()) or "nothing"
        message += f" The caller reads: {read}. The answer is {given}."
        raise Mistake(message, trace=trace, marks=marks, kind=kind)


def _wrong(
    found: Any, contract: Mapping[str, type], given: Mapping[str, Any], breaks: Sequence[str]
) -> tuple[str, str] | None:
    """What is wrong with the keys that were found, and which kind of mistake it is."""
    if not isinstance(found, list | tuple) or not all(isinstance(key, str) for key in found):
        return f"Give a list of keys, such as ['gate'], and [] if nobody breaks; you gave {shown(found)}.", "list"
    for key in found:
        if list(found).count(key) > 1:
            return f"You name {key!r} {list(found).count(key)} times: each key breaks the caller once.", "twice"
        if key not in contract:
            return f"False alarm: nobody reads {key!r}, so it breaks nobody.", "further"
        if key not in breaks:
            return f"False alarm: {key!r} is there and has the right type, though it is {given[key]!r}.", "alarm"
    for key in breaks:
        if key not in found:
            kind, why = ("gone", "is missing") if key not in given else ("type", f"is {given[key]!r}: another type")
            return f"The caller breaks at {key!r}, which {why}, and the check says nothing.", kind
    return None


def _run(lab: Testbed, contract: Mapping[str, type], given: Mapping[str, Any]) -> Trace:
    """What really happens to a caller that reads what its contract says."""
    gates, boards, people = lab.service("gates"), lab.service("boards"), lab.service("passengers")
    gates.answers("gate.describe", lambda command: dict(given))

    async def read(command: Command) -> dict[str, Any]:
        answer = await boards.request("gates", Command("gate.describe"))
        for key, kind in contract.items():
            if not isinstance(answer[key], kind):
                raise TypeError(f"{key} is {answer[key]!r}")
        return {}

    boards.answers("flight.describe", read)
    lab.ask_at(0, people, "boards", Command("flight.describe"))
    return lab.run(60)


EXERCISE = read_exercise("01.3", judge, broken, pure=True)
