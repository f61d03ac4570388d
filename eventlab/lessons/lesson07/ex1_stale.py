"""Lesson 07, exercises 1 to 3: an old answer without a fault, a copy that never gets older, two shapes of an event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

from eventlab.event import Event
from eventlab.faults import Flaky
from eventlab.lessons.judging.model import Case, Exercise, Mistake
from eventlab.lessons.judging.testbed import Testbed
from eventlab.sim import SECOND
from eventlab.trace import Trace

State = MutableMapping[str, Any]
FLIGHTS = ("UA1", "B62")

# 07.1 ---------------------------------------------------------------------------------------------------------------

LINES = {
    "a": "boards compares: 2 is newer than its 1, and it writes gate 14",
    "b": "a passenger's question reaches boards",
    "c": "gates writes gate 14, version 2, into its state",
    "d": "boards answers: gate 12",
    "e": "the event reaches boards",
    "f": "the bus takes the event in",
    "g": "gates publishes gate.changed: gate 14, version 2",
}
BEFORE = (  # this line, before that one, else …
    ("c", "g", "gates announces gate 14 before its own state says so. First a change is stored, then it is published."),
    ("g", "f", "The bus takes in an event that nobody has published yet."),
    ("f", "e", "The event reaches boards, but the bus has not taken it in yet."),
    ("e", "a", "boards writes what an event says that has not reached it."),
    ("b", "d", "boards answers before anybody has asked."),
    ("d", "a", "When boards answers, its copy says gate 14 already. It would not say gate 12 any more."),
    ("c", "d", "When boards answers “gate 12”, that is still true: the gate has not changed yet. Nothing is old here."),
)


def judge_order(order: Sequence[str], case: Case) -> None:
    """The order is possible, and the passenger hears the old gate."""
    if sorted(order) != sorted(LINES):
        raise Mistake(f"Use each letter from a to g exactly once; found {', '.join(map(str, order))}.")
    for first, then, else_ in BEFORE:
        if order.index(first) > order.index(then):
            raise Mistake(f"{then} stands before {first}. {else_}")


STALE_THOUGH_NOTHING_FAILED = Exercise(
    "07.1",
    "Old, though nothing failed",
    "order",
    "Put the seven lines in an order in which the passenger is told the old gate.",
    judge_order,
    ["c", "g", "f", "b", "d", "e", "a"],
    (
        "First put the five lines of the event in order: who must have it before whom?",
        "Now the two lines of the question. When is “gate 12” not true any more, and until when does boards say it?",
    ),
    runs=1,
    explains="Between c and a the copy is old. No service failed and no message was lost: it is the way of the news.",
)

# 07.2 ---------------------------------------------------------------------------------------------------------------


def trouble(seed: int) -> Case:
    """Eight changes; some events come late, some come twice."""
    return Case(seed, 8, (Flaky(0, 60 * SECOND, reordering=0.3), Flaky(0, 60 * SECOND, duplication=0.2)))


def judge_keep(keep: Callable[[State, Event], object], case: Case) -> None:
    """No copy ever gets older, and in the end each says what its owner says."""
    home = Testbed(case)
    gates, boards = home.service("gates"), home.service("boards")
    boards.on("gate.changed", lambda event: keep(boards.state, event), durable="boards", ordered=False)
    told: dict[tuple[str, int], Any] = {}

    def change(flight: str, version: int, gate: str) -> None:
        gates.state[flight] = told[flight, version] = {"flight": flight, "gate": gate, "version": version}
        gates.publish(Event("gate.changed", gates.state[flight], flight))

    for number in range(case.size):
        flight, gate = FLIGHTS[number % 2], f"{10 + home.draws.below(40)}"
        home.at(number * 0.4, change, flight, 1 + number // 2, gate)
    trace = home.run()
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


NEVER_OLDER = Exercise(
    "07.2",
    "The older gate came last",
    "repair",
    "Repair the handler so that no copy ever gets older and all end up right.",
    judge_keep,
    keep,
    (
        "What in the event tells you which of two is newer?",
        "Compare with what the copy of this flight says, and think of the flight's first event, too.",
    ),
    cases=trouble,
    explains="A version check turns “the last to come wins” into “the newest wins”, whatever the network does.",
)

# 07.3 ---------------------------------------------------------------------------------------------------------------

SHAPES: dict[str, dict[str, Any]] = {
    "": {"flight": "UA1", "gate": "5-07"},
    "gate.changed:2": {"flight": "UA1", "terminal": "5", "gate": "07"},
    "gate.changed:3": {"flight": "UA1", "terminal": "5", "gate": "07", "walk_minutes": 9},
}


def judge_read(read: Callable[[Event], Any], case: Case) -> None:
    """Events of every shape give the same two facts."""
    home = Testbed(case)
    gates, boards = home.service("gates"), home.service("boards")
    expected: dict[str, dict[str, str]] = {}
    schemas: dict[str, str] = {}

    def store(event: Event) -> None:
        boards.state[event.subject] = read(event)

    boards.on("gate.changed", store, durable="boards", max_deliver=1)
    for number in range(case.size):
        schema = list(SHAPES)[(number + home.draws.below(2)) % 3]
        flight, terminal, gate = f"UA{number}", f"{1 + home.draws.below(8)}", f"{1 + home.draws.below(40):02}"
        said = {"terminal": terminal, "gate": gate} if schema else {"gate": f"{terminal}-{gate}"}
        event = Event("gate.changed", {**SHAPES[schema], **said, "flight": flight}, flight, dataschema=schema)
        expected[flight], schemas[flight] = {"terminal": terminal, "gate": gate}, schema
        home.at(number * 0.5, gates.publish, event)
    trace = home.run()
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


TWO_SHAPES = Exercise(
    "07.3",
    "Yesterday's event, and tomorrow's",
    "fill",
    "Give terminal and gate from an event of version 1, 2 or 3.",
    judge_read,
    read,
    (
        "Which event needs work before you have both facts, and which ones have them already?",
        'An empty `dataschema` means version 1; "5-07".split("-") gives two texts. Take from the others what you know.',
    ),
    cases=lambda seed: Case(seed, 6),
    explains="Turning an old shape into today's is an upcaster; taking only what one needs makes a tolerant reader.",
)
