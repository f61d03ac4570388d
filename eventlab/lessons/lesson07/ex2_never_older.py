"""07.2: a copy that never gets older, though events come late and twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from eventlab.event import Event
from eventlab.faults import Flaky
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.trace import Trace

State = MutableMapping[str, Any]
FLIGHTS = ("UA1", "B62")


def trouble(seed: int) -> Case:
    """Eight changes; some events come late, some come twice."""
    return Case(seed, 8, (Flaky(0, 60, reordering=0.3), Flaky(0, 60, duplication=0.2)))


def judge(keep: Callable[[State, Event], object], case: Case) -> None:
    """No copy ever gets older, and in the end each says what its owner says."""
    lab = Testbed(case)
    gates, boards = lab.service("gates"), lab.service("boards")
    boards.on("gate.changed", lambda event: keep(boards.state, event), durable="boards", ordered=False)
    told: dict[tuple[str, int], Any] = {}

    def change(flight: str, version: int, gate: str) -> None:
        gates.state[flight] = told[flight, version] = {"flight": flight, "gate": gate, "version": version}
        gates.publish(Event("gate.changed", gates.state[flight], flight))

    for number in range(case.size):
        flight, gate = FLIGHTS[number % 2], f"{10 + lab.draws.below(40)}"
        lab.at(number * 0.4, change, flight, 1 + number // 2, gate)
    trace = lab.run()
    for record in trace.of("changed"):
        if record.where == "boards" and record.key in FLIGHTS:
            _never_older(record.before, record.after, told, trace, record.key)
    for flight, true in trace.state("gates").items():
        _up_to_date(trace.state("boards").get(flight), true, trace, flight)


def _never_older(before: Any, after: Any, told: dict[tuple[str, int], Any], trace: Trace, flight: str) -> None:
    if not isinstance(after, Mapping) or "version" not in after:
        message = f"The board forgot flight {flight}, or what it stored there is not what an event said: {after!r}."
        raise Mistake(message, trace=trace, flight=flight, kind="shape")
    if isinstance(before, Mapping) and after["version"] < before["version"]:
        raise Mistake(
            f"Flight {flight} had gate {before['gate']} on the board (version {before['version']}). Then an older "
            f"event came late, version {after['version']}, and overwrote it: the board went back to gate "
            f"{after['gate']}.",
            trace=trace, flight=flight, kind="back",
        )  # fmt: skip
    if after != told.get((flight, after["version"])):
        raise Mistake(
            f"The board says version {after['version']} and gate {after['gate']} for flight {flight}. No event said "
            "these two together: the number is of one event and the gate of another.",
            trace=trace, flight=flight, kind="mixed",
        )  # fmt: skip


def _up_to_date(copy: Any, true: Any, trace: Trace, flight: str) -> None:
    if copy is None:
        message = f"Events about flight {flight} arrived, and the board knows nothing of it: all of them were refused."
        raise Mistake(message, trace=trace, flight=flight, kind="missing")
    if copy == true:
        return
    knew = _version_when_it_came(trace, flight, true["version"])
    if knew + 1 < true["version"]:
        kind, why = "gap", f"A version in between was missing then (the board had version {knew})"
    else:
        kind, why = "refused", f"It was the very next version of this flight (the board had version {knew})"
    raise Mistake(
        f"In the end flight {flight} has gate {true['gate']}, version {true['version']}. This event has arrived, but "
        f"the board refused it and still says gate {copy['gate']}, version {copy['version']}. {why}, and no further "
        "event will come.",
        trace=trace, flight=flight, kind=kind,
    )  # fmt: skip


def _version_when_it_came(trace: Trace, flight: str, version: int) -> int:
    """Which version the board had when this one arrived for the first time."""
    has = 0
    for record in trace:
        if record.kind == "changed" and record.where == "boards" and record.key == flight:
            has = record.after["version"]
        elif record.kind == "received" and record.where == "boards" and record.message is not None:
            if (record.message.subject, record.message.data.get("version")) == (flight, version):
                break
    return has


def keep(state: State, event: Event) -> None:
    """The copy of a flight is the newest event about it."""
    known = state.get(event.subject, {"version": 0})
    if event.data["version"] > known["version"]:
        state[event.subject] = event.data


EXERCISE = read_exercise("07.2", judge, keep, cases=trouble)
