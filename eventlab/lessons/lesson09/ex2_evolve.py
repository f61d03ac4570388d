"""09.2: the first half of a flight's decider: `evolve` folds what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from itertools import count
from random import Random
from typing import Any

from eventlab.errors import EventlabError
from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.lesson09.pictures import EIGHT, MINUTE, pictured


def evolve(flight: Mapping[str, Any], event: Event) -> Mapping[str, Any]:
    """The facts about a flight after one more event."""
    return {**flight, **event.data, "status": event.type.removeprefix("flight.")}


def judge(answer: Callable[[Any, Event], Any], case: Case) -> None:
    """Any history can be folded; each earlier state stays as it was; the state says the newest of each fact."""
    history = a_history(case)
    seen: list[Event] = []
    with pictured(seen):
        state = _folded(answer, history, seen)
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
                f"evolve refused event {number}, {event.type}: “{refusal}”. It has happened and is in the store. Only "
                "decide may say no; evolve takes history as it is.",
                kind="refused",
            ) from refusal
        if not isinstance(state, Mapping):
            raise Mistake(f"evolve must return the new state, a dictionary; for {event.type} it returned {state!r}.")
        _right_facts(state, history[:number])
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
                f"After {history[-1].type}, event {len(history)}, the state says {key} = {state.get(key)!r}; the "
                f"newest event that tells the {key} says {value!r}.",
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
        word = chance.choice(("delayed", "delayed", "departed", "arrived", "cancelled"))
        if word == "delayed":
            add("flight.delayed", estimate=estimate)
        elif word in ("departed", "arrived"):
            add(f"flight.{word}", **{word: estimate})
        else:
            add("flight.cancelled", reason=chance.choice(("weather", "airline")))
    return history


def _said(state: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in state.items()) or "empty"


EXERCISE = read_exercise("09.2", judge, evolve, cases=lambda seed: Case(seed, 12), pure=True)
