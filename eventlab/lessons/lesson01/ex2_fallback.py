"""01.2: boards that still answer when the gates do not, and that invent nothing when operations does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.errors import NoReply, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, Partition, Slow
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.measures.requests import ANSWERED, FAILED, Call, calls
from eventlab.network import Delay
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.trace import Record, Trace

FLIGHT, PATIENCE = "B61004", 2.0


async def describe(boards: Service, command: Command) -> dict[str, Any]:
    flight = await boards.request("operations", command, timeout=1)
    try:
        answer = await boards.request("gates", Command("gate.describe", command.data), timeout=0.8)
        gate = answer["gate"]
    except (NoReply, Unavailable):
        gate = ""  # an honest gap: the passenger still learns whether the flight leaves
    return {**flight, "gate": gate}


def cases(seed: int) -> Case:
    """Gates stop, are cut off, or are slow, between seconds 3 and 8; later operations stops, or is cut off."""
    since, until = 3, 8
    trouble = (
        Crash("gates", since, until),
        Partition("gates", since, until, ("boards",)),
        Slow("gates", 200, since, until),
    )[seed % 3]
    more = Partition("operations", 11, 14, ("boards",)) if seed % 2 else Crash("operations", 11, 14)
    return Case(seed, 16, (trouble, more))


def judge(answer: Any, case: Case) -> None:
    """Whoever asks while operations works learns what is true, in time; nobody is told what nobody knows."""
    lab = Testbed(case)
    boards, people = _airport(lab), lab.client("passengers")
    boards.answers("flight.describe", lambda command: answer(boards, command))
    for number in range(case.size):
        asked = Command("flight.describe", {"flight": FLIGHT}, FLIGHT)
        lab.ask_at(number + 0.5 * lab.draws.random(), people, "boards", asked, timeout=PATIENCE)
    trace = lab.run(600)
    _check_answers(trace)
    _check_silence(trace)


def _airport(lab: Testbed) -> Service:
    operations = lab.service("operations", workers=4, work=Delay(0.02, 0.02))
    gates = lab.service("gates", workers=4, work=Delay(0.02, 0.02))
    operations.answers("flight.describe", lambda command: {"flight": FLIGHT, "status": "delayed"})

    def gate(command: Command) -> dict[str, Any]:
        return {"flight": FLIGHT, "gate": gates.state.get(FLIGHT, "")}

    def move(number: int) -> None:
        if gates.up:
            gates.state[FLIGHT] = f"JFK-{number:02}"

    gates.answers("gate.describe", gate)
    for number in range(10):
        lab.at(2.0 * number, move, number + 1)
    return lab.service("boards", workers=4, work=Delay(0.002, 0.004))


def _check_answers(trace: Trace) -> None:
    """What was said is true, or was when it was asked."""
    asked: dict[str, int] = {}
    moves = [record for record in trace.of("changed") if record.where == "gates"]
    for record in trace:
        message = record.message
        if message is None or record.where != "passengers":
            continue
        if record.kind == "sent":
            asked[message.id] = record.at
        elif record.kind == "received" and record.purpose == "reply":
            _check_answer(record, _true(moves, asked[message.causationid], record.at), asked, trace)


def _true(moves: Sequence[Record], since: int, until: int) -> list[Record]:
    """The gates that the flight had between two instants, each with the move to it."""
    before = [move for move in moves if move.at <= since]
    return [*before[-1:], *(move for move in moves if since < move.at <= until)]


def _check_answer(record: Record, true: list[Record], asked: Mapping[str, int], trace: Trace) -> None:
    assert record.message is not None
    data, second, began = record.message.data, record.at / SECOND, record.message.causationid
    said, shown = data.get("status", "nothing"), data.get("gate", "")
    marks = {record.index: f"told: status {said}, gate {shown or 'none'}"}

    def wrong(message: str, kind: str) -> Mistake:
        return Mistake(f"Second {second:.0f}: {message}", trace=trace, flight=began, marks=marks, kind=kind)

    if not _answered(trace, record, "operations"):
        raise wrong(
            f"operations did not answer, but a passenger was told the status {said!r}. An answer that nobody gave is "
            "worse than none.", "invented",
        )  # fmt: skip
    if said != "delayed":
        raise wrong(f"operations said 'delayed', but the passenger was told the status {said!r}.", "status")
    if shown and shown not in [move.after for move in true]:
        marks[true[-1].index] = f"the flight moves to gate {true[-1].after}"
        raise wrong(
            f"the passenger was sent to gate {shown}, but the flight is at {true[-1].after}. An old gate is not a safe "
            "guess: leave it empty.", "old",
        )  # fmt: skip
    if not shown and _gates_could_answer(trace, asked[began], record):
        raise wrong("the gates were there, but the passenger was told no gate.", "empty")


def _answered(trace: Trace, told: Record, by: str) -> bool:
    """Whether a service answered this very question, while the boards were still waiting for it."""
    assert told.message is not None
    return any(
        call.outcome == ANSWERED and call.callee == by and call.until <= told.at
        for call in _asked_by_boards(trace, told.message.correlationid)
    )


def _asked_by_boards(trace: Trace, story: str) -> list[Call]:
    """What the boards asked others because of one question."""
    ours = {r.message.id for r in trace.of("sent") if r.message is not None and r.message.correlationid == story}
    return [call for call in calls(trace) if call.caller == "boards" and call.id in ours]


def _gates_could_answer(trace: Trace, since: int, told: Record) -> bool:
    """Whether the gates answered this very question, or would have: no trouble yet, or none any more."""
    return _answered(trace, told, "gates") or not _troubled(trace, "gates", since - SECOND, told.at)


def _troubled(trace: Trace, name: str, since: int, until: int) -> bool:
    """Whether a service was stopped, cut off or slow between two instants; what slowness has piled up takes long."""
    begun = [r.at for r in trace.of("crashed", "partitioned", "slowed") if r.where == name and r.note != "1"]
    ended = [r.at for r in trace.of("restarted", "healed") if r.where == name]
    return bool(begun) and begun[0] <= until and (not ended or ended[0] >= since)


def _check_silence(trace: Trace) -> None:
    """Whoever got no answer, though operations told the boards the status, or would have, was let down."""
    for call in calls(trace):
        if call.caller != "passengers" or call.outcome == ANSWERED:
            continue
        ours = _asked_by_boards(trace, call.id)
        heard = any(each.callee == "operations" and each.outcome == ANSWERED for each in ours)
        if not heard and _troubled(trace, "operations", call.since - SECOND, call.until):
            continue  # nobody could have known
        second = call.since / SECOND
        if call.outcome == FAILED:
            told = "which operations had told the boards" if heard else "though operations was there"
            message = (
                f"Second {second:.0f}: a passenger got an error ({call.note}) instead of the flight's status, {told}."
            )
            kind = "error"
        else:
            message = (
                f"Second {second:.0f}: a passenger waited {PATIENCE:g} seconds and left, while the boards were still "
                "waiting for the gates. What they knew by then came too late."
            )
            kind = "late"
        raise Mistake(message, trace=trace, flight=call.id, marks=_end(trace, call), kind=kind)


def _end(trace: Trace, call: Call) -> dict[int, str]:
    """Where the passenger's question ended, and how."""
    words = f"no status: {call.note}" if call.outcome == FAILED else f"gone after {PATIENCE:g} s, without the status"
    return {
        record.index: words
        for record in trace.of("expired", "received")
        if record.where == call.caller and record.at == call.until and record.message is not None
        if call.id in (record.message.id, record.message.causationid)
    }


EXERCISE = read_exercise("01.2", judge, describe, cases=cases, may_raise=True)
