"""08.2: a new program of meals that shares its work, its events and its state with the old one."""

from __future__ import annotations

from typing import Any

from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.lessons.lesson08.afternoon import delayed as delayed_1
from eventlab.lessons.lesson08.afternoon import meal_for
from eventlab.service import Service
from eventlab.trace import Record, Trace

HOUR, TURN, TURNS = 60, 10, 6  # minutes; seconds for which a program is at work; how often they change
LATE = (40, 60, 20, 59, 61, 110)  # minutes late, told of each flight from some place on


def delayed_2(meals: Service, event: Event) -> Event | None:
    told = event.data
    flight, late = told["flight"], told["late"]
    before = meals.state.get(flight, 0)
    meals.state[flight] = max(late, before)
    meals.state[f"airline {flight}"] = told.get("airline", flight[:2])
    return meal_for(event) if late >= HOUR > before else None


class Turns:
    """Meals, at which the old and the new program take turns."""

    def __init__(self, lab: Testbed, answer: Any) -> None:
        self.lab, self.answer, self.new = lab, answer, False
        self.meals = lab.service("meals")
        self.worked: dict[int, bool] = {}  # by the instant: whether the new program was at work
        self.meals.on("flight.delayed", self._handle, durable="meals", max_deliver=1)
        for turn in range(TURNS):
            lab.at(TURN * (turn + 1), self._change)

    def _change(self) -> None:
        self.meals.crash()
        self.new = not self.new
        self.lab.sim.call_at(self.lab.sim.now + 10**9, self.meals.restart)

    def _handle(self, event: Event) -> Any:
        self.worked[self.lab.sim.now] = self.new
        return self.answer(self.meals, event) if self.new else delayed_1(self.meals, event)


def judge(answer: Any, case: Case) -> None:
    """Each flight that is an hour late gets its meals once, whoever is at work; the new program knows the airline."""
    lab = Testbed(case)
    turns, operations = Turns(lab, answer), lab.client("operations")
    people: dict[str, int] = {}
    for number in range(case.size):
        flight = f"{('UA', 'B6', 'DL')[number % 3]}{number + 1}"
        people[flight] = 50 + lab.draws.below(100)
        for turn in range((number + case.seed) % 2, TURNS):  # some begin while the new program is at work
            late = LATE[(turn + number + case.seed) % len(LATE)]
            data = {"flight": flight, "people": people[flight], "late": late}
            version = 1 + (turn // 2 + number + case.seed) % 3  # the third: version 2 with a field more
            if version > 1:
                data["airline"] = "XX" if number == 1 else flight[:2]  # flown for another airline
            if version == 3:
                data = {"gate": "7", **data}
            said = Event("flight.delayed", data, flight, dataschema=f"flight.delayed:{min(2, version)}")
            lab.at(TURN * turn + 3 + number, operations.publish, said)
    trace = lab.run()
    _look_at_refused(trace, turns)
    _look_at_meals(trace, people)
    _look_at_airlines(trace, turns)


def _look_at_refused(trace: Trace, turns: Turns) -> None:
    """The old program can go on from what the new one kept; what the new one cannot read, its error says."""
    for record in trace.of("failed", "refused"):
        if record.where != "meals" or record.message is None:
            continue
        flight = record.message.subject
        kept = _kept(trace, flight, record)
        if not turns.worked.get(record.at, True):
            message = f"the old program went back to work, and cannot read what yours kept of {flight}: {kept!r:.60}."
            raise _wrong(message, trace, record, "the old program fails", "rollback")
        message = f"what your program made of the news of {flight} cannot be used: {record.note:.80}."
        raise _wrong(message, trace, record, "not handled", "result")


def _kept(trace: Trace, flight: str, until: Record) -> Any:
    """What meals knew of a flight before a record."""
    known = [r.after for r in trace.of("changed") if r.where == "meals" and r.key == flight and r.index < until.index]
    return known[-1] if known else None


def _wrong(message: str, trace: Trace, record: Record, mark: str, kind: str) -> Mistake:
    flight = record.message.subject if record.message else record.key
    return Mistake(message[:1].upper() + message[1:], trace=trace, flight=flight, marks={record.index: mark}, kind=kind)


def _look_at_meals(trace: Trace, people: dict[str, int]) -> None:
    for flight, count in people.items():
        given = [r for r in trace.of("published") if r.message and r.message.type == "meals.given"
                 and r.message.subject == flight]  # fmt: skip
        first = next(r for r in trace.of("published") if r.message and r.message.subject == flight
                     and r.message.data.get("late", 0) >= HOUR)  # fmt: skip
        if not given:
            message = f"{count} people of {flight} wait for an hour, and get no meal."
            raise _wrong(message, trace, first, "an hour late, and no meal", "without")
        if len(given) > 1:
            message = f"the {count} people of {flight} get a meal {len(given)} times."
            raise _wrong(message, trace, given[1], "once more", "twice")
        if given[0].message and given[0].message.data.get("people") != count:
            message = f"{given[0].message.data.get('people')} meals for the {count} people of {flight}."
            raise _wrong(message, trace, given[0], "how many people?", "people")
        if given[0].message and given[0].message.data.get("flight") != flight:
            message = f"the event about the meals of {flight} does not say which flight."
            raise _wrong(message, trace, given[0], "which flight?", "flight")
        cause = given[0].message.causationid if given[0].message else ""
        if first.message and given[0].index > first.index and cause != first.message.id:
            message = f"{flight} is an hour late, and its people get their meal only at later news."
            raise _wrong(message, trace, first, "an hour late, and no meal yet", "late")
        if given[0].index < first.index:
            message = f"{flight} is not an hour late yet, and its people have got a meal."
            raise _wrong(message, trace, given[0], "too soon", "too soon")


def _look_at_airlines(trace: Trace, turns: Turns) -> None:
    """After each event that the new program handled, it knows the airline that this event told."""
    known: dict[str, Any] = {}
    for record in trace.of("changed", "handled"):
        if record.kind == "changed":
            known[record.key] = record.after
        elif record.where == "meals" and record.message is not None and turns.worked.get(record.at):
            flight = record.message.subject
            right = record.message.data.get("airline", flight[:2])
            if known.get(f"airline {flight}") != right:
                found = known.get(f"airline {flight}")
                message = f"state['airline {flight}'] is {found!r:.40}, and should be {right!r}."
                raise _wrong(message, trace, record, f"its airline is {right}", "airline")


EXERCISE = read_exercise("08.2", judge, delayed_2)
