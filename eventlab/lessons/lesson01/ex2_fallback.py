"""01.2: boards that still answer when the gates do not, and that invent nothing when operations does not."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from eventlab.client import Client
from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, Partition, Slow
from eventlab.lessons.judging.excerpt import story
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.measures.requests import FAILED, calls
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
    """Gates stop, are cut off, or are slow, between seconds 3 and 8; then, in every second case, operations stops."""
    since, until = 3, 8
    trouble = (
        Crash("gates", since, until),
        Partition("gates", since, until, ("boards",)),
        Slow("gates", 200, since, until),
    )[seed % 3]
    more = (Crash("operations", 11, 14),) if seed % 2 else ()
    return Case(seed, 16, (trouble, *more))


def judge(answer: Any, case: Case) -> None:
    """Whoever asks while operations works learns what is true, in time; nobody is told what nobody knows."""
    lab = Testbed(case)
    boards, people = _airport(lab), lab.client("passengers")
    boards.answers("flight.describe", lambda command: answer(boards, command))
    for number in range(case.size):
        lab.at(number + 0.5 * lab.draws.random(), lambda: lab.sim.start(_ask(people)))
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


async def _ask(people: Client) -> None:
    with suppress(NoReply, Refused, Unavailable):
        await people.request("boards", Command("flight.describe", {"flight": FLIGHT}, FLIGHT), timeout=PATIENCE)


def _check_answers(trace: Trace) -> None:
    """What was said is true, or was when it was asked."""
    asked, gate = {}, {0: ""}
    for record in trace:
        if record.kind == "changed" and record.where == "gates":
            gate[record.at] = record.after
        elif record.kind == "sent" and record.where == "passengers" and record.message is not None:
            asked[record.message.id] = record.at
        elif record.kind == "received" and record.where == "passengers" and record.purpose == "reply":
            assert record.message is not None
            since = asked[record.message.causationid]
            _check_answer(record, _true(gate, since, record.at), _gates_could_answer(trace, since, record), trace)


def _true(gate: Mapping[int, str], since: int, until: int) -> list[str]:
    """The gates that the flight had between two instants."""
    before = [value for at, value in gate.items() if at <= since]
    return [before[-1], *(value for at, value in gate.items() if since < at <= until)]


def _answered(trace: Trace, told: Record, by: str) -> bool:
    """Whether a service answered this very question, while the boards were still waiting for it."""
    given_up: set[str] = set()
    for record in trace.records[: told.index]:
        message = record.message
        if record.where != "boards" or record.other != by or message is None or told.message is None:
            continue
        if record.kind == "expired":
            given_up.add(message.id)
        ours = record.purpose == "reply" and message.correlationid == told.message.correlationid
        if ours and record.kind == "received" and message.causationid not in given_up:
            return True
    return False


def _gates_could_answer(trace: Trace, since: int, told: Record) -> bool:
    """Whether the gates answered this very question, or would have: no trouble yet, or none any more."""
    if _answered(trace, told, "gates"):
        return True
    troubles = [r for r in trace.of("crashed", "partitioned", "slowed") if r.where == "gates" and r.note != "1"]
    ends = [r for r in trace.of("restarted", "healed") if r.where == "gates"]
    return not troubles or told.at < troubles[0].at or (bool(ends) and since > ends[0].at + SECOND)


def _check_answer(record: Record, true: list[str], answered: bool, trace: Trace) -> None:
    assert record.message is not None
    data, second = record.message.data, record.at / SECOND
    said = data.get("status", "nothing")
    if not _answered(trace, record, "operations"):
        message = (
            f"Second {second:.0f}: operations did not answer, but a passenger was told the status {said!r}. An answer "
            "that nobody gave is worse than none."
        )
        raise Mistake(message, trace=_near(trace, record), kind="invented")
    if said != "delayed":
        message = f"Second {second:.0f}: operations said 'delayed', but the passenger was told the status {said!r}."
        raise Mistake(message, trace=_near(trace, record), kind="status")
    shown = data.get("gate", "")
    if shown and shown not in true:
        message = (
            f"Second {second:.0f}: the passenger was sent to gate {shown}, but the flight is at {true[-1]}. An old "
            "gate is not a safe guess: leave it empty."
        )
        raise Mistake(message, trace=_near(trace, record), kind="old")
    if not shown and all(true) and answered:
        message = f"Second {second:.0f}: the gates were there, but the passenger was told no gate."
        raise Mistake(message, trace=_near(trace, record), kind="empty")


def _check_silence(trace: Trace) -> None:
    """Who got no answer while operations worked?"""
    down = [record.at for record in trace.of("crashed") if record.where == "operations"]
    for call in calls(trace):
        if call.caller != "passengers" or call.outcome == "answered":
            continue
        if down and down[0] - 2 * SECOND < call.since < down[0] + 3 * SECOND:
            continue  # nobody could have known
        second = call.since / SECOND
        if call.outcome == FAILED:
            message = (
                f"Second {second:.0f}: a passenger got an error ({call.note}) instead of the flight's status, which "
                "operations had told the boards."
            )
            raise Mistake(message, trace=story(trace, call.id), kind="error")
        message = (
            f"Second {second:.0f}: a passenger waited {PATIENCE:g} seconds and left, while the boards were still "
            "waiting for the gates. What they knew by then came too late."
        )
        raise Mistake(message, trace=story(trace, call.id), kind="late")


def _near(trace: Trace, record: Record) -> Trace:
    assert record.message is not None
    return story(trace, record.message.causationid)


EXERCISE = read_exercise("01.2", judge, describe, cases=cases)
