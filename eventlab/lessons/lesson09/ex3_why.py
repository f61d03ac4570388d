"""09.3: the way back from an event to what began its story."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, pairwise
from random import Random
from typing import Any

from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.reading import shown
from eventlab.lessons.lesson09.pictures import EIGHT, MINUTE, pictured
from eventlab.store import Store


def why(store: Store, id: str) -> list[str]:
    """The ids of the events that led to this one, from the first to the event itself."""
    chain: list[str] = []
    while (recorded := store.find(id)) is not None:
        chain.insert(0, id)
        id = recorded.event.causationid
    return chain


def judge(answer: Callable[[Store, str], Any], case: Case) -> None:
    """Each event of the chain caused the next one; it begins where no event is the cause; nothing else is in it."""
    with Store() as store, pictured(store):
        history = some_stories(case, store)
        asked = Random(case.seed).choice(history[len(history) // 2 :])
        found = answer(store, asked.id)
        if not isinstance(found, list | tuple):
            raise Mistake(f"Expected a list of ids, found {shown(found)}.", kind="shape")
        if things := [each for each in found if not isinstance(each, str)]:
            what = type(things[0]).__name__
            raise Mistake(
                f"Your list holds {what}s, not ids: the id of an event is text, such as {asked.id!r} (its attribute "
                "`id`; that of a row of the store is row.event.id).",
                kind="records",
            )
        events = {event.id: event for event in history}
        asking = f"Asked: why {asked.type} ({asked.id})?"
        for id in found:
            if id not in events:
                raise Mistake(f"{asking} Your chain holds {id!r}, which is no event of the store.", kind="foreign")
        if not found or found[-1] != asked.id:
            last = found[-1] if found else "nothing"
            raise Mistake(
                f"{asking} The chain must end with {asked.id} itself; yours ends with {last}.",
                kind="end",
            )
        for id, following in pairwise(found):
            if events[following].causationid != id:
                raise Mistake(
                    f"{asking} In your chain {events[id].type} ({id}) stands before {events[following].type} "
                    f"({following}), but did not cause it: that was {events[following].causationid}.",
                    kind="no cause",
                )
        if events[found[0]].causationid in events:
            raise Mistake(
                f"{asking} Your chain begins with {events[found[0]].type} ({found[0]}), and this has a cause in the "
                f"store too: {events[found[0]].causationid}. Ask on.",
                kind="too short",
            )


def some_stories(case: Case, store: Store) -> list[Event]:
    """Stories of several flights, mixed with each other: what began each one is a command, which is not stored."""
    chance, ids = Random(case.seed), count(1)
    history: list[Event] = []
    types = ("flight.cancelled", "gate.released", "passengers.rebooked", "gate.changed", "bags.returned")
    for _ in range(3 * case.size + 1):
        cause = chance.choice([None, *history[-6:]])
        id = f"e{next(ids)}"
        began, causation = (cause.correlationid, cause.id) if cause else (f"airlines-{id}", f"airlines-{id}")
        subject = cause.subject if cause and chance.random() < 0.7 else chance.choice(("EV1", "B62", "DL3"))
        event = Event(
            chance.choice(types), {}, subject, id, "airport", EIGHT + len(history) // 2 * MINUTE, began, causation
        )
        store.append(f"{event.type.split('.')[0]}-{subject}", event)
        history.append(event)
    return history


EXERCISE = read_exercise("09.3", judge, why, pure=True)
