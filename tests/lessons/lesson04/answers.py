"""Known answers to the exercises of lesson 04."""

from __future__ import annotations

from typing import Any

from eventlab import Event, Refused, Service, Unavailable
from tests.support.known import Known

# 04.2 -----------------------------------------------------------------------------------------------------------------


def _give(meals: Service, event: Event) -> None:
    airport = event.data["airport"]
    meals.state[airport] = meals.state.get(airport, 0) + event.data["people"]


async def _later(meals: Service, event: Event) -> None:
    await meals.sleep(10)
    if event.subject not in meals.state:
        meals.state[event.subject] = True
        _give(meals, event)


def starts_it_and_returns(meals: Service, event: Event) -> None:
    meals.start(_later(meals, event))


async def adds_each_time(meals: Service, event: Event) -> None:
    await meals.sleep(10)
    _give(meals, event)


async def takes_no_time(meals: Service, event: Event) -> None:
    if event.subject not in meals.state:
        meals.state[event.subject] = True
        _give(meals, event)


async def reads_before_it_waits(meals: Service, event: Event) -> None:
    airport = event.data["airport"]
    before = meals.state.get(airport, 0)
    await meals.sleep(10)
    if event.subject not in meals.state:
        meals.state[event.subject] = True
        meals.state[airport] = before + event.data["people"]


async def remembers_the_last_one(meals: Service, event: Event) -> None:
    await meals.sleep(10)
    if meals.state.get("last") != event.subject:
        meals.state["last"] = event.subject
        _give(meals, event)


async def remembers_the_airport(meals: Service, event: Event) -> None:
    await meals.sleep(10)
    if event.data["airport"] not in meals.state:
        _give(meals, event)


async def remembers_ids(meals: Service, event: Event) -> None:
    done = meals.state.get("done", {})
    if event.id in done:
        return
    await meals.sleep(10)
    meals.state["done"] = {**meals.state.get("done", {}), event.id: True}
    _give(meals, event)


# 04.3 -----------------------------------------------------------------------------------------------------------------

Seen = dict[str, float]


def remembers_nothing(id: str, now: float, seen: Seen, keep: float) -> Any:
    return True, {}


def begins_anew_each_time(id: str, now: float, seen: Seen, keep: float) -> Any:
    kept = {each: at for each, at in seen.items() if now - at < keep}
    return id not in kept, {**kept, id: now}


def forgets_only_this_one(id: str, now: float, seen: Seen, keep: float) -> Any:
    new = id not in seen or now - seen[id] >= keep
    return new, {**seen, id: now} if new else seen


def says_only_yes_or_no(id: str, now: float, seen: Seen, keep: float) -> Any:
    return id not in seen


def step_by_step(id: str, now: float, seen: Seen, keep: float) -> Any:
    for each in list(seen):
        if now >= seen[each] + keep:
            del seen[each]
    new = id not in seen
    seen.setdefault(id, now)
    return [new, seen]


# 04.4 -----------------------------------------------------------------------------------------------------------------


def _dispensed(pharmacy: Service, event: Event, key: str) -> Event:
    told = event.data
    pharmacy.state[told["medicine"]] -= told["doses"]
    pharmacy.state[key] = True
    return Event("medicine.given", {"discharge": told["discharge"], "doses": told["doses"]}, event.subject)


def asks_three_questions(pharmacy: Service, event: Event) -> Any:
    done = f"done {event.data['discharge']}"
    if done in pharmacy.state:
        return []
    if event.data["medicine"] not in pharmacy.state:
        raise Refused("never heard of it")
    if pharmacy.state[event.data["medicine"]] < event.data["doses"]:
        raise Unavailable("not now")
    return [_dispensed(pharmacy, event, done)]


def asks_nothing(pharmacy: Service, event: Event) -> Any:
    if event.data["medicine"] not in pharmacy.state:
        raise Refused("never heard of it")
    if pharmacy.state[event.data["medicine"]] < event.data["doses"]:
        raise Unavailable("not now")
    return _dispensed(pharmacy, event, "last")


def knows_events_by_id(pharmacy: Service, event: Event) -> Any:
    if event.id in pharmacy.state:
        return None
    return asks_nothing(pharmacy, event) if pharmacy.state.update({event.id: True}) is None else None


def gives_what_is_not_there(pharmacy: Service, event: Event) -> Any:
    if event.data["discharge"] in pharmacy.state:
        return None
    if event.data["medicine"] not in pharmacy.state:
        raise Refused("never heard of it")
    return _dispensed(pharmacy, event, event.data["discharge"])


def hopes_for_moon_dust(pharmacy: Service, event: Event) -> Any:
    if event.data["discharge"] in pharmacy.state:
        return None
    if pharmacy.state.get(event.data["medicine"], 0) < event.data["doses"]:
        raise Unavailable("not now")
    return _dispensed(pharmacy, event, event.data["discharge"])


def refuses_what_is_not_there_now(pharmacy: Service, event: Event) -> Any:
    if event.data["discharge"] in pharmacy.state:
        return None
    if pharmacy.state.get(event.data["medicine"], 0) < event.data["doses"]:
        raise Refused("not enough")
    return _dispensed(pharmacy, event, event.data["discharge"])


def swallows_the_no(pharmacy: Service, event: Event) -> Any:
    if event.data["medicine"] not in pharmacy.state:
        return None
    return asks_three_questions(pharmacy, event)


def says_nothing(pharmacy: Service, event: Event) -> None:
    asks_three_questions(pharmacy, event)


ANSWERS = {
    "04.1": Known(
        other=["c e f b a d", "CEFBDA", ["c", "e", "f", "a", "b", "d"]],
        wrong=[
            ("c e a f b d", "it will not come again"),
            ("c e b f a d", "cooks for vouchers that do not exist"),
            ("c f e a b d", "has not said yet what is to be stored"),
            ("e c f a b d", "there is nothing to handle yet"),
            ("c e f a d b", "cannot confirm what it has not been sent"),
            ("c e f a b", "exactly once"),
        ],
    ),
    "04.2": Known(
        other=[remembers_ids],
        wrong=[
            (starts_it_and_returns, "it will not come again"),
            (adds_each_time, "A cancellation that came twice counted twice"),
            (takes_no_time, "before they can have been handed out"),
            (reads_before_it_waits, "one wrote its sum over"),
            (remembers_the_airport, "Only one flight of the airport was counted"),
        ],
    ),
    "04.3": Known(
        other=[step_by_step],
        wrong=[
            (remembers_nothing, "is not remembered"),
            (begins_anew_each_time, "came first at second"),
            (forgets_only_this_one, "is still remembered, though its time is over"),
            (says_only_yes_or_no, "give back two things"),
        ],
    ),
    "04.4": Known(
        other=[asks_three_questions],
        wrong=[
            (knows_events_by_id, "got its medicine 2 times"),
            (gives_what_is_not_there, "some were given that were not there"),
            (hopes_for_moon_dust, "say a definite no"),
            (refuses_what_is_not_there_now, "is a dead letter"),
            (swallows_the_no, "it is not among the dead letters"),
            (says_nothing, "no medicine.given was published"),
        ],
    ),
    "04.5": Known(
        other=[
            {"ack_wait": 60, "max_deliver": 10, "pause": 85, "on_dead": "skip"},
            {"ack_wait": 45, "max_deliver": 20, "pause": 45, "on_dead": "skip"},
        ],
        wrong=[
            ({"ack_wait": 60, "max_deliver": 5, "pause": 30, "on_dead": "skip"}, "were given up while the printer"),
            ({"ack_wait": 60, "max_deliver": 100000, "pause": 60, "on_dead": "skip"}, "held its whole airport up"),
            ({"ack_wait": 60, "max_deliver": 15, "pause": 60, "on_dead": "hold"}, "18 flights never got"),
            ({"ack_wait": 5, "max_deliver": 60, "pause": 12, "on_dead": "skip"}, "worked on twice"),
            ({"ack_wait": 60, "max_deliver": 35, "pause": 10, "on_dead": "skip"}, "tried too often"),
            ({"ack_wait": 60, "max_deliver": 0, "pause": 60, "on_dead": "skip"}, "cannot be meant"),
        ],
    ),
}
