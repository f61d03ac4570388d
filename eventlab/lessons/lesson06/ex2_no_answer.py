"""06.2: a board asks back, and its question gets no answer."""

from __future__ import annotations

from typing import Any

from eventlab.event import Command, Event
from eventlab.faults import Crash
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.lessons.lesson06.airport import airport, change
from eventlab.service import Service
from eventlab.sim import SECOND, Draws
from eventlab.times import Instant
from eventlab.trace import Record, Trace


def judge(heard: Any, case: Case) -> None:
    """In the end, boards shows every gate as gates has it, though gates was down when it was asked."""
    lab = Testbed(case)
    gates, boards = airport(lab)
    boards.on("gate.changed", lambda event: heard(boards, event), durable="boards", max_deliver=1000, ack_wait=900.0)
    for number in range(1, case.size + 1):
        lab.at(30 * number, change, gates, f"F{number}", f"B {number + 10}")
    trace = lab.run(1800)
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
        f"After {questions}, boards told the bus that the event of flight {flight} was done. So the bus does not send "
        f"it again, and the board shows no gate for good. The gate is {gate!r}."
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
    begins = [Instant(30 * number * SECOND + draws.below(SECOND // 50) + 1) for number in (1, 3)]
    faults = tuple(Crash("gates", begin, begin + (5 + draws.below(20)) * SECOND) for begin in begins)
    return Case(seed, 4, faults)


EXERCISE = read_exercise("06.2", judge, show_gate, cases=crashes)
