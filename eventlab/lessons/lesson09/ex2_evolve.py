"""Exercises 09.2 and 09.4: the two halves of a flight's decider, `evolve` and `decide`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from itertools import count
from random import Random
from typing import Any

from eventlab.decider import messages
from eventlab.errors import EventlabError, Refused
from eventlab.event import Command, Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.lesson09.pictures import EIGHT, MINUTE, pictured

# 09.2: fold -----------------------------------------------------------------------------------------------------------


def evolve(flight: Mapping[str, Any], event: Event) -> Mapping[str, Any]:
    """The facts about a flight after one more event."""
    return {**flight, **event.data, "status": event.type.removeprefix("flight.")}


def judge_evolve(answer: Callable[[Any, Event], Any], case: Case) -> None:
    """Any history can be folded; each earlier state stays as it was; the state says the newest of each fact."""
    history = a_history(case)
    seen: list[Event] = []
    with pictured(seen):
        state = _folded(answer, history, seen)
        _right_facts(state, history)
        again: Any = {}
        for event in history:
            again = answer(again, event)
        if dict(again) != state:
            raise Mistake(
                f"The same events gave two states: first {_said(state)}, then {_said(again)}. evolve may use the "
                "state and the event, and nothing that it remembers itself.",
                kind="twice",
            )


def _folded(answer: Callable[[Any, Event], Any], history: list[Event], seen: list[Event]) -> dict[str, Any]:
    """The state after the history, of which `seen` has been folded; no state may change later."""
    states: list[Any] = [{}]
    kept: list[dict[str, Any]] = [{}]
    for number, event in enumerate(history, 1):
        seen.append(event)
        try:
            state = answer(states[-1], event)
        except EventlabError as refusal:
            raise Mistake(
                f"evolve refused event {number}, {event.type}: “{refusal}”. It has happened and is in the "
                "store. Only decide may say no; evolve takes history as it is.",
                kind="refused",
            ) from refusal
        if not isinstance(state, Mapping):
            raise Mistake(f"evolve must return the new state, a dictionary; for {event.type} it returned {state!r}.")
        states.append(state)
        kept.append(deepcopy(dict(state)))
        for version, (now, before) in enumerate(zip(states, kept, strict=True)):
            if dict(now) != before:
                raise Mistake(
                    f"The state after event {version} changed when event {number} was folded: it was {_said(before)}, "
                    f"now it is {_said(now)}. evolve changed the dictionary that it was given; it must make a new one.",
                    kind="changed",
                )
    return kept[-1]


def _right_facts(state: Mapping[str, Any], history: Sequence[Event]) -> None:
    newest: dict[str, Any] = {}
    for event in history:
        newest |= {**event.data, "status": event.type.removeprefix("flight.")}
    for key, value in newest.items():
        if state.get(key) != value:
            raise Mistake(
                f"After {len(history)} events the state says {key} = {state.get(key)!r}; the newest event that tells "
                f"the {key} says {value!r}.",
                kind="facts",
            )


def a_history(case: Case) -> list[Event]:
    """A flight's events. Some are from a time with other rules: a cancelled flight may have left before."""
    chance, ids = Random(case.seed), count(1)
    time, estimate = EIGHT, 600
    history: list[Event] = []

    def add(type: str, **data: Any) -> None:
        history.append(Event(type, data, "EV1", f"operations-{next(ids)}", "operations", time))

    add("flight.scheduled", dest="BOS", planned=estimate)
    for _ in range(case.size):
        time += chance.randint(1, 90) * MINUTE
        estimate += chance.randint(5, 50)
        word = chance.choice(("delayed", "delayed", "departed", "cancelled"))
        if word == "delayed":
            add("flight.delayed", estimate=estimate)
        elif word == "departed":
            add("flight.departed", departed=estimate)
        else:
            add("flight.cancelled", reason=chance.choice(("weather", "airline")))
    return history


def _said(state: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in state.items()) or "empty"


# 09.4: decide ---------------------------------------------------------------------------------------------------------

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


def judge_decide(answer: Callable[[Command, Any], Any], case: Case) -> None:
    """No impossible history; everything possible happens; nothing happens twice; the state is left alone."""
    chance = Random(case.seed)
    history: list[Event] = []
    flight: Mapping[str, Any] = {}
    with pictured(history):
        for number in range(4 * case.size):
            command = _said_by_an_airline(chance, number, flight)
            for again in (False, True):  # an airline that got no answer says it again
                happened = _decided(answer, command, flight, history, again)
                for event in happened:
                    stored = event.with_(id=f"e{len(history) + 1}", time=EIGHT + number * MINUTE, subject="EV1")
                    history.append(stored)
                    flight = evolve(flight, stored)


def _said_by_an_airline(chance: Random, number: int, flight: Mapping[str, Any]) -> Command:
    type = chance.choice(tuple(ALLOWED)) if chance.random() < 0.8 or flight else "flight.schedule"
    data: dict[str, dict[str, Any]] = {
        "flight.schedule": {"dest": "BOS", "planned": 600},
        "flight.delay": {"estimate": 600 + 10 * chance.randint(1, 4)},
        "flight.cancel": {"reason": "weather"},
        "flight.depart": {"departed": 655},
        "flight.arrive": {"arrived": 700},
    }
    return Command(type, data[type], "EV1", f"airlines-{number + 1}", "airlines")


def _decided(
    answer: Callable[[Command, Any], Any],
    command: Command,
    flight: Mapping[str, Any],
    history: list[Event],
    again: bool,
) -> list[Event]:
    """The events of one decision, if it was a right one."""
    status, given = flight.get("status"), dict(flight)
    repeated = evolve(flight, Event(PAST[command.type], command.data)) == flight
    asked = f"The flight is {status or 'unknown'}, the airline says {command.type} {dict(command.data)}"
    try:
        found = messages(answer(command, given))
    except Refused as refusal:
        if repeated:
            told = "says the same once more" if again else "says what is known already"
            raise Mistake(
                f"{asked}: it only {told}, and decide refused it ({refusal.reason}). "
                "Nothing is wrong; nothing happens.",
                kind="refused a repetition",
            ) from refusal
        if status in ALLOWED[command.type]:
            raise Mistake(
                f"{asked}. This is possible, but decide refused it: {refusal.reason}.", kind="strict"
            ) from refusal
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
    if repeated and found:
        raise Mistake(
            f"{asked}: that is known already, but decide let {found[0].type} happen a second time.",
            kind="twice",
        )
    if not repeated and status not in ALLOWED[command.type]:
        what = f"let {found[0].type} happen" if found else "said nothing, as if all were well"
        raise Mistake(f"{asked}: that is impossible, and decide {what}. It must raise Refused.", kind="lax")
    if not repeated and (
        len(found) != 1 or found[0].type != PAST[command.type] or dict(found[0].data) != dict(command.data)
    ):
        what = f"{found[0].type} {dict(found[0].data)}" if found else "nothing"
        raise Mistake(
            f"{asked}. Expected {PAST[command.type]} with what the airline said, found {what}.",
            kind="event",
        )
    return found
