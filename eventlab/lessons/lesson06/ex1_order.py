"""A board that asks back: the order of the messages, and a question that gets no answer."""

from __future__ import annotations

from typing import Any

import msgspec

from eventlab.event import Command, Event
from eventlab.faults import Crash
from eventlab.lessons.judging.model import Case, Exercise, Mistake
from eventlab.lessons.judging.testbed import Testbed
from eventlab.service import Service
from eventlab.sim import SECOND, Draws
from eventlab.trace import Record, Trace

# 06.1: the order of the messages ----------------------------------------------------------------------------------

STEPS = {
    "a": "boards tells the bus that it is done",
    "b": "gates answers: gate B 14",
    "c": "the bus sends the event to boards",
    "d": "gates publishes: the gate of the flight has changed",
    "e": "boards shows gate B 14",
    "f": "boards asks gates: which gate has the flight?",
    "g": "the bus sends the event to statistics, which only counts events",
    "h": "statistics tells the bus that it is done",
}
FIRST = (  # what must come before what, and why
    ("d", "c", "the bus has nothing to send before gates has published"),
    ("d", "g", "the bus has nothing to send before gates has published"),
    ("c", "f", "boards does not know that there is something to ask before the event has come"),
    ("f", "b", "gates answers when it is asked; the event that it published does not name the gate"),
    ("b", "e", "the event does not name the gate: boards cannot show it before it has the answer"),
    (
        "e",
        "a",
        "boards must not say that it is done before it is: if no answer came, the bus would not try again",
    ),
    ("g", "h", "statistics cannot be done with an event that it does not have yet"),
)


def judge_order(answer: Any, case: Case) -> None:
    """Every step once, each after whatever it needs; what is independent may come in any order."""
    given = "".join(str(step) for step in answer).replace(" ", "")
    if sorted(given) != sorted(STEPS):
        raise Mistake(f"Use each letter from a to h once. Found: {' '.join(given) or 'nothing'}.", kind="letters")
    for first, then, why in FIRST:
        if given.index(first) > given.index(then):
            message = f"{then} ({STEPS[then]}) stands before {first} ({STEPS[first]}), but {why}."
            raise Mistake(message, kind=f"{first}{then}")


ORDER = Exercise(
    "06.1",
    "From 'something happened' to a new row",
    "order",
    "Put the eight steps into an order in which they can happen.",
    judge_order,
    ["d", "c", "g", "h", "f", "b", "e", "a"],
    (
        "Begin with the one step that needs no other. Then ask of each step: what must be known before?",
        "The event does not name the gate. So where does boards get it from, and when is its work done?",
    ),
    runs=1,
    explains="Between the event and the new row lie two more messages: a question and its answer.",
)

# 06.2: a question without an answer ---------------------------------------------------------------------------------


def airport(home: Testbed) -> tuple[Service, Service]:
    """Gates, which knows every flight's gate, and boards."""
    gates, boards = home.service("gates"), home.service("boards", workers=4)
    gates.answers("gate.describe", lambda asked: {"gate": gates.state[asked.data["flight"]]})
    return gates, boards


def excerpt(trace: Trace, since: int) -> Trace:
    """The part of a trace from an instant on (nanoseconds), as a trace of its own: what is worth drawing."""
    part = [record for record in trace if record.at >= since]
    return Trace([msgspec.structs.replace(record, index=index) for index, record in enumerate(part)])


def change(gates: Service, flight: str, gate: str) -> None:
    """Another gate: gates notes it and tells that something has changed."""
    if gates.up:
        gates.state[flight] = gate
        gates.publish(Event("gate.changed", {"flight": flight}, flight))


def judge_repair(heard: Any, case: Case) -> None:
    """In the end, boards shows every gate as gates has it, though gates was down when it was asked."""
    home = Testbed(case)
    gates, boards = airport(home)
    boards.on("gate.changed", lambda event: heard(boards, event), durable="boards", max_deliver=1000, ack_wait=900.0)
    for number in range(1, case.size + 1):
        home.at(30 * number, change, gates, f"F{number}", f"B {number + 10}")
    trace = home.run(1800)
    for flight, gate in trace.state("gates").items():
        row = trace.state("boards").get(flight)
        if row != gate:
            raise Mistake(_why_wrong(trace, flight, gate, row), trace=trace, kind=f"row {row}")


def _why_wrong(trace: Trace, flight: str, gate: str, row: Any) -> str:
    asked = sum(r.where == "boards" and r.purpose == "request" and _about(r, flight) for r in trace.of("sent"))
    if row is not None:
        return f"The board shows {row!r} for flight {flight}, which gates never said. The gate is {gate!r}."
    done = any(_about(record, flight) for record in trace.of("acknowledged"))
    if not done:
        return f"The board shows no gate for flight {flight}, and its event was given up. The gate is {gate!r}."
    questions = f"{asked} question{'s' * (asked != 1)} without an answer"
    return (
        f"After {questions}, boards told the bus that the event of flight {flight} was done. So the bus does not "
        f"send it again, and the board shows no gate for good. The gate is {gate!r}."
    )


def _about(record: Record, flight: str) -> bool:
    message = record.message
    return message is not None and flight in (message.subject, message.data.get("flight"))


async def show_gate(boards: Service, event: Event) -> None:
    flight = event.data["flight"]
    news = await boards.request("gates", Command("gate.describe", {"flight": flight}))
    boards.state[flight] = news["gate"]


def crashes(seed: int) -> Case:
    """Gates stops a moment after it has published, twice, for 5 to 25 seconds."""
    draws = Draws(seed, "crashes")
    begins = [30 * number * SECOND + draws.below(SECOND // 50) + 1 for number in (1, 3)]
    faults = tuple(Crash("gates", begin, begin + (5 + draws.below(20)) * SECOND) for begin in begins)
    return Case(seed, 4, faults)


REPAIR = Exercise(
    "06.2",
    "A question without an answer",
    "repair",
    "Repair the handler: no gate may be missing on the board in the end, though gates may be down when it is asked.",
    judge_repair,
    show_gate,
    (
        "What does the bus learn when the handler returns? And what when the handler ends with an error?",
        "`return` says: done. An error says: not done, please send it again. Which one is true here?",
    ),
    crashes,
    explains="An error that leaves the handler is not a bug here: it tells the bus that the event must come again.",
)
