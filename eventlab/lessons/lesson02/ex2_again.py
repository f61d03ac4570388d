"""02.2: try again, but not for ever, not at once, not all together, and never after a no."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from eventlab.client import Client
from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.lessons.judging.excerpt import story
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.measures.requests import ANSWERED, Call, calls
from eventlab.resilience import retry
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.trace import Trace

MOST, PATIENCE = 3, 8.0  # requests for one question; seconds
KINDS = ("well", "no", "second", "third", "slow", "ill")  # what operations does with a question


async def describe(boards: Service, command: Command) -> Mapping[str, Any]:
    def ask() -> Any:
        return boards.request("operations", command, timeout=1)

    answer: Mapping[str, Any] = await retry(boards, ask, tries=3, first=1.0, jitter=boards.random("pauses"))
    return answer


def judge(answer: Any, case: Case) -> None:
    """A no is passed on; what fails once or twice is answered; at most three requests; pauses, and not all alike."""
    lab = Testbed(case)
    boards, people = lab.service("boards", workers=100), lab.client("passengers")
    tries: dict[str, int] = defaultdict(int)

    operations = lab.service("operations", workers=100)

    async def tell(command: Command) -> dict[str, Any]:
        subject = command.subject
        tries[subject] += 1
        if subject.startswith("slow") and tries[subject] == 1:
            await operations.sleep(20)
        return _answers(subject.split()[0], subject, tries[subject])

    operations.answers("flight.describe", tell)
    boards.answers("flight.describe", lambda command: answer(boards, command))
    for number in range(case.size):
        for place, kind in enumerate(KINDS):  # several at one instant: do they come back together?
            lab.at(1.0 + 10 * place, _ask, lab, people, f"{kind} {number}")
    trace = lab.run(100)
    asked = calls(trace)
    for call in (each for each in asked if each.caller == "passengers"):
        _look(trace, call, [each for each in asked if each.caller == "boards" and each.subject == call.subject])
    _look_at_pauses(trace, asked, case.size)


def _answers(kind: str, subject: str, number: int) -> dict[str, Any]:
    if kind == "no":
        raise Refused("there is no such flight")
    if kind == "ill" or (kind == "second" and number < 2) or (kind == "third" and number < 3):
        raise Unavailable("too much to do")
    return {"status": f"flight of {subject}"}


def _ask(lab: Testbed, people: Client, subject: str) -> None:
    async def ask() -> None:
        with suppress(NoReply, Refused, Unavailable):
            await people.request("boards", Command("flight.describe", {}, subject), timeout=PATIENCE)

    lab.sim.start(ask(), "passengers")


def _look(trace: Trace, call: Call, sent: list[Call]) -> None:
    kind, drawn = call.subject.split()[0], story(trace, call.id)
    if kind == "no" and len(sent) > 1:
        message = f"operations said a definite no (Refused), and was asked {len(sent)} times. It will say no again."
        raise Mistake(message, trace=drawn, kind="no")
    if len(sent) > MOST:
        message = f"one question of a passenger became {len(sent)} requests to operations; {MOST} are allowed in all."
        raise Mistake(message, trace=drawn, kind="many")
    told = next(
        (
            r.message.data
            for r in drawn.of("received")
            if r.purpose == "reply" and r.where == "passengers" and r.message
        ),
        None,
    )
    if kind in ("no", "ill"):
        if told is not None:
            message = f"operations never answered, but the passenger was told {dict(told)}: let the error through."
            raise Mistake(message, trace=drawn, kind="invented")
        if call.outcome == "no reply":
            message = f"the passenger waited {PATIENCE:g} s and heard nothing, not even that it failed."
            raise Mistake(message, trace=drawn, kind="silent")
    elif call.outcome != ANSWERED:
        failed = {"second": "failed once", "third": "failed twice", "slow": "gave no answer at first"}
        message = f"operations {failed.get(kind, 'was never ill')} and was well then, but the passenger got no answer"
        raise Mistake(f"{message} ({len(sent)} requests).", trace=drawn, kind="gave up")
    elif told is None or told.get("status") != f"flight of {call.subject}":
        raise Mistake("the passenger was not told what operations said.", trace=drawn, kind="other")


def _look_at_pauses(trace: Trace, asked: list[Call], size: int) -> None:
    """Of those who fail at one instant: how long they pause, and whether they come back together."""
    gaps: dict[str, float] = {}
    for call in (each for each in asked if each.caller == "passengers" and each.subject.startswith("ill")):
        sent = [each for each in asked if each.caller == "boards" and each.subject == call.subject]
        if len(sent) > 1:
            gaps[call.id] = (sent[1].since - sent[0].until) / SECOND
    if not gaps:
        return
    drawn = story(trace, next(iter(gaps)))
    if max(gaps.values()) < 0.05:
        message = "after a failure operations was asked again at once: who is overloaded needs a pause."
        raise Mistake(message, trace=drawn, kind="at once")
    if size > 2 and len({round(gap, 2) for gap in gaps.values()}) == 1:
        (gap,) = {round(gap, 2) for gap in gaps.values()}
        message = f"{len(gaps)} questions failed at one instant, and all came back together {gap:g} s later."
        raise Mistake(message + " Draw the pauses: boards.random(\"pauses\").random() is between 0 and 1.", trace=drawn,
                      kind="together")  # fmt: skip


EXERCISE = read_exercise("02.2", judge, describe, cases=lambda seed: Case(seed, 4))
