"""05.2: a step is done and taken back at most once, in whatever order and however often it is asked for."""

from __future__ import annotations

from typing import Any

from eventlab.event import Command, Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.service import Service
from eventlab.trace import Trace

DO, UNDO = "seat.reserve", "seat.release"
SCRIPTS = {
    "once": [DO],
    "twice": [DO, DO, DO],
    "back": [DO, UNDO],
    "back twice": [DO, UNDO, UNDO],
    "never": [UNDO],
    "late": [UNDO, DO],
}


def handle(seats: Service, command: Command) -> Event:
    free, name = seats.state["free"], command.subject
    stands = seats.state.get(name, "")
    if command.type == "seat.release":
        if stands == "done":
            seats.state["free"] = free + 1
        seats.state[name] = "undone"
        return Event("seat.undone", {}, name)
    if stands == "" and free > 0:
        seats.state["free"] = free - 1
        stands = seats.state[name] = "done"
    elif stands == "":
        stands = seats.state[name] = "refused"
    return Event("seat.done" if stands == "done" else "seat.refused", {}, name)


class Right:
    """What should have come of the commands so far."""

    def __init__(self, free: int) -> None:
        self.free, self.stands = free, dict[str, str]()

    def take(self, type: str, name: str) -> str:
        """What is to be answered."""
        stands = self.stands.get(name, "")
        if type == UNDO:
            self.free += stands == "done"
            self.stands[name] = "undone"
            return "seat.undone"
        if not stands:
            stands = self.stands[name] = "done" if self.free else "refused"
            self.free -= stands == "done"
        return "seat.done" if stands == "done" else "seat.refused"


def judge(answer: Any, case: Case) -> None:
    """After every command: as many seats are free as should be, and what was said is so."""
    lab = Testbed(case)
    seats, desk = lab.service("seats"), lab.client("desk")
    right = Right(1 + lab.draws.below(4))
    seats.state["free"] = right.free
    for type in (DO, UNDO):
        seats.answers(type, lambda command: answer(seats, command))
    planned, at = _planned(lab, case.size), 1
    planned += _full(planned, Right(right.free), case.size)
    asked: list[tuple[str, str, str, int, str]] = []  # kind, command, passenger, seats free then, right answer
    for kind, type, name in planned:
        said = right.take(type, name)
        asked.append((kind, type, name, right.free, said))
        lab.at(at, desk.tell, "seats", Command(type, {}, name))
        lab.at(at + 0.9, _look, lab.trace, seats, asked[-1])
        at += 1
    lab.run()


def _planned(lab: Testbed, size: int) -> list[tuple[str, str, str]]:
    """What the desk asks for: each passenger's commands in their order, those of several mixed."""
    waiting = [
        [(kind, type, f"passenger {number}") for type in SCRIPTS[kind]]
        for number in range(1, size + 1)
        for kind in [list(SCRIPTS)[lab.draws.below(len(SCRIPTS))]]
    ]
    planned = []
    while waiting:
        script = waiting[lab.draws.below(len(waiting))]
        planned.append(script.pop(0))
        waiting = [each for each in waiting if each]
    return planned


def _full(planned: list[tuple[str, str, str]], right: Right, size: int) -> list[tuple[str, str, str]]:
    """Then all seats are taken, one passenger hears no, a seat becomes free, and he is asked for once more."""
    for _, type, name in planned:
        right.take(type, name)
    late = [f"passenger {size + number}" for number in range(1, right.free + 2)]
    for name in late:
        right.take(DO, name)
    holder = next((name for name, how in right.stands.items() if how == "done"), late[0])
    return [*(("full", DO, name) for name in late), ("back", UNDO, holder), ("full", DO, late[-1])]


def _look(trace: Trace, seats: Service, asked: tuple[str, str, str, int, str]) -> None:
    kind, type, name, free, said = asked
    mine = [r for r in trace.of("received") if r.where == "seats" and r.message is not None and r.message.type == type]
    last = [r for r in mine if r.message is not None and r.message.subject == name][-1]
    told = [
        r.message.type for r in trace.of("sent")
        if r.where == "seats" and isinstance(r.message, Event) and last.message is not None
        if r.message.causationid == last.message.id
    ]  # fmt: skip
    count = sum(r.message is not None and r.message.subject == name for r in mine)
    has = seats.state.get("free")

    def wrong(message: str, kind: str, mark: str) -> Mistake:
        return Mistake(f"{name}: {message}", trace=trace, flight=name, marks={last.index: mark}, kind=kind)

    if has != free:
        mark = f"{has} seats free, should be {free}"
        if type == DO and kind == "late":
            raise wrong(
                "the seat was released, and a slow seat.reserve came behind it and took it again.", "late", mark
            )
        if type == DO and kind == "full" and count > 1:
            message = "there was no seat, and the desk was told so; asked again, a seat was taken all the same."
            raise wrong(message, "twice", mark)
        if type == DO and count > 1:
            raise wrong("seat.reserve came twice, and two seats were taken.", "twice", mark)
        if type == UNDO and count > 1:
            raise wrong("seat.release came twice, and two seats became free.", "back twice", mark)
        if type == UNDO and isinstance(has, int) and has > free:
            raise wrong("a seat became free that this passenger never had.", "never", mark)
        raise wrong(f"{has} seats are free after {type}, and {free} should be.", "count", mark)
    if told != [said]:
        heard = " and ".join(told) or "nothing"
        message = f"after {type} the desk must hear {said}, and it heard {heard}"
        reason = "a desk that hears nothing asks again" if not told else "what was done before is said again"
        raise wrong(f"{message}: {reason}.", "silent" if not told else "said", f"says {heard}")


EXERCISE = read_exercise("05.2", judge, handle, cases=lambda seed: Case(seed, 10))
