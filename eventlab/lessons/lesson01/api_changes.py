"""An API changes: gates answer otherwise than their callers expect, and it is seen who notices.

A contract says what one caller reads from one answer: `{"gate": str}`. Whoever changes an answer checks it against
the contracts of all callers first ("consumer-driven contracts": Ian Robinson, 2006).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from eventlab.airports.rules import plan_gate
from eventlab.airports.scenario import Run, Scenario, start
from eventlab.errors import unknown
from eventlab.event import Command
from eventlab.measures.requests import FAILED, calls
from eventlab.trace import Trace

Answer = dict[str, Any]
Contract = Mapping[str, type]

CONTRACTS: dict[tuple[str, str], Contract] = {  # (caller, call): what the caller reads from the gates' answer
    ("boards", "gate.describe"): {"gate": str},
    ("operations", "gate.plan"): {"further": tuple},
}


def _renamed(answer: Answer, old: str, new: str) -> Answer:
    return {new if key == old else key: value for key, value in answer.items()}


CHANGES: dict[str, Callable[[Answer], Answer]] = {
    "nothing": lambda answer: answer,
    "gate is now called stand": lambda answer: _renamed(answer, "gate", "stand"),
    "further is now called events": lambda answer: _renamed(answer, "further", "events"),
    "stand comes beside gate": lambda answer: {**answer, "stand": answer["gate"]} if "gate" in answer else answer,
}


def changed(scenario: Scenario, change: str) -> Run:
    """The request-driven airport, finished, with a change in all that the gates answer."""
    if change not in CHANGES:
        raise unknown("change", change, CHANGES, where="apis.changed")
    run, alter = start(scenario, "request-driven"), CHANGES[change]
    run.cast.network.check = None  # nobody guards the border, as between two real services
    gates = run.cast.gates

    def describe(command: Command) -> Answer:
        key = command.data["flight"]
        return alter({"flight": key, "gate": gates.state.get(key, {}).get("gate", "")})

    def plan(command: Command) -> Answer:
        events = plan_gate(gates.state, command.data["event_type"], command.data["facts"], gates.now)
        return alter({"further": [{"event_type": event.type, "facts": event.data} for event in events]})

    gates.answers("gate.describe", describe, replace=True)
    gates.answers("gate.plan", plan, replace=True)
    return run.finish()


def answers(trace: Trace, service: str) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """What a service answered, by caller and call."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for record in trace.of("received"):
        if record.purpose == "reply" and record.other == service and record.message is not None:
            found.setdefault((record.where, record.message.type), []).append(record.message.data)
    return found


def broken(contract: Contract, answer: Mapping[str, Any]) -> list[str]:
    """What of the contract an answer does not keep; further keys are no reason to complain."""
    return [
        f"{key} is missing" if key not in answer else f"{key} is not {kind.__name__}"
        for key, kind in contract.items()
        if not isinstance(answer.get(key), kind)
    ]


def breaches(trace: Trace) -> dict[tuple[str, str], list[str]]:
    """The contracts that the gates' answers in a trace do not keep, and what is wrong: found without any caller."""
    given = answers(trace, "gates")
    found = {
        place: sorted({words for answer in given.get(place, []) for words in broken(contract, answer)})
        for place, contract in CONTRACTS.items()
    }
    return {place: words for place, words in found.items() if words}


def _told(trace: Trace) -> dict[str, Mapping[str, Any]]:
    """What passengers were told, by question."""
    return {
        record.message.causationid: record.message.data
        for record in trace.of("received")
        if record.where == "passengers" and record.purpose == "reply" and record.message is not None
    }


def noticed(trace: Trace, usual: Trace) -> list[dict[str, str]]:
    """Who notices a change, as rows: callers that fail, and answers that are other ones than `usual`, silently."""
    loud = Counter((call.callee, call.type, call.note) for call in calls(trace) if call.outcome == FAILED)
    before, after = _told(usual), _told(trace)
    silent = sum(before[question] != answer for question, answer in after.items() if question in before)
    rows = [
        {"who": who, "at the call": type, "what happens": f"fails: {note}", "times": str(times)}
        for (who, type, note), times in sorted(loud.items())
    ]
    if silent:
        words = "no error: passengers get an answer, and it is wrong"
        rows.append({"who": "boards", "at the call": "flight.describe", "what happens": words, "times": str(silent)})
    return rows or [{"who": "nobody", "at the call": "–", "what happens": "all as before", "times": "0"}]
