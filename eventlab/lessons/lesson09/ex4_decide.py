"""09.4: the other half of a flight's decider: `decide` says what happens, or no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from eventlab.decider import messages
from eventlab.errors import Refused
from eventlab.event import Command, Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.lesson09.ex2_evolve import evolve
from eventlab.lessons.lesson09.pictures import EIGHT, MINUTE, pictured

ALLOWED = {  # from which states each command may lead to an event; None: nothing is known of the flight yet
    "flight.schedule": (None,),
    "flight.delay": ("scheduled", "delayed"),
    "flight.cancel": ("scheduled", "delayed"),
    "flight.depart": ("scheduled", "delayed"),
    "flight.arrive": ("departed",),
}
PAST = {
    "flight.schedule": "flight.scheduled",
    "flight.delay": "flight.delayed",
    "flight.cancel": "flight.cancelled",
    "flight.depart": "flight.departed",
    "flight.arrive": "flight.arrived",
}


def decide(command: Command, flight: Mapping[str, Any]) -> Event | None:
    """What happens when an airline says this about a flight in this state."""
    status = flight.get("status")
    event = Event(PAST[command.type], command.data, command.subject)
    if evolve(flight, event) == flight:
        return None  # it said so before
    if status not in ALLOWED[command.type]:
        raise Refused(f"the flight is {status or 'unknown'}")
    return event


def judge(answer: Callable[[Command, Any], Any], case: Case) -> None:
    """No impossible history; everything possible happens; nothing happens twice; the state is left alone."""
    chance = Random(case.seed)
    history: list[Event] = []
    flight: Mapping[str, Any] = {}
    with pictured(history):
        for number in range(4 * case.size):
            command = _said_by_an_airline(chance, number, flight)
            for again in (False, True):  # an airline that got no answer says it again
                happened = _decided(answer, command, flight, again)
                for event in happened:
                    stored = event.with_(id=f"e{len(history) + 1}", time=EIGHT + number * MINUTE, subject="EV1")
                    history.append(stored)
                    flight = evolve(flight, stored)


def _said_by_an_airline(chance: Random, number: int, flight: Mapping[str, Any]) -> Command:
    type = chance.choice(tuple(ALLOWED)) if chance.random() < 0.8 or flight else "flight.schedule"
    data: dict[str, dict[str, Any]] = {
        "flight.schedule": {"dest": chance.choice(("BOS", "IAD")), "planned": 600},
        "flight.delay": {"estimate": 600 + 10 * chance.randint(1, 4)},
        "flight.cancel": {"reason": chance.choice(("weather", "airline"))},
        "flight.depart": {"departed": chance.choice((655, 660))},
        "flight.arrive": {"arrived": chance.choice((700, 710))},
    }
    return Command(type, data[type], "EV1", f"airlines-{number + 1}", "airlines")


def _decided(
    answer: Callable[[Command, Any], Any], command: Command, flight: Mapping[str, Any], again: bool
) -> list[Event]:
    """The events of one decision, if it was a right one."""
    given = dict(flight)
    asked = f"The flight is {flight.get('status') or 'unknown'}, the airline says {command.type} {dict(command.data)}"
    try:
        said = answer(command, given)
        if isinstance(said, BaseException) or (isinstance(said, type) and issubclass(said, BaseException)):
            raise Mistake(
                f"{asked}: decide gave the refusal back, as if it were an event. Write: raise Refused(...).",
                kind="given",
            )
        found = messages(said)
    except Refused as refusal:
        _refused_rightly(command, flight, asked, refusal, again)
        return []
    if given != dict(flight):
        raise Mistake(
            f"{asked}: decide changed the state itself. It answers with events; evolve does the rest.", kind="changed"
        )
    wrong = [event for event in found if not isinstance(event, Event) or event.type not in PAST.values()]
    if wrong:
        raise Mistake(
            f"{asked}: expected an Event of one of the types {', '.join(PAST.values())}; found {wrong[0]!r:.80}.",
            kind="type",
        )
    _happened_rightly(command, flight, asked, found)
    return found


def _known_already(command: Command, flight: Mapping[str, Any]) -> bool:
    """Whether the command says nothing new."""
    return evolve(flight, Event(PAST[command.type], command.data)) == flight


def _refused_rightly(command: Command, flight: Mapping[str, Any], asked: str, refusal: Refused, again: bool) -> None:
    """Only what is impossible may be refused."""
    if _known_already(command, flight):
        told = "says the same once more" if again else "says what is known already"
        raise Mistake(
            f"{asked}: it only {told}, and decide refused it ({refusal.reason}). Nothing is wrong; nothing happens.",
            kind="refused a repetition",
        ) from refusal
    if flight.get("status") in ALLOWED[command.type]:
        message = f"{asked}. This is possible, but decide refused it: {refusal.reason}."
        raise Mistake(message, kind="strict") from refusal


def _happened_rightly(command: Command, flight: Mapping[str, Any], asked: str, found: list[Any]) -> None:
    """What is new and possible happens, once and as it was said; nothing else does."""
    if _known_already(command, flight):
        if found:
            message = f"{asked}: that is known already, but decide let {found[0].type} happen a second time."
            raise Mistake(message, kind="twice")
        return
    if flight.get("status") not in ALLOWED[command.type]:
        what = f"let {found[0].type} happen" if found else "said nothing, as if all were well"
        if not found and PAST[command.type] == f"flight.{flight.get('status')}":
            what += " (the flight is so already, but the airline says something else about it than before)"
        raise Mistake(f"{asked}: that is impossible, and decide {what}. It must raise Refused.", kind="lax")
    if len(found) != 1 or found[0].type != PAST[command.type] or dict(found[0].data) != dict(command.data):
        what = f"{found[0].type} {dict(found[0].data)}" if found else "nothing"
        raise Mistake(f"{asked}. Expected {PAST[command.type]} with what the airline said, found {what}.", kind="event")


EXERCISE = read_exercise("09.4", judge, decide, pure=True)
