"""03.4: three services of a hospital that want the laboratory's results, each in its own way."""

from __future__ import annotations

from typing import Any

from eventlab.event import Event
from eventlab.faults import Crash
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.lessons.lesson03.ex2_durable_boards import explained
from eventlab.measures import queues
from eventlab.service import Service
from eventlab.sim import SECOND, Draws
from eventlab.subscription import matches
from eventlab.trace import Record

OPENS, ENDS = 100, 400  # seconds: when the three services subscribe, and when the laboratory closes
FRESH = 5 * SECOND  # an alarm that is older than this is no alarm any more
RESULTS = ("result.ready", "result.corrected", "result.critical")
NO_RESULTS = ("sample.lost", "machine.cleaned")


def shift(seed: int) -> Case:
    """Cases in which each of the three is down for a while, at another time with each seed."""
    draws = Draws(seed, "shift")
    faults = []
    for name in ("ward", "screen", "archive"):
        begin = OPENS + 20 + 100 * draws.random()
        faults.append(Crash(name, begin, begin + 60 + 60 * draws.random()))
    return Case(seed, 10, tuple(faults))


def judge(wire: Any, case: Case) -> None:
    """The ward has the newest result, the archive everything, and the screen shows alarms while they are fresh."""
    lab = Testbed(case)
    laboratory = lab.service("laboratory")
    ward, archive, screen = (lab.service(name) for name in ("ward", "archive", "screen"))
    for place in range(2 * case.size):
        at = 5 + ENDS * (place + lab.draws.random()) / (2 * case.size)
        patient, kind = 1 + lab.draws.below(2), lab.draws.below(6)
        lab.at(at, laboratory.publish, _finding(patient, place, kind))
        if kind % 2:  # a second look: another result a moment later
            lab.at(at + 0.2, laboratory.publish, _finding(patient, 100 + place, 1 + kind // 2))
    lab.at(OPENS, wire, ward, archive, screen)
    with explained():
        lab.run()
    _screen(lab, screen)
    _archive(lab, archive)
    _ward(lab, ward)


def _finding(patient: int, place: int, kind: int) -> Event:
    type = (*RESULTS, *RESULTS[::2], NO_RESULTS[place % 2])[kind]
    data = {"value": 10 + place} if type in RESULTS else {"note": "done"}
    return Event(type, data, f"patient {patient}")


def _at(lab: Testbed, instant: int) -> str:
    """As the pictures show it: time since the beginning."""
    return lab.trace.stage.clock(instant)


def _handled(lab: Testbed, service: Service) -> dict[str, Record]:
    """The last time that the service handled each event, in the order of these times."""
    found: dict[str, Record] = {}
    for record in lab.trace.of("handled"):
        if record.where == service.name and record.message:
            found.pop(record.message.id, None)
            found[record.message.id] = record
    return found


def _published(lab: Testbed) -> list[tuple[int, Event]]:
    return [(r.at, r.message) for r in lab.trace.of("published") if isinstance(r.message, Event)]


def _wrong(lab: Testbed, event: Event, message: str, mark: str, kind: str, at: Record | None = None) -> Mistake:
    """The mistake about an event, with a mark where it was heard, else where it was published."""
    record = at or next(r for r in lab.trace.of("published") if r.message == event)
    about = event.subject if kind in ("order", "old result") else event.id
    return Mistake(message, trace=lab.trace, flight=about, marks={record.index: mark}, kind=kind)


def _received(lab: Testbed, name: str) -> list[tuple[Record, Event]]:
    """What was sent to a service, whether it could do anything with it or not."""
    return [(r, r.message) for r in lab.trace.of("received") if r.where == name and isinstance(r.message, Event)]


def _screen(lab: Testbed, screen: Service) -> None:
    shown, said = _handled(lab, screen), {event.id: at for at, event in _published(lab)}
    for record, event in _received(lab, "screen"):
        if event.type != "result.critical":
            message = f"The screen was sent {event.type} of {event.subject}: it is there for result.critical only."
            raise _wrong(lab, event, message, f"{event.type} is no alarm", "no alarm", record)
    for record in shown.values():
        event = _event(record)
        if record.at - said[event.id] > FRESH:
            message = (
                f"At {_at(lab, record.at)} the screen called a doctor to {event.subject}, for an alarm from "
                f"{_at(lab, said[event.id])}. It was off in between, and somebody kept the alarm for it. Does old news "
                "help here?"
            )
            old = f"an alarm from {_at(lab, said[event.id])}"
            raise _wrong(lab, event, message, old, "old alarm", record)
    for at, event in _published(lab):
        if event.type == "result.critical" and at > OPENS * SECOND and event.id not in shown and _is_on(lab, at):
            message = f"The screen was on at {_at(lab, at)}, and did not show the alarm of {event.subject}."
            raise _wrong(lab, event, message, "never shown", "missed alarm")
    newest = {r.message.subject: r for r in shown.values() if r.message}
    for patient, record in newest.items():
        event = _event(record)
        if (found := screen.state.get(patient)) != event.data["value"]:
            message = (
                f"The screen heard the alarm of {patient}, value {event.data['value']}, but screen.state[{patient!r}] "
                f"is {found!r}."
            )
            raise _wrong(lab, event, message, f"screen.state: {found!r}", "not shown", record)


def _event(record: Record) -> Event:
    assert isinstance(record.message, Event)
    return record.message


def _is_on(lab: Testbed, at: int) -> bool:
    """Whether the screen runs at this instant and a second before and after it."""
    off = [r.at for r in lab.trace.of("crashed") if r.where == "screen"]
    on = [r.at for r in lab.trace.of("restarted") if r.where == "screen"]
    return not any(begin - SECOND < at < end + SECOND for begin, end in zip(off, on, strict=False))


def _archive(lab: Testbed, archive: Service) -> None:
    handled = _handled(lab, archive)
    for at, event in _published(lab):
        if archive.state.get(event.id) == event.type:
            continue
        if event.id in archive.state:
            message = f"archive.state[{event.id!r}] is {archive.state[event.id]!r}; the event was {event.type!r}."
            raise _wrong(lab, event, message, f"archived as {archive.state[event.id]!r}", "type", handled.get(event.id))
        if event.id in handled:
            why = "It was handled, but archive.state has no entry with its id."
        elif _shared(lab, "archive"):
            why = "Another service got it instead: services that share a durable name share the work."
        elif at < OPENS * SECOND:
            why = f"It was published before the archive subscribed, at {_at(lab, OPENS * SECOND)}."
        elif _asks(lab, "archive", event):
            why = "The archive was down, and nobody kept it."
        else:
            why = "No subscription of the archive asks for it."
        message = f"The archive does not have {event.type} of {event.subject}, published at {_at(lab, at)}. {why}"
        raise _wrong(lab, event, message, "never archived", why, handled.get(event.id))


def _asks(lab: Testbed, name: str, event: Event) -> bool:
    return any(matches(s.pattern, event.type) and name in s.members for s in lab.bus.subscriptions.values())


def _shared(lab: Testbed, name: str) -> bool:
    return any(name in each.members and len(each.members) > 1 for each in lab.bus.subscriptions.values())


def _ward(lab: Testbed, ward: Service) -> None:
    handled = _handled(lab, ward)
    for record, event in _received(lab, "ward"):
        if event.type in NO_RESULTS:
            message = f"The ward was sent {event.type}: it wants results only."
            raise _wrong(lab, event, message, f"{event.type} is no result", "no result", record)
    late = queues.overtaken(lab.trace, ["ward"], lambda record: record.message and record.message.subject)
    newest: dict[str, Event] = {}
    for at, event in _published(lab):
        if event.type not in RESULTS:
            continue
        newest[event.subject] = event
        if event.id not in handled:
            why = "No subscription of the ward asks for it."
            if _asks(lab, "ward", event):
                why = "It had not subscribed yet." if at < OPENS * SECOND else "It was down, and nobody kept it."
            message = f"The ward never heard {event.type} of {event.subject}, published at {_at(lab, at)}. {why}"
            raise _wrong(lab, event, message, "never sent to the ward", why)
    for record in late:
        event = _event(record)
        message = (
            f"The ward heard {event.type} of {event.subject} ({event.data['value']}) after a newer result, and writes "
            "it over that. Only one subscription keeps the order."
        )
        raise _wrong(lab, event, message, f"{event.data['value']}: older than what came before", "order", record)
    for patient, event in newest.items():
        if (shown := ward.state.get(patient)) != event.data["value"]:
            message = (
                f"The ward shows {shown or 'nothing'} for {patient}; the newest result is {event.data['value']}, from "
                f"{event.type}. It heard all of them, and did not write the newest down."
            )
            last = [r for r in handled.values() if r.message and r.message.subject == patient][-1]
            raise _wrong(lab, event, message, f"the ward shows {shown or 'nothing'}", "old result", last)


def wire_hospital(ward: Service, archive: Service, screen: Service) -> None:
    """Three needs, three subscriptions."""

    @ward.on("result.*", durable="ward", deliver="all")
    def chart(event: Event) -> None:
        ward.state[event.subject] = event.data["value"]

    @archive.on(">", durable="archive", deliver="all")
    def keep(event: Event) -> None:
        archive.state[event.id] = event.type

    @screen.on("result.critical")  # not durable: an old alarm is no alarm
    def ring(event: Event) -> None:
        screen.state[event.subject] = event.data["value"]


EXERCISE = read_exercise("03.4", judge, wire_hospital, cases=shift)
