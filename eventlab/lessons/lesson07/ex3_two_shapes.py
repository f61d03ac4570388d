"""07.3: yesterday's event, and tomorrow's: one reader for three shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed

# What an event of each version says beside its flight, its terminal and its gate: nothing that this board needs.
MORE: dict[str, dict[str, Any]] = {
    "": {},
    "gate.changed:2": {},
    "gate.changed:3": {"walk_minutes": 9},
    "gate.changed:4": {"walk_minutes": 4, "gate_before": "31"},
    "gate.changed:12": {"was": {"terminal": "2", "gate": "05"}, "reason": "late-arrival"},
}
GATES = ("07", "12", "31A", "4")


def judge(read: Callable[[Event], Any], case: Case) -> None:
    """Events of every shape give the same two facts."""
    lab = Testbed(case)
    gates, boards = lab.service("gates"), lab.service("boards")
    expected: dict[str, dict[str, str]] = {}
    schemas: dict[str, str] = {}
    found: dict[str, Any] = {}

    def store(event: Event) -> None:
        found[event.subject] = read(event)
        if isinstance(found[event.subject], Mapping):
            boards.state[event.subject] = found[event.subject]

    boards.on("gate.changed", store, durable="boards", max_deliver=1)
    for number in range(case.size):
        schema = list(MORE)[(number + lab.draws.below(len(MORE))) % len(MORE)]
        flight, terminal, gate = f"UA{number}", f"{1 + lab.draws.below(8)}", GATES[lab.draws.below(len(GATES))]
        said = {"terminal": terminal, "gate": gate} if schema else {"gate": f"{terminal}-{gate}"}
        event = Event("gate.changed", {"flight": flight, **said, **MORE[schema]}, flight, dataschema=schema)
        expected[flight], schemas[flight] = {"terminal": terminal, "gate": gate}, schema
        lab.at(number * 0.5, gates.publish, event)
    trace = lab.run()
    for flight, facts in expected.items():
        if not _says(found.get(flight), facts):
            told = _misread(flight, schemas[flight], facts, found.get(flight))
            ends = [
                r.index
                for r in trace.of("received")
                if r.where == "boards" and r.message and r.message.subject == flight
            ]
            marks = {ends[-1]: f"{schemas[flight] or 'version 1'}: {dict(facts)}"}
            raise Mistake(told, trace=trace, flight=flight, marks=marks, kind=schemas[flight])


def _says(found: Any, facts: Mapping[str, str]) -> bool:
    """Whether these facts are there; what else somebody takes along is their own affair."""
    return isinstance(found, Mapping) and all(found.get(key) == value for key, value in facts.items())


def _misread(flight: str, schema: str, facts: Mapping[str, str], found: Any) -> str:
    words = {
        "": "an event of version 1, as older programs still send it and old logs hold it",
        "gate.changed:2": "an event of version 2",
    }.get(schema, f"an event of version {schema.partition(':')[2]}, which has more keys that this board does not need,")
    shown = "nothing" if found is None else repr(dict(found) if isinstance(found, Mapping) else found)
    missing = [key for key in facts if key not in found] if isinstance(found, Mapping) else []
    told = f"Flight {flight}: {words} was not understood. It means {dict(facts)}, and the board has {shown}."
    return told + (f" There is no {missing[0]!r} in it." if missing else "")


def read(event: Event) -> dict[str, str]:
    """The two facts that the board shows, from an event of any version."""
    data = event.data
    if event.dataschema == "":
        terminal, gate = data["gate"].split("-")
    else:
        terminal, gate = data["terminal"], data["gate"]
    return {"terminal": terminal, "gate": gate}


EXERCISE = read_exercise("07.3", judge, read, cases=lambda seed: Case(seed, 8), pure=True)
