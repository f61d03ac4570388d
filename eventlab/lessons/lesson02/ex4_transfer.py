"""02.4: a bank hands a transfer to the clearing house, which is overloaded, silent, or says no."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import Any

from eventlab.client import Client
from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, CrashBefore, Flaky
from eventlab.lessons.judging.excerpt import story
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.measures.requests import Call, calls
from eventlab.network import Delay
from eventlab.outbox import Inbox
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.trace import Trace

MOST, PAUSE, EVERY = 3, 1.0, 20.0  # requests for a transfer; seconds between two of them; seconds between two transfers


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
        lab.at(EVERY * number, _order, lab, people, f"transfer {number}")
    trace = lab.run(1800)
    asked = calls(trace)
    for call in (each for each in asked if each.caller == "customers"):
        sent = [each for each in asked if each.caller == "bank" and each.since >= call.since]
        mine = [each for each in sent if each.since < call.since + EVERY * SECOND]
        _look(trace, call, mine, clearing.state.get(call.subject, 0))


def _order(lab: Testbed, people: Client, transfer: str) -> None:
    async def ask() -> None:
        with suppress(NoReply, Refused, Unavailable):
            await people.request("bank", Command("transfer.hand_over", {}, transfer), timeout=19)

    lab.sim.start(ask(), "customers")


def _look(trace: Trace, call: Call, sent: list[Call], executed: int) -> None:
    name, drawn = call.subject, story(trace, call.id)
    if executed > 1:
        message = f"{name} was executed {executed} times: a second request with another id is another order."
        raise Mistake(message, trace=drawn, kind="twice")
    if len(sent) > MOST:
        raise Mistake(f"{name}: {len(sent)} requests, {MOST} are allowed.", trace=drawn, kind="many")
    if any(each.outcome == "refused" for each in sent[:-1]):
        message = f"{name}: the clearing house said a definite no, and was asked again."
        raise Mistake(message, trace=drawn, kind="after no")
    if any((b.since - a.until) / SECOND < 0.9 * PAUSE for a, b in pairwise(sent)):
        message = f"{name}: asked again less than {PAUSE:g} s after the last try ended: it is overloaded."
        raise Mistake(message, trace=drawn, kind="at once")
    told = [
        r.message.data for r in drawn.of("received") if r.where == "customers" and r.purpose == "reply" and r.message
    ]
    if not told:
        raise Mistake(f"{name}: the customer heard nothing ({call.note}).", trace=drawn, kind="no answer")
    _true(name, told[0].get("state"), sent, executed, drawn)


def _true(name: str, said: Any, sent: list[Call], executed: int, drawn: Trace) -> None:
    """What the customer was told is what the bank can know, and all that it can know."""
    ends = [each.outcome for each in sent]
    silent = "no reply" in ends
    can_know = "done" if "answered" in ends else "refused" if "refused" in ends else "unknown" if silent else "not done"
    if can_know not in ("done", "refused") and len(sent) < MOST:
        message = f"{name}: given up after {len(sent)} tries, {MOST} are to be made."
        raise Mistake(message, trace=drawn, kind="gave up")
    if said == can_know:
        return
    truth = "executed" if executed else "not executed"
    reasons = {
        "done": "the clearing house had answered that it is done",
        "refused": "the clearing house had said no",
        "unknown": "one of the requests got no answer at all, so nobody can know",
        "not done": "each of the requests failed for sure: it is known that nothing was done",
    }
    message = f"{name} was {truth}. The customer was told {said!r}, but {reasons[can_know]}: {can_know!r}."
    raise Mistake(message, trace=drawn, kind=f"untrue {can_know}")


EXERCISE = read_exercise("02.4", judge, hand_over, cases=cases)
