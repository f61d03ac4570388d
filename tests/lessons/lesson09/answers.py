"""Known answers to the exercises of lesson 09."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from itertools import count
from typing import Any

from eventlab.errors import Refused
from eventlab.event import Command, Event
from eventlab.lessons.lesson09.ex4_decide import ALLOWED, PAST
from eventlab.store import Store
from tests.support.known import Known

# 09.2: evolve ---------------------------------------------------------------------------------------------------------


def with_a_match(flight: Mapping[str, Any], event: Event) -> Mapping[str, Any]:
    new = dict(flight)
    new.update(event.data)
    match event.type:
        case "flight.scheduled" | "flight.delayed" | "flight.departed" | "flight.arrived" | "flight.cancelled":
            new["status"] = event.type[7:]
    return new


def refuses_history(flight: Mapping[str, Any], event: Event) -> Mapping[str, Any]:
    if event.type == "flight.cancelled" and flight.get("status") == "departed":
        raise Refused("it is in the air")
    return with_a_match(flight, event)


def changes_what_it_got(flight: dict[str, Any], event: Event) -> dict[str, Any]:
    flight.update(event.data, status=event.type.removeprefix("flight."))
    return flight


def keeps_the_last_event_only(flight: Mapping[str, Any], event: Event) -> Mapping[str, Any]:
    return {**event.data, "status": event.type.removeprefix("flight.")}


def returns_nothing(flight: Mapping[str, Any], event: Event) -> None:
    dict(flight).update(event.data)


NUMBERS = count()


def remembers_by_itself(flight: Mapping[str, Any], event: Event) -> Mapping[str, Any]:
    return {**with_a_match(flight, event), "folded": next(NUMBERS)}


def from_a_table(flight: Mapping[str, Any], event: Event) -> Mapping[str, Any]:
    table = {"scheduled": "scheduled", "delayed": "delayed", "departed": "departed", "cancelled": "cancelled"}
    word = event.type.split(".")[1]
    return {**flight, **event.data, "status": table.get(word, flight.get("status"))}


def changes_it_within(flight: Mapping[str, Any], event: Event) -> Mapping[str, Any]:
    new = dict(flight)
    new.setdefault("types", []).append(event.type)
    return {**new, **event.data, "status": event.type.removeprefix("flight.")}


# 09.3: why ------------------------------------------------------------------------------------------------------------


def asks_itself(store: Store, id: str) -> list[str]:
    recorded = store.find(id)
    return [*asks_itself(store, recorded.event.causationid), id] if recorded else []


def the_whole_story(store: Store, id: str) -> list[str]:
    recorded = store.find(id)
    assert recorded is not None
    return [
        each.event.id
        for each in store.read_all(upto=recorded.position)
        if each.event.correlationid == recorded.event.correlationid
    ]


def one_step(store: Store, id: str) -> list[str]:
    recorded = store.find(id)
    assert recorded is not None
    cause = recorded.event.causationid
    return [cause, id] if store.find(cause) else [id]


def backwards(store: Store, id: str) -> list[str]:
    return asks_itself(store, id)[::-1]


def with_the_command(store: Store, id: str) -> list[str]:
    recorded = store.find(id)
    return [*with_the_command(store, recorded.event.causationid), id] if recorded else [id]


def as_a_generator(store: Store, id: str) -> Any:
    yield from asks_itself(store, id)


def as_a_deque(store: Store, id: str) -> Any:
    chain: deque[str] = deque()
    while recorded := store.find(id):
        chain.appendleft(id)
        id = recorded.event.causationid
    return chain


def turned_round(store: Store, id: str) -> Any:
    chain = []
    while recorded := store.find(id):
        chain.append(recorded.event.id)
        id = recorded.event.causationid
    return reversed(chain)


def the_records(store: Store, id: str) -> Any:
    return [store.find(each) for each in asks_itself(store, id)]


def the_events(store: Store, id: str) -> Any:
    return [recorded.event for each in asks_itself(store, id) if (recorded := store.find(each))]


# 09.4: decide ---------------------------------------------------------------------------------------------------------


def word_by_word(command: Command, flight: Mapping[str, Any]) -> list[Event]:
    status, word = flight.get("status"), command.type.removeprefix("flight.")
    past = {
        "schedule": "scheduled",
        "delay": "delayed",
        "cancel": "cancelled",
        "depart": "departed",
        "arrive": "arrived",
    }[word]
    if status == past and all(flight.get(key) == value for key, value in command.data.items()):
        return []
    possible = (
        status is None
        if word == "schedule"
        else status == "departed"
        if word == "arrive"
        else status in ("scheduled", "delayed")
    )
    if not possible:
        raise Refused("not now")
    return [Event(f"flight.{past}", dict(command.data))]


def says_yes_to_all(command: Command, flight: Mapping[str, Any]) -> Event | None:
    if {**flight, **command.data, "status": PAST[command.type][7:]} == flight:
        return None
    return Event(PAST[command.type], command.data)


def says_nothing_instead_of_no(command: Command, flight: Mapping[str, Any]) -> Event | None:
    return says_yes_to_all(command, flight) if flight.get("status") in ALLOWED[command.type] else None


def refuses_repetitions(command: Command, flight: Mapping[str, Any]) -> Event:
    event = says_yes_to_all(command, flight)
    if event is None or flight.get("status") not in ALLOWED[command.type]:
        raise Refused("no")
    return event


def does_it_twice(command: Command, flight: Mapping[str, Any]) -> Event:
    status, past = flight.get("status"), PAST[command.type]
    if status not in ALLOWED[command.type] and status != past[7:]:
        raise Refused("no")
    return Event(past, command.data)


def does_it_itself(command: Command, flight: dict[str, Any]) -> Event | None:
    event = word_by_word(command, flight)
    flight.update(command.data, status=PAST[command.type][7:])
    return event[0] if event else None


def returns_the_command(command: Command, flight: Mapping[str, Any]) -> Any:
    word_by_word(command, flight)
    return command


def swallows_what_is_so_already(command: Command, flight: Mapping[str, Any]) -> Event | None:
    """The most natural error: cancelled is cancelled, whatever else the airline says."""
    past = PAST[command.type]
    if flight.get("status") == past[7:] and command.type != "flight.delay":
        return None
    if flight.get("status") not in ALLOWED[command.type]:
        raise Refused("not now")
    return says_yes_to_all(command, flight)


def gives_the_refusal_back(command: Command, flight: Mapping[str, Any]) -> Any:
    try:
        return word_by_word(command, flight)
    except Refused as no:
        return no


def loses_the_facts(command: Command, flight: Mapping[str, Any]) -> Any:
    return [Event(event.type) for event in word_by_word(command, flight)]


# 09.5: correct --------------------------------------------------------------------------------------------------------


def in_one_event(wrong: Event, amount: int, now: int) -> Event:
    return Event("charge.corrected", {"charge": wrong.id, "amount": amount}, time=now, causationid=wrong.id)


def edits_the_entry(wrong: Event, amount: int, now: int) -> Event:
    return wrong.with_(data={"amount": amount})


def charges_again(wrong: Event, amount: int, now: int) -> Event:
    return Event("card.charged", {"amount": amount}, time=now, causationid=wrong.id)


def dates_it_back(wrong: Event, amount: int, now: int) -> Event:
    return in_one_event(wrong, amount, wrong.time)


def gives_it_back(wrong: Event, amount: int, now: int) -> Event:
    return Event("card.refunded", {"amount": wrong.data["amount"] - amount}, time=now, causationid=wrong.id)


def gives_no_reason(wrong: Event, amount: int, now: int) -> Event:
    return in_one_event(wrong, amount, now).with_(causationid="")


def does_nothing(wrong: Event, amount: int, now: int) -> list[Event]:
    return []


def without_a_time(wrong: Event, amount: int, now: int) -> Event:
    return Event("charge.corrected", {"charge": wrong.id, "amount": amount}, causationid=wrong.id)


def in_a_far_future(wrong: Event, amount: int, now: int) -> Event:
    return in_one_event(wrong, amount, now + 10**15)


def always_a_tenth(wrong: Event, amount: int, now: int) -> Event:
    return in_one_event(wrong, wrong.data["amount"] // 10, now)


def charges_less_than_nothing(wrong: Event, amount: int, now: int) -> Event:
    return Event("card.charged", {"amount": amount - wrong.data["amount"]}, time=now, causationid=wrong.id)


def takes_back_and_forgets(wrong: Event, amount: int, now: int) -> Event:
    return Event("charge.reversed", {"charge": wrong.id}, time=now, causationid=wrong.id)


BECAUSE = "The rule is about one account, and a year is too long to fold for each payment."

ANSWERS = {
    "09.1": Known(
        other=["E B C G D F A", "E G B C A D F"],
        wrong=[
            ("A B C D E F G", "passengers.rebooked (A) stands before flight.cancelled (C), which caused it"),
            ("E G B C F A D", "version 3 (F) stands before version 2 (D)"),
            ("E G B D C A", "Row F stands 0 times"),
            ("E C B G D F A", "In the stream flight-EV1, version 3 (C) stands before version 2 (B)"),
        ],
    ),
    "09.2": Known(
        other=[with_a_match],
        wrong=[
            (refuses_history, "It has happened and is in the store"),
            (changes_what_it_got, "evolve changed the dictionary that it was given"),
            (keeps_the_last_event_only, "the state says dest = None"),
            (remembers_by_itself, "The same events gave two states"),
            (returns_nothing, "evolve must return the new state"),
            (from_a_table, "says status ="),
            (changes_it_within, "it must make a new one"),
        ],
    ),
    "09.3": Known(
        other=[asks_itself, as_a_generator, as_a_deque, turned_round],
        wrong=[
            (the_whole_story, "but did not cause it"),
            (one_step, "and this has a cause in the store too"),
            (backwards, "The chain must end with"),
            (with_the_command, "which is no event of the store"),
            (the_records, "holds Recordeds, not ids"),
            (the_events, "holds Events, not ids"),
            (lambda store, id: None, "Expected a list of ids, found None"),
        ],
    ),
    "09.4": Known(
        other=[word_by_word],
        wrong=[
            (says_yes_to_all, "that is impossible, and decide let"),
            (says_nothing_instead_of_no, "said nothing, as if all were well"),
            (refuses_repetitions, "Nothing is wrong; nothing happens"),
            (does_it_twice, "happen a second time"),
            (does_it_itself, "decide changed the state itself"),
            (swallows_what_is_so_already, "says something else about it than before"),
            (gives_the_refusal_back, "Write: raise Refused(...)"),
            (loses_the_facts, "with what the airline said, found flight."),
            (returns_the_command, "expected an Event of one of the types"),
        ],
    ),
    "09.5": Known(
        other=[in_one_event],
        wrong=[
            (edits_the_entry, "an entry cannot be edited"),
            (charges_again, "The balance must be"),
            (dates_it_back, "your correction is dated back"),
            (gives_it_back, "no shop gave money back"),
            (gives_no_reason, "An auditor finds"),
            (without_a_time, "has no time: give it `time=now`"),
            (in_a_far_future, "has another time"),
            (always_a_tenth, "the charges that count are"),
            (charges_less_than_nothing, "an amount below zero"),
            (takes_back_and_forgets, "and must be ["),
            (does_nothing, "You add nothing, so it stays wrong"),
        ],
    ),
    "09.6": Known(
        other=[
            {"stream": "account and month", "snapshot_every": 0, "because": BECAUSE},
            {"stream": "account", "snapshot_every": 40, "because": BECAUSE},
        ],
        wrong=[
            ({"stream": "bank", "snapshot_every": 25, "because": BECAUSE}, "between two different customers"),
            (
                {"stream": "account", "snapshot_every": 0, "because": BECAUSE},
                "The history behind one decision is too long",
            ),
            ({"stream": "payment", "snapshot_every": 0, "because": BECAUSE}, "did not see the whole account"),
            ({"stream": "account", "snapshot_every": 2, "because": BECAUSE}, "Fewer are enough"),
            ({"stream": "account", "snapshot_every": 25, "because": ""}, "Now say why"),
            ({"stream": "account", "snapshot_every": 25, "because": "x x x x x x x x x x"}, "under “because”"),
            ({"stream": "account", "snapshot_every": 25, "because": "it is good " * 4}, "in a sentence or two"),
            (
                {
                    "stream": "account",
                    "snapshot_every": 25,
                    "because": "well that is simply what we did in our last job",
                },
                "what must be decided together",
            ),
        ],
    ),
}
