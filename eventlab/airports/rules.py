"""What the airports' services do when they learn something: rules without any network, the same in every architecture.

`decide` and `evolve` are operations' rules. The other five services each have one function

    react(state, event_type, facts, now) -> events

`state` is the service's own memory, `facts` whatever is known about the flight (a little or all of it), `now` the
instant. How the facts reach the service is what the architectures differ in. Among the events that follow, those of
`EFFECTS` say that something is to be done in the world outside: it is done, not published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from eventlab.airports.assumptions import PAST
from eventlab.airports.clocks import MINUTE
from eventlab.errors import Refused
from eventlab.event import Command, Event

Facts = Mapping[str, Any]
State = MutableMapping[str, Any]

GATES = 50  # at each airport: modelled, as the record knows no gates
BEFORE, AFTER = 45 * MINUTE, 10 * MINUTE  # a gate is taken from before the departure until after it
WORTH_TELLING = 15 * MINUTE  # a departure this much later than passengers were last told is announced
STATUS = {
    "flight.scheduled": "scheduled",
    "flight.delayed": "delayed",
    "flight.departed": "departed",
    "flight.arrived": "arrived",
    "flight.cancelled": "cancelled",
    "flight.diverted": "diverted",
}
GROUND = ("scheduled", "delayed")  # a flight that has not left and is still expected to


# Operations ------------------------------------------------------------------------------------------------------


def decide(command: Command, flight: Facts) -> list[Event]:
    """What happens when an airline says something about a flight whose facts so far are these ({} if unknown).

    Saying the same thing twice changes nothing; saying something impossible is refused.
    """
    key, status = command.data["flight"], flight.get("status")
    event = Event(PAST[command.type], command.data, key)
    repeated = STATUS[event.type] == status and command.data.get("estimate") in (None, flight.get("estimate"))
    if repeated or (command.type == "flight.schedule" and status):
        return []
    allowed: dict[str, tuple[str | None, ...]] = {
        "flight.schedule": (None,),
        "flight.arrive": ("departed", "diverted"),
        "flight.divert": ("departed",),
    }
    if status not in allowed.get(command.type, GROUND):
        raise Refused(f"{key} is {status or 'not scheduled'}")
    return [event]


def evolve(flight: Facts, event: Event) -> Facts:
    """The facts about a flight after one more event: a version that counts them, a status, and what the event says."""
    said = {"estimate": event.data["planned"]} if event.type == "flight.scheduled" else {}
    return {**flight, **said, **news(event), "version": flight.get("version", 0) + 1}


def news(event: Event) -> Facts:
    """What an event says about its flight by itself."""
    status = STATUS.get(event.type)
    return {**event.data, "status": status} if status else event.data


# Gates -----------------------------------------------------------------------------------------------------------


def plan_gate(state: State, event_type: str, facts: Facts, now: int) -> list[Event]:
    """Keep a gate for every flight on the ground; another one if its own is taken at the new time; free it in the end.

    A flight's entry says which gate it has; a gate's entry says by whom it is `taken`, from when to when.
    """
    key = facts["flight"]
    flight = {
        **state.get(key, {}),
        **{name: facts[name] for name in ("origin", "planned", "estimate") if name in facts},
    }
    before = flight.pop("gate", "")
    if before:
        taken = state[before]["taken"]
        state[before] = {"taken": {other: times for other, times in taken.items() if other != key}}
    if facts.get("status") not in GROUND:
        state[key] = flight
        return [Event("gate.released", {"flight": key, "gate": before}, key)] if before else []
    if "origin" not in flight:
        return []  # an unknown flight: there is nothing to plan yet
    leaves = flight.get("estimate", flight["planned"])
    begin, end = leaves - BEFORE, leaves + AFTER
    gate = _free_gate(state, flight["origin"], begin, end, before)
    state[key] = {**flight, "gate": gate}
    if gate:
        state[gate] = {"taken": {**_taken(state, gate), key: (begin, end)}}
    if gate == before:
        return []
    if before:  # "gate" may be empty now: the old one is taken at the new time, and there is no other
        return [Event("gate.changed", {"flight": key, "gate": gate, "before": before}, key)]
    return [Event("gate.assigned", {"flight": key, "gate": gate}, key)]


def _taken(state: State, gate: str) -> Mapping[str, tuple[int, int]]:
    taken: Mapping[str, tuple[int, int]] = state.get(gate, {}).get("taken", {})
    return taken


def _free_gate(state: State, origin: str, begin: int, end: int, first: str) -> str:
    numbered = [f"{origin}-{number:02}" for number in range(1, GATES + 1)]
    for gate in [first, *numbered] if first else numbered:
        if all(until <= begin or end <= since for since, until in _taken(state, gate).values()):
            return gate
    return ""


# Boards ----------------------------------------------------------------------------------------------------------

SHOWN = ("dest", "planned", "estimate", "gate", "status")


def show(state: State, event_type: str, facts: Facts, now: int) -> list[Event]:
    """One row for each flight, with whatever has been heard of it."""
    if event_type != "gate.released":
        told = ("gate",) if event_type.startswith("gate.") else SHOWN  # what gates know of the flight may be old by now
        row = {**state.get(facts["flight"], {}), **{name: facts[name] for name in told if name in facts}}
        if "planned" in row:
            row.setdefault("estimate", row["planned"])
        state[facts["flight"]] = row
    return []


# Notices ---------------------------------------------------------------------------------------------------------


def tell(state: State, event_type: str, facts: Facts, now: int) -> list[Event]:
    """Tell the passengers of a flight, and count how often they have been `told` each thing, and each of the `gates`.

    A flight's entry also keeps the time of departure that they know.
    """
    key, status = facts["flight"], facts.get("status")
    entry = state.get(key, {})
    said: Facts = {}
    if event_type == "flight.cancelled":
        said = {"told": "cancelled"}
    elif event_type == "gate.changed" and facts.get("gate"):  # who looks it up late may find that it is free again
        said = {"told": "gate", "gate": facts["gate"]}
    elif event_type == "passengers.rebooked":
        said = {"told": "rebooked"}
    elif status in GROUND:
        known = entry.get("estimate", facts.get("planned", 0))
        estimate = facts.get("estimate", known)
        if estimate - known >= WORTH_TELLING:
            said = {"told": "delayed"}
            known = estimate
        entry = {**entry, "estimate": known}
    if said:
        counted, word = ("gates", said["gate"]) if "gate" in said else ("told", said["told"])
        counts = entry.get(counted, {})
        entry = {**entry, counted: {**counts, word: counts.get(word, 0) + 1}}
    if entry:
        state[key] = entry
    return [Event("passengers.told", {"flight": key, **said}, key)] if said else []


# Rebooking -------------------------------------------------------------------------------------------------------


def rebook(state: State, event_type: str, facts: Facts, now: int) -> list[Event]:
    """Move the passengers of a cancelled flight to the next flights to the same place, as far as there are seats.

    A flight's entry says how many are booked on it; a destination's entry lists the `flights` that go there.
    """
    key, status = facts["flight"], facts["status"]
    flight = dict(state.get(key, {}))
    if "status" not in flight:
        if "dest" not in facts:
            return []  # a flight it never heard of: nobody to move
        flight |= {name: facts[name] for name in ("dest", "planned", "seats")} | {"booked": facts["passengers"]}
        state[flight["dest"]] = {"flights": (*state.get(flight["dest"], {}).get("flights", ()), key)}
    elif flight["status"] == status:
        return []
    flight["status"] = status
    state[key] = flight
    if status != "cancelled":
        return []
    onto, left = [], flight["booked"]
    to_the_same_place = state[flight["dest"]]["flights"]
    for other in sorted(to_the_same_place, key=lambda other: (state[other]["planned"], other)):
        later = state[other]
        free = later["seats"] - later["booked"]
        if left and free > 0 and later["status"] in GROUND and later["planned"] > max(now, flight["planned"]):
            moved = min(free, left)
            left -= moved
            onto.append({"flight": other, "passengers": moved})
            state[other] = {**later, "booked": later["booked"] + moved}
    state[key] = {**flight, "booked": 0, "left": left}
    moved = flight["booked"] - left
    return [Event("passengers.rebooked", {"flight": key, "moved": moved, "left": left, "onto": onto}, key)]


# Baggage ---------------------------------------------------------------------------------------------------------


def move_bags(state: State, event_type: str, facts: Facts, now: int) -> list[Event]:
    """Load the bags of a flight that leaves, give back those of one that does not."""
    key = facts["flight"]
    for status, bags in (("departed", "loaded"), ("cancelled", "returned")):
        if facts.get("status") == status and state.get(key, {}).get("bags") != bags:
            state[key] = {**state.get(key, {}), "bags": bags}
            return [Event(f"bags.{bags}", {"flight": key}, key)]
    return []


REACTIONS: dict[str, Callable[[State, str, Facts, int], list[Event]]] = {
    "gates": plan_gate,
    "boards": show,
    "notices": tell,
    "rebooking": rebook,
    "baggage": move_bags,
}
INTERESTS: dict[str, str] = {
    "gates": "flight.scheduled flight.delayed flight.departed flight.cancelled",
    "boards": "flight.* gate.*",
    "notices": "flight.scheduled flight.delayed flight.cancelled gate.changed passengers.rebooked",
    "rebooking": "flight.scheduled flight.departed flight.cancelled",
    "baggage": "flight.departed flight.cancelled",
}
EFFECTS = ("passengers.told",)


def in_words(effect: Event) -> str:
    """What is done in the world outside, in a word or two: `cancelled`, `gate JFK-07`."""
    return " ".join(effect.data[name] for name in ("told", "gate") if name in effect.data)
