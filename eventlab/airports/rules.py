"""What the airports' services do when they learn something: rules without any network, the same in every architecture.

`decide` and `evolve` are operations' rules. The other five services each have one function

    react(state, what, news, now) -> events

`state` is the service's own memory, `what` the type of the event, `news` whatever is known about the flight (a little
or all of it), `now` the instant. How the news reach the service is what the architectures differ in.
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


def plan_gate(state: State, what: str, news: Facts, now: int) -> list[Event]:
    """Keep a gate for every flight on the ground; another one if its own is taken at the new time; free it in the end.

    A gate's entry lists who has it from when to when; a flight's entry says which gate it has.
    """
    key = news["flight"]
    flight = {**state.get(key, {}), **{name: news[name] for name in ("origin", "planned", "estimate") if name in news}}
    before = flight.pop("gate", "")
    if before:
        state[before] = {other: taken for other, taken in state[before].items() if other != key}
    if news.get("status") not in GROUND:
        state[key] = flight
        return [Event("gate.released", {"flight": key, "gate": before}, key)] if before else []
    if "origin" not in flight:
        return []  # an unknown flight: there is nothing to plan yet
    leaves = flight.get("estimate", flight["planned"])
    begin, end = leaves - BEFORE, leaves + AFTER
    gate = _free_gate(state, flight["origin"], begin, end, before)
    state[key] = {**flight, "gate": gate}
    if gate:
        state[gate] = {**state.get(gate, {}), key: (begin, end)}
    if gate == before:
        return []
    if before:  # "gate" may be empty now: the old one is taken at the new time, and there is no other
        return [Event("gate.changed", {"flight": key, "gate": gate, "before": before}, key)]
    return [Event("gate.assigned", {"flight": key, "gate": gate}, key)]


def _free_gate(state: State, origin: str, begin: int, end: int, first: str) -> str:
    numbered = [f"{origin} {number:02}" for number in range(1, GATES + 1)]
    for gate in [first, *numbered] if first else numbered:
        if all(until <= begin or end <= since for since, until in state.get(gate, {}).values()):
            return gate
    return ""


# Boards ----------------------------------------------------------------------------------------------------------

SHOWN = ("dest", "planned", "estimate", "gate", "status")


def show(state: State, what: str, news: Facts, now: int) -> list[Event]:
    """One row for each flight, with whatever has been heard of it."""
    if what != "gate.released":
        told = ("gate",) if what.startswith("gate.") else SHOWN  # what gates know of the flight may be old by now
        row = {**state.get(news["flight"], {}), **{name: news[name] for name in told if name in news}}
        if "planned" in row:
            row.setdefault("estimate", row["planned"])
        state[news["flight"]] = row
    return []


# Notices ---------------------------------------------------------------------------------------------------------


def tell(state: State, what: str, news: Facts, now: int) -> list[Event]:
    """Tell the passengers of a flight, and count how often they have been told each thing."""
    key, status = news["flight"], news.get("status")
    words = ""
    if what == "flight.cancelled":
        words = "cancelled"
    elif what == "gate.changed" and news.get("gate"):  # who looks it up late may find that it is free again
        words = f"gate {news['gate']}"
    elif what == "passengers.rebooked":
        words = "rebooked"
    elif status in GROUND:
        told = state.get(key, news.get("planned", 0))
        estimate = news.get("estimate", told)
        if estimate - told >= WORTH_TELLING:
            words = "delayed"
            told = estimate
        state[key] = told
    if words:
        state[f"{key} {words}"] = state.get(f"{key} {words}", 0) + 1
    return []


# Rebooking -------------------------------------------------------------------------------------------------------


def rebook(state: State, what: str, news: Facts, now: int) -> list[Event]:
    """Move the passengers of a cancelled flight to the next flights to the same place, as far as there are seats."""
    key, status = news["flight"], news["status"]
    flight = dict(state.get(key, {}))
    if not flight:
        if "dest" not in news:
            return []  # a flight it never heard of: nobody to move
        flight = {name: news[name] for name in ("dest", "planned", "seats")} | {"booked": news["passengers"]}
        to_the_same_place = f"to {flight['dest']}"
        state[to_the_same_place] = (*state.get(to_the_same_place, ()), key)
    elif flight["status"] == status:
        return []
    flight["status"] = status
    state[key] = flight
    if status != "cancelled":
        return []
    onto, left = [], flight["booked"]
    for other in sorted(state[f"to {flight['dest']}"], key=lambda other: (state[other]["planned"], other)):
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


def move_bags(state: State, what: str, news: Facts, now: int) -> list[Event]:
    """Load the bags of a flight that leaves, give back those of one that does not."""
    key = news["flight"]
    for status, type in (("departed", "bags.loaded"), ("cancelled", "bags.returned")):
        if news.get("status") == status and state.get(key) != type:
            state[key] = type
            return [Event(type, {"flight": key}, key)]
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
