"""07.3: yesterday's event, and tomorrow's: one reader for three shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed

SHAPES: dict[str, dict[str, Any]] = {
    "": {"flight": "UA1", "gate": "5-07"},
    "gate.changed:2": {"flight": "UA1", "terminal": "5", "gate": "07"},
    "gate.changed:3": {"flight": "UA1", "terminal": "5", "gate": "07", "walk_minutes": 9},
}


def judge(read: Callable[[Event], Any], case: Case) -> None:
    """Events of every shape give the same two facts."""
    lab = Testbed(case)
    gates, boards = lab.service("gates"), lab.service("boards")
    expected: dict[str, dict[str, str]] = {}
    schemas: dict[str, str] = {}

    def store(event: Event) -> None:
        boards.state[event.subject] = read(event)

    boards.on("gate.changed", store, durable="boards", max_deliver=1)
    for number in range(case.size):
        schema = list(SHAPES)[(number + lab.draws.below(2)) % 3]
        flight, terminal, gate = f"UA{number}", f"{1 + lab.draws.below(8)}", f"{1 + lab.draws.below(40):02}"
        said = {"terminal": terminal, "gate": gate} if schema else {"gate": f"{terminal}-{gate}"}
        event = Event("gate.changed", {**SHAPES[schema], **said, "flight": flight}, flight, dataschema=schema)
        expected[flight], schemas[flight] = {"terminal": terminal, "gate": gate}, schema
        lab.at(number * 0.5, gates.publish, event)
    trace = lab.run()
    for flight, facts in expected.items():
        if (found := trace.state("boards").get(flight)) != facts:
            raise Mistake(
                _misread(flight, schemas[flight], facts, found), trace=trace, flight=flight, kind=schemas[flight]
            )


def _misread(flight: str, schema: str, facts: Mapping[str, str], found: Any) -> str:
    words = {
        "": "an event of version 1, as older programs still send it and old logs hold it",
        "gate.changed:2": "an event of version 2",
        "gate.changed:3": "an event of version 3, which has one more key that this board does not need",
    }[schema]
    shown = "nothing" if found is None else repr(dict(found) if isinstance(found, Mapping) else found)
    return f"Flight {flight}: {words} was not understood. It means {dict(facts)}, and the board has {shown}."


def read(event: Event) -> dict[str, str]:
    """The two facts that the board shows, from an event of any version."""
    data = event.data
    if event.dataschema == "":
        terminal, gate = data["gate"].split("-")
    else:
        terminal, gate = data["terminal"], data["gate"]
    return {"terminal": terminal, "gate": gate}


EXERCISE = read_exercise("07.3", judge, read, cases=lambda seed: Case(seed, 6))
