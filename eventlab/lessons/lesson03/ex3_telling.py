"""03.3: calls that become one event."""

from __future__ import annotations

from typing import Any

from eventlab.event import Command, Event
from eventlab.faults import Crash
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.network import Delay
from eventlab.service import Service
from eventlab.sim import SECOND, Draws, Sim
from eventlab.trace import Record

PATIENT = 0.5  # seconds an airline should wait, at most
SAID = {"flight.delay": "flight.delayed", "flight.cancel": "flight.cancelled"}
LISTENERS = ("gates", "boards", "notices", "hotels", "taxis", "kitchen")


def unlucky(seed: int) -> Case:
    """Cases in which one of the listeners is down for a while."""
    draws = Draws(seed, "unlucky")
    name = LISTENERS[draws.below(len(LISTENERS))]
    begin = 1 + 10 * draws.random()
    return Case(seed, 3, (Crash(name, begin, begin + 30),))


def judge(tell: Any, case: Case) -> None:
    """The airline is answered at once, and every listener hears each thing once, in order, whoever listens."""
    lab = Testbed(case)
    operations = lab.service("operations", workers=4)
    airline = lab.service("airline")
    for name in LISTENERS:
        _listen(lab, name)
    for type in SAID:
        operations.answers(type, lambda command: tell(operations, command))
    waited: dict[str, float] = {}

    async def say(command: Command) -> None:
        begin = lab.sim.now
        try:
            await airline.request("operations", command, timeout=60.0)
            waited[command.subject] = (lab.sim.now - begin) / SECOND
        except Exception:  # no answer: the trace has it
            waited[command.subject] = float("inf")

    for number in range(case.size):
        flight, at = f"UA{number + 1}", 2.0 + 4.0 * number
        for type in SAID:
            lab.at(at, _say, lab.sim, say, Command(type, {"flight": flight}, flight))
            at += 1.0
    lab.run()
    _nobody_waits(lab, waited)
    for number in range(case.size):
        for name in LISTENERS:
            _hears(lab, name, f"UA{number + 1}")


def _listen(lab: Testbed, name: str) -> None:
    """A listener that fails at its first try of every delay: it will get it again."""
    service = lab.service(name, work=Delay(0.2))
    service.answers("flight.hear", lambda command: {"heard": True})  # what operations used to call
    tried: set[str] = set()

    def hear(event: Event) -> None:
        if event.type == "flight.delayed" and str(event.data.get("flight")) not in tried:
            tried.add(str(event.data.get("flight")))
            raise Busy(f"{name} is busy, try again")
        service.state[str(event.data.get("flight"))] = event.type

    service.on("flight.delayed flight.cancelled", hear, durable=name)


class Busy(Exception):
    """A listener cannot take an event just now."""


def _say(sim: Sim, say: Any, command: Command) -> None:
    sim.start(say(command))


def _nobody_waits(lab: Testbed, waited: dict[str, float]) -> None:
    for flight, seconds in waited.items():
        if seconds > PATIENT:
            lasted = "got no answer" if seconds == float("inf") else f"waited {seconds:.1f} s for its answer"
            message = (
                f"The airline of {flight} {lasted}: operations waits for others before it answers. Whoever publishes "
                "does not wait for those who listen."
            )
            own = [r for r in lab.trace if _is_of(r, flight)]
            asked = [r.at for r in own if r.where == "airline" and r.kind == "sent"]
            late = [r.index for r in own if r.at > asked[-1] + PATIENT * SECOND] or [own[-1].index]
            marks = {late[0]: f"more than {PATIENT:g} s, and no answer yet"}
            raise Mistake(message, trace=lab.trace, flight=flight, marks=marks, kind="waits")


def _is_of(record: Record, flight: str) -> bool:
    return record.message is not None and flight in (record.message.subject, record.message.data.get("flight"))


def _hears(lab: Testbed, name: str, flight: str) -> None:
    trace = lab.trace
    heard = [r for r in trace.of("handled") if r.where == name and r.message and r.message.data.get("flight") == flight]
    for type in SAID.values():
        _published_once(lab, name, flight, type)
    types = [record.message.type for record in heard if record.message]
    order = list(dict.fromkeys(types[::-1]))[::-1]  # by the last time each was heard
    if order != list(SAID.values()):
        message = (
            f"{name} was busy when the delay of {flight} came, and got it again: after the cancellation. Its last word "
            f"on {flight} is now 'delayed'. Only events with the same `subject` keep their order."
        )
        marks = {r.index: "after the cancellation" for r in heard if r.message and r.message.type == "flight.delayed"}
        raise Mistake(message, trace=trace, flight=flight, who=_with(name), marks=marks, kind="order")


def _with(name: str) -> tuple[str, ...]:
    """Those who are drawn when one listener is looked at."""
    return ("airline", "operations", "bus", name)


def _published_once(lab: Testbed, name: str, flight: str, type: str) -> None:
    trace = lab.trace
    said = [r for r in trace.of("published") if r.message and r.message.type == type]
    published = [r for r in said if r.message and r.message.data.get("flight") == flight]
    if not published and (nameless := [r for r in said if r.message and "flight" not in r.message.data]):
        assert nameless[0].message is not None
        message = (
            f"{type} was published, but nobody knows of which flight: its data are {dict(nameless[0].message.data)}, "
            "without the key 'flight'. Whoever listens reads event.data['flight']."
        )
        raise Mistake(
            message, trace=trace, flight=flight, marks={nameless[0].index: "no 'flight' in it"}, kind="nameless"
        )
    if not published:
        told = sorted({r.message.type for r in trace.of("published") if r.message})
        instead = f"; the bus has {', '.join(told)}" if told else "; the bus has no event at all"
        message = f"{name} never heard {type} of {flight}: it was not published{instead}."
        ends = [r.index for r in trace.of("handled") if r.where == "operations" and _is_of(r, flight)]
        marks = dict.fromkeys(ends[-1:], f"done, without {type}")
        raise Mistake(message, trace=trace, flight=flight, who=_with(name), marks=marks, kind="missing")
    if len({r.message.id for r in published if r.message}) > 1:
        message = (
            f"{name} heard {type} of {flight} {len(published)} times: you publish it once for each listener. "
            "Publish once; the bus makes the copies."
        )
        marks = {record.index: f"{type}, time {number}" for number, record in enumerate(published, 1)}
        raise Mistake(message, trace=trace, flight=flight, who=_with(name), marks=marks, kind="copies")


def tell_once(operations: Service, command: Command) -> Event:
    """Say what happened, once; the subject keeps the order of each flight."""
    flight = command.data["flight"]
    type = {"flight.delay": "flight.delayed", "flight.cancel": "flight.cancelled"}[command.type]
    operations.state[flight] = type
    return Event(type, {"flight": flight}, subject=flight)


EXERCISE = read_exercise("03.3", judge, tell_once, cases=unlucky)
