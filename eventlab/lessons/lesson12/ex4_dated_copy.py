"""12.4: a copy with a date: fresh while the owner is there, honest while it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.trace import Trace


async def describe(desk: Service, key: str) -> dict[str, Any]:
    """Ask the owner; if there is no answer, give the copy, and say as of when it is."""
    try:
        said = await desk.request("owner", Command("limit.describe", {"key": key}), timeout=1.0)
        desk.state[key] = {"value": said["value"], "as_of": desk.now}
    except (NoReply, Unavailable):
        if key not in desk.state:
            raise
    return dict(desk.state[key])


def judge(answer: Any, case: Case) -> None:
    """Always an answer, true at the instant it names, and of this moment whenever the owner can be reached."""
    lab = Testbed(case)
    owner, desk = lab.service("owner"), lab.service("desk", workers=8)
    customer = lab.service("customer")
    owner.answers("limit.describe", lambda command: {"value": owner.state["a"]})
    history: list[tuple[int, int]] = []

    def change() -> None:
        if owner.up:
            history.append((lab.sim.now, len(history)))
            owner.state["a"] = len(history) - 1

    desk.answers("limit.ask", lambda command: answer(desk, command.data["key"]))
    for number in range(3 * case.size + 1):
        lab.at(2.0 * number, change)
    given: list[tuple[int, bool, Any]] = []
    for number in range(4 * case.size):
        lab.at(1.0 + 1.4 * number, lab.sim.start, _question(lab, customer, given))
    trace = lab.run(600)
    for asked, up, said in given:
        _look_at(asked, up, said, history, trace)


async def _question(lab: Testbed, customer: Service, given: list[tuple[int, bool, Any]]) -> None:
    asked, owner = lab.sim.now, lab.network.nodes["owner"]
    before = owner.up
    said: Any
    try:
        said = await customer.request("desk", Command("limit.ask", {"key": "a"}), timeout=3.0)
    except (NoReply, Refused, Unavailable) as problem:
        said = problem
    given.append((asked, before and owner.up, said))


def _look_at(asked: int, up: bool, said: Any, history: Sequence[tuple[int, int]], trace: Trace) -> None:
    second = f"at second {asked / SECOND:.1f}"
    if isinstance(said, Exception):
        state = "was running" if up else "was down, though the desk had a copy"
        raise Mistake(
            f"The question {second} got no answer within 3 s; the owner {state}. ({said})", trace=trace, kind="silent"
        )
    if not isinstance(said, Mapping) or set(said) != {"value", "as_of"}:
        raise Mistake(f'An answer is {{"value": …, "as_of": …}}; {second} it was {said!r}.', trace=trace, kind="form")
    value, as_of = said["value"], said["as_of"]
    if isinstance(as_of, bool) or not isinstance(as_of, int):
        raise Mistake(
            f"as_of is an instant in nanoseconds (desk.now); {second} it was {as_of!r}.", trace=trace, kind="form"
        )
    slack = SECOND // 5  # the time a message takes
    true = {number for since, number in history if as_of - slack <= since <= as_of}
    true |= {
        number
        for since, number in history
        if since <= as_of - slack and all(s > as_of - slack or s <= since for s, _ in history)
    }
    if value not in true:
        newer = max(number for since, number in history if since <= as_of)
        raise Mistake(

            f"The answer {second} was {value}, “as of” an instant at which the owner already had {newer}: the copy is "
            "passed off as new. Give the copy the date of the moment at which it was true.", trace=trace, kind="lie",
        )  # fmt: skip
    if up and as_of < asked:
        raise Mistake(

            f"The answer {second} was {(asked - as_of) / SECOND:.1f} s old, though the owner was running: ask it "
            "first, and take the copy only if there is no answer.", trace=trace, kind="old",
        )  # fmt: skip


def outages(seed: int) -> Case:
    """The owner stops twice."""
    return Case(seed, 4, (Crash("owner", 6, 10), Crash("owner", 15, 19)))


EXERCISE = read_exercise("12.4", judge, describe, cases=outages)
