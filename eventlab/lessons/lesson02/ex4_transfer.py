"""02.4: a bank hands a transfer to the clearing house, which is overloaded, silent, or says no."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, CrashBefore, Flaky
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed, answer_to
from eventlab.measures.requests import Call, calls
from eventlab.network import Delay
from eventlab.outbox import Inbox
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.trace import Trace

MOST, PAUSE, EVERY = 3, 1.0, 20.0  # requests for a transfer; seconds between two of them; seconds between two transfers

REASONS = {
    "done": "the clearing house had answered that it is done",
    "refused": "the clearing house had said no",
    "unknown": "one of the requests got no answer at all, so nobody can know",
    "not done": "each of the requests failed for sure: it is known that nothing was done",
}


async def hand_over(bank: Service, transfer: str) -> dict[str, Any]:
    silent = False
    command = Command("clearing.execute", {"transfer": transfer}, transfer, id=transfer)
    for tries in range(3):
        if tries:
            await bank.sleep(1)
        try:
            await bank.request("clearing", command, timeout=2)
            return {"state": "done"}
        except Refused:
            return {"state": "refused"}
        except NoReply:
            silent = True
        except Unavailable:
            pass
    return {"state": "unknown" if silent else "not done"}


def cases(seed: int) -> Case:
    """The line loses messages, and the clearing house stops: for a while, or just when it has executed."""
    lossy = Flaky(15, 230, loss=0.4, pairs=(("bank", "clearing"),))
    stops = CrashBefore("clearing", "acknowledge", 35 + 20 * (seed % 5), 1.2)
    return Case(seed, 14, (lossy, stops, Crash("clearing", 238, 262)))


def judge(answer: Any, case: Case) -> None:
    """Executed at most once; told what is true; three requests, with pauses; never again after a no."""
    lab = Testbed(case)
    clearing = lab.service("clearing", workers=5, work=Delay(0.05, 0.1))
    Inbox(clearing)
    seen: dict[str, int] = {}

    async def execute(command: Command) -> None:
        transfer = command.data["transfer"]
        seen[transfer] = seen.get(transfer, 0) + 1
        number = int(transfer.split()[-1])
        if number % 5 == 3:
            raise Refused("the account is closed")
        if number % 5 == 4 and seen[transfer] < 1 + number % 3:
            raise Unavailable("too much to do")
        if number % 5 == 0:  # silent for a while, and then for sure not able to
            await clearing.sleep(4 if seen[transfer] == 1 else 0)
            raise Unavailable("too much to do")
        clearing.state[transfer] = clearing.state.get(transfer, 0) + 1

    clearing.answers("clearing.execute", execute)
    bank, people = lab.service("bank", workers=20, work=Delay(0.01)), lab.client("customers")
    bank.answers("transfer.hand_over", lambda command: answer(bank, command.subject))
    for number in range(1, case.size + 1):
        order = Command("transfer.hand_over", {}, f"transfer {number}")
        lab.ask_at(EVERY * number, people, "bank", order, timeout=19)
    trace = lab.run(1800)
    asked = calls(trace)
    for call in (each for each in asked if each.caller == "customers"):
        sent = [each for each in asked if each.caller == "bank" and each.since >= call.since]
        mine = [each for each in sent if each.since < call.since + EVERY * SECOND]
        _look(trace, call, mine, clearing.state.get(call.subject, 0))


def _look(trace: Trace, call: Call, sent: list[Call], executed: int) -> None:
    told, tries = answer_to(trace, call), _tries(trace, call)
    marks: dict[int, str] = {}

    def wrong(message: str, kind: str) -> Mistake:
        return Mistake(f"{call.subject}{message}", trace=trace, flight=call.id, marks=marks, kind=kind)

    if told is not None and told.message is not None:
        marks[told.index] = f"told: {told.message.data.get('state')}"
    if executed > 1:
        marks |= dict.fromkeys(tries[1:], "ordered again")
        raise wrong(f" was executed {executed} times: a second request with another id is another order.", "twice")
    if len(sent) > MOST:
        marks |= {index: f"request {n}" for n, index in enumerate(tries, 1) if n > MOST}
        raise wrong(f": {len(sent)} requests, {MOST} are allowed.", "many")
    if any(each.outcome in ("refused", "answered") for each in sent[:-1]):
        marks |= dict.fromkeys(tries[-1:], "asked again")
        raise wrong(": the clearing house said a definite no (or yes), and was asked again.", "after no")
    if any((b.since - a.until) / SECOND < 0.9 * PAUSE for a, b in pairwise(sent)):
        marks |= dict.fromkeys(tries[1:2], f"again after {(sent[1].since - sent[0].until) / SECOND:.2g} s")
        raise wrong(f": asked again less than {PAUSE:g} s after the last try ended: it is overloaded.", "at once")
    if call.subject not in _orders(trace, call):
        raise wrong(
            ': the clearing house was never asked to execute it: clearing.execute, {"transfer": transfer}.', "never"
        )
    if told is None or told.message is None:
        marks |= dict.fromkeys(tries[-1:], "after this, nothing is said")
        raise wrong(f": the customer heard nothing ({call.note}).", "no answer")
    can_know = _can_know(sent)
    if can_know not in ("done", "refused") and len(sent) < MOST:
        raise wrong(f": given up after {len(sent)} tries, {MOST} are to be made.", "gave up")
    said = told.message.data.get("state")
    if said != can_know:
        truth = "executed" if executed else "not executed"
        message = f" was {truth}. The customer was told {said!r}, but {REASONS[can_know]}: {can_know!r}."
        raise wrong(message, f"untrue {can_know}")


def _can_know(sent: list[Call]) -> str:
    """What the bank can know after these requests."""
    ends = [each.outcome for each in sent]
    if "answered" in ends:
        return "done"
    return "refused" if "refused" in ends else "unknown" if "no reply" in ends else "not done"


def _tries(trace: Trace, call: Call) -> list[int]:
    """The records of the requests to the clearing house that followed from an order."""
    asked = (r for r in trace.of("sent") if r.where == "bank" and r.purpose == "request")
    return [record.index for record in asked if record.message is not None and record.message.correlationid == call.id]


def _orders(trace: Trace, call: Call) -> set[Any]:
    """Which transfers the clearing house was asked to execute because of an order."""
    asked = (r.message for r in trace.of("sent") if r.where == "bank" and r.purpose == "request" and r.message)
    return {m.data.get("transfer") for m in asked if m.correlationid == call.id and m.type == "clearing.execute"}


EXERCISE = read_exercise("02.4", judge, hand_over, cases=cases)
