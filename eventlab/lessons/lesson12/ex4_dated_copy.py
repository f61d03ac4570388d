"""12.4: a copy with a date: fresh while the owner is there, honest while it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, Partition
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.reading import plain
from eventlab.lessons.judging.testbed import Testbed
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.trace import Record, Trace


async def describe(desk: Service, key: str) -> dict[str, Any]:
    """Ask the owner; if there is no answer, give the copy, and say as of when it is."""
    try:
        said = await desk.request("owner", Command("limit.describe", {"key": key}), timeout=1.0)
        desk.state[key] = {"value": said["value"], "as_of": desk.now}
    except (NoReply, Unavailable):
        if key not in desk.state:
            raise
    return dict(desk.state[key])


FIRST = {"a": 0, "b": 100}  # the limits of two customers, which grow from there


class Bank:
    """The owner of the limits, the desk under test, and what was asked and said."""

    def __init__(self, lab: Testbed, answer: Any) -> None:
        self.lab = lab
        self.owner, self.desk = lab.service("owner"), lab.service("desk", workers=8)
        self.customer = lab.service("customer")
        self.owner.answers("limit.describe", lambda command: {"value": self.owner.state[command.data["key"]]})
        self.desk.answers("limit.ask", lambda command: answer(self.desk, command.data["key"]))
        self.given: list[tuple[int, str, Any, int]] = []  # when it was asked, for whom, what was said, the last record

    def change(self) -> None:
        """The owner changes both limits."""
        if self.owner.up:
            for key, first in FIRST.items():
                self.owner.state[key] = self.owner.state.get(key, first - 1) + 1

    async def ask(self, key: str) -> None:
        """One question of the customer."""
        asked = self.lab.sim.now
        said: Any
        try:
            said = await self.customer.request("desk", Command("limit.ask", {"key": key}, key), timeout=3.0)
        except (NoReply, Refused, Unavailable) as problem:
            said = problem
        self.given.append((asked, key, said, len(self.lab.trace) - 1))


def judge(answer: Any, case: Case) -> None:
    """Always an answer if one is known, true when it says, and of this moment whenever the owner can be reached."""
    lab = Testbed(case)
    bank = Bank(lab, answer)
    lab.at(0, bank.change)
    for number in range(1, 3 * case.size + 1):
        lab.at(2.0 * number, bank.change)
    for number in range(6 * case.size):
        lab.at(1.0 + 0.9 * number, lab.sim.start, bank.ask("ab"[number % 2]))
    trace = lab.run(600)
    for given in bank.given:
        _look_at(*given, trace)


def _look_at(asked: int, key: str, said: Any, index: int, trace: Trace) -> None:
    """Judge one answer."""
    reachable, known = _reachable(trace, asked, trace[index].at), _told_before(trace, key, index)
    second = f"for customer {key} at second {asked / SECOND:.1f}"
    mark = f"told: {dict(said)}" if isinstance(said, Mapping) else "no answer"
    marks = {index: mark[:80]}

    def wrong(message: str, kind: str) -> Mistake:
        since = max((r.at for r in trace.of("changed") if r.where == "owner" and r.at <= asked), default=0)
        return Mistake(message, trace=trace, flight=key, since=since, marks=marks, kind=kind)

    if isinstance(said, Exception):
        if reachable or known:
            state = "was running" if reachable else "could not be reached, though the desk had been told of it before"
            raise wrong(f"The question {second} got no answer within 3 s; the owner {state}. ({said})", "silent")
        return
    if problem := _form(said, second):
        raise wrong(problem, "form")
    if not reachable and not known:
        raise wrong(
            f"The owner had never told the desk anything {second}, and the customer was told {said['value']!r}. What "
            "nobody has said, nobody may say: let the error through.", "invented",
        )  # fmt: skip
    if lie := _lie(trace, key, plain(said["value"]), said["as_of"], marks):
        raise wrong(f"The answer {second} was {plain(said['value'])}{lie[0]}", lie[1])
    if reachable and said["as_of"] < asked:
        raise wrong(
            f"The answer {second} was {(asked - said['as_of']) / SECOND:.1f} s old, though the owner was running: ask "
            "it first, and take the copy only if there is no answer.", "old",
        )  # fmt: skip


def _form(said: Any, second: str) -> str:
    """What is wrong with the form of an answer; empty if nothing is."""
    if not isinstance(said, Mapping) or not {"value", "as_of"} <= set(said):
        found = dict(said) if isinstance(said, Mapping) else said
        gone = [key for key in ("value", "as_of") if key not in said] if isinstance(said, Mapping) else []
        told = f'An answer is {{"value": …, "as_of": …}}; {second} it was {found!r}.'
        return told + (f" There is no {gone[0]!r} in it." if gone else "")
    as_of = said["as_of"]
    if isinstance(as_of, bool) or not isinstance(as_of, int):
        return f"as_of is an instant in nanoseconds, a whole number such as desk.now; {second} it was {as_of!r}."
    return ""


def _lie(trace: Trace, key: str, value: Any, as_of: int, marks: dict[int, str]) -> tuple[str, str] | None:
    """What is wrong with a value that was not true at that instant, and the kind of mistake."""
    changes = [r for r in trace.of("changed") if r.where == "owner" and r.key == key]
    if value in [r.after for r in trace.of("changed") if r.where == "owner" and r.key != key]:
        return ": that is another customer's limit.", "mixed"
    if value in _true(changes, as_of):
        return None
    if as_of < changes[0].at:
        return ", “as of” an instant before all began: as_of is in nanoseconds, as desk.now gives it.", "unit"
    newer = max((r for r in changes if r.at <= as_of), key=lambda r: r.at)
    marks[newer.index] = f"the limit is {newer.after}"
    return (
        f", “as of” an instant at which the owner already had {newer.after}: the copy is passed off as new. Give the "
        "copy the date of the moment at which it was true.", "lie",
    )  # fmt: skip


def _true(changes: Sequence[Record], as_of: int) -> set[Any]:
    """The values that were true at an instant, or a moment before: a message takes a while."""
    slack = SECOND // 5
    before = [r.after for r in changes if r.at <= as_of - slack]
    return {*before[-1:], *(r.after for r in changes if as_of - slack <= r.at <= as_of)}


def _reachable(trace: Trace, since: int, until: int) -> bool:
    """Whether the owner was there, and not cut off from the desk, from one instant to another."""
    begun = [r.at for r in trace.of("crashed", "partitioned") if r.where == "owner"]
    ended = [r.at for r in trace.of("restarted", "healed") if r.where == "owner"]
    return all(end < since or begin > until for begin, end in zip(begun, ended, strict=False))


def _told_before(trace: Trace, key: str, index: int) -> bool:
    """Whether the owner had told the desk this customer's limit at any time before."""
    asked = {
        r.message.id for r in trace.of("sent") if r.where == "desk" and r.message and r.message.data.get("key") == key
    }
    return any(
        r.where == "desk" and r.purpose == "reply" and r.message is not None and r.message.causationid in asked
        for r in trace.records[:index] if r.kind == "received"
    )  # fmt: skip


def outages(seed: int) -> Case:
    """The owner stops, then is cut off from the desk; in every second case it is not there at the beginning either."""
    early = (Crash("owner", 0.5, 3.5),) * (seed % 2)
    return Case(seed, 4, (*early, Crash("owner", 7, 10), Partition("owner", 15, 19, ("desk",))))


EXERCISE = read_exercise("12.4", judge, describe, cases=outages, may_raise=True)
