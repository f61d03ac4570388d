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
        found, question = answer(store, asked.id), Question(asked, history)
        _judge_ids(found, question)
        _judge_links(found, question)


class Question:
    """What was asked about, in which history: whatever is wrong with an answer is marked on the rows of the store."""

    def __init__(self, asked: Event, history: list[Event]) -> None:
        self.asked, self.events = asked, {event.id: event for event in history}

    def mistake(self, words: str, kind: str, *marks: tuple[str, str]) -> Mistake:
        """What is wrong, with the rows on which it is to be seen: ids, and what is said there."""
        place = {id: number for number, id in enumerate(self.events)}
        seen = {place[self.asked.id]: "asked: why did this happen?"}
        return Mistake(words, marks=seen | {place[id]: said for id, said in marks if id in place}, kind=kind)

    def __str__(self) -> str:
        return f"Asked: why {self.asked.type} ({self.asked.id})?"


def _judge_ids(found: Any, asking: Question) -> None:
    """A list of ids of the store's events, the last one that of which was asked."""
    asked = asking.asked.id
    if not isinstance(found, list | tuple):
        raise asking.mistake(f"Expected a list of ids, found {shown(found)}.", "shape")
    if things := [each for each in found if not isinstance(each, str)]:
        what = type(things[0]).__name__
        raise asking.mistake(
            f"Your list holds {what}s, not ids: the id of an event is text, such as {asked!r} (its attribute "
            "`id`; that of a row of the store is row.event.id).",
            "records",
        )
    for id in found:
        if id not in asking.events:
            led = next((event.id for event in asking.events.values() if event.causationid == id), "")
            said = f"your chain goes on from here to {id}, which is no event of the store"
            raise asking.mistake(
                f"{asking} Your chain holds {id!r}, which is no event of the store.", "foreign", (led, said)
            )
    if not found or found[-1] != asked:
        last = found[-1] if found else "nothing"
        message = f"{asking} The chain must end with {asked} itself; yours ends with {last}."
        raise asking.mistake(message, "end", (last, "your chain ends here"))


def _judge_links(found: list[str], asking: Question) -> None:
    """Each caused the next one, and the first was caused by no event."""
    events = asking.events
    for id, following in pairwise(found):
        cause = events[following].causationid
        if cause != id:
            raise asking.mistake(
                f"{asking} In your chain {events[id].type} ({id}) stands before {events[following].type} "
                f"({following}), but did not cause it: that was {cause}.",
                "no cause",
                (id, f"stands before {following} in your chain, but did not cause it"),
                (following, f"caused by {cause}, not by {id}"),
            )
    first = events[found[0]]
    if first.causationid in events:
        raise asking.mistake(
            f"{asking} Your chain begins with {first.type} ({first.id}), and this has a cause in the store too: "
            f"{first.causationid}. Ask on.",
            "too short",
            (first.causationid, "missing in your chain"),
            (first.id, f"your chain begins here; its cause {first.causationid} is in the store too"),
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
