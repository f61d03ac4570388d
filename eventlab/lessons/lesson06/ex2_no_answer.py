"""06.2: a board asks back, and its question gets no answer."""

from __future__ import annotations

from typing import Any

from eventlab.event import Command, Event
from eventlab.faults import Crash, Partition
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.lessons.lesson06.airport import airport, change
from eventlab.service import Service
from eventlab.sim import SECOND, Draws
from eventlab.times import Instant
from eventlab.trace import Record, Trace


def judge(heard: Any, case: Case) -> None:
    """In the end, boards shows every gate as gates has it, though gates gave no answer when it was asked."""
    lab = Testbed(case)
    gates, boards = airport(lab)
    boards.on("gate.changed", lambda event: heard(boards, event), durable="boards", max_deliver=1000, ack_wait=900.0)
    for number in range(1, case.size + 1):
        lab.at(30 * number, change, gates, f"F{number}", f"B {number + 10}")
        if number % 2 == 0:  # and once more, in an hour in which all is well
            lab.at(200 + 30 * number, change, gates, f"F{number}", f"C {number + 10}")
    trace = lab.run(1800)
    for record in trace.of("sent"):
        if record.where == "boards" and record.purpose == "publish" and record.message is not None:
            message = (
                f"boards published {record.message.type}, as if a gate had changed. It only shows what others tell: "
                "whoever has subscribed would take this for news."
            )
            marks = {record.index: f"boards publishes {record.message.type}"}
            raise Mistake(message, trace=trace, flight=record.message.subject, marks=marks, kind="published")
    for flight, gate in trace.state("gates").items():
        row = trace.state("boards").get(flight)
        if row != gate:
            told, marks = _why_wrong(trace, flight, gate, row)
            raise Mistake(told, trace=trace, flight=flight, marks=marks, kind=f"row {type(row)}")


def _why_wrong(trace: Trace, flight: str, gate: str, row: Any) -> tuple[str, dict[int, str]]:
    """What is wrong with a row in the end, and where."""
    done = [r for r in trace.of("handled") if r.where == "boards" and _about(r, flight)]
    marks = {done[-1].index: f"boards says: done. The board shows {row or 'no gate'}"} if done else {}
    known = [r.after for r in trace.of("changed") if r.where == "gates" and r.key == flight]
    if row is not None and row in known:
        return f"The gate of flight {flight} changed again, to {gate!r}, and the board still shows {row!r}.", marks
    if row is not None:
        written = [r for r in trace.of("changed") if r.where == "boards" and r.key == flight]
        marks = {written[-1].index: f"the board shows {row!r}"}
        return f"The board shows {row!r} for flight {flight}, which gates never said. The gate is {gate!r}.", marks
    if not done:
        marks = {r.index: "given up" for r in trace.of("dead") if _about(r, flight)}
        return f"The board shows no gate for flight {flight}, and its event was given up. The gate is {gate!r}.", marks
    asked = sum(r.where == "boards" and r.purpose == "request" and _about(r, flight) for r in trace.of("sent"))
    questions = f"{asked} question{'s' * (asked != 1)} without an answer"
    return (
        f"After {questions}, boards told the bus that the event of flight {flight} was done. So the bus does not send "
        f"it again, and the board shows no gate for good. The gate is {gate!r}.", marks,
    )  # fmt: skip


def _about(record: Record, flight: str) -> bool:
    message = record.message
    return message is not None and flight in (message.subject, message.data.get("flight"))


async def show_gate(boards: Service, event: Event) -> None:
    flight = event.data["flight"]
    news = await boards.request("gates", Command("gate.describe", {"flight": flight}))
    boards.state[flight] = news["gate"]


def crashes(seed: int) -> Case:
    """A moment after it has published, gates stops, or is cut off so that no answer comes: 5 to 25 seconds."""
    draws = Draws(seed, "crashes")
    faults: list[Crash | Partition] = []
    for turn, number in enumerate((1, 3)):
        at = 30 * number * SECOND + draws.below(SECOND // 50) + 1
        begin, end = Instant(at), Instant(at + (5 + draws.below(20)) * SECOND)
        cut = (seed + turn) % 2
        faults.append(Partition("gates", begin, end, ("boards",)) if cut else Crash("gates", begin, end))
    return Case(seed, 4, tuple(faults))


EXERCISE = read_exercise("06.2", judge, show_gate, cases=crashes, may_raise=True)
