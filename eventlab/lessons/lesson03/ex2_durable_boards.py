"""03.2: boards that forget what came while they were down."""

from __future__ import annotations

from typing import Any

from eventlab.event import Event
from eventlab.faults import Crash
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.measures import queues
from eventlab.service import Service
from eventlab.sim import Draws
from eventlab.subscription import matches

STORY = (
    "flight.scheduled", "gate.assigned", "flight.delayed", "gate.changed", "flight.cancelled", "gate.released",
)  # fmt: skip
OTHERS = ("bags.returned", "passengers.rebooked")


def outage(name: str) -> Any:
    """Cases in which a service stops at another time with each seed."""

    def cases(seed: int) -> Case:
        draws = Draws(seed, f"outage of {name}")
        begin = 5 + 60 * draws.random()
        fault = Crash(name, begin, begin + 20 + 40 * draws.random())
        return Case(seed, 3, (fault,))

    return cases


def judge(subscribe: Any, case: Case) -> None:
    """Every change of a flight or its gate reaches the boards, in the order of the flight, and nothing else does."""
    lab = Testbed(case)
    boards = lab.service("boards")

    def show(event: Event) -> None:
        boards.state[event.subject] = event.type

    subscribe(boards, show)
    operations = lab.service("operations")
    for number in range(case.size):
        at = 2.0 + 5.0 * number
        for type in (*STORY, *OTHERS):
            lab.at(at, operations.publish, Event(type, {"flight": f"UA{number + 1}"}, f"UA{number + 1}"))
            at += 1.0 + 15.0 * lab.draws.random()
    trace = lab.run()
    for record in trace.of("handled"):
        if record.where == "boards" and record.message and record.message.type in OTHERS:
            type = record.message.type
            raise Mistake(f"boards was sent {type}, which is none of its business.", trace=trace, kind="too much")
    heard = {r.message.id for r in trace.of("handled") if r.where == "boards" and r.message}
    missed = [
        r.message for r in trace.of("published") if r.message and r.message.type in STORY and r.message.id not in heard
    ]
    _must_have_come(missed, lab)
    late = queues.overtaken(trace, ["boards"], lambda record: record.message and record.message.subject)
    if late and late[0].message:
        what, flight = late[0].message.type, late[0].message.subject
        message = (
            f"boards heard {what} of {flight} after something newer, and now shows it as the last news. Two "
            "subscriptions do not keep the order between them."
        )
        raise Mistake(message, trace=trace, flight=flight, kind="order")


def _must_have_come(missed: list[Any], lab: Testbed) -> None:
    """Say of the first missed event why it did not come; what is not even asked for comes first."""
    patterns = [one.pattern for one in lab.bus.subscriptions.values()]
    asked = [event for event in missed if any(matches(pattern, event.type) for pattern in patterns)]
    for event in (*(event for event in missed if event not in asked), *asked):
        why = "it was down when the event was published, and nobody kept the event for it"
        if event not in asked:
            why = "no subscription of boards asks for it"
        told = f"boards never heard {event.type} of {event.subject}: {why}."
        raise Mistake(told, trace=lab.trace, flight=event.subject, kind=why)


def keep_boards(boards: Service, show: Any) -> None:
    """One subscription, with a name that outlives the service, for two families of topics."""
    boards.on("flight.* gate.*", show, durable="boards")


EXERCISE = read_exercise("03.2", judge, keep_boards, cases=outage("boards"))
