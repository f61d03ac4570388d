"""Exercises at the airport: the way of one event, and boards that forget."""

from __future__ import annotations

from typing import Any

from eventlab.event import Event
from eventlab.faults import Crash
from eventlab.lessons.judging.model import Case, Exercise, Mistake
from eventlab.lessons.judging.testbed import Testbed
from eventlab.measures import queues
from eventlab.service import Service
from eventlab.sim import SECOND, Draws
from eventlab.subscription import matches

# 03.1 The way of one event --------------------------------------------------------------------------------------------

STEPS = {
    "a": "boards shows that the flight is cancelled",
    "b": "the bus writes the event down",
    "c": "operations publishes the event",
    "d": "notices tells the passengers",
    "e": "boards works again",
    "f": "operations notes that the flight is cancelled",
    "g": "the bus sends the event to notices",
    "h": "the airline gets its answer",
}
RULES = (  # what comes before what, and what is wrong with it the other way round
    ("f", "c", "An event says what has happened. operations cannot publish it before it has happened there."),
    ("f", "h", "The answer says that it is done. operations has not even noted it yet."),
    ("c", "b", "The bus cannot write down an event that nobody has published yet."),
    (
        "b",
        "g",
        "The bus writes an event down first, and sends it then: else it could lose what it has promised to keep.",
    ),
    (
        "g",
        "d",
        "notices cannot act on an event that has not been sent to it. operations does not call notices any more.",
    ),
    ("e", "a", "boards is down: it can show nothing before it works again."),
    (
        "h",
        "e",
        "boards is down for an hour, and you let the airline wait for it. The answer waits for operations alone.",
    ),
    (
        "d",
        "e",
        "boards is down for an hour, and you let notices wait for it. Each subscription has its own place in the log.",
    ),
)


def judge_order(answer: Any, case: Case) -> None:
    """The order must not contradict any of the rules; steps that do not depend on each other may change places."""
    letters = [letter for letter in str(answer).lower() if letter not in " ,"]
    if sorted(letters) != sorted(STEPS):
        wanted = ", ".join(STEPS)
        raise Mistake(f"Use each of the letters {wanted} once; found {' '.join(letters) or 'nothing'}.", kind="letters")
    for first, second, why in RULES:
        if letters.index(first) > letters.index(second):
            raise Mistake(f"{second} stands before {first}. {why}", kind=first + second)


ORDER = Exercise(
    "03.1",
    "The way of one event",
    "order",
    "put the eight steps in order.",
    judge_order,
    "f h c b g d e a",
    (
        "Begin with whoever decides that the flight is cancelled. Who must know first?",
        "Everything goes through the bus, and the bus writes before it sends. Then ask: does notices need boards "
        "for anything?",
    ),
    runs=1,
    explains="Every step waits only for what it really needs. boards is an hour late, and nobody waits for it.",
)

# 03.2 Boards that forget ----------------------------------------------------------------------------------------------

STORY = (
    "flight.scheduled", "gate.assigned", "flight.delayed", "gate.changed", "flight.cancelled", "gate.released",
)  # fmt: skip
OTHERS = ("bags.returned", "passengers.rebooked")


def outage(name: str) -> Any:
    """Cases in which a service stops at another time with each seed."""

    def cases(seed: int) -> Case:
        draws = Draws(seed, f"outage of {name}")
        begin = 5 + 60 * draws.random()
        fault = Crash(name, round(begin * SECOND), round((begin + 20 + 40 * draws.random()) * SECOND))
        return Case(seed, 3, (fault,))

    return cases


def judge_boards(subscribe: Any, case: Case) -> None:
    """Every change of a flight or its gate reaches the boards, in the order of the flight, and nothing else does."""
    home = Testbed(case)
    boards = home.service("boards")

    def show(event: Event) -> None:
        boards.state[event.subject] = event.type

    subscribe(boards, show)
    operations = home.service("operations")
    for number in range(case.size):
        at = 2.0 + 5.0 * number
        for type in (*STORY, *OTHERS):
            home.at(at, operations.publish, Event(type, {"flight": f"UA{number + 1}"}, f"UA{number + 1}"))
            at += 1.0 + 15.0 * home.draws.random()
    trace = home.run()
    for record in trace.of("handled"):
        if record.where == "boards" and record.message and record.message.type in OTHERS:
            type = record.message.type
            raise Mistake(f"boards was sent {type}, which is none of its business.", trace=trace, kind="too much")
    heard = {r.message.id for r in trace.of("handled") if r.where == "boards" and r.message}
    missed = [
        r.message for r in trace.of("published") if r.message and r.message.type in STORY and r.message.id not in heard
    ]
    _must_have_come(missed, home)
    late = queues.overtaken(trace, ["boards"], lambda record: record.message and record.message.subject)
    if late and late[0].message:
        what, flight = late[0].message.type, late[0].message.subject
        message = (
            f"boards heard {what} of {flight} after something newer, and now shows it as the last news. Two "
            f"subscriptions do "
            "not keep the order between them."
        )
        raise Mistake(message, trace=trace, flight=flight, kind="order")


def _must_have_come(missed: list[Any], home: Testbed) -> None:
    """Say of the first missed event why it did not come; what is not even asked for comes first."""
    patterns = [one.pattern for one in home.bus.subscriptions.values()]
    asked = [event for event in missed if any(matches(pattern, event.type) for pattern in patterns)]
    for event in (*(event for event in missed if event not in asked), *asked):
        why = "it was down when the event was published, and nobody kept the event for it"
        if event not in asked:
            why = "no subscription of boards asks for it"
        told = f"boards never heard {event.type} of {event.subject}: {why}."
        raise Mistake(told, trace=home.trace, flight=event.subject, kind=why)


def keep_boards(boards: Service, show: Any) -> None:
    """One subscription, with a name that outlives the service, for two families of topics."""
    boards.on("flight.* gate.*", show, durable="boards")


REPAIR = Exercise(
    "03.2",
    "Boards that forget",
    "repair",
    "repair `subscribe(boards, show)`: boards must hear every flight.* and gate.* event, also those from while it "
    "was down, "
    "in the order of each flight, and nothing else.",
    judge_boards,
    keep_boards,
    (
        "Two things are wrong. What does boards not ask for? And who keeps its events while it is down?",
        "A pattern may name several families, with a space between: one subscription. Its setting `durable` gives "
        "it a name.",
    ),
    cases=outage("boards"),
    explains="A durable subscription is owed its events, whether its service runs or not. And one subscription "
    "for both "
    "families keeps the order of each flight.",
)
