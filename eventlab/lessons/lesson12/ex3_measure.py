"""12.3: a measure that counts those who got nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.errors import Refused
from eventlab.event import Command, Event
from eventlab.faults import Crash, Flaky, Slow
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.reading import shown
from eventlab.lessons.judging.testbed import Testbed
from eventlab.sim import SECOND
from eventlab.trace import Record, Trace


def answered_within(trace: Trace, who: str, seconds: float) -> float:
    """Share of the questions of `who` that were answered within so many seconds, from 0 to 1."""
    asked: dict[str, int] = {}
    good = set()
    for record in trace:
        if record.message is None or record.where != who:
            continue
        if record.kind == "sent" and record.purpose == "request":
            asked[record.message.id] = record.at
        elif record.kind == "received" and record.purpose == "reply":
            question = record.message.causationid
            if record.at - asked[question] <= seconds * SECOND:
                good.add(question)
    return len(good) / len(asked)


ASKERS, LIMITS = ("customer", "clerk"), (1.0, 0.1)


def judge(answer: Any, case: Case) -> None:
    """The share is that of an independent count, for each who asks, in runs with late, lost and doubled answers."""
    lab = Testbed(case)
    desk, stock = lab.service("desk", workers=4), lab.service("stock", workers=4)
    stock.answers("stock.describe", lambda command: {"left": 3})

    async def price(command: Command) -> dict[str, Any]:
        if command.data["thing"] % 5 == 0:
            raise Refused("not for sale")
        await desk.request("stock", Command("stock.describe"), timeout=2)
        return {"price": 7}

    desk.answers("price.describe", price)
    asking = {name: lab.service(name) for name in ASKERS}
    for number in range(8 * case.size):
        one = asking[ASKERS[number % 3 == 2]]
        asked = Command("price.describe", {"thing": number})
        lab.ask_at(0.25 * number + lab.draws.random(), one, "desk", asked, timeout=5.0)
        lab.at(0.25 * number, one.publish, Event(f"{one.name}.came"))
    trace = lab.run(600)
    for who in ASKERS:
        for limit in LIMITS:
            _compare(answer(trace, who, limit), trace, who, limit)


def _compare(given: Any, trace: Trace, who: str, limit: float) -> None:
    asked, waits = _waits(trace, who)
    if not asked:
        return  # in a small case nobody of that name may have come yet
    if isinstance(given, bool) or not isinstance(given, int | float):
        first, marks = _first(trace, who, [*waits][:1] or [*asked][:1], waits, limit)
        message = f"Give back a number between 0 and 1; you gave {shown(given)}."
        raise Mistake(message, trace=trace, flight=first, marks=marks, kind="number")
    if abs(given - sum(wait <= limit for wait in waits.values()) / len(asked)) > 1e-6:
        raise _measured_wrong(given, trace, who, limit)


def _waits(trace: Trace, who: str) -> tuple[dict[str, int], dict[str, float]]:
    """When each question was sent, and how long its first answer took (seconds)."""
    own = [record for record in trace if record.where == who and record.message is not None]
    asked = {r.message.id: r.at for r in own if r.message and r.kind == "sent" and r.purpose == "request"}
    waits: dict[str, float] = {}
    for record in own:
        if record.kind == "received" and record.purpose == "reply" and record.message:
            waits.setdefault(record.message.causationid, (record.at - asked[record.message.causationid]) / SECOND)
    return asked, waits


def _measured_wrong(given: float, trace: Trace, who: str, limit: float) -> Mistake:
    asked, waits = _waits(trace, who)
    good = sum(wait <= limit for wait in waits.values())
    told = f"Of {len(asked)} questions of {who}, {good} were answered within {limit:g} s: "
    told += f"{good / len(asked):.2f}. You say {given:.2f}."
    why, kind, wrong = _why(given, trace, who, limit)
    first, marks = _first(trace, who, wrong or [*waits][:1] or [*asked][:1], waits, limit)
    return Mistake(f"{told} {why}", trace=trace, flight=first, marks=marks, kind=kind)


def _first(
    trace: Trace, who: str, wrong: Sequence[str], waits: Mapping[str, float], limit: float
) -> tuple[str, dict[int, str]]:
    """The question that shows what is wrong, and the marks at it."""
    return wrong[0], {r.index: words for r in trace for words in [_mark(r, who, wrong, waits, limit)] if words}


def _why(given: float, trace: Trace, who: str, limit: float) -> tuple[str, str, list[str]]:
    """What may have been counted wrongly, and the questions that show it."""
    asked, waits = _waits(trace, who)
    good, late = ([id for id, wait in waits.items() if (wait <= limit) is within] for within in (True, False))
    silent = [id for id in asked if id not in waits]
    everybody = [wait for each in ASKERS for wait in _waits(trace, each)[1].values()]
    questions = sum(len(_waits(trace, each)[0]) for each in ASKERS)
    others = [id for each in ASKERS if each != who for id in _waits(trace, each)[1]]
    if 1 < given <= 100 and abs(given - 100 * len(good) / len(asked)) < 0.6:
        return "That is per cent: a share goes from 0 to 1.", "per cent", good[:1]
    if waits and abs(given - len(good) / len(waits)) < 1e-6:
        why = "You left out the questions that were never answered: those who got nothing count most."
        return why, "survivors", silent[:1]
    if abs(given - sum(wait <= limit for wait in everybody) / questions) < 1e-6:
        return (
            f"You counted the questions of all who ask. Only those of `who` are meant: {who}.",
            "everybody",
            others[:1],
        )
    if abs(given - len(waits) / len(asked)) < 1e-6:
        return f"You counted answers that came too late.{UNIT}", "late", late[:1]
    if given > len(good) / len(asked):
        why = "An answer that came twice is still one answered question, and a refusal is none."
        return why, "twice", _twice(trace, who)[:1]
    why = f"Some answered questions are missing: is the time counted from the question to its own answer?{UNIT}"
    return why, "low", good[:1]


UNIT = " (`record.at` counts nanoseconds: a second has 1,000,000,000 of them, eventlab's SECOND.)"


def _twice(trace: Trace, who: str) -> list[str]:
    """The questions that were answered more than once, or refused."""
    seen: set[str] = set()
    found = []
    for record in trace.of("received"):
        if record.where == who and record.message is not None and record.purpose in ("reply", "refusal"):
            id = record.message.causationid
            found += [id] * (id in seen or record.purpose == "refusal")
            seen.add(id)
    return found


def _mark(record: Record, who: str, wrong: Sequence[str], waits: Mapping[str, float], limit: float) -> str:
    """What is said about a record of a question that was counted wrongly."""
    message = record.message
    if message is None or wrong[0] not in (message.id, message.causationid):
        return ""
    if record.where in ASKERS and record.where != who and record.kind == "sent":
        return f"{record.where} asks, not {who}"
    if record.where != who:
        return ""
    if record.kind == "sent" and message.id == wrong[0] and message.id not in waits:
        return "never answered, and asked all the same"
    if record.kind == "received" and message.causationid == wrong[0]:
        if record.purpose == "refusal":
            return "refused: no answer"
        return f"answered after {waits[wrong[0]]:.2f} s; the limit is {limit:g} s"
    return ""


def stormy(seed: int) -> Case:
    """Questions while the desk is slow, stops, and messages are doubled and lost."""
    faults = (
        Flaky(0, 20, loss=0.15, duplication=0.3), Slow("desk", 40.0, 2, 4),
        Crash("desk", 5, 7),
    )  # fmt: skip
    return Case(seed, 5, faults)


EXERCISE = read_exercise("12.3", judge, answered_within, cases=stormy, pure=True)
