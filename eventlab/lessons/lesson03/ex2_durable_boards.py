"""03.2: boards that forget what came while they were down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.faults import Crash
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.measures import queues
from eventlab.service import Service
from eventlab.sim import Draws
from eventlab.subscription import matches
from eventlab.trace import Record, Trace

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


@contextmanager
def explained() -> Iterator[None]:
    """Say in a learner's words what a subscription that cannot be made means."""
    try:
        yield
    except Invalid as error:
        if isinstance(error.found, list | tuple | set):
            message = f"A pattern is text, not {error.found!r}: several topics go into one text, with spaces between."
        elif error.what.startswith("second subscription"):
            message = (
                f"Two calls of `.on` have one durable name: {error.what}. Whoever shares a name shares one "
                "subscription, so both must ask for the same. Ask for all of it in one call."
            )
        else:
            raise
        raise Mistake(message, kind="raised") from error


def judge(subscribe: Any, case: Case) -> None:
    """Every change of a flight or its gate reaches the boards, in the order of the flight, and nothing else does."""
    lab = Testbed(case)
    boards = lab.service("boards")

    def show(event: Event) -> None:
        boards.state[event.subject] = event.type

    with explained():
        subscribe(boards, show)
    operations = lab.service("operations")
    for number in range(case.size):
        at = 2.0 + 5.0 * number
        for type in (*STORY, *OTHERS):
            lab.at(at, operations.publish, Event(type, {"flight": f"UA{number + 1}"}, f"UA{number + 1}"))
            at += 1.0 + 15.0 * lab.draws.random()
    trace = lab.run()
    for record in trace.of("received"):
        if record.where == "boards" and record.message and record.message.type in OTHERS:
            type = record.message.type
            marks = {record.index: f"{type}: none of its business"}
            raise Mistake(f"boards was sent {type}, which is none of its business.", trace=trace,
                          flight=record.message.id, marks=marks, kind="too much")  # fmt: skip
    heard = {r.message.id for r in trace.of("handled") if r.where == "boards" and r.message}
    _must_have_come([r for r in trace.of("published") if _is_missed(r, heard)], lab)
    late = queues.overtaken(trace, ["boards"], lambda record: record.message and record.message.subject)
    if late and late[0].message:
        what, flight = late[0].message.type, late[0].message.subject
        message = (
            f"boards heard {what} of {flight} after something newer, and now shows it as the last news. Two "
            "subscriptions do not keep the order between them."
        )
        marks = {late[0].index: f"{what}: older than what came before"}
        raise Mistake(message, trace=trace, flight=flight, marks=marks, kind="order")
    _must_be_shown(trace)


def _is_missed(record: Record, heard: set[str]) -> bool:
    return record.message is not None and record.message.type in STORY and record.message.id not in heard


def _must_have_come(missed: list[Record], lab: Testbed) -> None:
    """Say of the first missed event why it did not come; what is not even asked for comes first."""
    patterns = [one.pattern for one in lab.bus.subscriptions.values()]
    asked = [r for r in missed if r.message and any(matches(pattern, r.message.type) for pattern in patterns)]
    for record in (*(record for record in missed if record not in asked), *asked):
        event = record.message
        assert event is not None
        why = "it was down when the event was published, and nobody kept the event for it"
        if record not in asked:
            why = "no subscription of boards asks for it"
        told = f"boards never heard {event.type} of {event.subject}: {why}."
        marks = {record.index: f"{event.type}: never sent to boards"}
        raise Mistake(told, trace=lab.trace, flight=event.id, marks=marks, kind=why)


def _must_be_shown(trace: Trace) -> None:
    """Whoever has heard something shows it: the handler that was given is used."""
    newest = {r.message.subject: r for r in trace.of("handled") if r.where == "boards" and r.message}
    for flight, record in newest.items():
        assert record.message is not None
        if (shown := trace.state("boards").get(flight)) != record.message.type:
            message = (
                f"boards heard {record.message.type} of {flight}, and shows {shown or 'nothing'}. Subscribe with "
                "`show`, the handler that is given."
            )
            marks = {record.index: f"shown: {shown or 'nothing'}"}
            raise Mistake(message, trace=trace, flight=record.message.id, marks=marks, kind="not shown")


def keep_boards(boards: Service, show: Any) -> None:
    """One subscription, with a name that outlives the service, for two families of topics."""
    boards.on("flight.* gate.*", show, durable="boards")


EXERCISE = read_exercise("03.2", judge, keep_boards, cases=outage("boards"))
