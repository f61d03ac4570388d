"""02.2: try again, but not for ever, not at once, not all together, and never after a no."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from eventlab.errors import Refused, Unavailable
from eventlab.event import Command
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed, answer_to
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
            asked = Command("flight.describe", {}, f"{kind} {number}")
            lab.ask_at(1.0 + 10 * place, people, "boards", asked, timeout=PATIENCE)
    trace = lab.run(100)
    made = calls(trace)
    for call in (each for each in made if each.caller == "passengers"):
        _look(trace, call, [each for each in made if each.caller == "boards" and each.subject == call.subject])
    _look_at_pauses(trace, made, case.size)


def _answers(kind: str, subject: str, number: int) -> dict[str, Any]:
    if kind == "no":
        raise Refused("there is no such flight")
    if kind == "ill" or (kind == "second" and number < 2) or (kind == "third" and number < 3):
        raise Unavailable("too much to do")
    return {"status": f"flight of {subject}"}


def _look(trace: Trace, call: Call, sent: list[Call]) -> None:
    kind, tries = call.subject.split()[0], _tries(trace, call.subject)
    marks: dict[int, str] = {}

    def wrong(message: str, about: str) -> Mistake:
        return Mistake(message, trace=trace, flight=call.subject, marks=marks, kind=about)

    if kind == "no" and len(sent) > 1:
        marks = dict.fromkeys(tries[1:], "asked again after a no")
        raise wrong(
            f"operations said a definite no (Refused), and was asked {len(sent)} times. It will say no again.", kind
        )
    if len(sent) > MOST:
        marks = {index: f"request {n}" for n, index in enumerate(tries, 1) if n > MOST}
        message = f"one question of a passenger became {len(sent)} requests to operations; {MOST} are allowed in all."
        raise wrong(message, "many")
    told = answer_to(trace, call)
    if told is not None:
        marks[told.index] = "told"
    else:
        marks |= {r.index: "no answer" for r in trace if r.where == "passengers" and r.at == call.until}
    if kind in ("no", "ill"):
        if told is not None and told.message is not None:
            said = dict(told.message.data)
            raise wrong(
                f"operations never answered, but the passenger was told {said}: let the error through.", "invented"
            )
        if call.outcome == "no reply":
            raise wrong(f"the passenger waited {PATIENCE:g} s and heard nothing, not even that it failed.", "silent")
    elif call.outcome != ANSWERED:
        failed = {"second": "failed once", "third": "failed twice", "slow": "gave no answer at first"}
        message = f"operations {failed.get(kind, 'was never ill')} and was well then, but the passenger got no answer"
        raise wrong(f"{message} ({len(sent)} requests).", "gave up")
    elif told is None or told.message is None or told.message.data.get("status") != f"flight of {call.subject}":
        raise wrong("the passenger was not told what operations said.", "other")


def _tries(trace: Trace, subject: str) -> list[int]:
    """The records of the requests to operations about one question."""
    asked = (r for r in trace.of("sent") if r.where == "boards" and r.purpose == "request")
    return [record.index for record in asked if record.message is not None and record.message.subject == subject]


def _look_at_pauses(trace: Trace, asked: list[Call], size: int) -> None:
    """Of those who fail at one instant: how long they pause, and whether they come back together."""
    gaps: dict[str, float] = {}
    for call in (each for each in asked if each.caller == "passengers" and each.subject.startswith("ill")):
        sent = [each for each in asked if each.caller == "boards" and each.subject == call.subject]
        if len(sent) > 1:
            gaps[call.subject] = (sent[1].since - sent[0].until) / SECOND
    if not gaps:
        return
    subject = next(iter(gaps))
    marks = {_tries(trace, subject)[1]: f"again after {gaps[subject]:.2g} s"}
    if max(gaps.values()) < 0.05:
        message = "after a failure operations was asked again at once: who is overloaded needs a pause."
        raise Mistake(message, trace=trace, flight=subject, marks=marks, kind="at once")
    if size > 2 and len({round(gap, 2) for gap in gaps.values()}) == 1:
        message = (
            f"{len(gaps)} questions failed at one instant, and all came back together {gaps[subject]:.2g} s later."
        )
        message += ' Draw the pauses: boards.random("pauses").random() is between 0 and 1.'
        raise Mistake(message, trace=trace, flight=subject, marks=marks, kind="together")


EXERCISE = read_exercise("02.2", judge, describe, cases=lambda seed: Case(seed, 4))
