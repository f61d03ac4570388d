"""04.2: vouchers that are neither lost nor given twice, though meals stops in its work."""

from __future__ import annotations

from typing import Any

from eventlab.event import Event
from eventlab.faults import Crash, CrashBefore, Flaky
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.trace import Trace

AIRPORTS = ("EWR", "JFK")
WORK = 10 * SECOND


async def cancelled(meals: Service, event: Event) -> None:
    await meals.sleep(10)
    flight, airport, people = event.data["flight"], event.data["airport"], event.data["people"]
    if flight in meals.state:
        return
    meals.state[flight] = people
    meals.state[airport] = meals.state.get(airport, 0) + people


def cases(seed: int) -> Case:
    """Meals stops in the middle of its work, once just before it would acknowledge; then acknowledgements get lost."""
    stop = Crash("meals", 24 + 0.1 * (seed % 20), 30)
    lost = Flaky(35, 45, loss=0.7, pairs=(("meals", "bus"),))
    return Case(seed, 6, (CrashBefore("meals", "acknowledge", 2, 3.0), stop, lost))


def judge(answer: Any, case: Case) -> None:
    """At each airport there are as many vouchers as people, at the end; and they took their time."""
    lab = Testbed(case)
    meals, operations = lab.service("meals", workers=10), lab.client("operations")
    meals.on("flight.cancelled", lambda event: answer(meals, event), durable="meals")
    owed = dict.fromkeys(AIRPORTS, 0)
    for number in range(case.size):
        airport, people = AIRPORTS[lab.draws.below(2)], 50 + lab.draws.below(100)
        owed[airport] += people
        data = {"flight": f"UA{number + 1}", "airport": airport, "people": people}
        lab.at(2 + 4 * number, operations.publish, Event("flight.cancelled", data, f"UA{number + 1}"))
    trace = lab.run()
    _look_at_time(trace)
    for airport, people in owed.items():
        given = meals.state.get(airport, 0)
        if given != people:
            raise _wrong(trace, airport, given, people)


def _look_at_time(trace: Trace) -> None:
    """Handing out takes ten seconds, wherever it is waited for."""
    came = [(r.at, r.message.data) for r in trace.of("published") if r.message]
    for record in trace.of("changed"):
        ready = sum(said["people"] for at, said in came if said["airport"] == record.key and at + WORK <= record.at)
        if record.key in AIRPORTS and isinstance(record.after, int) and record.after > ready:
            if not any(index < record.index for index in _again(trace)):
                marks = {record.index: "after less than 10 s"}
                message = f"{record.after} vouchers at {record.key} before they can have been handed out (10 s)."
                raise Mistake(message, trace=trace, marks=marks, kind="too fast")


def _wrong(trace: Trace, airport: str, given: Any, people: int) -> Mistake:
    """What became of the vouchers of an airport, and why."""
    told = f"{people} people at {airport} are owed a voucher, and {given} were given."
    ends = [r.index for r in trace.of("changed") if r.key == airport] or [len(trace) - 1]
    marks = {ends[-1]: f"{given} vouchers at {airport}, and no more"}
    if isinstance(given, int) and given > people:
        marks = dict.fromkeys(_again(trace), "here once more")
        return Mistake(f"{told} A cancellation that came twice counted twice.", trace=trace, marks=marks, kind="twice")
    if early := _acknowledged_early(trace):
        crashes = [r.index for r in trace.of("crashed")]
        marks |= dict.fromkeys(early[:1], "acknowledged, and not done") | dict.fromkeys(
            crashes[-1:], "all work is lost"
        )
        why = "Meals acknowledged before the vouchers were handed out, and stopped: it will not come again."
        return Mistake(f"{told} {why}", trace=trace, marks=marks, kind="lost")
    if len(ends) > 1:
        why = "Two flights were in work at once, and one wrote its sum over that of the other."
        return Mistake(f"{told} {why}", trace=trace, marks=marks, kind="overwritten")
    return Mistake(f"{told} Only one flight of the airport was counted.", trace=trace, marks=marks, kind="left out")


def _again(trace: Trace) -> list[int]:
    """Where meals got a message that it had got before."""
    seen: set[str] = set()
    found = []
    for record in trace.of("received"):
        if record.where == "meals" and record.message is not None:
            if record.message.id in seen:
                found.append(record.index)
            seen.add(record.message.id)
    return found


def _acknowledged_early(trace: Trace) -> list[int]:
    """Where meals had handled a message for the first time, sooner than the work takes."""
    came: dict[str, int] = {}
    for record in trace.of("published"):
        came |= {record.message.id: record.at} if record.message else {}
    return [r.index for r in trace.of("handled") if r.message and r.at < came.get(r.message.id, 0) + WORK]


EXERCISE = read_exercise("04.2", judge, cancelled, cases=cases)
